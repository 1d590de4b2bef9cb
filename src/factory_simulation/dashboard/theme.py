"""How things look: colours of states and machines, and the template of every chart.

Colours are of the palette of Okabe and Ito, lightened for a dark ground, which people with any of
the usual colour deficiencies can tell apart. No meaning is told by colour alone: states have a
symbol and a word, machines a name, and from the ninth on another marker.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import plotly.graph_objects as go

from factory_simulation.domain import HealthState
from factory_simulation.fault_kinds import FaultOutcome, Severity

GROUND = "#11151a"
PANEL = "#1a2027"
LINE = "#35404c"
TEXT = "#e6ebf0"
MUTED = "#9aa8b5"
ACCENT = "#f0a830"
ON_PAPER = {PANEL: "#ffffff", LINE: "#c4ccd4", TEXT: "#14181d", MUTED: "#47525e"}
"""What these are where the ground is light; ``assets/report.css`` has the same."""
AXIS = {"gridcolor": LINE, "linecolor": LINE, "zerolinecolor": LINE, "automargin": True}
"""How the axes of charts look."""


@dataclass(frozen=True)
class Look:
    """How a state is shown.

    Attributes:
        title: Its word.
        colour: Its colour on the dark ground.
        symbol: A character that tells it apart without colour.
    """

    title: str
    colour: str
    symbol: str


NO_STATE = Look("no reading", MUTED, "○")
STATES = {
    HealthState.HEALTHY: Look("healthy", "#3fc1a0", "●"),
    HealthState.WARNING: Look("warning", "#f2c14e", "▲"),
    HealthState.CRITICAL: Look("critical", "#f2704e", "■"),
}
SEVERITIES = {
    Severity.INFO: Look("info", "#7cc4f2", "●"),
    Severity.WARNING: Look("warning", "#f2c14e", "▲"),
    Severity.CRITICAL: Look("critical", "#f2704e", "■"),
}
OUTCOMES = {
    FaultOutcome.REPAIRED: "#3fc1a0",
    FaultOutcome.REMOVED: "#4c9be8",
    FaultOutcome.REPORTED: "#b3bcc6",
    FaultOutcome.ESTIMATED: "#f2c14e",
    FaultOutcome.FLAGGED: "#e08ab8",
    FaultOutcome.QUARANTINED: "#f2704e",
}
ROWS = {"kept": "#3fc1a0", "duplicate": "#4c9be8", "quarantined": "#f2704e"}
"""What becomes of landed rows."""

_COLOURS = (
    *("#56b4e9", "#f0a04b", "#3fc1a0", "#d98cc0"),
    *("#f0e06a", "#8aa8ff", "#f2704e", "#c9ced6"),
)
_MARKERS = ("circle", "square", "diamond", "cross", "triangle-up", "star", "x", "hexagon")


def colours(names: Iterable[str]) -> dict[str, str]:
    """Return a colour for each name: the same wherever the same names are given."""
    return {name: _COLOURS[n % len(_COLOURS)] for n, name in enumerate(sorted(set(names)))}


def markers(names: Iterable[str]) -> dict[str, str]:
    """Return a marker for each name, another one for each round of the colours."""
    rounds = {name: n // len(_COLOURS) for n, name in enumerate(sorted(set(names)))}
    return {name: _MARKERS[n % len(_MARKERS)] for name, n in rounds.items()}


def faded(colour: str, opacity: float) -> str:
    """Return a colour of the form ``#rrggbb`` with an opacity between 0 and 1."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def figure(height: int = 320, **layout: object) -> go.Figure:
    """Return an empty chart in the house's look; ``layout`` as plotly has it."""
    chart = go.Figure()
    chart.update_layout(
        template="none",
        height=height,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": TEXT, "size": 12, "family": "system-ui, sans-serif"},
        margin={"l": 8, "r": 8, "t": 36, "b": 8},
        xaxis=AXIS,
        yaxis=AXIS,
        hoverlabel={"bgcolor": PANEL, "bordercolor": LINE, "font": {"color": TEXT}},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0},
        dragmode=False,
        uirevision="kept",  # zoom and hidden traces stay from one day to the next
    )
    chart.update_layout(**layout)
    return chart
