"""Days that arrive one by one, in any order, or alone, end as a week loaded at once."""

import json
import shutil

import pytest
from kedro.io import DatasetError

from factory_simulation.domain import FactoryError
from tests.conftest import Workspace
from tests.ground_truth.files import write_day
from tests.ground_truth.test_determinism import STORED

LAYERS = ("bronze", "silver", "gold", "validation")
CONTENT = [name for name in STORED if not name.startswith("ops")]


def content(workspace: Workspace, name: str) -> list[dict]:
    """Return a table's rows without the time at which they were loaded."""
    return [
        {key: value for key, value in row.items() if key != "_loaded_at"}
        for row in workspace.table(name)
    ]


@pytest.fixture
def week(workspace: Workspace, classic_week: Workspace) -> Workspace:
    """The landing files and the truth of the classic week, not yet loaded."""
    shutil.copytree(classic_week.landing, workspace.landing)
    shutil.copytree(classic_week.truth, workspace.truth)
    return workspace


def test_days_loaded_out_of_order_end_as_the_week_loaded_at_once(week, classic_week):
    for day in ["2025-12-03", "2025-12-07", "2025-12-01"]:
        week.run(*LAYERS, date=day)
        assert week.report("validation")["status"] == "passed"
    week.run(*LAYERS)
    for name in CONTENT:
        assert content(week, name) == content(classic_week, name), name


def test_a_refresh_of_everything_changes_nothing(week, classic_week):
    week.run(*LAYERS)
    week.run(*LAYERS, full_refresh=True)
    for name in CONTENT:
        assert content(week, name) == content(classic_week, name), name


def test_a_refresh_of_one_date_leaves_the_others_alone(week, classic_week):
    week.run(*LAYERS)
    week.run("bronze", date="2025-12-03", full_refresh=True)
    for name in CONTENT[:4]:
        assert content(week, name) == content(classic_week, name), name
    statuses = week.query("SELECT DISTINCT status FROM ops.ingested_files")
    assert statuses == [{"status": "ingested"}]


def test_a_date_is_provisional_while_its_late_rows_lie_unread(week):
    complete_on = {
        path.parent.name: json.loads(path.read_text())["complete_on"]
        for path in week.truth.glob("20*/truth.json")
    }
    for day in ["2025-12-01", "2025-12-02", "2025-12-03"]:
        week.run(*LAYERS, date=day)
        comparisons = week.report("validation")["comparisons"]
        settled = {row["date"] for row in comparisons if row["settled"]}
        assert settled == {date for date, complete in complete_on.items() if complete <= day}
    assert "2025-12-01" in settled
    assert "2025-12-03" not in settled


def test_a_warehouse_of_an_earlier_version_is_refused(week):
    week.run("bronze")
    week.warehouse().connection.raw_sql("ALTER TABLE bronze.qc_checks DROP COLUMN _event_date")
    with pytest.raises(DatasetError, match=r"bronze\.qc_checks was made by an earlier version"):
        week.run("bronze")


def test_a_file_that_is_gone_leaves_its_rows_until_a_refresh(week):
    week.run("bronze")
    before = content(week, "bronze.qc_checks")
    (week.landing / "2025-12-02" / "qc_checks.csv").unlink()
    week.run("bronze")
    assert content(week, "bronze.qc_checks") == before
    week.run("bronze", full_refresh=True)
    kept = content(week, "bronze.qc_checks")
    assert kept == [row for row in before if not row["_source_file"].startswith("2025-12-02")]


def test_a_folder_named_by_a_date_in_another_way_hides_no_day(workspace: Workspace):
    day = write_day(workspace.landing, workspace.truth)
    shutil.copytree(day, workspace.landing / "20251201")
    workspace.run(*LAYERS)
    rejected = workspace.report("validation")["rejected_files"]
    assert len(rejected) == 4
    assert {row["reason"] for row in rejected} == {"folder name 20251201 is no date"}
    assert workspace.report("conservation")["production_batches"]["kept"] == 3


def test_columns_named_like_those_of_silver_change_nothing(workspace: Workspace):
    day = write_day(workspace.landing, workspace.truth)
    names = "machine_id,batch_date,is_local_time,landed_machine_id,machine_spelling,raw_row"
    for name in ("qc_checks.csv", "production_batches.csv"):
        header, *lines = (day / name).read_text().splitlines()
        extra = [column for column in names.split(",") if column not in header.split(",")]
        values = ",".join("x" for _ in extra)
        rows = [",".join([header, *extra]), *(f"{line},{values}" for line in lines)]
        (day / name).write_text("\n".join(rows))
    workspace.run(*LAYERS)
    for counts in workspace.report("conservation").values():
        assert counts["landed"] == counts["kept"]
    assert workspace.report("validation")["status"] == "passed"


def test_generation_refuses_before_it_writes_anything(workspace: Workspace):
    write_day(workspace.landing, workspace.truth, day="2025-12-24")
    before = sorted(workspace.folder.rglob("*"))
    with pytest.raises(FactoryError, match="was not made by the generator"):
        workspace.run()
    assert sorted(workspace.folder.rglob("*")) == before
