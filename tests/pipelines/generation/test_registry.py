"""The true history of machines, and what of it lands."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise

import pytest

from factory_simulation.domain import MACHINE_ATTRIBUTES, FactoryError
from tests.pipelines.generation.world import World, classic, records

FIRST = date(2025, 12, 1)
REGISTRY = {"changes": 14, "late": 0.25, "corrected": 0.5, "days": {"low": 2, "high": 3}}
TRUE_COLUMNS = ("milli_units_per_hour", "micro_kwh_per_unit", "status", "firmware", "owner")


@pytest.fixture(scope="module")
def world() -> World:
    return World(classic({"registry": REGISTRY}))


@pytest.fixture(scope="module")
def versions(world: World) -> list[dict]:
    return sorted(records(world.versions), key=lambda row: (row["machine_id"], row["from_day"]))


def test_there_are_as_many_changes_as_the_scenario_wants(versions: list[dict]):
    changes = [row for row in versions if row["from_day"] > 0]
    assert len(versions) - len(changes) == 3
    assert len(changes) == 14
    assert all(FIRST < row["valid_from"] < FIRST + timedelta(days=7) for row in changes)
    assert Counter((row["is_late"], row["is_corrected"]) for row in changes) == {
        (True, False): 4,
        (False, True): 7,
        (False, False): 3,
    }
    for row in changes:
        is_delayed = row["is_late"] or row["is_corrected"]
        assert row["delay_days"] in ({2, 3} if is_delayed else {0})


def test_each_change_alters_one_attribute(versions: list[dict]):
    by_machine = defaultdict(list)
    for row in versions:
        by_machine[row["machine_id"]].append([row[name] for name in TRUE_COLUMNS])
    for history in by_machine.values():
        for before, after in pairwise(history):
            assert sum(a != b for a, b in zip(before, after, strict=True)) == 1


def test_every_machine_is_in_every_snapshot(world: World, versions: list[dict]):
    landed = world.landed("machine_registry")
    said = Counter((row["event_key"], row["row_fault"]) for row in landed)
    assert len(landed) == 3 * 7 + 7
    assert set(said.values()) == {1}
    assert Counter(fault for _key, fault in said) == {None: 21, "conflicting_copy": 7}
    late = [row for row in landed if row["arrival_fault"]]
    assert Counter(row["arrival_mechanism"] for row in late) == {
        "days_late": 4,
        "corrected_later": 7,
    }


def test_what_is_corrected_later_is_what_was_so_before(world: World, versions: list[dict]):
    for row in world.landed("machine_registry"):
        (is_valid,) = [
            version
            for version in versions
            if row["event_key"].startswith(version["machine_id"])
            and version["valid_from"] <= row["event_date"]
            and (version["valid_to"] is None or row["event_date"] < version["valid_to"])
        ]
        true = is_valid
        if row["row_fault"]:
            (true,) = [
                version
                for version in versions
                if version["machine_id"] == is_valid["machine_id"]
                and version["to_day"] == is_valid["from_day"]
            ]
            assert row["_arrival_date"] == row["event_date"]
        assert [row[name] for name in MACHINE_ATTRIBUTES] == [
            repr(true["milli_units_per_hour"] / 1_000),
            repr(true["micro_kwh_per_unit"] / 1_000_000),
            *[true[name] for name in ("status", "firmware", "owner")],
        ]
        assert row["snapshot_date"] == row["event_date"].isoformat()


def test_batches_take_the_energy_of_their_days_version(world: World, versions: list[dict]):
    plates = set()
    for batch in records(world.batches):
        (plate,) = [
            version["micro_kwh_per_unit"]
            for version in versions
            if version["machine_id"] == batch["machine_id"]
            and version["from_day"] <= batch["event_day"]
            and (version["to_day"] is None or batch["event_day"] < version["to_day"])
        ]
        assert batch["energy_micro_kwh"] == batch["units_produced"] * plate
        plates.add((batch["machine_id"], plate))
    assert len(plates) > 3


def test_a_date_that_is_generated_alone_has_the_same_snapshot(world: World):
    day = "2025-12-04"
    alone = World(classic({"registry": REGISTRY}), arrival_dates=day).landed("machine_registry")
    whole = [row for row in world.landed("machine_registry") if f"{row['_arrival_date']}" == day]
    assert alone == whole
    assert len(alone) >= 2


def test_without_a_registry_nothing_lands_and_machines_are_as_on_their_plate():
    world = World(classic())
    assert world.landed("machine_registry") == []
    found = {row["machine_id"]: row for row in records(world.versions)}
    assert len(found) == 3
    assert found["SMELTER-02"]["micro_kwh_per_unit"] == 110_000
    assert (found["SMELTER-02"]["owner"], found["SMELTER-02"]["to_day"]) == (None, None)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"registry": {"changes": 19}}, "registry.changes = 19: 3 machines have room for 18"),
        ({"registry": {"late": 0.6, "corrected": 0.5}}, "together must not exceed 1"),
        ({"registry": {"changes": -1}}, "registry.changes = -1"),
    ],
)
def test_a_registry_that_does_not_fit_is_refused(changes: dict, message: str):
    with pytest.raises(FactoryError, match=message):
        classic(changes)


def test_a_late_registry_is_waited_for():
    assert classic().arrival_dates()[1] == date(2025, 12, 9)
    longer = {**REGISTRY, "days": {"low": 1, "high": 5}}
    assert classic({"registry": longer}).arrival_dates()[1] == date(2025, 12, 12)
