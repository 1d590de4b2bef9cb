"""What pages consist of: HTML, charts and controls, from top to bottom."""

from typing import TypeAlias

import marimo as mo
import plotly.graph_objects as go

Part: TypeAlias = "str | go.Figure | mo.Html"
"""HTML as a string, a chart, or something of marimo's own, such as a table to choose from."""


def stacked(parts: list[Part]) -> mo.Html:
    """Return the parts of a page, one below the other."""
    return mo.vstack([mo.Html(part) if isinstance(part, str) else part for part in parts])


def wide(chart: go.Figure) -> str:
    """Return a chart that is scrolled where there is not room enough for it, as on a phone."""
    return f'<div class="fs-wide">{mo.as_html(chart).text}</div>'
