"""A run at a glance: what the factory made by day, and what became of every landed row.

Everything comes from the reports of the last run, so the app never touches the warehouse and never
stands in the pipeline's way.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import plotly.graph_objects as go

from factory_simulation.domain import Level, Metric

UNITS = {
    Metric.BATCHES: "batches",
    Metric.UNITS_PRODUCED: "units",
    Metric.UNITS_DEFECTIVE: "units",
    Metric.ENERGY_KWH: "kWh",
}
_OUTCOMES = {"kept": "#2a9d8f", "duplicate": "#e9c46a", "quarantined": "#e76f51"}


@dataclass(frozen=True)
class Reports:
    """The reports of one run, as ``docs/reports.md`` describes them."""

    validation: dict[str, Any]
    conservation: dict[str, dict[str, int]]


def read_reports(folder: Path) -> Reports | None:
    """Return the reports in a folder; None before the first validated run."""
    paths = [folder / "validation.json", folder / "conservation.json"]
    if not all(path.is_file() for path in paths):
        return None
    return Reports(*(json.loads(path.read_text(encoding="utf-8")) for path in paths))


def production_by_day(reports: Reports, metric: Metric) -> go.Figure:
    """Draw a metric by day and machine, with the truth of the whole factory as marks."""
    rows = [row for row in reports.validation["comparisons"] if row["metric"] == metric]
    figure = go.Figure()
    machines = [row for row in rows if row["level"] == Level.MACHINE]
    for machine in sorted({row["key"] for row in machines}):
        of_machine = [row for row in machines if row["key"] == machine]
        figure.add_bar(
            name=machine,
            x=[row["date"] for row in of_machine],
            y=[row["pipeline"] for row in of_machine],
        )
    factory = [row for row in rows if row["level"] == Level.FACTORY]
    figure.add_scatter(
        name="truth",
        mode="markers",
        marker={"symbol": "line-ew-open", "size": 24, "color": "#1d3557"},
        x=[row["date"] for row in factory],
        y=[row["truth"] for row in factory],
    )
    figure.update_layout(
        barmode="stack",
        title=f"{metric.replace('_', ' ')} by day",
        yaxis_title=UNITS[metric],
        xaxis_type="category",
    )
    return figure


def rows_by_outcome(reports: Reports) -> go.Figure:
    """Draw what became of the rows of each landed table."""
    tables = list(reports.conservation)
    figure = go.Figure()
    for outcome, colour in _OUTCOMES.items():
        counts = [reports.conservation[table][outcome] for table in tables]
        figure.add_bar(name=outcome, x=tables, y=counts, text=counts, marker_color=colour)
    figure.update_layout(barmode="stack", title="Landed rows", yaxis_title="rows")
    return figure
