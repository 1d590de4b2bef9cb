"""Files whose columns change: kept, mapped, null, quarantined or rejected, and on record."""

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from factory_simulation.domain import FactoryError
from tests.conftest import PROJECT, Workspace
from tests.ground_truth.files import READINGS, reading, write_day

SECOND = "2025-12-02"


@pytest.fixture
def day(workspace: Workspace) -> Path:
    return write_day(workspace.landing, workspace.truth)


def map_columns(workspace: Workspace, column_names: dict[str, dict[str, str]]) -> None:
    """Give the workspace a configuration of its own, with these names mapped."""
    workspace.conf = Path(shutil.copytree(PROJECT / "conf", workspace.folder / "conf"))
    parameters = workspace.conf / "base" / "parameters_bronze.yml"
    parameters.write_text(json.dumps({"column_names": column_names}))


def rename(path: Path, before: str, after: str) -> None:
    path.write_text(path.read_text().replace(before, after, 1))


def add_column(path: Path, name: str, value: str) -> None:
    header, *rows = path.read_text().splitlines()
    path.write_text("\n".join([f"{header},{name}", *(f"{row},{value}" for row in rows)]) + "\n")


def change(day: str, column: str, change: str, kind: str, *names: str | None) -> dict[str, object]:
    before, after = names
    return {
        "table_name": "qc_checks",
        "arrival_date": day,
        "previous_date": "2025-12-01",
        "column_name": column,
        "change": change,
        "kind": kind,
        "previous_name": before,
        "landed_name": after,
    }


def test_columns_that_come_go_or_are_renamed_are_kept_recorded_reported_and_shown(
    workspace: Workspace, day: Path, capsys: pytest.CaptureFixture
):
    later = Path(shutil.copytree(day, workspace.landing / SECOND))
    add_column(day / "qc_checks.csv", "inspector_name", "Ada")
    add_column(later / "qc_checks.csv", "Shift", "late")
    rename(later / "qc_checks.csv", "pass_fail", "result")
    rename(later / "operator_logs.csv", "operator_id", "who")
    map_columns(workspace, {"qc_checks": {"Result": "pass_fail"}})

    workspace.run("bronze", "silver")

    columns = "_arrival_date::TEXT AS day, pass_fail, inspector_name, shift"
    landed = workspace.query(f"SELECT {columns} FROM bronze.qc_checks ORDER BY ALL")
    assert [tuple(row.values()) for row in landed] == [
        ("2025-12-01", "FAIL", "Ada", None),
        ("2025-12-01", "PASS", "Ada", None),
        (SECOND, "FAIL", None, "late"),
        (SECOND, "PASS", None, "late"),
    ]
    names = {
        row["_row_id"][:10]: row["inspector_name"] for row in workspace.table("silver.qc_checks")
    }
    assert names["2025-12-01"] == "Ada"
    assert names.get(SECOND) is None
    expected = [
        change(SECOND, "inspector_name", "missing", "expected", "inspector_name", None),
        change(SECOND, "pass_fail", "renamed", "mapped", "pass_fail", "result"),
        change(SECOND, "shift", "added", "extra", None, "shift"),
    ]
    extra = {"table_name": "qc_checks", "column_name": "shift"}
    assert workspace.report("schema_changes") == {
        "changes": expected,
        "extra_columns": [{**extra, "first_arrival": SECOND, "last_arrival": SECOND}],
    }
    stored = workspace.table("ops.schema_changes")
    assert [row["change"] for row in stored] == ["missing", "renamed", "added"]
    told = capsys.readouterr().out
    assert (
        f"columns changed {SECOND} qc_checks: inspector_name missing, "
        "pass_fail renamed (pass_fail → result), shift added\n" in told
    )
    assert f"rejected {SECOND}/operator_logs.csv: missing column operator_id\n" in told


def test_nothing_is_shown_where_nothing_changed(
    workspace: Workspace, day: Path, capsys: pytest.CaptureFixture
):
    shutil.copytree(day, workspace.landing / SECOND)
    workspace.run("bronze")
    assert workspace.report("schema_changes") == {"changes": [], "extra_columns": []}
    assert "columns changed" not in capsys.readouterr().out


def test_a_mapping_that_is_wrong_is_refused_before_anything_runs(workspace: Workspace, day: Path):
    map_columns(workspace, {"qc_checks": {"result": "passfail"}})
    with pytest.raises(
        FactoryError, match=r"column_names\.qc_checks\.result = passfail: qc_checks"
    ):
        workspace.run("bronze")
    assert not Path(workspace.parameters["warehouse"]).exists()


def write_typed_batches(day: Path) -> None:
    """Write the day's batches as Parquet: times as times, units as text, defects as floats."""
    batches = pacsv.read_csv(day / "production_batches.csv")
    assert pa.types.is_timestamp(batches.schema.field("start_time").type)
    typed = {name: batches[name] for name in batches.column_names} | {
        "units_produced": ["70", "many", "40"],
        "units_defective": batches["units_defective"].cast(pa.float64()),
    }
    pq.write_table(pa.table(typed), day / "production_batches.parquet")
    (day / "production_batches.csv").unlink()


def test_a_column_of_another_type_is_read_cell_by_cell(workspace: Workspace, day: Path):
    write_typed_batches(day)
    odd = [
        reading("SMELTER-01", "2025-12-01T06:20:00", temperature="1300", pressure="2,5"),
        reading("SMELTER-01", "2025-12-01T06:40:00", temperature={"celsius": 1300}),
        reading("SMELTER-01", "2025-12-01T06:50:00", pressure=[2]),
        reading("SMELTER-01", "2025-12-01T06:55:00", energy=True),
    ]
    readings = [*(reading(*values) for values in READINGS), *odd]
    (day / "sensor_logs.json").write_text(json.dumps(readings))

    workspace.run("bronze", "silver")

    batches = "start_at::TEXT AS start, units_produced, units_defective"
    kept = workspace.query(f"SELECT {batches} FROM silver.production_batches ORDER BY ALL")
    assert [tuple(row.values()) for row in kept] == [
        ("2025-12-01 06:00:00", 70, 1),
        ("2025-12-01 06:05:00", 40, 0),
    ]
    quarantined = workspace.query(
        "SELECT table_name, reasons FROM silver.quarantine "
        "WHERE reasons LIKE 'not_a_number%' ORDER BY ALL"
    )
    assert [tuple(row.values()) for row in quarantined] == [
        ("production_batches", "not_a_number:units_produced"),
        ("sensor_logs", "not_a_number:energy_kwh"),
        ("sensor_logs", "not_a_number:pressure"),
        ("sensor_logs", "not_a_number:temperature"),
    ]
    assert len(workspace.table("silver.sensor_readings")) == len(READINGS) + 1
