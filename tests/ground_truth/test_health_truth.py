"""Machine health in whole runs, against what was true of the machines, in plain Python."""

from collections import defaultdict
from datetime import date
from statistics import fmean

import pytest

from factory_simulation.expressions.student_t import exact_t_quantile
from tests.conftest import Rows, Workspace
from tests.ground_truth.worlds import World, worlds
from tests.pipelines.gold.control_rules import ALARMS, chart
from tests.pipelines.gold.wearing import Line

pytestmark = pytest.mark.slow

BASELINE = 50


def true_batches(workspace: Workspace) -> dict[str, Rows]:
    """Return the true batches of each machine, in order, with days since it was maintained."""
    maintained = defaultdict(list)
    for event in workspace.table("truth.machine_events"):
        if event["event_type"] == "MAINTENANCE":
            maintained[event["machine_id"]].append(event["event_day"])
    batches = defaultdict(list)
    for row in workspace.table("truth.production_batches"):
        if row["is_wanted"]:
            batches[row["machine_id"]].append(row)
    for machine, rows in batches.items():
        rows.sort(key=lambda row: row["start_seconds"])
        starts = [rows[0]["event_day"], *maintained[machine]]
        for row in rows:
            row["wear"] = row["event_day"] - max(day for day in starts if day <= row["event_day"])
    return batches


@worlds("classic", "campus")
def test_batches_have_the_efficiency_and_the_wear_that_they_had(world: World):
    true = {
        f"{machine}|{row['production_date']}|{row['batch_id']}": (row["efficiency_bp"], row["wear"])
        for machine, rows in true_batches(world.workspace).items()
        for row in rows
    }
    found = world.workspace.table("gold.batch_efficiency")
    told = {row["batch_key"]: (row["efficiency_bp"], row["wear_days"]) for row in found}
    assert told.items() <= true.items()
    # a batch is missing where none of its readings tells: 0.075 to the power of three at most
    assert len(told) >= 0.99 * len(true)


@worlds("classic", "campus")
def test_health_is_the_regression_of_true_batches(world: World):
    told = {row["batch_key"] for row in world.workspace.table("gold.batch_efficiency")}
    health = {row["machine_id"]: row for row in world.workspace.table("gold.machine_health")}
    batches = true_batches(world.workspace)
    assert health.keys() == batches.keys()
    for machine, rows in batches.items():
        points = [
            (row["wear"], row["efficiency_bp"])
            for row in rows
            if f"{machine}|{row['production_date']}|{row['batch_id']}" in told
        ]
        line, found = Line(points), health[machine]
        slope, reach = float(line.slope), line.quantile * line.error
        assert found["change_percent_per_day"] == pytest.approx(slope / 100, abs=2e-6)
        assert found["change_high_percent_per_day"] == pytest.approx(
            (slope + reach) / 100, abs=2e-6
        )
        assert found["efficiency_percent"] == pytest.approx(
            float(line.at(points[-1][0])) / 100, abs=2e-6
        )
        assert found["is_decaying"] == (slope + 4 * line.error < 0)
        assert found["batches"] == len(points)


@worlds("classic", "campus")
def test_what_the_ledger_calls_decay_is_what_decays(world: World):
    ledger = {
        fault["event_id"]
        for fault in world.workspace.table("truth.fault_ledger")
        if fault["fault_type"] == "decay"
    }
    health = world.workspace.table("gold.machine_health")
    assert {row["machine_id"] for row in health if row["is_decaying"]} == ledger


@worlds("classic", "campus")
def test_maintenance_brings_what_was_lost(world: World):
    batches = true_batches(world.workspace)
    effects = world.workspace.table("gold.maintenance_effects")
    events = [
        event
        for event in world.workspace.table("truth.machine_events")
        if event["event_type"] == "MAINTENANCE"
    ]
    assert len(effects) == len(events)
    for effect in effects:
        rows = batches[effect["machine_id"]]
        day = (effect["maintenance_date"] - date(1970, 1, 1)).days
        before = [row["efficiency_bp"] for row in rows if row["event_day"] < day][-10:]
        after = [row["efficiency_bp"] for row in rows if row["event_day"] >= day][:10]
        # a batch of which nothing was read shifts the ten by one
        change = (fmean(after) - fmean(before)) / 100
        assert effect["change_percent"] == pytest.approx(change, abs=0.25)


@worlds("classic", "campus")
def test_charts_are_those_of_a_plain_chart(world: World):
    health = {row["machine_id"]: row for row in world.workspace.table("gold.machine_health")}
    efficiency = {row["batch_key"]: row for row in world.workspace.table("gold.batch_efficiency")}
    charts = defaultdict(list)
    for row in world.workspace.table("gold.control_charts"):
        charts[row["machine_id"]].append(row)
    assert sum(map(len, charts.values())) == len(efficiency)
    for machine, rows in charts.items():
        rows.sort(key=lambda row: row["sequence_number"])
        found = health[machine]
        slope = found["change_percent_per_day"] if found["is_decaying"] else 0
        values = [
            efficiency[row["batch_key"]]["efficiency_bp"] * 10_000
            - round(slope * 1_000_000) * efficiency[row["batch_key"]]["wear_days"]
            for row in rows
        ]
        expected = chart(values, BASELINE)
        assert [{rule: row[rule] for rule in ALARMS} for row in rows] == expected


def test_a_foreign_week_has_its_decay_and_no_chart(seed_week: Workspace):
    """Its readings tell one efficiency a day: seven measurements of each machine."""
    health = {row["machine_id"]: row for row in seed_week.table("gold.machine_health")}
    daily = defaultdict(dict)
    for row in seed_week.table("gold.batch_efficiency"):
        daily[row["machine_id"]].setdefault(row["wear_days"], set()).add(row["efficiency_bp"])
    assert health.keys() == daily.keys() == {"ASSEMBLER-01", "SMELTER-01", "SMELTER-02"}
    for machine, days in daily.items():
        line = Line([(day, bp) for day, (bp,) in sorted(days.items())])
        found = health[machine]
        assert found["batches_fitted"] == len(days) == 7
        assert found["change_percent_per_day"] == pytest.approx(float(line.slope) / 100, abs=2e-6)
        reach = exact_t_quantile(5, 0.95) * line.error
        assert found["change_low_percent_per_day"] == pytest.approx(
            (float(line.slope) - reach) / 100, abs=2e-6
        )
    assert [name for name, row in health.items() if row["is_decaying"]] == ["SMELTER-02"]
    assert not any(row["is_alarm"] for row in seed_week.table("gold.control_charts"))
    assert seed_week.table("gold.maintenance_effects") == []
    outcomes = {
        (row["machine_id"], row["threshold_percent"]): row["outcome"]
        for row in seed_week.table("gold.machine_forecasts")
    }
    assert outcomes["SMELTER-02", 90] == "reached"
    assert outcomes["SMELTER-02", 70] == outcomes["SMELTER-02", 50] == "expected"
