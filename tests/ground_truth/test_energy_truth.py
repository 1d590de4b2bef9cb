"""Metered energy against what batches really needed, and against sums in plain Python."""

import json
from collections import defaultdict

import pytest

from tests.conftest import Rows, Workspace
from tests.ground_truth.worlds import World, worlds

MARGIN = 0.02
"""The noise of a meter, as scenarios have it; a day's readings even it out."""


def true_days(world: World, without: frozenset[str] = frozenset()) -> dict[tuple, list[float]]:
    """Return batches and energy by date and machine, from the simulated batches."""
    days: dict[tuple, list[float]] = defaultdict(lambda: [0, 0.0])
    for row in world.workspace.table("truth.production_batches"):
        if row["batch_id"] not in without:
            day = days[row["production_date"], row["machine_id"]]
            day[0] += 1
            day[1] += row["energy_micro_kwh"] / 1_000_000
    return days


def without_any_reading(world: World) -> frozenset[str]:
    """Return the batches that chaos left no energy reading: with three, 0.075³ of them."""
    blanked = {
        fault["event_id"]
        for fault in world.workspace.table("truth.fault_ledger")
        if fault["fault_type"] == "missing_value" and fault["column_name"] == "energy_kwh"
    }
    read = defaultdict(set)
    for row in world.workspace.table("truth.sensor_readings"):
        read[row["batch_id"]].add(f"{row['batch_id']}/{row['reading_number']}")
    return frozenset(batch_id for batch_id, readings in read.items() if readings <= blanked)


@pytest.mark.slow
@worlds("classic", "campus")
def test_metered_energy_is_the_true_one_but_for_the_noise_of_meters(world: World):
    found = {
        (row["production_date"], row["machine_id"]): row
        for row in world.workspace.table("gold.energy_daily")
    }
    true = true_days(world)
    metered = true_days(world, without_any_reading(world))
    assert found.keys() == true.keys() == metered.keys()
    for key, (batches, kwh) in metered.items():
        row = found[key]
        assert row["batches"] == true[key][0]
        assert row["batches_metered"] == batches
        assert row["nameplate_kwh"] == pytest.approx(kwh, rel=1e-12)
        assert row["metered_kwh"] == pytest.approx(kwh, rel=MARGIN)
        assert row["energy_variance"] == pytest.approx(row["metered_kwh"] / kwh - 1, abs=1e-9)


@pytest.mark.slow
@worlds("classic", "campus")
def test_the_report_says_how_far_metered_energy_is_from_the_truth(world: World):
    block = world.validation["metered_energy"]
    true, metered = true_days(world), true_days(world, without_any_reading(world))
    whole = [key for key in true if true[key][0] == metered[key][0]]
    assert block["machine_days"] == len(true)
    assert block["machine_days_whole"] == block["within_margin"] == len(whole)
    compared = world.workspace.table("ops.energy_comparisons")
    worst = max(row["relative_error"] for row in compared if row["is_whole"])
    assert block["worst_relative_error"] == worst
    assert 0 < worst < MARGIN
    for row in compared:
        error = abs(row["metered_kwh"] - row["truth_kwh"]) / row["truth_kwh"]
        assert row["relative_error"] == pytest.approx(error)


def metered_by_batch(readings: Rows) -> dict[tuple, float | None]:
    """Return each batch's energy, from readings of silver."""
    told = defaultdict(list)
    for row in readings:
        kwh = row["energy_kwh_imputed"] if row["is_meter_drifting"] else row["energy_kwh"]
        told[row["machine_id"], row["batch_date"], row["batch_id"]].append(kwh)
    return {
        key: sum(known) / len(known) * len(all_)
        if (known := [kwh for kwh in all_ if kwh is not None])
        else None
        for key, all_ in told.items()
    }


@pytest.mark.slow
@worlds("classic", "campus", "storm")
def test_a_batchs_energy_is_the_sum_of_its_readings(world: World):
    of_readings = metered_by_batch(world.workspace.table("silver.sensor_readings"))
    batches = world.workspace.table("gold.batch_energy")
    assert len(batches) == len(world.workspace.table("gold.fact_production"))
    for row in batches:
        key = (row["machine_id"], row["production_date"], row["batch_id"])
        expected = of_readings.pop(key, None)
        if expected is None:
            assert row["metered_kwh"] is None
        else:
            assert row["metered_kwh"] == pytest.approx(expected, abs=1e-6)
    assert {batch_id for _, _, batch_id in of_readings} <= {None}


@pytest.mark.slow
@worlds("storm")
def test_in_a_storm_days_that_are_whole_are_near_the_truth_and_others_are_told(world: World):
    compared = world.workspace.table("ops.energy_comparisons")
    whole = [row for row in compared if row["is_whole"]]
    assert len(whole) > len(compared) / 2
    assert all(row["relative_error"] < MARGIN for row in whole)
    found = {
        (row["production_date"], row["machine_id"]): row["batches_metered"]
        for row in world.workspace.table("gold.energy_daily")
    }
    true = true_days(world)
    for row in compared:
        key = (row["event_date"], row["machine_id"])
        assert row["is_whole"] == (found.get(key) == true[key][0])


def test_meters_of_another_generator_show_something_else_and_the_report_says_so(
    seed_week: Workspace,
):
    """Its readings are between 5 and 15 kWh, whatever the batch; its truth is what plates say."""
    report = seed_week.report("validation")
    assert report["status"] == "passed"
    assert report["metered_energy"]["machine_days"] == 21
    assert report["metered_energy"]["machine_days_whole"] == 21
    assert report["metered_energy"]["within_margin"] == 0
    true = {
        (path.parent.name, machine): totals["energy_consumed_kwh"]
        for path in seed_week.truth.glob("*/truth.json")
        for machine, totals in json.loads(path.read_text())["by_machine"].items()
    }
    for row in seed_week.table("gold.energy_daily"):
        key = (row["production_date"].isoformat(), row["machine_id"])
        assert row["nameplate_kwh"] == pytest.approx(true.pop(key), rel=1e-12)
    assert true == {}
