"""The production floor: a card for each machine."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from factory_simulation import metrics
from factory_simulation.dashboard import theme
from factory_simulation.dashboard.html import render
from factory_simulation.dashboard.published import Published
from factory_simulation.dashboard.queries import production
from factory_simulation.dashboard.queries.answers import Groups, Row, remembered
from factory_simulation.dashboard.scope import Scope
from factory_simulation.domain import HealthState

HEALTHY_ABOVE, CRITICAL_BELOW = 90, 70
"""Percent of efficiency."""

_FEWEST_SPARK_DAYS, _SPARK_DAYS = 7, 21
_SPARK_STEP, _SPARK_GAP, _SPARK_HEIGHT = 10, 2, 30


@dataclass(frozen=True)
class Bars:
    """The bars of a sparkline that have one colour, as the path of a drawing."""

    path: str
    colour: str
    opacity: float


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
    bars: list[Bars]


def floor(published: Published, scope: Scope, day: date) -> str:
    """Return the cards of all machines that are looked at."""
    machines = production.machines(published, scope)
    by_day = production.machines_by_day(published, scope)
    colours = theme.colours(machine["machine_id"] for machine in machines)
    most = _most_units(published, scope)
    last_days = _last_days(published, day)
    of_days = _by_machine(by_day, last_days)
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
                state=state_of(row) or "none",
                look=look_of(row),
                colour=colours[machine_id],
                row=row,
                bars=_bars(rows, last_days, most.get(machine_id, 0)),
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
        spark_width=len(last_days) * _SPARK_STEP,
        spark_height=_SPARK_HEIGHT,
        oee_known="as known now",
    )


def state_of(row: Row | None) -> HealthState | None:
    """Return how well a machine worked on a day; None where no sensor tells."""
    efficiency = None if row is None else row["efficiency_percent"]
    if efficiency is None:
        return None
    if efficiency > HEALTHY_ABOVE:
        return HealthState.HEALTHY
    return HealthState.CRITICAL if efficiency < CRITICAL_BELOW else HealthState.WARNING


def look_of(row: Row | None) -> theme.Look:
    """Return how the state of a machine on a day looks."""
    state = state_of(row)
    return theme.NO_STATE if state is None else theme.STATES[state]


def _last_days(published: Published, day: date) -> list[date]:
    """Return the days of a sparkline, which is full also where a run has few of them."""
    shown = min(max(len(production.days(published)), _FEWEST_SPARK_DAYS), _SPARK_DAYS)
    return [day - timedelta(days=back) for back in reversed(range(shown))]


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


def _bars(rows: dict[date, Row], days: list[date], most: int) -> list[Bars]:
    """Return a bar for each day; the last one stands out.

    A page of many machines has few elements, and is quick to draw, as bars of a colour are one.
    """
    paths: defaultdict[tuple[str, float], str] = defaultdict(str)
    for place, day in enumerate(days):
        row = rows.get(day)
        if row is None or not row["units_produced"] or not most:
            continue
        left, right = place * _SPARK_STEP, (place + 1) * _SPARK_STEP - _SPARK_GAP
        top = round((1 - row["units_produced"] / most) * _SPARK_HEIGHT, 1)
        kind = (look_of(row).colour, 1.0 if day == days[-1] else 0.6)
        paths[kind] += f"M{left} {_SPARK_HEIGHT}V{top}H{right}V{_SPARK_HEIGHT}"
    return [Bars(path, colour, opacity) for (colour, opacity), path in paths.items()]
