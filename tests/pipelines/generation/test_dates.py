"""A date that is generated alone is what the whole has of it, row by row."""

from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest

from factory_simulation.domain import LANDED_TABLES, MACHINE_REGISTRY
from factory_simulation.pipelines.generation.inject.landed import of_arrival_dates
from factory_simulation.pipelines.generation.world import describe_days
from tests.pipelines.generation.world import World, classic, records, storm, storm_world

FIRST, FOLDED, LAST = "2025-10-20", "2025-10-26", "2025-11-05"


@cache
def alone(day: str) -> World:
    return World(storm(), arrival_dates=day)


def as_text(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(map(str, rows))


def arriving(table: str, world: World, day: str) -> list[dict[str, Any]]:
    """Return the injected rows of one arrival date, lost ones included."""
    return records(of_arrival_dates(world.injected[table], day))


@pytest.mark.parametrize("day", [FIRST, FOLDED, LAST])
def test_what_lands_on_a_date_is_the_same_when_it_is_generated_alone(day):
    landed = 0
    for table in LANDED_TABLES:
        whole = arriving(table, storm_world(), day)
        assert as_text(arriving(table, alone(day), day)) == as_text(whole), table
        landed += sum(row["is_landed"] for row in whole)
    assert landed > 0


@pytest.mark.parametrize("day", [FIRST, FOLDED, LAST])
def test_the_faults_of_a_date_are_the_same_when_it_is_generated_alone(day):
    faults = records(storm_world().ledger)
    of_date = [fault for fault in faults if fault["arrival_date"] == date.fromisoformat(day)]
    assert of_date
    assert as_text(records(alone(day).ledger)) == as_text(of_date)


def test_a_range_of_dates_has_what_its_dates_have():
    world = World(storm(), arrival_dates=f"{FIRST}..{FOLDED}")
    within = [date.fromisoformat(FIRST) + timedelta(days=i) for i in range(7)]
    for table in LANDED_TABLES:
        whole = [row for row in storm_world().landed(table) if row["_arrival_date"] in within]
        assert world.landed(table) == whole, table
    faults = [fault for fault in records(storm_world().ledger) if fault["arrival_date"] in within]
    assert as_text(records(world.ledger)) == as_text(faults)


def test_rows_of_a_file_are_numbered_from_one_on():
    for table in LANDED_TABLES.keys() - {MACHINE_REGISTRY.name}:  # no registry lands in a storm
        contract = LANDED_TABLES[table]
        files: dict[str, list[int]] = {}
        for row in storm_world().landed(table):
            name = f"{row['_arrival_date']}/{table}{contract.suffix}"
            assert row["_source_file"] == name
            files.setdefault(name, []).append(row["_source_row"])
        assert files
        for numbers in files.values():
            assert numbers == list(range(1, len(numbers) + 1))


def test_what_is_simulated_for_a_date_is_what_can_arrive_on_it():
    days = describe_days(storm(), FOLDED).to_pylist()
    assert len(days) == 7
    assert all(day["is_wanted"] for day in days)
    assert describe_days(storm(), "2025-10-01").to_pylist() == []
    late = describe_days(storm(), LAST).to_pylist()
    assert [day["is_wanted"] for day in late] == [False] * 4 + [True] * 10


def test_a_date_after_everything_brings_nothing():
    world = World(classic(), arrival_dates="2025-12-10")
    assert world.landed("production_batches") == []
    assert world.landed("machine_events") == []


def test_what_was_made_before_counts_for_stock_of_a_date():
    day = date.fromisoformat(LAST)
    assert day not in {row["production_date"] for row in records(storm_world().stock)}
    whole = [
        row
        for row in records(storm_world().stock)
        if row["production_date"] <= date.fromisoformat(FOLDED)
    ]
    assert as_text(records(alone(FOLDED).stock)) == as_text(whole)


def test_files_are_parquet_where_the_scenario_says_so():
    world = World(storm(landing_format="parquet"))
    files = {row["_source_file"] for row in world.landed("machine_events")}
    assert files
    assert all(file.endswith("/machine_events.parquet") for file in files)
