"""What each batch tells of its machine's efficiency, and how worn the machine was."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from factory_simulation.pipelines.gold.wear import build_batch_efficiency
from tests.conftest import Rows
from tests.pipelines.gold.wearing import MACHINE, maintained, parameters, reading
from tests.pipelines.silver.landed import DAY, Compute, MakeTable, Row, only

READINGS = {
    "machine_id": "string",
    "factory_id": "string",
    "batch_date": "date",
    "batch_id": "string",
    "efficiency_percent": "float64",
}
BATCHES = {
    "machine_id": "string",
    "production_date": "date",
    "batch_id": "string",
    "start_at": "timestamp",
}
EVENTS = {"machine_id": "string", "event_type": "string", "event_date": "date"}

Efficiency = Callable[..., Rows]


@pytest.fixture
def efficiency(table: MakeTable, rows: Compute) -> Efficiency:
    """Build it from readings; batches are there at the hour of their number, if none are given."""

    def run(*readings: Row, events: Rows = (), batches: Rows | None = None) -> Rows:
        told = {
            (r["machine_id"], r["batch_date"], r["batch_id"]) for r in readings if r["batch_id"]
        }
        made = [made_at(machine, day, batch_id) for machine, day, batch_id in sorted(told)]
        events = [{name: event[name] for name in EVENTS} for event in events]
        found = rows(
            build_batch_efficiency(
                table(READINGS, readings),
                table(BATCHES, made if batches is None else batches),
                table(EVENTS, events),
                parameters(),
            )
        )
        return sorted(found, key=lambda row: (row["machine_id"], row["sequence_number"]))

    return run


def made_at(machine_id: str, day, batch_id: str, hour: int | None = None) -> Row:
    hours = int(batch_id[1:]) if hour is None else hour
    return {
        "machine_id": machine_id,
        "production_date": day,
        "batch_id": batch_id,
        "start_at": datetime.combine(day, datetime.min.time()) + timedelta(hours=hours),
    }


def test_a_batch_counts_once_and_only_if_a_reading_tells_its_efficiency(efficiency: Efficiency):
    readings = [reading(0, 98.0), reading(0, 98.0), reading(0, None), reading(1, 97.25)]
    readings += [reading(3, None), reading(3, 10.0, batch_id=None, batch_date=None)]
    readings += [reading(4, 201.0), reading(5, -0.5), reading(6, 200.0), reading(7, 0.0)]
    assert only(efficiency(*readings), "batch_key", "efficiency_bp", "sequence_number") == [
        ("SMELTER-01|2025-12-01|B1", 9800, 1),
        ("SMELTER-01|2025-12-02|B1", 9725, 2),
        ("SMELTER-01|2025-12-07|B1", 20000, 3),
        ("SMELTER-01|2025-12-08|B1", 0, 4),
    ]


def test_batches_are_numbered_by_their_start_in_each_machine(efficiency: Efficiency):
    readings = [reading(0, 98.0, number) for number in (3, 1, 2)]
    readings += [reading(1, 97.0, 1), reading(0, 80.0, 5, machine_id="SMELTER-02")]
    starts = {"B1": 9, "B2": 9, "B3": 4}
    batches = [made_at(MACHINE, DAY, name, hour) for name, hour in starts.items()]
    batches += [made_at(MACHINE, DAY + timedelta(days=1), "B1"), made_at("SMELTER-02", DAY, "B5")]
    found = efficiency(*readings, batches=batches)
    assert only(found, "machine_id", "batch_key", "sequence_number") == [
        (MACHINE, f"{MACHINE}|2025-12-01|B3", 1),
        (MACHINE, f"{MACHINE}|2025-12-01|B1", 2),
        (MACHINE, f"{MACHINE}|2025-12-01|B2", 3),
        (MACHINE, f"{MACHINE}|2025-12-02|B1", 4),
        ("SMELTER-02", "SMELTER-02|2025-12-01|B5", 1),
    ]


def test_wear_counts_from_the_first_batch_also_if_nothing_was_read_of_it(efficiency: Efficiency):
    batches = [made_at(MACHINE, DAY + timedelta(days=day), "B1") for day in range(3)]
    found = efficiency(reading(1, 98.0), reading(2, 97.0), batches=batches)
    assert only(found, "wear_days", "worn_since") == [(1, DAY), (2, DAY)]


def test_maintenance_begins_the_count_anew_and_a_stop_does_not(efficiency: Efficiency):
    events = [maintained(3), maintained(6), maintained(1, event_type="STOP")]
    events += [maintained(1, "SMELTER-02"), maintained(-2), maintained(40)]
    found = efficiency(*[reading(day, 98.0) for day in range(8)], events=events)
    assert only(found, "wear_days") == [0, 1, 2, 0, 1, 2, 0, 1]


def test_worn_out_is_from_the_day_on_which_a_quarter_is_at_the_floor(efficiency: Efficiency):
    at_floor = {0: 0, 1: 1, 2: 2, 3: 0, 5: 8, 6: 0}
    readings = [
        reading(day, 50.0 if number <= count else 50.01, number)
        for day, count in at_floor.items()
        for number in range(1, 9)
    ]
    found = efficiency(*readings, events=[maintained(4)])
    worn_out = {row["batch_date"]: row["is_worn_out"] for row in found}
    assert list(worn_out.values()) == [False, False, True, True, True, True]
    assert [row["is_worn_out"] for row in efficiency(*readings, events=[maintained(6)])][-8:] == [
        False
    ] * 8


def test_what_is_below_the_floor_is_not_at_it(efficiency: Efficiency):
    found = efficiency(*[reading(day, 49.0 - day) for day in range(4)])
    assert only(found, "is_worn_out") == [False] * 4


def test_where_all_of_a_day_tell_the_same_only_the_first_is_news(efficiency: Efficiency):
    days = [(9800, 9800, 9800), (9700, 9700, 9600), (9500,), (9500, 9500)]
    readings = [
        reading(day, bp / 100, number)
        for day, told in enumerate(days)
        for number, bp in enumerate(told, start=1)
    ]
    assert only(efficiency(*readings), "is_repeat") == [
        *(False, True, True),
        *(False, False, False),
        *(False,),
        *(False, True),
    ]


def test_nothing_comes_of_nothing(efficiency: Efficiency):
    assert efficiency() == []
    assert efficiency(reading(0, None), events=[maintained(0)]) == []
    assert efficiency(reading(0, 98.0), batches=[]) == []
