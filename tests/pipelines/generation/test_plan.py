"""A machine's day has room for its batches, its stops and its maintenance, one after the other."""

from collections import Counter, defaultdict
from itertools import pairwise
from typing import Any

import pytest

from tests.pipelines.generation.world import SCENARIOS, World, classic, records, with_chaos

DAY, OPENS, CLOSES = 86_400, 6 * 3600, 22 * 3600
FIRST_DAY = 20_423
EVERY, NOISE = 5, 100
STOPS = {"rate": 0.5, "minutes": {"low": 30, "high": 180}}
WEARING = [
    {**machine, "efficiency_loss_per_day": 0.02, "base_efficiency": 0.97, "count": count}
    for machine, count in zip(SCENARIOS["classic"]["machines"][::2], (5, 4), strict=True)
]


@pytest.fixture(scope="module")
def stopping() -> World:
    """Forty days of nine machines that wear, stop every other day, and are often maintained."""
    scenario = classic({"machines": WEARING}, seed=5, days=40, start_date="2025-12-01")
    maintenance = {"rate": 0.6, "every_days": EVERY, "minutes": 90}
    return World(with_chaos(scenario, machine_stop=STOPS, maintenance=maintenance))


@pytest.fixture(scope="module")
def batches(stopping: World) -> list[dict[str, Any]]:
    return records(stopping.batches)


@pytest.fixture(scope="module")
def events(stopping: World) -> list[dict[str, Any]]:
    return records(stopping.events)


def by_day(rows: list[dict[str, Any]]) -> dict[tuple[str, int], list[dict[str, Any]]]:
    found = defaultdict(list)
    for row in rows:
        found[row["machine_id"], row["event_day"]].append(row)
    return found


@pytest.mark.parametrize("seed", [0, 1, 42, 2**40])
def test_batches_stay_within_opening_hours(seed: int):
    for batch in records(World(classic(seed=seed, days=20)).batches):
        start = batch["start_seconds"] - batch["event_day"] * DAY
        assert start >= OPENS
        assert batch["start_seconds"] < batch["end_seconds"]
        assert batch["end_seconds"] - batch["event_day"] * DAY <= CLOSES


def test_every_machine_makes_8_to_14_batches_a_day_with_gaps_of_5_to_20_minutes():
    days = by_day(records(World(classic(seed=7, days=60)).batches))
    assert len(days) == 3 * 60
    for of_day in days.values():
        of_day.sort(key=lambda batch: batch["start_seconds"])
        assert 8 <= len(of_day) <= 14
        assert [batch["batch_number"] for batch in of_day] == list(range(1, len(of_day) + 1))
        for before, after in pairwise(of_day):
            assert 300 <= after["start_seconds"] - before["end_seconds"] <= 1200


def test_a_day_that_is_too_short_for_the_plan_still_has_its_least_number_of_batches():
    scenario = classic({"calendar": {"closes_at_minute": 360 + 8 * 60 + 7 * 5 + 20}}, days=200)
    batches = [
        batch for batch in records(World(scenario).batches) if batch["machine_id"] == "ASSEMBLER-01"
    ]
    assert {len(of_day) for of_day in by_day(batches).values()} == {8}
    assert all(3600 <= batch["end_seconds"] - batch["start_seconds"] <= 7200 for batch in batches)


# --- stops and maintenance ---------------------------------------------------------------------


def test_machines_stop_on_half_of_their_days_for_half_an_hour_to_three(stopping, events):
    stops = [event for event in events if event["event_type"] == "STOP"]
    assert len(stops) / (9 * 40) == pytest.approx(0.5, abs=0.07)
    assert max(Counter((e["machine_id"], e["event_day"]) for e in stops).values()) == 1
    lengths = [(event["end_seconds"] - event["start_seconds"]) / 60 for event in stops]
    assert min(lengths) >= 30
    assert max(lengths) <= 180
    assert sum(lengths) / len(lengths) == pytest.approx(105, abs=12)
    assert {e["reason"] for e in stops} == set(stopping.scenario.chaos.machine_stop.reasons)


def test_some_machines_are_maintained_every_so_many_days_before_the_first_batch(events):
    maintained = defaultdict(list)
    for event in events:
        if event["event_type"] == "MAINTENANCE":
            maintained[event["machine_id"]].append(event)
            assert event["reason"] == "SCHEDULED"
            assert event["start_seconds"] == event["event_day"] * DAY + OPENS
            assert event["end_seconds"] - event["start_seconds"] == 90 * 60
    assert 0 < len(maintained) < 9
    for of_machine in maintained.values():
        days = sorted(event["event_day"] - FIRST_DAY for event in of_machine)
        assert days == list(range(EVERY, 40, EVERY))


def test_no_batch_overlaps_another_one_nor_a_stop_nor_maintenance(batches, events):
    days = by_day([*batches, *events])
    assert any(len({"batch_id" in row for row in of_day}) == 2 for of_day in days.values())
    for of_day in days.values():
        of_day.sort(key=lambda row: (row["start_seconds"], row["end_seconds"]))
        for before, after in pairwise(of_day):
            assert before["end_seconds"] <= after["start_seconds"]
        for row in of_day:
            assert row["start_seconds"] - row["event_day"] * DAY >= OPENS
            if "batch_id" in row:
                assert row["end_seconds"] - row["event_day"] * DAY <= CLOSES


def test_stops_and_maintenance_take_their_time_from_the_day(stopping, batches, events):
    idle = Counter()
    for event in events:
        minutes = (event["end_seconds"] - event["start_seconds"]) // 60
        idle[event["machine_id"], event["event_day"]] += minutes
    for key, of_day in by_day(records(stopping.plans)).items():
        last = max(of_day, key=lambda plan: plan["number"])
        worked = sum(plan["minutes"] for plan in of_day)
        gaps = last["end_minute"] - OPENS // 60 - worked - idle[key]
        assert 5 * (len(of_day) - 1) <= gaps <= 20 * (len(of_day) - 1)
    counts = Counter((batch["machine_id"], batch["event_day"]) for batch in batches)
    still = [count for key, count in counts.items() if idle[key] > 120]
    busy = [count for key, count in counts.items() if not idle[key]]
    assert sum(still) / len(still) < sum(busy) / len(busy) - 0.7


def test_the_least_number_of_batches_holds_where_nothing_stops(batches, events):
    idle = {(event["machine_id"], event["event_day"]) for event in events}
    counts = {key: len(of_day) for key, of_day in by_day(batches).items()}
    assert len(counts) == 9 * 40
    assert len(set(counts) - idle) > 100
    assert min(count for key, count in counts.items() if key not in idle) >= 8


def test_batches_are_numbered_without_a_gap_where_machines_stop(batches):
    for of_day in by_day(batches).values():
        of_day.sort(key=lambda batch: batch["start_seconds"])
        assert [batch["batch_number"] for batch in of_day] == list(range(1, len(of_day) + 1))


def test_maintenance_sets_wear_back(batches, events):
    maintained = {e["machine_id"] for e in events if e["event_type"] == "MAINTENANCE"}
    seen = Counter()
    for batch in batches:
        day = batch["event_day"] - FIRST_DAY
        is_maintained = batch["machine_id"] in maintained
        worn = day % EVERY if is_maintained else day
        expected = max(9_700 - 200 * worn, 5_000)
        low, high = max(expected - NOISE, 5_000), max(9_700 - 200 * worn + NOISE, 5_000)
        assert low <= batch["efficiency_bp"] <= high
        seen[is_maintained, worn == 0] += 1
    assert len(seen) == 4


def test_a_machine_s_stops_do_not_depend_on_the_date_that_is_asked_for(stopping, events):
    day = FIRST_DAY + 3 * EVERY
    alone = World(stopping.scenario, arrival_dates="2025-12-16")
    expected = [event for event in events if event["event_day"] == day]
    assert {event["event_type"] for event in expected} == {"STOP", "MAINTENANCE"}
    assert sorted(map(str, records(alone.events))) == sorted(map(str, expected))


def test_a_stop_ends_before_the_next_day_begins():
    scenario = with_chaos(
        classic(days=20), machine_stop={"rate": 1, "minutes": {"low": 1400, "high": 1440}}
    )
    world = World(scenario)
    ends = defaultdict(int)
    for event in records(world.events):
        ends[event["machine_id"], event["event_day"] + 1] = event["end_seconds"]
    assert ends
    for batch in records(world.batches):
        assert batch["start_seconds"] >= ends[batch["machine_id"], batch["event_day"]]
