"""A month in which twelve machines change 200 times, and what the warehouse makes of it."""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from tests.conftest import Rows, Workspace, close_warehouses, make_workspace
from tests.ground_truth.files import append, write_day

FACTS = {
    "production_batches": "fact_production",
    "sensor_readings": "fact_sensor_reading",
    "qc_checks": "fact_quality_check",
    "operator_logs": "fact_operator_event",
}
"""By the table of silver from which they are built."""
SINCE_EVER = date(1900, 1, 1)
CONFIDENCE = 0.95
"""Of nowcasts, as conf/base/parameters_gold.yml has it."""
HEADER = "machine_id,units_per_hour,kwh_per_unit,status,firmware,owner,snapshot_date"


@pytest.fixture(scope="module")
def turnover(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    made = make_workspace(tmp_path_factory.mktemp("turnover"), scenario="turnover")
    made.run()
    yield made
    close_warehouses()


@pytest.fixture(scope="module")
def found(turnover: Workspace) -> Rows:
    return turnover.table("gold.dim_machine")


@pytest.fixture(scope="module")
def true(turnover: Workspace) -> Rows:
    return turnover.table("truth.machine_versions")


def test_every_version_is_the_true_one(found: Rows, true: Rows):
    same = ("machine_id", "valid_from", "valid_to", "is_current", "status", "firmware", "owner")
    expected = [
        {
            **{name: row[name] for name in same},
            "units_per_hour": row["milli_units_per_hour"] / 1_000,
            "kwh_per_unit": row["micro_kwh_per_unit"] / 1_000_000,
        }
        for row in true
    ]
    compared = [{name: row[name] for name in expected[0]} for row in found]
    by_start = {(row["machine_id"], row["valid_from"]): row for row in compared}
    assert by_start == {(row["machine_id"], row["valid_from"]): row for row in expected}
    assert len(compared) == len(expected) == 12 + 200


def test_a_tenth_of_the_changes_came_late_and_some_were_corrected(true: Rows):
    assert sum(row["is_late"] for row in true) == 20
    assert sum(row["is_corrected"] for row in true) == 10
    assert {row["delay_days"] for row in true} == {0, 1, 2, 3}


def test_no_version_overlaps_another_and_no_day_is_without_one(found: Rows):
    by_machine = defaultdict(list)
    for row in found:
        by_machine[row["machine_id"]].append(row)
    assert len(by_machine) == 12
    for versions in by_machine.values():
        ordered = sorted(versions, key=lambda row: row["valid_from"])
        assert ordered[0]["valid_from"] == SINCE_EVER
        assert all(one["valid_to"] == later["valid_from"] for one, later in pairwise(ordered))
        assert [row["is_current"] for row in ordered] == [False] * (len(ordered) - 1) + [True]
        assert ordered[-1]["valid_to"] is None


@pytest.mark.parametrize("fact", FACTS.values())
def test_every_fact_is_of_the_version_of_its_day(turnover: Workspace, found: Rows, fact: str):
    periods = {
        row["machine_key"]: (row["valid_from"], row["valid_to"] or date.max) for row in found
    }
    rows = turnover.query(f"SELECT DISTINCT machine_key, date_key FROM gold.{fact}")
    assert len(rows) > 300
    for row in rows:
        since, until = periods[row["machine_key"]]
        assert since <= date.fromisoformat(str(row["date_key"])) < until


def test_no_fact_is_lost_to_the_versions(turnover: Workspace):
    for silver, gold in FACTS.items():
        assert len(turnover.table(f"silver.{silver}")) == len(turnover.table(f"gold.{gold}"))


def test_every_settled_number_is_exact(turnover: Workspace):
    report = turnover.report("validation")
    assert report["status"] == "passed"
    assert report["exact_comparisons"] == report["settled_comparisons"] == 1980
    assert len(report["comparisons"]) == 1980


def test_nowcasts_hold_what_came_as_often_as_they_say(turnover: Workspace):
    nowcasts = turnover.table("ops.nowcast_comparisons")
    report = turnover.report("validation")["nowcasts"]
    assert report["held_against_truth"] == len(nowcasts)
    assert report["within_interval"] == sum(row["is_held"] for row in nowcasts)
    for metric in ("batches", "units_produced"):
        young = [row for row in nowcasts if row["metric"] == metric and row["age_days"] == 0]
        dates = len(young)
        assert dates >= 25
        spread = 3 * (CONFIDENCE * (1 - CONFIDENCE) / dates) ** 0.5
        assert sum(row["is_held"] for row in young) / dates >= CONFIDENCE - spread
        # an interval that holds everything says nothing
        assert all(row["high"] - row["low"] < 0.5 * row["actual"] for row in young)
        off = sum(row["estimate"] - row["actual"] for row in young)
        assert abs(off) < 0.02 * sum(row["actual"] for row in young)


def test_no_row_of_the_registry_is_lost_and_every_fault_is_found(turnover: Workspace):
    account = turnover.report("conservation")["machine_registry"]
    assert account == {"landed": 370, "kept": 360, "duplicate": 10, "quarantined": 0}
    scores = {
        row["fault_type"]: (row["injected"], row["exact"], row["false_positives"])
        for row in turnover.report("fault_scores")
        if row["table"] == "machine_registry"
    }
    assert scores["late_arrival"] == (30, 30, 0)
    assert scores["conflicting_copy"] == (10, 10, 0)
    assert scores["machine_id_variant"][0] == scores["machine_id_variant"][1] > 0


def test_truth_files_say_what_each_machine_was(turnover: Workspace, true: Rows):
    valid = {row["machine_id"]: row for row in true if row["is_current"]}
    last = json.loads((turnover.truth / "2025-12-30" / "truth.json").read_text())["machines"]
    assert last.keys() == valid.keys()
    for name, machine in last.items():
        assert machine["valid_from"] == valid[name]["valid_from"].isoformat()
        assert machine["kwh_per_unit"] == valid[name]["micro_kwh_per_unit"] / 1_000_000
        assert machine["owner"] == valid[name]["owner"]


def deliver(landing: Path, day: str, *snapshots: tuple[str, float]) -> None:
    """Deliver what a unit of the first smelter takes on some dates."""
    folder = landing / day
    folder.mkdir(exist_ok=True)
    lines = [f"smelter 1,75,{kwh},ACTIVE,1.0,Ada,{of}" for of, kwh in snapshots]
    (folder / "machine_registry.csv").write_text("\n".join([HEADER, *lines]) + "\n")


def of_the_smelter(workspace: Workspace) -> list[tuple]:
    return [
        (row["batch_id"], row["machine_key"], row["energy_kwh"])
        for row in sorted(workspace.table("gold.fact_production"), key=lambda r: r["batch_id"])
        if row["machine_key"].startswith("SMELTER-01")
    ]


def test_what_arrives_late_or_corrected_moves_facts_to_another_version(workspace: Workspace):
    day = write_day(workspace.landing, workspace.truth)
    append(
        day / "production_batches.csv",
        "B3,SMELTER-01,Iron Plate,2025-12-02T06:00:00,2025-12-02T07:00:00,50,0",
    )
    deliver(workspace.landing, "2025-12-01", ("2025-12-01", 0.12))
    deliver(workspace.landing, "2025-12-03", ("2025-12-03", 0.2))
    layers = ("bronze", "silver", "gold")
    first, second = "SMELTER-01|1900-01-01", "SMELTER-01|2025-12-02"
    workspace.run(*layers)
    assert of_the_smelter(workspace) == [
        ("B1", first, 8.4),
        ("B2", first, 8.64),
        ("B3", first, 6.0),
    ]

    deliver(workspace.landing, "2025-12-04", ("2025-12-02", 0.2))
    workspace.run(*layers)
    assert of_the_smelter(workspace)[2] == ("B3", second, 10.0)
    assert [row["valid_to"] for row in workspace.table("gold.dim_machine")][1:3] == [
        date(2025, 12, 2),
        None,
    ]

    deliver(workspace.landing, "2025-12-05", ("2025-12-02", 0.1), ("2025-12-01", 0.3))
    workspace.run(*layers)
    assert of_the_smelter(workspace) == [
        ("B1", first, 21.0),
        ("B2", first, 21.6),
        ("B3", second, 5.0),
    ]
