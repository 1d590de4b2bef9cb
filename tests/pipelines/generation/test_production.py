"""What the machines make follows from their rates, their time and their efficiency."""

from collections import defaultdict
from statistics import mean
from typing import Any

import pytest

from tests.pipelines.generation.world import World, classic, records, scenario_of


@pytest.fixture(scope="module")
def month() -> World:
    return World(classic(seed=7, days=60))


@pytest.fixture(scope="module")
def batches(month: World) -> list[dict[str, Any]]:
    return records(month.batches)


def test_units_follow_from_rate_time_and_efficiency(month, batches):
    rate = {machine.machine_id: machine.units_per_hour for machine in month.scenario.fleet}
    energy = {machine.machine_id: machine.kwh_per_unit for machine in month.scenario.fleet}
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
    assert all(0 <= batch["units_defective"] <= batch["units_produced"] for batch in batches)


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


def test_a_machine_does_not_depend_on_the_others():
    scenario = classic()
    alone = scenario.model_copy(update={"machines": scenario.machines[1:2]})
    together = [b for b in records(World(scenario).batches) if b["machine_id"] == "SMELTER-02"]
    by_itself = records(World(alone).batches)
    position = {"machine_position": None}
    assert together
    assert sorted(str(b | position) for b in by_itself) == sorted(
        str(b | position) for b in together
    )


def test_other_seeds_make_other_batches_of_the_same_machines():
    one, other = records(World(classic(seed=1)).batches), records(World(classic(seed=2)).batches)
    assert {batch["machine_id"] for batch in one} == {batch["machine_id"] for batch in other}
    starts = [{batch["start_seconds"] for batch in batches} for batches in (one, other)]
    assert len(starts[0] & starts[1]) < len(starts[0]) / 2


def test_each_factory_works_in_its_own_hours():
    hours = {"phoenix": (360, 1320), "berlin": (0, 960), "pune": (30, 990)}
    seen = defaultdict(set)
    for batch in records(World(scenario_of("campus", days=4)).batches):
        opens, closes = hours[batch["factory_id"]]
        start, end = (
            batch[name] // 60 - batch["event_day"] * 1440
            for name in ("start_seconds", "end_seconds")
        )
        assert opens <= start < end <= closes
        seen[batch["factory_id"]].add(start)
    assert {factory: min(starts) for factory, starts in seen.items()} == {
        factory: opens for factory, (opens, _closes) in hours.items()
    }
