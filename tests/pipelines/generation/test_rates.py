"""Faults of the classic factory fall at their rates, and do what they say."""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from factory_simulation.domain import PRODUCTION_BATCHES
from factory_simulation.pipelines.generation.spellings import machine_spellings, product_spellings
from tests.pipelines.generation.world import World, classic, records, scenario_of

EPOCH = datetime(1970, 1, 1)


@pytest.fixture(scope="module")
def world() -> World:
    return World(classic(seed=3, days=60))


@pytest.fixture(scope="module")
def batches(world: World) -> list[dict[str, Any]]:
    return world.landed("production_batches")


@pytest.fixture(scope="module")
def readings(world: World) -> list[dict[str, Any]]:
    return world.landed("sensor_logs")


def test_ten_percent_of_batches_land_one_or_two_days_late(batches):
    late = Counter()
    for row in batches:
        event_date = datetime.fromisoformat(row["start_time"]).date()
        late[(row["_arrival_date"] - event_date).days] += 1
    assert set(late) == {0, 1, 2}
    assert (late[1] + late[2]) / len(batches) == pytest.approx(0.10, abs=0.015)
    assert late[1] / (late[1] + late[2]) == pytest.approx(0.5, abs=0.1)


def test_landing_goes_on_until_all_late_batches_have_landed():
    week = World(classic())
    landed = week.landed("production_batches")
    assert {row["batch_id"] for row in landed} == {
        batch["batch_id"] for batch in records(week.batches)
    }
    assert max(row["_arrival_date"] for row in landed) > date(2025, 12, 7)


def test_three_percent_of_batches_land_twice_and_the_copies_are_exact(batches):
    by_id = defaultdict(list)
    for row in batches:
        told = (*PRODUCTION_BATCHES.columns, "_arrival_date")
        by_id[row["batch_id"]].append([row[name] for name in told])
    copied = [rows for rows in by_id.values() if len(rows) > 1]
    assert len(copied) / len(by_id) == pytest.approx(0.03, abs=0.01)
    assert all(len(rows) == 2 and rows[0] == rows[1] for rows in copied)


def test_product_names_come_in_ten_and_more_spellings(batches):
    plates = Counter(
        row["product_name"] for row in batches if row["machine_id"].startswith("SMELTER")
    )
    assert len(plates) == len(product_spellings("Iron Plate"))
    assert len(plates) - 1 >= 10
    assert plates["Iron Plate"] / sum(plates.values()) == pytest.approx(0.3, abs=0.04)


@pytest.mark.parametrize("spell", [product_spellings, machine_spellings])
def test_spellings_differ_from_each_other(spell):
    name = "Gear Wheel" if spell is product_spellings else "ASSEMBLER-01"
    spellings = spell(name)
    assert spellings[0] == name
    assert len(set(spellings)) == len(spellings)


def test_operators_write_each_machine_in_five_and_more_ways_others_in_one(world, readings, batches):
    true = {row["log_id"]: row["machine_id"] for row in records(world.entries)}
    ways = defaultdict(Counter)
    for row in world.landed("operator_logs"):
        ways[true[row["log_id"]]][row["machine_id"]] += 1
    assert len(ways) == 3
    assert all(len(spellings) - 1 >= 5 for spellings in ways.values())
    clean = sum(spellings[name] for name, spellings in ways.items())
    assert clean / len(true) == pytest.approx(0.3, abs=0.06)
    assert {row["machine_id"] for row in [*readings, *batches]} == set(ways)


@pytest.mark.parametrize("column", ["temperature", "pressure", "energy_kwh", "efficiency_percent"])
def test_each_sensor_column_lacks_seven_and_a_half_percent_of_its_values(readings, column):
    missing = sum(row[column] is None for row in readings)
    assert missing / len(readings) == pytest.approx(0.075, abs=0.01)


def test_missing_values_fall_independently_of_each_other(readings):
    both = sum(row["temperature"] is None and row["pressure"] is None for row in readings)
    assert both / len(readings) == pytest.approx(0.075**2, abs=0.004)


def test_sensor_clocks_drift_by_up_to_five_minutes_evenly(world, readings):
    true = {
        f"{row['batch_id']}/{row['reading_number']}": EPOCH + timedelta(seconds=row["read_seconds"])
        for row in records(world.readings)
    }
    drifts = Counter(
        (datetime.fromisoformat(row["timestamp"]) - true[row["event_key"]]) / timedelta(minutes=1)
        for row in readings
    )
    assert set(drifts) == set(range(-5, 6))
    for count in drifts.values():
        assert count / len(readings) == pytest.approx(1 / 11, abs=0.015)


@pytest.mark.parametrize(
    ("clean", "table", "key", "seconds", "told"),
    [
        ("checks", "qc_checks", "check_id", "check_seconds", "check_timestamp"),
        ("entries", "operator_logs", "log_id", "log_seconds", "log_timestamp"),
    ],
)
def test_thirty_percent_of_times_are_local(world, clean, table, key, seconds, told):
    true = {row[key]: row[seconds] for row in records(getattr(world, clean))}
    offsets = Counter()
    for row in world.landed(table):
        shown = (datetime.fromisoformat(row[told]) - EPOCH).total_seconds()
        offsets[(shown - true[row[key]]) / 3600] += 1
    assert set(offsets) == {0, -7}
    assert offsets[-7] / offsets.total() == pytest.approx(0.3, abs=0.05)


def test_without_chaos_what_lands_is_the_truth():
    world = World(scenario_of("clean", days=3))
    batches = {row["batch_id"]: row for row in records(world.batches)}
    landed = world.landed("production_batches")
    assert len(landed) == len(batches)
    for row in landed:
        truth = batches[row["batch_id"]]
        assert row["product_name"] == truth["product_name"]
        assert row["machine_id"] == truth["machine_id"]
        assert row["units_produced"] == str(truth["units_produced"])
        assert row["_arrival_date"] == truth["production_date"]
    readings = world.landed("sensor_logs")
    assert len(readings) == world.readings.count().to_pyarrow().as_py()
    values = ("temperature", "pressure", "energy_kwh", "efficiency_percent")
    assert not any(row[name] is None for row in readings for name in values)
    assert world.landed("machine_events") == []
