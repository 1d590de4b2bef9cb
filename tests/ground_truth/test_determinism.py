"""The same seed gives the same bytes; running again changes nothing."""

import hashlib
from pathlib import Path

import pytest

from factory_simulation.schemas import gold
from tests.conftest import Workspace, close_warehouses, make_workspace

STORED = [
    "bronze.production_batches",
    "bronze.sensor_logs",
    "bronze.qc_checks",
    "bronze.operator_logs",
    "bronze.machine_events",
    "bronze.machine_registry",
    "silver.production_batches",
    "silver.sensor_readings",
    "silver.qc_checks",
    "silver.operator_logs",
    "silver.machine_events",
    "silver.machine_registry",
    "silver.machine_versions",
    "silver.batch_anchors",
    "silver.lost_batches",
    "silver.quarantine",
    "silver.repairs",
    *(f"gold.{table}" for table in gold.CONTRACTS),
    "ops.ingested_files",
    "ops.file_columns",
    "ops.schema_changes",
    "ops.comparisons",
    "ops.energy_comparisons",
]


def checksums(folder: Path) -> dict[str, str]:
    """Return the hash of each dated file below a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.glob("20*/*"))
    }


@pytest.fixture
def generated(tmp_path: Path) -> Workspace:
    made = make_workspace(tmp_path / "generated")
    made.run("generation")
    yield made
    close_warehouses()


def test_the_same_seed_gives_the_same_bytes(generated: Workspace, classic_week: Workspace):
    assert checksums(generated.landing) == checksums(classic_week.landing)
    assert checksums(generated.truth) == checksums(classic_week.truth)
    assert len(list(generated.truth.glob("*/truth.json"))) == 7
    assert len(list(generated.truth.glob("*/fault_ledger.json"))) == 9


def test_another_seed_gives_other_bytes(tmp_path: Path, classic_week: Workspace):
    other = make_workspace(tmp_path, seed=43)
    other.run("generation")
    ours, theirs = checksums(other.landing), checksums(classic_week.landing)
    both = ours.keys() & theirs.keys()
    assert len(both) >= 28
    assert all(ours[name] != theirs[name] for name in both)


@pytest.mark.parametrize("arrival_date", ["2025-12-01", "2025-12-03", "2025-12-09"])
def test_a_date_generated_alone_has_the_bytes_that_it_has_within_its_week(
    workspace: Workspace, classic_week: Workspace, arrival_date: str
):
    workspace.run("generation", date=arrival_date)
    alone = checksums(workspace.landing)
    within = {
        name: digest
        for name, digest in checksums(classic_week.landing).items()
        if name.startswith(arrival_date)
    }
    assert alone == within
    assert alone
    in_week = checksums(classic_week.truth)
    assert checksums(workspace.truth).items() <= in_week.items()


def test_running_again_changes_nothing(workspace: Workspace):
    workspace.run()
    before = {name: workspace.table(name) for name in STORED}
    files = checksums(workspace.landing)
    workspace.run()
    assert checksums(workspace.landing) == files
    for name in STORED:
        assert workspace.table(name) == before[name], name
    assert len(workspace.table("ops.runs")) == 2


def test_another_world_replaces_the_one_before_it_in_the_same_folders(workspace: Workspace):
    workspace.run()
    workspace.run(seed=7, days=3)
    report = workspace.report("validation")
    assert report["status"] == "passed"
    assert {row["date"] for row in report["comparisons"]} == {
        "2025-12-01",
        "2025-12-02",
        "2025-12-03",
    }
    assert {row["relative_error"] for row in report["comparisons"]} == {0.0}
    kept = workspace.query("SELECT DISTINCT status FROM ops.ingested_files ORDER BY status")
    assert [row["status"] for row in kept] == ["ingested", "withdrawn"]
