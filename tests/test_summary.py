"""What a person reads at the end of a run."""

import json
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from factory_simulation.domain import FactoryError
from factory_simulation.summary import _print_changes
from tests.conftest import Workspace
from tests.ground_truth.files import append, write_day

WIDE = "140"
LAYERS = ("bronze", "silver", "gold", "validation")


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch):
    """A terminal in which no line of a table is broken."""
    monkeypatch.setenv("COLUMNS", WIDE)


def said(workspace: Workspace, capsys: pytest.CaptureFixture, *pipelines: str) -> str:
    try:
        workspace.run(*pipelines)
    except FactoryError as error:
        return f"{_squeezed(capsys)} Error: {error}"
    return _squeezed(capsys)


def _squeezed(capsys: pytest.CaptureFixture) -> str:
    return " ".join(capsys.readouterr().out.split())


def test_a_good_run_shows_days_accounts_repairs_times_and_the_verdict(workspace, capsys):
    write_day(workspace.landing, workspace.truth)
    text = said(workspace, capsys, *LAYERS)
    assert "│ 2025-12-01 │ 3 │ 182 │ 3 │ 20.24 │ exact" in text
    assert "│ production_batches │ 3 │ 3 │ 0 │ 0 │ 0 │" in text
    assert "│ machine_events │ 0 │ 0 │ 0 │ 0 │ 0 │" in text
    assert "product_name_variant" in text
    assert "What could not be kept" not in text
    assert "slowest: " in text
    assert "passed: 18 settled numbers held against the truth, 18 exact" in text


def test_a_file_that_lands_again_with_other_content_is_told(workspace, capsys):
    day = write_day(workspace.landing, workspace.truth)
    assert "replaced" not in said(workspace, capsys, "bronze")
    lines = (day / "qc_checks.csv").read_text().splitlines()
    (day / "qc_checks.csv").write_text("\n".join(lines[:-1]) + "\n")
    rows = len(lines) - 1
    told = f"replaced 2025-12-01/qc_checks.csv: {rows - 1} rows, before {rows}"
    assert told in said(workspace, capsys, "bronze")
    assert "replaced" not in said(workspace, capsys, "bronze")
    loads = workspace.query(
        "SELECT count(*) AS loads FROM ops.file_loads WHERE table_name LIKE 'qc%'"
    )
    assert loads == [{"loads": 2}]


def test_without_a_truth_it_shows_what_was_repaired_quarantined_and_rejected(workspace, capsys):
    day = write_day(workspace.landing, workspace.truth)
    append(day / "operator_logs.csv", "L9,[b]CRUSHER[/b],OP-1,2025-12-01T06:00:00,MONITOR,")
    (day / "sensor_logs.json").write_text("[{")
    text = said(workspace, capsys, *LAYERS[:3])
    assert "unknown_machine" in text
    assert "2025-12-01/operator_logs.csv" in text
    assert "rejected 2025-12-01/sensor_logs.json: malformed JSON" in text
    assert "against truth" not in text


def test_a_date_that_has_not_arrived_is_named(workspace, capsys):
    write_day(workspace.landing, workspace.truth)
    later = workspace.truth / "2025-12-02"
    later.mkdir()
    document = (workspace.truth / "2025-12-01" / "truth.json").read_text()
    (later / "truth.json").write_text(document.replace("2025-12-01", "2025-12-02"))
    text = said(workspace, capsys, *LAYERS)
    assert "not all has arrived yet for 2025-12-02" in text
    assert "provisional, 100.00% off" in text


def test_a_wrong_number_is_told_with_date_key_metric_and_by_how_much(workspace, capsys):
    day = write_day(workspace.landing, workspace.truth)
    batches = day / "production_batches.csv"
    batches.write_text(batches.read_text().replace(",40,0", ",44,0"))
    text = said(workspace, capsys, *LAYERS)
    assert "off by up to 10.00%" in text
    assert (
        "Error: validation failed: 2025-12-01 machine ASSEMBLER-01 energy_kwh: pipeline 3.52, "
        "truth 3.20, off by 10.00% (margin 2.00%)" in text
    )


def test_the_latest_dates_on_which_columns_changed_are_shown_and_the_others_counted(table):
    names = dict.fromkeys(("table_name", "column_name", "change"), "string")
    changes = [
        {
            "arrival_date": date(2025, 12, day),
            "table_name": "qc_checks",
            "column_name": column,
            "change": "added",
        }
        for day in range(2, 9)
        for column in ("[b]", "shift")
    ]
    types = {"arrival_date": "date", "previous_name": "string", "landed_name": "string", **names}
    out = Console(file=StringIO())
    _print_changes(out, table(types, changes))
    lines = out.file.getvalue().splitlines()
    assert lines[0] == "columns changed 2025-12-08 qc_checks: [b] added, shift added"
    assert lines[4].startswith("columns changed 2025-12-04")
    assert lines[5:] == ["columns changed 2 times before these: see schema_changes.json"]


B2 = {
    "batch_id": "B2",
    "machine_id": "SMELTER-01",
    "product_name": "Iron Plate",
    "start_time": "2025-12-01T07:10:00",
    "end_time": "2025-12-01T08:10:00",
    "units_produced": "72",
    "units_defective": "2",
}


def lose(workspace: Workspace, **different: str) -> Path:
    """Write the small day without its second batch, which a ledger has; return its folder."""
    day = write_day(workspace.landing, workspace.truth)
    batches = day / "production_batches.csv"
    lines = batches.read_text().splitlines(keepends=True)
    batches.write_text("".join(line for line in lines if not line.startswith("B2,")))
    fault = {
        "fault_id": "production_batches:B2:*:lost_row",
        "fault_type": "lost_row",
        "mechanism": "at_random",
        "table_name": "production_batches",
        "source_file": None,
        "source_row": None,
        "column_name": "*",
        "clean_value": json.dumps({**B2, **different}),
        "dirty_value": None,
        "event_date": "2025-12-01",
        "arrival_date": "2025-12-01",
        "recoverability": "lost",
        "event_id": "B2",
        "factory_id": "alpha",
        "detection_chance": 1.0,
        "repair_chance": 0.0,
    }
    (workspace.truth / "2025-12-01" / "fault_ledger.json").write_text(json.dumps(fault) + "\n")
    return day


def test_a_day_of_which_a_batch_never_landed_is_exact_but_for_that(workspace, capsys):
    lose(workspace)
    text = said(workspace, capsys, *LAYERS)
    assert "│ 2025-12-01 │ 2 │ 110 │ 1 │ 11.60 │ exact but for what never landed" in text
    assert "passed: 18 settled numbers held against the truth" in text
    assert "unknown_batch" in text
    (score,) = [row for row in workspace.report("fault_scores") if row["fault_type"] == "lost_row"]
    assert (score["injected"], score["detected"], score["ceiling"]) == (1, 0, 1.0)


def test_what_a_loss_does_not_explain_is_told(workspace, capsys):
    lose(workspace, units_produced="50")
    text = said(workspace, capsys, *LAYERS)
    assert "off by up to" in text
    assert "Error: validation failed: 2025-12-01" in text
    assert "exact but for" not in text


def test_a_day_of_which_every_number_lacks_something_is_told(workspace, capsys):
    """There is no number left that the loss does not touch."""
    day = lose(workspace)
    batches = day / "production_batches.csv"
    batches.write_text("".join(batches.read_text().splitlines(keepends=True)[:2]))
    path = workspace.truth / "2025-12-01" / "truth.json"
    path.write_text(json.dumps(of_smelters(json.loads(path.read_text()))))
    text = said(workspace, capsys, *LAYERS)
    assert "│ 2025-12-01 │ 1 │ 70 │ 1 │ 8.40 │ exact but for what never landed" in text
    assert "passed: " in text


def of_smelters(truth: dict[str, Any]) -> dict[str, Any]:
    """Return the truth of a factory that has no assembler."""
    smelter = truth["by_machine"]["SMELTER-01"]
    return {
        **truth,
        "total_batches": 2,
        "by_machine": {"SMELTER-01": smelter},
        "by_product": {"Iron Plate": truth["by_product"]["Iron Plate"]},
        "factory_totals": {name: smelter[name] for name in truth["factory_totals"]},
    }
