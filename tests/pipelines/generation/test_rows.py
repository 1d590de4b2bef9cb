"""Rows of batches that land twice, late, wrong, with another's id, or never."""

import math
from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any

import pytest

from factory_simulation.domain import PRODUCTION_BATCHES
from tests.pipelines.generation.world import World, records, storm, with_chaos

Row = dict[str, Any]
RATE = 0.1
CHAOS = {
    "duplicate": {"rate": RATE, "respelled": RATE},
    "conflicting_copy": {"rate": RATE, "days": {"low": 2, "high": 3}},
    "lost_row": {"rate": RATE},
    "reused_id": {"rate": RATE},
    "late_arrival": {
        "rate": 0.2,
        "days": {"low": 1, "high": 2},
        "beyond": RATE,
        "beyond_days": {"low": 6, "high": 8},
    },
    "product_name_variant": {"rate": 0.5},
}


def forty_days(**chaos: Any) -> World:
    stocked = storm({"materials": {"limit_production": False}}, days=40, seed=3)
    return World(with_chaos(stocked, **chaos))


@pytest.fixture(scope="module")
def world() -> World:
    return forty_days(**CHAOS)


@pytest.fixture(scope="module")
def batches(world: World) -> dict[str, Row]:
    return {row["batch_id"]: row for row in records(world.batches)}


@pytest.fixture(scope="module")
def landed(world: World) -> dict[str, list[Row]]:
    """The rows of each batch, in the order in which they landed."""
    found = defaultdict(list)
    for row in world.landed("production_batches"):
        found[row["event_key"]].append(row)
    return found


def about(rate: float, count: int) -> Any:
    return pytest.approx(rate, abs=4 * math.sqrt(rate * (1 - rate) / count))


def test_each_fate_falls_at_its_rate_on_batches_that_no_fate_before_it_met(batches, landed):
    left, of_batches = len(batches), Counter()
    for batch_id in batches:
        mechanisms = {row["row_mechanism"] for row in landed.get(batch_id, [])} - {None}
        assert len(mechanisms) <= 1
        of_batches[mechanisms.pop() if mechanisms else len(landed.get(batch_id, []))] += 1
    assert set(of_batches) == {0, 1, "corrected_later", "respelled", "exact"}
    for fate in (0, "corrected_later", "respelled", "exact"):
        assert of_batches[fate] / left == about(RATE, left), fate
        left -= of_batches[fate]


def test_copies_differ_from_their_row_by_their_spelling_or_by_nothing(landed):
    for rows in landed.values():
        if rows[-1]["row_mechanism"] not in {"exact", "respelled"}:
            continue
        assert len(rows) == 2
        row, copy = rows
        differ = {name for name in PRODUCTION_BATCHES.columns if row[name] != copy[name]}
        assert differ == ({"product_name"} if copy["row_mechanism"] == "respelled" else set())
        assert row["_arrival_date"] == copy["_arrival_date"]
        assert row["row_fault"] is None
        assert copy["row_fault"] == "duplicate"


def test_corrections_follow_two_or_three_days_later_with_the_right_count(batches, landed):
    days = Counter()
    for batch_id, rows in landed.items():
        right = str(batches[batch_id]["units_produced"])
        if rows[0]["row_mechanism"] != "corrected_later":
            assert {row["units_produced"] for row in rows} == {right}
            continue
        wrong, correction = rows
        assert 1 <= int(wrong["units_produced"]) - int(right) <= 9
        assert correction["units_produced"] == right
        assert wrong["row_fault"] == "conflicting_copy"
        assert correction["row_fault"] is None
        days[(correction["_arrival_date"] - wrong["_arrival_date"]).days] += 1
    assert set(days) == {2, 3}
    assert days[2] / days.total() == about(0.5, days.total())


def test_batches_land_days_late_and_some_later_than_any_window(batches, landed):
    late = Counter()
    for batch_id, rows in landed.items():
        delay = rows[0]["_arrival_date"] - batches[batch_id]["production_date"]
        late[delay.days] += 1
        if rows[0]["row_fault"] is None:
            kind = rows[0]["arrival_fault"], rows[0]["arrival_mechanism"]
            expected = "beyond_window" if delay > timedelta(days=2) else "days_late"
            assert kind == (("late_arrival", expected) if delay else (None, None))
    assert set(late) == {0, 1, 2, 6, 7, 8}
    count = late.total()
    beyond = late[6] + late[7] + late[8]
    assert beyond / count == about(RATE, count)
    assert (late[1] + late[2]) / (count - beyond) == about(0.2, count)


def test_an_id_is_used_again_from_the_third_batch_of_a_day_on(batches, landed):
    reused, able = 0, 0
    for batch_id, rows in landed.items():
        number = batches[batch_id]["batch_number"]
        able += number > 2
        assert len({row["batch_id"] for row in rows}) == 1
        stem, _, shown = rows[0]["batch_id"].rpartition("_")
        assert batch_id.startswith(f"{stem}_")
        assert int(shown) in {number, *range(1, number - 1)}
        reused += int(shown) != number
    assert reused / able == about(RATE, able)


def test_files_land_again_on_the_next_day_row_by_row():
    world = forty_days(redelivered_file={"rate": 0.3})
    files = defaultdict(list)
    for row in world.landed("production_batches"):
        files[row["_arrival_date"]].append(row)
    again = 0
    for day, rows in sorted(files.items()):
        copies = [row for row in rows if row["row_mechanism"] == "file_redelivered"]
        assert rows[len(rows) - len(copies) :] == copies
        before = [r for r in files.get(day - timedelta(days=1), []) if r["row_fault"] is None]
        assert [row["event_key"] for row in copies] in ([], [r["event_key"] for r in before])
        again += bool(copies)
    assert again / 40 == about(0.3, 40)


def test_a_file_that_is_corrected_lands_again_with_the_right_counts(batches):
    world = forty_days(redelivered_file={"corrected": 0.3, "corrected_rows": 0.25})
    rows = world.landed("production_batches")
    by_event = defaultdict(list)
    for row in rows:
        by_event[row["event_key"]].append(row)
    corrected_days = {r["event_date"] for r in rows if r["row_mechanism"] == "file_corrected"}
    wrong, again = 0, 0
    for event, of_event in by_event.items():
        right = str(batches[event]["units_produced"])
        assert len(of_event) == 1 + (of_event[0]["event_date"] in corrected_days)
        assert of_event[-1]["units_produced"] == right
        if len(of_event) == 2:
            again += 1
            wrong += of_event[0]["units_produced"] != right
            is_wrong = of_event[0]["row_mechanism"] == "file_corrected"
            assert is_wrong == (of_event[0]["units_produced"] != right)
            assert of_event[1]["row_fault"] == (None if is_wrong else "duplicate")
    assert len(corrected_days) / 40 == about(0.3, 40)
    assert wrong / again == about(0.25, again)


def test_other_tables_land_once_where_only_batches_are_hurt(world):
    for table, key in (("operator_logs", "log_id"), ("qc_checks", "check_id")):
        rows = world.landed(table)
        assert len({row[key] for row in rows}) == len(rows) > 0
        mechanisms = {row["row_mechanism"] for row in rows}
        assert mechanisms == ({None, "batch_lost"} if table == "qc_checks" else {None})
