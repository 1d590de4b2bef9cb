"""Time travel: a widget that plays the days of a run, at a speed, on a slider, one at a time."""

from pathlib import Path

import anywidget
import traitlets

_ASSETS = Path(__file__).parent / "assets"


class Player(anywidget.AnyWidget):
    """Plays days; what is played is told by ``index`` alone.

    Whether it plays and how fast is the browser's affair: the kernel hears of it when another day
    is to be shown, and of the next only once the page shows the last. So pausing is immediate, and
    a slow page skips days rather than falling behind.

    Attributes:
        days: The days, as ISO 8601, without gaps.
        index: Which of them is shown.
    """

    _esm = _ASSETS / "player.js"
    _css = _ASSETS / "player.css"

    days = traitlets.List(traitlets.Unicode()).tag(sync=True)
    index = traitlets.Int(0).tag(sync=True)
