"""The totals of a day, beside the day before and the whole period."""

from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from factory_simulation.dashboard.html import change, number, percent, points, render
from factory_simulation.dashboard.published import Published
from factory_simulation.dashboard.queries import production
from factory_simulation.dashboard.queries.answers import Row
from factory_simulation.dashboard.scope import KnownOn, Scope


@dataclass(frozen=True)
class Figure:
    """A number of the header: of the day, against the day before, and of the period."""

    name: str
    title: str
    value: Markup
    change: Markup
    period: Markup


def header(published: Published, scope: Scope, day: date, first: date, last: date) -> str:
    """Return what was made on a day; ``first`` and ``last`` bound the period."""
    by_day = production.totals_by_day(published, scope)
    return render(
        "header",
        day=day,
        total=by_day.get(day),
        is_settled=production.is_settled(published, scope, day),
        known=known(scope),
        figures=_figures(
            by_day.get(day, {}),
            by_day.get(day - timedelta(days=1), {}),
            production.totals(published, scope, first, last),
        ),
        first=first,
        last=last,
    )


def known(scope: Scope) -> str:
    """Say what is known where the scope's totals are from."""
    if scope.known_on is KnownOn.LATEST:
        return "as known now"
    if scope.known_on is KnownOn.SAME_DAY:
        return "as known that evening"
    return f"as known on {scope.known_on.isoformat()}"


def _figures(now: Row, before: Row, period: Row) -> list[Figure]:
    measures = (
        ("batches", "batches", 0, ""),
        ("units_produced", "units", 0, ""),
        ("units_defective", "defective", 0, "units"),
        ("energy_kwh", "energy", 1, "kWh"),
    )
    figures = [
        Figure(
            name=name,
            title=title,
            value=number(now.get(name), decimals, unit),
            change=change(now.get(name), before.get(name)),
            period=number(period[name], decimals, unit),
        )
        for name, title, decimals, unit in measures
    ]
    rate = Figure(
        name="defect_rate",
        title="defect rate",
        value=percent(now.get("defect_rate"), 2),
        change=points(now.get("defect_rate"), before.get("defect_rate")),
        period=percent(period["defect_rate"], 2),
    )
    return [*figures[:3], rate, figures[3]]
