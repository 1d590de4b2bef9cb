"""The production floor: a card for each machine."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from factory_simulation import metrics
from factory_simulation.dashboard import sparkline, theme
from factory_simulation.dashboard.html import render
from factory_simulation.dashboard.published import Published
from factory_simulation.dashboard.queries import health, production
from factory_simulation.dashboard.queries.answers import Groups, Row, remembered
from factory_simulation.dashboard.queries.health import Thresholds
from factory_simulation.dashboard.scope import Scope
from factory_simulation.domain import HealthState


@dataclass(frozen=True)
class Card:
    """A machine on a day; ``row`` is None where it was neither planned nor made anything."""

    machine_id: str
    product_name: str
    factory_name: str
    state: str
    look: theme.Look
    colour: str
    row: Row | None
    bars: list[sparkline.Bars]


def floor(published: Published, scope: Scope, day: date) -> str:
    """Return the cards of all machines that are looked at."""
    machines = production.machines(published, scope)
    by_day = production.machines_by_day(published, scope)
    colours = theme.colours(machine["machine_id"] for machine in machines)
    most = _most_units(published, scope)
    last_days = sparkline.last_days(day, len(production.days(published)))
    of_days = _by_machine(by_day, last_days)
    thresholds = health.thresholds(published)
    cards = []
    for machine in machines:
        machine_id = machine["machine_id"]
        rows = of_days.get(machine_id, {})
        row = rows.get(day)
        cards.append(
            Card(
                machine_id=machine_id,
                product_name=machine["product_name"],
                factory_name=machine["factory_name"],
                state=state_of(row, thresholds) or "none",
                look=look_of(row, thresholds),
                colour=colours[machine_id],
                row=row,
                bars=sparkline.bars(
                    [_made(rows.get(day), thresholds) for day in last_days],
                    most.get(machine_id, 0),
                ),
            )
        )
    return render(
        "floor",
        cards=cards,
        states={**theme.STATES, "none": theme.NO_STATE},
        counts=Counter(card.state for card in cards),
        factors=[kpi for kpi in production.SHARES if kpi is not metrics.OEE],
        show_factory=scope.factory_id is None and len(production.factories(published)) > 1,
        last_days=last_days,
        spark_width=sparkline.width(last_days),
        spark_height=sparkline.HEIGHT,
        oee_known="as known now",
        thresholds=thresholds,
    )


def state_of(row: Row | None, thresholds: Thresholds | None) -> HealthState | None:
    """Return how well a machine worked on a day; None where no sensor tells."""
    efficiency = None if row is None else row["efficiency_percent"]
    if efficiency is None or thresholds is None:
        return None
    if efficiency > thresholds.healthy_above:
        return HealthState.HEALTHY
    is_critical = efficiency < thresholds.critical_below
    return HealthState.CRITICAL if is_critical else HealthState.WARNING


def look_of(row: Row | None, thresholds: Thresholds | None) -> theme.Look:
    """Return how the state of a machine on a day looks."""
    state = state_of(row, thresholds)
    return theme.NO_STATE if state is None else theme.STATES[state]


def _by_machine(by_day: Groups, days: list[date]) -> dict[str, dict[date, Row]]:
    """Return the rows of some days by machine."""
    found: dict[str, dict[date, Row]] = {}
    for day in days:
        for row in by_day.get(day, []):
            found.setdefault(row["machine_id"], {})[day] = row
    return found


@remembered
def _most_units(published: Published, scope: Scope) -> dict[str, int]:
    """Return the most that each machine made on a day, so that bars keep their scale."""
    most: dict[str, int] = {}
    for rows in production.machines_by_day(published, scope).values():
        for row in rows:
            made = row["units_produced"] or 0
            most[row["machine_id"]] = max(most.get(row["machine_id"], 0), made)
    return most


def _made(row: Row | None, thresholds: Thresholds | None) -> sparkline.Value:
    """Return the bar of a day."""
    made = None if row is None else row["units_produced"]
    return None if made is None else (made, look_of(row, thresholds).colour)
