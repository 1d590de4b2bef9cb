"""The clean truth keeps the scenario's promises, for every machine, day and seed."""

from collections import Counter, defaultdict
from itertools import pairwise
from statistics import mean

import pytest

from tests.pipelines.generation.world import World, classic, records

DAY = 86400


@pytest.fixture(scope="module")
def month() -> World:
    return World(classic(seed=7, days=60))


@pytest.fixture(scope="module")
def batches(month: World) -> list[dict]:
    return records(month.batches)


@pytest.mark.parametrize("seed", [0, 1, 42, 2**40])
def test_batches_stay_within_opening_hours(seed: int):
    for batch in records(World(classic(seed=seed, days=20)).batches):
        assert batch["start_seconds"] % DAY >= 6 * 3600
        assert batch["start_seconds"] < batch["end_seconds"]
        assert batch["end_seconds"] - batch["event_day"] * DAY <= 22 * 3600


def test_every_machine_makes_8_to_14_batches_a_day_with_gaps_of_5_to_20_minutes(batches):
    by_day = defaultdict(list)
    for batch in batches:
        by_day[batch["machine_id"], batch["event_day"]].append(batch)
    assert len(by_day) == 3 * 60
    for of_day in by_day.values():
        of_day.sort(key=lambda batch: batch["start_seconds"])
        assert 8 <= len(of_day) <= 14
        assert [batch["batch_number"] for batch in of_day] == list(range(1, len(of_day) + 1))
        for before, after in pairwise(of_day):
            assert 300 <= after["start_seconds"] - before["end_seconds"] <= 1200


def test_a_day_that_is_too_short_for_the_plan_still_has_its_least_number_of_batches():
    scenario = classic(days=200)
    tight = scenario.calendar.model_copy(update={"closes_at_minute": 360 + 8 * 60 + 7 * 5 + 20})
    world = World(scenario.model_copy(update={"calendar": tight}))
    counts = Counter(
        (batch["machine_id"], batch["event_day"])
        for batch in records(world.batches)
        if batch["machine_id"] == "ASSEMBLER-01"
    )
    assert set(counts.values()) == {8}
    assert all(
        60 * 60 <= batch["end_seconds"] - batch["start_seconds"] <= 120 * 60
        for batch in records(world.batches)
        if batch["machine_id"] == "ASSEMBLER-01"
    )


def test_units_follow_from_rate_time_and_efficiency(month, batches):
    rate = {machine.machine_id: machine.units_per_hour for machine in month.scenario.machines}
    energy = {machine.machine_id: machine.kwh_per_unit for machine in month.scenario.machines}
    for batch in batches:
        hours = (batch["end_seconds"] - batch["start_seconds"]) / 3600
        ideal = rate[batch["machine_id"]] * hours * batch["efficiency_bp"] / 10_000
        assert abs(batch["units_produced"] - ideal) <= 0.5
        assert batch["energy_micro_kwh"] == round(
            batch["units_produced"] * energy[batch["machine_id"]] * 1e6
        )


def test_two_percent_of_units_are_defective_and_not_what_truncation_leaves(batches):
    units = sum(batch["units_produced"] for batch in batches)
    defects = sum(batch["units_defective"] for batch in batches)
    assert defects / units == pytest.approx(0.02, abs=0.001)


def test_only_the_second_smelter_decays_by_two_points_a_day_down_to_the_floor(batches):
    by_day = defaultdict(list)
    for batch in batches:
        by_day[batch["machine_id"], batch["event_day"]].append(batch["efficiency_bp"] / 100)
    first = min(day for _, day in by_day)
    for number in (0, 10, 20):
        assert mean(by_day["SMELTER-01", first + number]) == pytest.approx(98, abs=0.6)
        assert mean(by_day["ASSEMBLER-01", first + number]) == pytest.approx(95, abs=0.6)
        expected = 100 - 2 * number
        assert mean(by_day["SMELTER-02", first + number]) == pytest.approx(expected, abs=0.6)
    assert min(by_day["SMELTER-02", first + 40]) == 50


def test_readings_of_a_batch_add_up_to_its_energy_within_their_noise(month, batches):
    metered = defaultdict(list)
    for reading in records(month.readings):
        metered[reading["batch_id"]].append(reading)
    assert set(metered) == {batch["batch_id"] for batch in batches}
    for batch in batches:
        readings = metered[batch["batch_id"]]
        total = sum(reading["energy_e4_kwh"] for reading in readings) * 100
        assert total == pytest.approx(batch["energy_micro_kwh"], rel=0.0202)
        assert 3 <= len(readings) <= 5
        assert all(
            batch["start_seconds"] <= reading["read_seconds"] < batch["end_seconds"]
            for reading in readings
        )


def test_sensor_values_stay_in_the_range_of_their_kind_of_machine(month):
    for reading in records(month.readings):
        if reading["machine_id"].startswith("SMELTER"):
            assert 120_000 <= reading["centi_celsius"] <= 140_000
            assert 1500 <= reading["milli_bar"] <= 2500
        else:
            assert 2500 <= reading["centi_celsius"] <= 4500
            assert 800 <= reading["milli_bar"] <= 1200


def test_forty_percent_of_batches_are_checked_and_seventy_of_the_defective_ones_caught(
    month, batches
):
    by_id = {batch["batch_id"]: batch for batch in batches}
    checks = records(month.checks)
    assert len(checks) / len(batches) == pytest.approx(0.4, abs=0.03)
    defective = [check for check in checks if by_id[check["batch_id"]]["units_defective"] > 0]
    caught = [check for check in defective if check["result"] == "FAIL"]
    assert len(caught) / len(defective) == pytest.approx(0.7, abs=0.05)
    for check in checks:
        batch = by_id[check["batch_id"]]
        assert 300 <= check["check_seconds"] - batch["end_seconds"] <= 1800
        assert (check["defect_notes"] is not None) == (check["result"] == "FAIL")
        assert check["result"] == "PASS" or batch["units_defective"] > 0


def test_a_quarter_of_batches_has_an_operator_entry_around_its_start(month, batches):
    by_id = {batch["batch_id"]: batch for batch in batches}
    entries = records(month.entries)
    assert len(entries) / len(batches) == pytest.approx(0.25, abs=0.03)
    for entry in entries:
        distance = entry["log_seconds"] - by_id[entry["batch_id"]]["start_seconds"]
        assert -600 <= distance <= 600
    assert len({entry["notes"] for entry in entries}) > 20
    assert {entry["action"] for entry in entries} == {
        "START_BATCH",
        "ADJUST_PARAMS",
        "MONITOR",
        "END_BATCH",
    }


def test_ids_are_unique_across_machines_and_days(month, batches):
    for rows, key in (
        (batches, "batch_id"),
        (records(month.checks), "check_id"),
        (records(month.entries), "log_id"),
    ):
        ids = [row[key] for row in rows]
        assert len(set(ids)) == len(ids)


def test_people_have_names_and_ids():
    people = records(World(classic()).employees)
    assert Counter(person["role"] for person in people) == {"inspector": 3, "operator": 4}
    assert len({person["employee_id"] for person in people}) == 7
    assert len({person["employee_name"] for person in people}) == 7


def test_a_date_does_not_depend_on_what_was_generated_before_it():
    week, alone = World(classic()), World(classic(), arrival_date="2025-12-03")
    for name in ("batches", "readings", "checks", "entries"):
        of_date = [row for row in records(getattr(alone, name)) if row["event_day"] == week_day(3)]
        in_week = [row for row in records(getattr(week, name)) if row["event_day"] == week_day(3)]
        assert of_date
        assert sorted(map(str, of_date)) == sorted(map(str, in_week))


def test_a_machine_does_not_depend_on_the_others():
    scenario = classic()
    alone = scenario.model_copy(update={"machines": scenario.machines[1:2]})
    together = [b for b in records(World(scenario).batches) if b["machine_id"] == "SMELTER-02"]
    by_itself = records(World(alone).batches)
    position = {"machine_position": None}
    assert sorted(str(b | position) for b in by_itself) == sorted(
        str(b | position) for b in together
    )


def week_day(number: int) -> int:
    """Return the number-th day of the classic week, in days since 1970-01-01."""
    return 20422 + number - 1
