"""Bad rows are quarantined, bad files rejected, bad runs refused; the rest goes on."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from factory_simulation.domain import FactoryError
from tests.conftest import PROJECT, Workspace
from tests.ground_truth.files import append, reading, write_day

LAYERS = ("bronze", "silver", "gold", "validation")
GOOD = {
    "production_batches": {"landed": 3, "kept": 3, "duplicate": 0, "quarantined": 0},
    "sensor_logs": {"landed": 3, "kept": 3, "duplicate": 0, "quarantined": 0},
    "qc_checks": {"landed": 2, "kept": 2, "duplicate": 0, "quarantined": 0},
    "operator_logs": {"landed": 2, "kept": 2, "duplicate": 0, "quarantined": 0},
    "machine_events": {"landed": 0, "kept": 0, "duplicate": 0, "quarantined": 0},
    "machine_registry": {"landed": 0, "kept": 0, "duplicate": 0, "quarantined": 0},
}
BAD_BATCHES = {
    "X1,SMELTER-01,Iron Plate,2025-12-01T09:00:00,2025-12-01T10:00:00,70": "too_few_fields",
    "X2,SMELTER-01,Iron Plate,2025-12-01T09:00:00,2025-12-01T10:00:00,70,1,7": "too_many_fields",
    "X3,SMELTER-01,Iron Plate,2025-12-01T09:00:00,2025-12-01T10:00:00,many,1": (
        "not_a_number:units_produced"
    ),
    "X4,SMELTER-01,Iron Plate,2025-12-01T09:00:00,2025-12-01T10:00:00,70,NaN": (
        "not_a_number:units_defective"
    ),
    "X5,SMELTER-01,Iron Plate,2025-12-01T10:00:00,2025-12-01T09:00:00,70,1": "end_before_start",
    "X6,SMELTER-01,Iron Plate,2025-12-01T09:00:00,2025-12-01T10:00:00,70,71": (
        "more_defects_than_units"
    ),
    "X7,SMELTER-01,Copper Wire,2025-12-01T09:00:00,2025-12-01T10:00:00,70,1": "unknown_product",
    "X8,CRUSHER-09,Iron Plate,2025-12-01T09:00:00,2025-12-01T10:00:00,70,1": "unknown_machine",
    "X9,SMELTER-01,Iron Plate,2025-02-30T09:00:00,2025-12-01T10:00:00,70,1": (
        "not_a_time:start_time"
    ),
    ",SMELTER-01,Iron Plate,2025-12-01T09:00:00,2025-12-01T10:00:00,70,1": "empty:batch_id",
    "X11,SMELTER-01,Iron Plate,2025-12-01T09:00:00,2025-12-01T10:00:00,-70,1": (
        "negative:units_produced, more_defects_than_units"
    ),
    "X12,CRUSHER-09,Copper Wire,noon,,many,": (
        "unknown_machine, unknown_product, not_a_time:start_time, empty:end_time, "
        "not_a_number:units_produced, empty:units_defective"
    ),
}
BAD_CHECKS = {
    "Y1,B2,2025-12-01T08:30:00,QC-001,MAYBE,": "invalid_result",
    "Y2,B9,2025-12-01T08:30:00,QC-001,PASS,": "unknown_batch",
    "Y3,B2,half past eight,QC-001,PASS,": "not_a_time:check_timestamp",
    ",B2,2025-12-01T08:30:00,QC-001,PASS,": "empty:check_id",
    "Y5,,2025-12-01T08:30:00,QC-001,PASS,": "empty:batch_id",
    "Y6,B2,2025-12-01T08:30:00,QC-001": "too_few_fields",
}
BAD_ENTRIES = {
    "Z1,CRUSHER-09,OP-101,2025-12-01T06:04:00,MONITOR,": "unknown_machine",
    "Z2,SMELTER-01,OP-101,,MONITOR,": "empty:log_timestamp",
    "Z3,SMELTER-01,OP-101,2025-12-01 25:00,MONITOR,": "not_a_time:log_timestamp",
}
BAD_READINGS = {
    json.dumps(reading("SMELTER-01", "2025-12-01T06:20:00", "hot")): "not_a_number:temperature",
    json.dumps(reading("SMELTER-01", "soon")): "not_a_time:timestamp",
    json.dumps(reading(None, "2025-12-01T06:20:00")): "empty:machine_id",
    json.dumps(reading("PRESS-01", "2025-12-01T06:20:00")): "unknown_machine",
    "17": "not_an_object",
}


@pytest.fixture
def day(workspace: Workspace) -> Path:
    return write_day(workspace.landing, workspace.truth)


def test_a_small_day_that_is_right_is_kept_whole(workspace: Workspace, day: Path):
    workspace.run(*LAYERS)
    assert workspace.report("conservation") == GOOD
    report = workspace.report("validation")
    assert {row["relative_error"] for row in report["comparisons"]} == {0.0}
    assert report["totals"]["energy_kwh"] == 20.24


def test_every_kind_of_bad_row_is_quarantined_with_its_reason(workspace: Workspace, day: Path):
    append(day / "production_batches.csv", *BAD_BATCHES)
    append(day / "qc_checks.csv", *BAD_CHECKS)
    append(day / "operator_logs.csv", *BAD_ENTRIES)
    sensors = day / "sensor_logs.json"
    bad = ",".join(BAD_READINGS)
    sensors.write_text(f"{sensors.read_text().rstrip().removesuffix(']')},{bad}]")

    workspace.run(*LAYERS)

    expected = {
        "production_batches": (3, BAD_BATCHES),
        "sensor_logs": (3, BAD_READINGS),
        "qc_checks": (2, BAD_CHECKS),
        "operator_logs": (2, BAD_ENTRIES),
    }
    conservation = workspace.report("conservation")
    for name, (good, rows) in expected.items():
        assert conservation[name] == {
            "landed": good + len(rows),
            "kept": good,
            "duplicate": 0,
            "quarantined": len(rows),
        }
        found = workspace.query(
            "SELECT q.reasons FROM silver.quarantine q "
            f"JOIN bronze.{name} b USING (_row_id) WHERE table_name = '{name}' "
            "ORDER BY b._source_row"
        )
        assert [row["reasons"] for row in found] == list(rows.values())
    assert workspace.report("validation")["status"] == "passed"


def test_the_raw_row_is_in_quarantine_with_its_surplus(workspace: Workspace, day: Path):
    line = "X,SMELTER-01,Iron Plate,2025-12-01T09:00:00,2025-12-01T10:00:00,70,1,more,of it"
    append(day / "production_batches.csv", line)
    workspace.run("bronze", "silver")
    (row,) = workspace.table("silver.quarantine")
    raw = json.loads(row["raw_row"])
    assert raw["batch_id"] == "X"
    assert raw["units_defective"] == "1"
    assert raw["_surplus_fields"] == "more,of it"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("batch_id,machine_id\nB1,SMELTER-01\n", "missing column product_name, start_time"),
        ("batch_id;machine_id\nB1;SMELTER-01\n", "missing column batch_id"),
    ],
)
def test_a_rejected_production_file_fails_the_run_which_says_what_is_missing(
    workspace: Workspace, day: Path, content: str, reason: str
):
    (day / "production_batches.csv").write_text(content)
    with pytest.raises(FactoryError) as failed:
        workspace.run(*LAYERS)
    told = f"missing are the rows of 2025-12-01/production_batches.csv ({reason}"
    assert told in str(failed.value)
    counts = workspace.report("conservation")
    assert counts["production_batches"]["landed"] == 0
    assert counts["operator_logs"] == GOOD["operator_logs"]
    assert counts["qc_checks"] == {"landed": 2, "kept": 0, "duplicate": 0, "quarantined": 2}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("sensor_logs.json", '[{"machine_id": "SMELTER-01", "timest', "malformed JSON"),
        ("sensor_logs.json", '[{"machine_id": "SMELTER-01"}]', "missing column timestamp"),
        ("qc_checks.csv", "check_id,check_id,batch_id\n1,1,1\n", "missing column check_timestamp"),
    ],
)
def test_a_file_that_cannot_be_read_is_rejected_on_record_and_others_go_on(
    workspace: Workspace, day: Path, name: str, content: str, reason: str
):
    (day / name).write_text(content)
    workspace.run(*LAYERS)
    (record,) = workspace.query("SELECT * FROM ops.ingested_files WHERE status = 'rejected'")
    assert record["source_file"] == f"2025-12-01/{name}"
    assert record["reason"].startswith(reason)
    assert workspace.report("validation")["rejected_files"] == [
        {"source_file": record["source_file"], "reason": record["reason"]}
    ]
    for table, counts in workspace.report("conservation").items():
        if name.startswith(table):
            assert counts["landed"] == 0
        else:
            assert counts == GOOD[table]


def test_a_rejected_file_that_lands_again_in_order_is_taken(workspace: Workspace, day: Path):
    sensors = day / "sensor_logs.json"
    whole = sensors.read_text()
    sensors.write_text(whole[:100])
    workspace.run(*LAYERS)
    assert workspace.report("conservation")["sensor_logs"]["landed"] == 0
    sensors.write_text(whole)
    workspace.run(*LAYERS)
    assert workspace.report("conservation") == GOOD
    assert workspace.report("validation")["rejected_files"] == []


def test_a_file_that_lands_again_with_other_content_replaces_what_it_brought(
    workspace: Workspace, day: Path
):
    workspace.run(*LAYERS)
    checks = day / "qc_checks.csv"
    header = checks.read_text().splitlines()[0]
    checks.write_text(f"{header}\nC9,B1,2025-12-01T07:40:00,QC-001,PASS,\n")
    workspace.run(*LAYERS)
    assert [row["check_id"] for row in workspace.table("silver.qc_checks")] == ["C9"]
    checks.write_text("")
    workspace.run(*LAYERS)
    assert workspace.table("bronze.qc_checks") == []


def test_columns_beyond_the_contract_survive_to_bronze(workspace: Workspace, day: Path):
    batches = day / "production_batches.csv"
    header, *lines = batches.read_text().splitlines()
    batches.write_text("\n".join([f"{header},shift,_row_id", *(f"{line},A,7" for line in lines)]))
    workspace.run(*LAYERS)
    for row in workspace.table("bronze.production_batches"):
        assert row["shift"] == "A"
        assert row["landed_row_id"] == "7"
    assert workspace.report("conservation") == GOOD


def test_columns_may_stand_in_another_order_and_case(workspace: Workspace, day: Path):
    entries = day / "operator_logs.csv"
    entries.write_text(
        "\ufeffNotes,Action, LOG_ID ,machine_id,operator_id,log_timestamp\r\n"
        '"said ""stop"", twice",MONITOR,L1,SMELTER-01,OP-101,2025-12-01T06:04:00\r\n'
    )
    workspace.run("bronze", "silver")
    (row,) = workspace.table("silver.operator_logs")
    assert row["log_id"] == "L1"
    assert row["notes"] == 'said "stop", twice'


def test_a_folder_whose_name_is_no_date_is_on_record(workspace: Workspace, day: Path):
    day.with_name("2025-13-01").mkdir()
    (day.with_name("2025-13-01") / "qc_checks.csv").write_text((day / "qc_checks.csv").read_text())
    workspace.run(*LAYERS)
    assert workspace.report("validation")["rejected_files"] == [
        {"source_file": "2025-13-01/qc_checks.csv", "reason": "folder name 2025-13-01 is no date"}
    ]
    assert workspace.report("conservation") == GOOD


def test_a_wrong_number_fails_the_run_and_says_which(workspace: Workspace, day: Path):
    batches = day / "production_batches.csv"
    batches.write_text(batches.read_text().replace(",72,2", ",27,2"))
    told = (
        "validation failed: 2025-12-01 machine SMELTER-01 (energy_kwh|units_produced): "
        "pipeline .*, truth .*, off by 31.69% "
    )
    with pytest.raises(FactoryError, match=told):
        workspace.run(*LAYERS)
    assert workspace.report("validation")["status"] == "failed"
    workspace.run("validation", margin=0.5)
    assert workspace.report("validation")["status"] == "passed"


def test_an_empty_landing_folder_gives_empty_tables(workspace: Workspace):
    workspace.landing.mkdir()
    workspace.run("bronze", "silver", "gold")
    assert workspace.table("gold.daily_production") == []
    assert workspace.table("silver.sensor_readings") == []


def test_the_generator_overwrites_nobody_elses_files(workspace: Workspace, day: Path):
    before = (day / "qc_checks.csv").read_text()
    with pytest.raises(Exception, match="was not made by the generator"):
        workspace.run("generation")
    assert (day / "qc_checks.csv").read_text() == before


def kedro(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "kedro", "run", *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("pipelines", "parameters", "told"),
    [
        ("bronze", "landing_dir={tmp}/none", "landing folder {tmp}/none does not exist: name one"),
        (
            "generation",
            "scenario=nope",
            "scenario = 'nope': no such scenario; known are campus, classic",
        ),
        ("generation", "colour=red", "unknown parameter colour; known are landing_dir, truth_dir"),
        (
            "generation",
            "date=2025-02-30",
            "parameters: date = '2025-02-30': there is no date 2025-02-30",
        ),
        (
            "generation",
            "date=2025-12-05..2025-12-03",
            "parameters: date = '2025-12-05..2025-12-03': the range 2025-12-05..2025-12-03 ends",
        ),
        (
            "generation",
            "date=2025-12-05..2025-12-10",
            "parameter date = 2025-12-05..2025-12-10: scenario classic arrives from 2025-12-01",
        ),
        ("silver", "seed=1", "bronze.machine_events is not in {tmp}/w/f.duckdb: run --pipelines"),
    ],
)
def test_a_run_that_cannot_work_is_refused_in_one_line(
    tmp_path: Path, pipelines: str, parameters: str, told: str
):
    paths = f"warehouse={tmp_path}/w/f.duckdb,truth_dir={tmp_path}/t,report_dir={tmp_path}/r"
    given = parameters.format(tmp=tmp_path)
    if "landing_dir" not in given:
        given += f",landing_dir={tmp_path}/l"
    done = kedro("--pipelines", pipelines, "--params", f"{paths},{given}")
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {told.format(tmp=tmp_path)}")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []
