"""Faults fall at their rates, and do what they say."""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta

import pytest

from factory_simulation.pipelines.generation.spellings import machine_spellings, product_spellings
from tests.pipelines.generation.world import World, classic, records


@pytest.fixture(scope="module")
def world() -> World:
    return World(classic(seed=3, days=60))


def test_ten_percent_of_batches_land_one_or_two_days_late(world):
    landed = records(world.landed_batches)
    late = Counter()
    for row in landed:
        event_date = datetime.fromisoformat(row["start_time"]).date()
        late[(row["_arrival_date"] - event_date).days] += 1
    assert set(late) == {0, 1, 2}
    assert (late[1] + late[2]) / len(landed) == pytest.approx(0.10, abs=0.015)
    assert late[1] / (late[1] + late[2]) == pytest.approx(0.5, abs=0.1)


def test_landing_goes_on_until_all_late_batches_have_landed():
    week = World(classic())
    landed = {row["batch_id"] for row in records(week.landed_batches)}
    assert landed == {batch["batch_id"] for batch in records(week.batches)}
    assert max(row["_arrival_date"] for row in records(week.landed_batches)) > date(2025, 12, 7)


def test_three_percent_of_batches_land_twice_and_the_copies_are_exact(world):
    by_id = defaultdict(list)
    for row in records(world.landed_batches):
        by_id[row["batch_id"]].append({k: v for k, v in row.items() if k != "_position"})
    copied = [rows for rows in by_id.values() if len(rows) > 1]
    assert len(copied) / len(by_id) == pytest.approx(0.03, abs=0.01)
    assert all(len(rows) == 2 and rows[0] == rows[1] for rows in copied)


def test_product_names_come_in_ten_and_more_spellings(world):
    landed = records(world.landed_batches)
    plates = Counter(
        row["product_name"] for row in landed if row["machine_id"].startswith("SMELTER")
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


def test_operators_write_each_machine_in_five_and_more_ways(world):
    ways = defaultdict(set)
    for entry, landed in zip(
        sorted(records(world.entries), key=lambda row: row["log_id"]),
        sorted(records(world.landed_entries), key=lambda row: row["log_id"]),
        strict=True,
    ):
        ways[entry["machine_id"]].add(landed["machine_id"])
    assert len(ways) == 3
    assert all(len(spellings) - 1 >= 5 for spellings in ways.values())


@pytest.mark.parametrize("column", ["temperature", "pressure", "energy_kwh", "efficiency_percent"])
def test_each_sensor_column_lacks_seven_and_a_half_percent_of_its_values(world, column):
    landed = records(world.landed_readings)
    missing = sum(row[column] is None for row in landed)
    assert missing / len(landed) == pytest.approx(0.075, abs=0.01)


def test_missing_values_fall_independently_of_each_other(world):
    landed = records(world.landed_readings)
    both = sum(row["temperature"] is None and row["pressure"] is None for row in landed)
    assert both / len(landed) == pytest.approx(0.075**2, abs=0.004)


def test_sensor_clocks_drift_by_up_to_five_minutes(world):
    true = {
        (row["batch_id"], row["reading_number"]): row["read_seconds"]
        for row in records(world.readings)
    }
    drifts = Counter(row["drift_minutes"] for row in records(world.sensor_faults))
    assert set(drifts) == set(range(-5, 6))
    shown = sorted(datetime.fromisoformat(r["timestamp"]) for r in records(world.landed_readings))
    expected = sorted(
        datetime(1970, 1, 1)
        + timedelta(
            seconds=true[row["batch_id"], row["reading_number"]], minutes=row["drift_minutes"]
        )
        for row in records(world.sensor_faults)
    )
    assert shown == expected


@pytest.mark.parametrize(
    ("clean", "landed", "key", "seconds", "told"),
    [
        ("checks", "landed_checks", "check_id", "check_seconds", "check_timestamp"),
        ("entries", "landed_entries", "log_id", "log_seconds", "log_timestamp"),
    ],
)
def test_thirty_percent_of_times_are_local(world, clean, landed, key, seconds, told):
    true = {row[key]: row[seconds] for row in records(getattr(world, clean))}
    offsets = Counter()
    for row in records(getattr(world, landed)):
        shown = (datetime.fromisoformat(row[told]) - datetime(1970, 1, 1)).total_seconds()
        offsets[(shown - true[row[key]]) / 3600] += 1
    assert set(offsets) == {0, -7}
    assert offsets[-7] / sum(offsets.values()) == pytest.approx(0.3, abs=0.05)


def test_without_chaos_what_lands_is_the_truth():
    scenario = classic()
    calm = {
        name: 0 for name, value in scenario.chaos.model_dump().items() if isinstance(value, float)
    }
    chaos = scenario.chaos.model_copy(update=calm)
    world = World(scenario.model_copy(update={"chaos": chaos}))
    batches = {row["batch_id"]: row for row in records(world.batches)}
    landed = records(world.landed_batches)
    assert len(landed) == len(batches)
    for row in landed:
        truth = batches[row["batch_id"]]
        assert row["product_name"] == truth["product_name"]
        assert row["units_produced"] == str(truth["units_produced"])
        assert row["_arrival_date"] == truth["production_date"]
    assert not any(None in row.values() for row in records(world.landed_readings))
