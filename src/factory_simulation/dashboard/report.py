"""The report: what a run published as one HTML file, for who has no app and no network."""

from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from factory_simulation import metrics
from factory_simulation.dashboard import report_charts as charts
from factory_simulation.dashboard import theme
from factory_simulation.dashboard.html import render
from factory_simulation.dashboard.pages import flow, quality, truth
from factory_simulation.dashboard.published import Published
from factory_simulation.dashboard.queries import production
from factory_simulation.dashboard.queries import quality as faults
from factory_simulation.dashboard.queries import truth as validated
from factory_simulation.dashboard.queries.answers import Row
from factory_simulation.dashboard.scope import Scope
from factory_simulation.domain import FactoryError, Metric

MOST_MACHINES = 60
"""So many machines are shown one by one: those that made most."""

_ALL = Scope()
_STYLES = ("app.css", "report.css")
_CONFIG = {"displayModeBar": False, "responsive": True}
"""How plotly draws the charts."""


def write(published: Published, path: Path) -> None:
    """Write the report of what is published; the file is replaced whole or not at all.

    Raises:
        FactoryError: If it cannot be written.
    """
    content = report(published)
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(content, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        if partial.is_file():
            partial.unlink()
        raise FactoryError(f"{path} cannot be written: {error.strerror}") from error


def report(published: Published) -> str:
    """Return the report, which is the same text whenever it is made of the same publication."""
    days = production.days(published)
    is_validated = validated.verdict(published) is not None
    scores, landed = validated.scores(published), validated.conservation(published)
    drawn = {
        "scores": truth.scores_chart(scores) if is_validated and scores else None,
        "conservation": truth.conservation_chart(landed) if landed else None,
    }
    shown: dict[str, Any] = {}
    if days:
        shown, of_days = _of_days(published, is_validated)
        drawn |= of_days
    return render(
        "report",
        published=published,
        days=days,
        machine_count=len(production.machines(published, _ALL)),
        factories=production.factories(published),
        styles=_markup("\n".join(_asset(name) for name in _STYLES)),
        plotly=_markup(get_plotlyjs()),
        config=_CONFIG,
        on_paper=theme.ON_PAPER,
        script=_markup(_asset("report.js")),
        charts={name: _html(name, chart) for name, chart in drawn.items() if chart is not None},
        verdict=_markup(truth.verdict(published)),
        scores=_markup(truth.scores_table(scores)) if is_validated else "",
        conservation=_markup(truth.conservation_table(landed)),
        **shown,
    )


def _of_days(
    published: Published, is_validated: bool
) -> tuple[dict[str, Any], dict[str, go.Figure | None]]:
    """Return what is told of the dates of a run, and what is drawn of them."""
    days = production.days(published)
    first, last = period = days[0], days[-1]
    machines, more = _machines(published, first, last)
    kinds = quality.kinds_of(published, _ALL, last, first, last)
    costs = quality.costs_of(published, _ALL, last, period)
    flows = flow.flows_of(published, _ALL, last, period)
    told = {
        "total": production.totals(published, _ALL, first, last),
        "oee": production.oee_in_all(published, _ALL, first, last),
        "shares": production.SHARES,
        "machines": machines,
        "more_machines": more,
        "books": _markup(flow.books(published, _ALL, last, period)),
        "kinds": kinds,
        "outcomes": theme.OUTCOMES,
        "fault_share": metrics.FAULT_SHARE,
        "outside": faults.found_outside(published, _ALL, first, last),
        "costs": _markup(quality.costs(published, _ALL, last, period)),
    }
    drawn = {
        "units_by_day": _units_by_day(published),
        "truth_by_day": truth.by_day(published, _ALL, first, last) if is_validated else None,
        "units_by_machine": charts.units_by_machine(
            [row["machine_id"] for row in machines],
            days,
            production.machines_by_day(published, _ALL),
        ),
        "oee_by_machine": charts.oee(machines),
        "flow": flow.sankey(flows, flow.product_colours(published)) if flows.units else None,
        "outcomes": charts.outcomes(kinds) if kinds else None,
        "costs": charts.costs(costs) if costs else None,
    }
    return told, drawn


def _machines(published: Published, first: date, last: date) -> tuple[list[Row], int]:
    """Return the machines that are shown, by factory and id, and how many more there are."""
    machines = production.machines_in_all(published, _ALL, first, last)
    by_units = sorted(machines, key=lambda row: -(row["units_produced"] or 0))
    most = {row["machine_id"] for row in by_units[:MOST_MACHINES]}
    shown = [row for row in machines if row["machine_id"] in most]
    return shown, len(machines) - len(shown)


def _units_by_day(published: Published) -> go.Figure:
    totals = production.totals_by_day(published, _ALL)
    true = validated.totals_by_day(published, _ALL).get(Metric.UNITS_PRODUCED.value, [])
    settled = {day for day in totals if production.is_settled(published, _ALL, day)}
    return charts.units_by_day(totals, settled, {row["event_date"]: row["truth"] for row in true})


def _html(name: str, chart: go.Figure) -> Markup:
    """Return a chart as a part of a page that has plotly.js, under a name of its own."""
    return _markup(
        chart.to_html(
            full_html=False,
            include_plotlyjs=False,
            include_mathjax=False,
            div_id=f"chart-{name.replace('_', '-')}",
            config=_CONFIG,
        )
    )


def _markup(html: str) -> Markup:
    """Return what a template is to take as it is."""
    return Markup(html)  # noqa: S704 - of our own files, or of templates and plotly, which escape


def _asset(name: str) -> str:
    return files("factory_simulation.dashboard").joinpath("assets", name).read_text("utf-8")
