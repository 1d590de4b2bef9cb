"""Machine health: efficiency over time, where it goes, what is unusual, what sensors read."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from factory_simulation.dashboard import theme
from factory_simulation.dashboard.html import render, words
from factory_simulation.dashboard.pages import efficiency_chart
from factory_simulation.dashboard.pages import health_charts as charts
from factory_simulation.dashboard.pages.parts import Part, wide
from factory_simulation.dashboard.published import Published
from factory_simulation.dashboard.queries import health as queries
from factory_simulation.dashboard.queries.answers import Row
from factory_simulation.dashboard.queries.health import QUANTITIES, Quantity, Status
from factory_simulation.domain import HealthState

MOST_CHARTED = 1000
"""So many batches, the last ones, are on a control chart."""
MOST_ALARMS = 50
"""So many alarms of a day are listed."""

_ROUNDING = 1e-6


@dataclass(frozen=True)
class Forecast:
    """When a machine falls to a threshold, in words."""

    row: Row
    said: str


@dataclass(frozen=True)
class Alarm:
    """A batch that broke rules of its machine's control chart."""

    row: Row
    rules: list[str]


@dataclass(frozen=True)
class Unknown:
    """Values of a quantity that nobody knows, by what was wrong with them."""

    quantity: Quantity
    faults: str
    values: int


def heading(published: Published, machine_id: str | None) -> str:
    """Return what is known of a machine: its state, its slope, when it falls to which threshold."""
    summary = None if machine_id is None else queries.summary(published, machine_id)
    if machine_id is None or summary is None:
        return render("no_health", machine_id=machine_id)
    return render(
        "health",
        machine_id=machine_id,
        row=summary,
        look=theme.STATES[HealthState(summary["state"])],
        forecasts=[
            Forecast(row, efficiency_chart.expectation(row))
            for row in queries.forecasts(published, machine_id)
        ],
        maintenance=queries.maintenance(published, machine_id),
    )


def of_day(published: Published, day: date, machine_id: str | None) -> list[Part]:
    """Return a machine's efficiency with a day marked, and what its sensors read on that day."""
    if machine_id is None or queries.summary(published, machine_id) is None:
        return []
    batches = queries.batches(published, machine_id)
    on_day = [row for row in batches if row["batch_date"] == day]
    alarms = [Alarm(row, charts.broken_rules(row)) for row in on_day if row["is_alarm"]]
    return [
        efficiency_chart.efficiency(published, machine_id, day),
        render(
            "health_day",
            day=day,
            batches=len(on_day),
            alarms=alarms[:MOST_ALARMS],
            more=max(len(alarms) - MOST_ALARMS, 0),
            is_drawn_by_day=len(batches) > efficiency_chart.MOST_BATCHES,
        ),
    ]


def readings(published: Published, day: date, machine_id: str | None) -> list[Part]:
    """Return what the sensors of a machine read on a day."""
    if machine_id is None:
        return []
    rows = queries.readings_by_day(published, machine_id).get(day, [])
    known = [row for row in rows if row["value"] is not None]
    said = render(
        "health_readings",
        day=day,
        readings=len(rows) // len(QUANTITIES),
        values=len(rows),
        counts=Counter(Status(row["status"]) for row in rows),
        looks=charts.READINGS,
        unknown=_unknown(rows),
        clocks=sum(row["is_clock_repaired"] for row in rows) // len(QUANTITIES),
    )
    return [said, wide(charts.readings(known))] if known else [said]


def control(published: Published, machine_id: str | None) -> list[Part]:
    """Return a machine's control chart: batches, and how far one is from the last."""
    if machine_id is None:
        return []
    charted = [
        row for row in queries.batches(published, machine_id) if row["value_percent"] is not None
    ]
    has_limits = any(row["upper_limit_percent"] is not None for row in charted)
    has_wear_taken_off = any(
        abs(row["value_percent"] - row["efficiency_percent"]) > _ROUNDING for row in charted
    )
    shown = charted[-MOST_CHARTED:]
    said = render(
        "health_control",
        batches=len(charted),
        shown=len(shown),
        alarms=sum(row["is_alarm"] for row in charted),
        has_limits=has_limits,
        has_wear_taken_off=has_wear_taken_off,
    )
    return [said, charts.control(shown, has_wear_taken_off)] if has_limits else [said]


def _unknown(rows: list[Row]) -> list[Unknown]:
    """Return what nobody knows, and why."""
    counted = Counter(
        (row["quantity"], ", ".join(words(fault) for fault in sorted(row["faults"] or [])))
        for row in rows
        if row["value"] is None
    )
    return [
        Unknown(quantity, faults, values)
        for quantity in QUANTITIES
        for (landed, faults), values in sorted(counted.items())
        if landed == quantity.landed
    ]
