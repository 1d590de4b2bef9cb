"""Sparklines: a bar for each of the last days, drawn by ``templates/sparkline.html``."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

HEIGHT = 30
"""How high a drawing is; how large it is shown is told by its style."""

_FEWEST_DAYS, _MOST_DAYS = 7, 21
_STEP, _GAP = 10, 2
_EARLIER, _LAST = 0.6, 1.0

Value: TypeAlias = "tuple[float, str] | None"
"""What a bar shows, and in which colour; None is a day without one."""


@dataclass(frozen=True)
class Bars:
    """The bars of one colour, as the path of a drawing."""

    path: str
    colour: str
    opacity: float


def last_days(day: date, known: int) -> list[date]:
    """Return the days of a sparkline, which is full also where a run has few of them.

    Args:
        day: The last of them.
        known: How many days there are in all.
    """
    shown = min(max(known, _FEWEST_DAYS), _MOST_DAYS)
    return [day - timedelta(days=back) for back in reversed(range(shown))]


def width(days: Sequence[date]) -> int:
    """Return how wide the drawing of some days is."""
    return len(days) * _STEP


def bars(values: Sequence[Value], most: float) -> list[Bars]:
    """Return a bar for each value; the last one stands out.

    A page of many sparklines has few elements, and is quick to draw, as bars of a colour are one.

    Args:
        values: One for each day.
        most: What is as high as the drawing, so that bars keep their scale.
    """
    paths: defaultdict[tuple[str, float], str] = defaultdict(str)
    for place, value in enumerate(values):
        if value is None or not value[0] or not most:
            continue
        amount, colour = value
        left, right = place * _STEP, (place + 1) * _STEP - _GAP
        top = round((1 - amount / most) * HEIGHT, 1)
        opacity = _LAST if place == len(values) - 1 else _EARLIER
        paths[colour, opacity] += f"M{left} {HEIGHT}V{top}H{right}V{HEIGHT}"
    return [Bars(path, colour, opacity) for (colour, opacity), path in paths.items()]
