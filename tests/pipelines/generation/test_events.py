"""What is measured, inspected and written down follows from the batches."""

from collections import Counter, defaultdict
from typing import Any

import pytest

from tests.pipelines.generation.world import World, classic, records


@pytest.fixture(scope="module")
def month() -> World:
    return World(classic(seed=7, days=60))


@pytest.fixture(scope="module")
def batches(month: World) -> list[dict[str, Any]]:
    return records(month.batches)


def test_readings_of_a_batch_add_up_to_its_energy_within_their_noise(month, batches):
    metered = defaultdict(list)
    for reading in records(month.readings):
        metered[reading["batch_id"]].append(reading)
    assert set(metered) == {batch["batch_id"] for batch in batches}
    for batch in batches:
        readings = metered[batch["batch_id"]]
        total = sum(reading["energy_e4_kwh"] for reading in readings) * 100
        assert total == pytest.approx(batch["energy_micro_kwh"], rel=0.0202)
        assert {reading["efficiency_bp"] for reading in readings} == {batch["efficiency_bp"]}


def test_readings_are_taken_at_even_intervals_from_the_start_of_their_batch_on(month):
    taken = defaultdict(list)
    for reading in records(month.readings):
        taken[reading["start_seconds"], reading["end_seconds"], reading["batch_id"]].append(
            (reading["reading_number"], reading["read_seconds"])
        )
    assert {len(readings) for readings in taken.values()} == {3, 4, 5}
    for (start, end, _batch), readings in taken.items():
        count = len(readings)
        assert sorted(readings) == [
            (k + 1, start + (end - start) * k // count) for k in range(count)
        ]


def test_sensor_values_stay_in_the_range_of_their_kind_of_machine(month):
    seen = defaultdict(list)
    for reading in records(month.readings):
        kind = reading["machine_id"].split("-")[0]
        seen[kind, "centi_celsius"].append(reading["centi_celsius"])
        seen[kind, "milli_bar"].append(reading["milli_bar"])
    ranges = {key: (min(values), max(values)) for key, values in seen.items()}
    for key, (low, high), slack in (
        (("SMELTER", "centi_celsius"), (120_000, 140_000), 100),
        (("SMELTER", "milli_bar"), (1500, 2500), 3),
        (("ASSEMBLER", "centi_celsius"), (2500, 4500), 10),
        (("ASSEMBLER", "milli_bar"), (800, 1200), 2),
    ):
        assert low <= ranges[key][0] <= low + slack
        assert high - slack <= ranges[key][1] <= high


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


def test_a_quarter_of_notes_names_the_batch_and_the_others_are_phrases(month):
    phrases = {row["phrase"] for row in records(month.phrases)}
    entries = records(month.entries)
    naming = [entry for entry in entries if entry["names_batch"]]
    assert len(naming) / len(entries) == pytest.approx(0.25, abs=0.05)
    for entry in entries:
        named = f"Batch {entry['batch_id']} started normally"
        assert (entry["notes"] == named) == entry["names_batch"]
        assert (entry["notes"] in phrases) == (not entry["names_batch"])
    written = {c["defect_notes"] for c in records(month.checks)} - {None}
    assert written <= phrases


def test_ids_are_unique_across_machines_and_days(month, batches):
    for rows, key in (
        (batches, "batch_id"),
        (records(month.checks), "check_id"),
        (records(month.entries), "log_id"),
    ):
        ids = [row[key] for row in rows]
        assert len(set(ids)) == len(ids) > 100


def test_people_have_names_and_ids():
    people = records(World(classic()).employees)
    assert Counter(person["role"] for person in people) == {"inspector": 3, "operator": 4}
    assert len({person["employee_id"] for person in people}) == 7
    assert len({person["employee_name"] for person in people}) == 7
