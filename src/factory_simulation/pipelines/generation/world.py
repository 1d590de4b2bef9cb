"""The small tables of a scenario: machines, days, counters, people, spellings, free text.

They are made in Python, because a scenario has dozens of these rows and not millions. Everything
that a scenario multiplies (batches, readings, checks, entries) is made by the engine.
"""

from bisect import bisect
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pyarrow as pa
from faker import Faker

from factory_simulation.domain import Role
from factory_simulation.expressions.dates import asked_dates
from factory_simulation.expressions.numbers import MICRO
from factory_simulation.expressions.random import key_of
from factory_simulation.expressions.time import SECONDS_PER_DAY
from factory_simulation.faults.settings import basis_points
from factory_simulation.pipelines.generation.scenario import (
    NOTE_COUNT,
    Factory,
    Scenario,
    epoch_day,
)
from factory_simulation.pipelines.generation.spellings import machine_spellings, product_spellings

_MILLI = 1_000
_CENTI_PLACES, _MILLI_PLACES = 2, 3
_BATCH_NOTES_SHARE = 4
"""One note in so many names the batch that it is about."""

_DEFECTS = (
    "Crack along the edge",
    "Discoloured surface",
    "Out of tolerance",
    "Porous casting",
    "Scratches on the face",
    "Teeth misaligned",
    "Warped",
    "Wrong hardness",
)
_REMARKS = (
    "Checked lubrication",
    "Cleared a small jam",
    "Feed rate raised a little",
    "Handover without remarks",
    "Noise from the gearbox, watching it",
    "Pressure steady",
    "Running well",
    "Swapped the filter",
    "Temperature stable",
    "Waited for material",
)


def describe_machines(scenario: Scenario) -> pa.Table:
    """One row per machine: identity, rate, efficiency and sensor ranges, as integers."""
    rows = []
    for position, machine in enumerate(scenario.fleet):
        kind = scenario.machine_kinds[machine.kind]
        temperature = kind.temperature_c.scaled(_CENTI_PLACES)
        pressure = kind.pressure_bar.scaled(_MILLI_PLACES)
        hot, tight = kind.temperature_c.limits(), kind.pressure_bar.limits()
        opens, closes = scenario.working_minutes(machine.factory_id)
        rows.append(
            {
                "machine_id": machine.machine_id,
                "factory_id": machine.factory_id,
                "opens_at_minute": opens,
                "closes_at_minute": closes,
                "product_name": machine.product_name,
                "machine_position": position,
                "machine_random_key": key_of(machine.machine_id),
                "milli_units_per_hour": round(machine.units_per_hour * _MILLI),
                "base_efficiency_bp": basis_points(machine.base_efficiency),
                "efficiency_loss_bp": basis_points(machine.efficiency_loss_per_day),
                "shortest_minutes": machine.batch_minutes.low,
                "longest_minutes": machine.batch_minutes.high,
                "micro_kwh_per_unit": round(machine.kwh_per_unit * MICRO),
                "lowest_centi_celsius": temperature[0],
                "highest_centi_celsius": temperature[1],
                "lowest_milli_bar": pressure[0],
                "highest_milli_bar": pressure[1],
                "centi_celsius_limit": round(hot[1] * 10**_CENTI_PLACES),
                "milli_bar_limit": round(tight[1] * 10**_MILLI_PLACES),
            }
        )
    return pa.Table.from_pylist(rows)


def describe_days(scenario: Scenario, arrival_dates: str | None) -> pa.Table:
    """One row per event date to simulate: all up to the last one that is wanted.

    ``is_wanted`` are those that can arrive on the dates that were asked for. What was made on the
    days before is simulated too, because stock adds up.
    """
    wanted = scenario.event_dates(asked_dates(arrival_dates))
    first = epoch_day(scenario.calendar.start_date)
    last = max(map(epoch_day, wanted), default=first - 1)
    days = range(first, last + 1)
    is_wanted = [day >= epoch_day(min(wanted)) for day in days]
    return pa.table(
        {"event_day": pa.array(days, pa.int64()), "is_wanted": pa.array(is_wanted, pa.bool_())}
    )


def describe_offsets(scenario: Scenario) -> pa.Table:
    """One row per factory and UTC day: its clocks' offsets, and when one follows the other.

    Days beside the scenario's are there too: what is written down may lie around midnight.
    """
    first = epoch_day(scenario.calendar.start_date) - 1
    days = range(max(first, 0), first + scenario.calendar.days + 3)
    rows = [
        {"factory_id": factory.factory_id, "utc_day": day, **_offsets_of_day(factory, day)}
        for factory in scenario.factories
        for day in days
    ]
    return pa.Table.from_pylist(rows)


def _offsets_of_day(factory: Factory, day: int) -> dict[str, int]:
    """Return the offsets at both ends of a UTC day, and the second from which on the later is."""
    zone = ZoneInfo(factory.timezone)

    def offset_at(seconds: int) -> int:
        offset = datetime.fromtimestamp(seconds, UTC).astimezone(zone).utcoffset()
        return int(offset.total_seconds()) if offset else 0

    start, end = day * SECONDS_PER_DAY, (day + 1) * SECONDS_PER_DAY
    before, after = offset_at(start), offset_at(end - 1)
    changes_at = start
    if before != after:
        seconds = range(start, end)
        changes_at = seconds[bisect(seconds, False, key=lambda s: offset_at(s) != before)]
    return {"before_seconds": before, "after_seconds": after, "changes_at_seconds": changes_at}


def describe_counters(scenario: Scenario) -> pa.Table:
    """One row per whole number from 0 to the largest count that a scenario needs."""
    largest = max(scenario.calendar.batches_per_day.high, scenario.sensors.readings_per_batch.high)
    return pa.table({"number": pa.array(range(largest + 1), pa.int64())})


def describe_employees(scenario: Scenario) -> pa.Table:
    """One row per person: factory, role, number within both, id and name."""
    names = _faker(scenario, "people")
    roles = (
        (Role.INSPECTOR, "QC", scenario.quality_control.inspectors),
        (Role.OPERATOR, "OP", scenario.operators.operators),
    )
    rows = [
        {
            "role": role,
            "factory_id": factory.factory_id,
            "employee_number": number,
            "employee_id": f"{prefix}-{place * count + number + 1:03d}",
            "employee_name": names.unique.name(),
        }
        for place, factory in enumerate(scenario.factories)
        for role, prefix, count in roles
        for number in range(count)
    ]
    return pa.Table.from_pylist(rows)


def describe_notes(scenario: Scenario) -> pa.Table:
    """One row per text that people write: topic, number within the topic, what stands around.

    A remark with ``names_batch`` reads ``before``, the batch's id, ``after``.
    """
    words = _faker(scenario, "notes")
    rows = []
    for number in range(NOTE_COUNT):
        defect = words.random_element(_DEFECTS)
        rows.append(_note("defect", number, f"{defect}, {words.word()} {words.word()}"))
        if number % _BATCH_NOTES_SHARE == 0:
            rows.append(_note("remark", number, "Batch ", " started normally", names_batch=True))
        else:
            remark = words.random_element(_REMARKS)
            rows.append(_note("remark", number, f"{remark}. {words.sentence(nb_words=4)}"))
    return pa.Table.from_pylist(rows)


def describe_product_spellings(scenario: Scenario) -> pa.Table:
    """One row per product and spelling; number 0 is the clean name."""
    rows = [
        {"product_name": product, "spelling_number": number, "product_spelling": spelling}
        for product in scenario.products
        for number, spelling in enumerate(product_spellings(product))
    ]
    return pa.Table.from_pylist(rows)


def describe_machine_spellings(scenario: Scenario) -> pa.Table:
    """One row per machine and spelling; number 0 is the clean id."""
    rows = [
        {"machine_id": machine.machine_id, "spelling_number": number, "machine_spelling": spelling}
        for machine in scenario.fleet
        for number, spelling in enumerate(machine_spellings(machine.machine_id))
    ]
    return pa.Table.from_pylist(rows)


def _note(
    topic: str, number: int, before: str, after: str = "", *, names_batch: bool = False
) -> dict[str, object]:
    return {
        "topic": topic,
        "note_number": number,
        "before": before,
        "after": after,
        "names_batch": names_batch,
    }


def _faker(scenario: Scenario, purpose: str) -> Faker:
    faker = Faker("en_US")
    faker.seed_instance(f"{scenario.seed}:{purpose}")
    return faker
