"""Decay as gold sees it, over many seeds of the classic week: slopes, forecasts, control charts.

What is true follows from the scenario: a machine begins at its base efficiency and loses the same
each day, so its mean efficiency is a line. Readings come from generated files with all their chaos,
through bronze and silver. `DECAY_SEEDS` says how many seeds are looked at, each for ten seconds.
"""

import os
import shutil
from collections import Counter
from math import comb
from pathlib import Path

import pytest
import yaml
from kedro.framework.session import KedroSession

from tests.conftest import PROJECT, Rows, Workspace, close_warehouses, make_workspace
from tests.pipelines.gold.control_rules import NOMINAL_RATE

SEEDS = range(1, 1 + int(os.environ.get("DECAY_SEEDS", "10")))
LAYERS = ("generation", "bronze", "silver", "gold")
WANTED = ("machine_health", "machine_forecasts", "control_charts", "batch_efficiency")
CONFIDENCE = 0.95
ALL_SEEDS, FEWEST_OF_ALL = 100, 93
UNLIKELY = 0.001
SCENARIO = yaml.safe_load((PROJECT / "conf/base/scenarios/classic.yml").read_text())["classic"]
MACHINES = {machine["machine_id"]: machine for machine in SCENARIO["machines"]}
LAST_DAY = SCENARIO["calendar"]["days"] - 1
DECAYING, STEADY = "SMELTER-02", ("SMELTER-01", "ASSEMBLER-01")
THRESHOLDS = (90, 70, 50)

Seeds = dict[str, list[Rows]]


def of(machine_id: str, rows: Rows) -> Rows:
    return [row for row in rows if row["machine_id"] == machine_id]


def true_change(machine_id: str) -> float:
    """Return the true change of the mean efficiency, in percentage points per day."""
    return -100 * MACHINES[machine_id]["efficiency_loss_per_day"]


def true_crossing(machine_id: str, percent: int) -> float:
    """Return at how many days of wear the true mean efficiency is at a threshold."""
    return (percent - 100 * MACHINES[machine_id]["base_efficiency"]) / true_change(machine_id)


def run_to_gold(made: Workspace) -> None:
    """Run what machine health is made of, and nothing else."""
    with KedroSession.create(PROJECT, runtime_params=made.parameters) as session:
        session.run(pipeline_names=list(LAYERS), to_outputs=[f"gold_{table}" for table in WANTED])


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Seeds:
    found: Seeds = {table: [] for table in WANTED}
    for seed in SEEDS:
        folder: Path = tmp_path_factory.mktemp(f"decay_{seed}")
        made = make_workspace(folder, scenario="classic", seed=seed)
        run_to_gold(made)
        for table in WANTED:
            found[table].append(made.table(f"gold.{table}"))
        truth = made.query(
            "SELECT machine_id, efficiency_bp, event_day FROM truth.production_batches"
        )
        assert_line_is_true(truth)
        close_warehouses()
        shutil.rmtree(folder)
    return found


def assert_line_is_true(truth: Rows) -> None:
    """Hold the line against the batches that were made: these are off by no more than the noise."""
    noise = 100 * SCENARIO["process"]["efficiency_noise"] * 100
    first = min(row["event_day"] for row in truth)
    for row in truth:
        machine = MACHINES[row["machine_id"]]
        mean = 10_000 * machine["base_efficiency"]
        mean += 100 * true_change(row["machine_id"]) * (row["event_day"] - first)
        assert abs(row["efficiency_bp"] - mean) <= noise + 1e-6


def fewest(trials: int) -> int:
    """Return how many of some intervals hold the truth at least, but for one time in a thousand."""
    if trials == ALL_SEEDS:
        return FEWEST_OF_ALL
    chance, held = 0.0, -1
    while chance < UNLIKELY:
        held += 1
        chance += comb(trials, held) * CONFIDENCE**held * (1 - CONFIDENCE) ** (trials - held)
    return held


def covered(rows: Rows, low: str, high: str, true: float) -> int:
    return sum(row[low] <= true <= row[high] for row in rows)


@pytest.mark.slow
def test_the_true_slope_is_in_its_interval(seeds: Seeds):
    rows = [row for health in seeds["machine_health"] for row in of(DECAYING, health)]
    assert len(rows) == len(SEEDS)
    ends = ("change_low_percent_per_day", "change_high_percent_per_day")
    held = covered(rows, *ends, true_change(DECAYING))
    print(f"slope: {held} of {len(rows)}")
    assert held >= fewest(len(rows))
    assert all(row["is_decaying"] and row["state"] == "warning" for row in rows)
    # an interval that holds everything says nothing
    assert all(row[ends[1]] - row[ends[0]] < 0.2 for row in rows)


@pytest.mark.slow
@pytest.mark.parametrize("percent", THRESHOLDS)
def test_the_true_day_of_a_threshold_is_in_its_interval(seeds: Seeds, percent: int):
    rows = [
        row
        for forecasts in seeds["machine_forecasts"]
        for row in of(DECAYING, forecasts)
        if row["threshold_percent"] == percent
    ]
    assert len(rows) == len(SEEDS)
    crossing = true_crossing(DECAYING, percent)
    by_wear = covered(rows, "crossing_wear_days_low", "crossing_wear_days_high", crossing)
    by_days = covered(rows, "days_low", "days_high", max(crossing - LAST_DAY, 0))
    print(f"{percent} %: {by_wear} of {len(rows)} by wear, {by_days} by days")
    assert min(by_wear, by_days) >= fewest(len(rows))
    outcome = "reached" if crossing <= LAST_DAY else "expected"
    assert {row["outcome"] for row in rows} == {outcome}
    assert all(
        row["crossing_wear_days_high"] - row["crossing_wear_days_low"] < 0.1 * crossing
        for row in rows
    )


@pytest.mark.slow
def test_steady_machines_do_not_decay(seeds: Seeds):
    rows = [
        row for health in seeds["machine_health"] for name in STEADY for row in of(name, health)
    ]
    assert len(rows) == 2 * len(SEEDS)
    assert not any(row["is_decaying"] for row in rows)
    held = covered(rows, "change_low_percent_per_day", "change_high_percent_per_day", 0)
    print(f"no slope: {held} of {len(rows)}")
    assert held >= fewest(len(rows))
    assert {row["state"] for row in rows} == {"healthy"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["steady", "decaying"])
def test_control_charts_alarm_no_more_than_by_chance(seeds: Seeds, kind: str):
    """At most as often as charts of a steady machine in normal noise, by a binomial bound."""
    names = STEADY if kind == "steady" else (DECAYING,)
    rows = [row for charts in seeds["control_charts"] for name in names for row in of(name, charts)]
    counts = Counter(rule for row in rows for rule, is_broken in row.items() if is_broken is True)
    alarms, points = counts["is_alarm"], len(rows)
    print(f"{kind}: {alarms} alarms in {points}; {dict(counts)}")
    assert points > 50 * len(names) * len(SEEDS)
    spread = (points * NOMINAL_RATE * (1 - NOMINAL_RATE)) ** 0.5
    assert alarms <= NOMINAL_RATE * points + 3 * spread
    assert all(row["value_percent"] is not None for row in rows)


@pytest.mark.slow
def test_no_more_was_taken_for_a_repeat_or_worn_out_than_is(seeds: Seeds):
    rows = [row for batches in seeds["batch_efficiency"] for row in batches]
    assert not any(row["is_repeat"] or row["is_worn_out"] for row in rows)
