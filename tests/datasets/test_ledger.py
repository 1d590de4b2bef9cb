"""Ledger files: the faults of an arrival date, in bytes that no engine changes."""

import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from kedro.io import DatasetError

from factory_simulation.datasets.engines import Engine
from factory_simulation.datasets.ledger import _TYPES, LedgerDates, LedgerFiles
from factory_simulation.datasets.report import JsonReport
from factory_simulation.datasets.truth import TruthFiles
from factory_simulation.domain import FactoryError

CONNECTION = {"backend": "duckdb", "warehouse": ":memory:", "settings": {}}
FIRST, SECOND = date(2025, 12, 1), date(2025, 12, 2)
FAULTS = [
    {"fault_id": "b", "arrival_date": FIRST, "source_row": 7, "detection_chance": 1.0},
    {"fault_id": "_", "arrival_date": FIRST, "event_date": SECOND, "repair_chance": 0.1 + 0.2},
    {
        "fault_id": "B",
        "arrival_date": FIRST,
        "clean_value": 'a "q" \\ b',
        "dirty_value": "ü\n\t\x01",
    },
    {"fault_id": None, "arrival_date": FIRST},
    {"fault_id": None, "arrival_date": SECOND},
]


def table(rows: list[dict]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=_TYPES)


def ledger(folder: Path, dates: str | None = None) -> LedgerFiles:
    return LedgerFiles(truth_dir=str(folder), dates=dates, connection=CONNECTION)


def save(folder: Path, rows: list[dict], dates: str | None = None) -> None:
    files = ledger(folder, dates)
    files.save(files.engine.small_table(table(rows)))


def loaded(folder: Path) -> list[dict]:
    files = ledger(folder)
    return files.engine.fetch(files.load().order_by("arrival_date", "fault_id")).to_pylist()


def dates(folder: Path) -> list[date]:
    days = LedgerDates(truth_dir=str(folder), connection=CONNECTION)
    return sorted(days.engine.fetch(days.load())["arrival_date"].to_pylist())


def ordered(rows: list[dict]) -> list[dict]:
    kept = [row for row in table(rows).to_pylist() if row["fault_id"] is not None]
    return sorted(kept, key=lambda row: (row["arrival_date"], row["fault_id"]))


def test_a_ledger_is_loaded_as_it_was_saved(tmp_path):
    save(tmp_path, FAULTS)
    assert loaded(tmp_path) == ordered(FAULTS)
    assert dates(tmp_path) == [FIRST, SECOND]
    assert (tmp_path / "2025-12-02" / "fault_ledger.json").read_bytes() == b""


def test_a_file_has_an_object_per_line_in_order_of_code_points(tmp_path):
    save(tmp_path, FAULTS)
    text = (tmp_path / "2025-12-01" / "fault_ledger.json").read_text()
    rows = [json.loads(line) for line in text.removesuffix("\n").split("\n")]
    assert [row["fault_id"] for row in rows] == ["B", "_", "b"]
    assert all(list(row) == _TYPES.names for row in rows)
    assert rows[0]["clean_value"] == 'a "q" \\ b'
    assert rows[0]["dirty_value"] == "ü\n\t\x01"
    assert rows[1]["event_date"] == "2025-12-02"
    assert rows[1]["repair_chance"] == 0.1 + 0.2
    assert rows[2]["source_row"] == 7
    assert rows[2]["factory_id"] is None


def test_all_engines_write_the_same_bytes(each_engine: Engine, tmp_path, monkeypatch):
    save(tmp_path / "one", FAULTS)
    monkeypatch.setattr(LedgerFiles, "engine", each_engine)
    save(tmp_path / "other", FAULTS[::-1])
    for day in (FIRST, SECOND):
        name = f"{day}/fault_ledger.json"
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()
    found = sorted(loaded(tmp_path / "other"), key=lambda row: row["fault_id"])
    assert found == ordered(FAULTS)


def test_without_files_there_is_no_fault(tmp_path):
    for folder in (tmp_path, tmp_path / "nowhere"):
        rows = ledger(folder).load()
        assert rows.columns == tuple(_TYPES.names)
        assert str(rows.schema()["arrival_date"]) == "date"
        assert loaded(folder) == []
        assert dates(folder) == []


def test_a_ledger_that_is_generated_again_takes_other_dates_away(tmp_path):
    save(tmp_path, FAULTS)
    save(tmp_path, FAULTS[4:])
    assert dates(tmp_path) == [SECOND]
    assert not (tmp_path / "2025-12-01").exists()


def test_one_date_alone_leaves_the_others(tmp_path):
    save(tmp_path, FAULTS)
    before = (tmp_path / "2025-12-01" / "fault_ledger.json").read_bytes()
    save(tmp_path, [{"fault_id": "z", "arrival_date": SECOND}], "2025-12-02")
    assert dates(tmp_path) == [FIRST, SECOND]
    assert (tmp_path / "2025-12-01" / "fault_ledger.json").read_bytes() == before
    assert [row["fault_id"] for row in loaded(tmp_path)][-1] == "z"


def test_a_ledger_of_somebody_else_is_left(tmp_path):
    theirs = tmp_path / "2025-12-01" / "fault_ledger.json"
    theirs.parent.mkdir()
    theirs.write_text("")
    with pytest.raises((FactoryError, DatasetError), match="was not made by the generator"):
        save(tmp_path, FAULTS)


@pytest.mark.parametrize(
    "content",
    [
        '{"fault_id": "a"',
        "[1]",
        '{"fault_id": 7}\n',
        '{"fault_id": "a", "arrival_date": "soon"}\n',
        '{"fault_id": "a", "source_row": "x"}\n',
        '{"fault_id": "a", "colour": "red"}\n',
        '{"fault_id": null}\n',
        '{"fault_type": "spike"}\n',
        b'{"fault_id": "\xe9"}\n',
    ],
)
def test_a_malformed_ledger_is_told_in_one_line(tmp_path, content):
    path = tmp_path / "2025-12-01" / "fault_ledger.json"
    path.parent.mkdir()
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    told = f"ledger file {path} is not as its contract says: "
    with pytest.raises((FactoryError, DatasetError), match=told) as error:
        ledger(tmp_path).load()
    cause = error.value if isinstance(error.value, FactoryError) else error.value.__cause__
    assert "\n" not in str(cause)


def test_a_long_value_is_read_whole(tmp_path):
    save(tmp_path, [{"fault_id": "a", "arrival_date": FIRST, "dirty_value": "x" * 3_000_000}])
    assert len(loaded(tmp_path)[0]["dirty_value"]) == 3_000_000


def test_truth_and_ledger_do_not_disturb_each_other(tmp_path):
    save(tmp_path, FAULTS)
    truth = TruthFiles(truth_dir=str(tmp_path), connection=CONNECTION)
    truth.check_target()
    with pytest.raises(FactoryError, match="no truth in"):
        truth.facts()


@pytest.mark.parametrize("folder", ["truth", "truth[1]"])
def test_a_report_beside_a_ledger_goes_with_it(tmp_path, folder):
    truth = tmp_path / folder
    path = tmp_path / "reports" / "fault_scores.json"
    report = JsonReport(filepath=str(path), only_beside=f"{truth}/*/fault_ledger.json")
    report.save([{"fault_type": "spike"}])
    assert not path.exists()
    assert report.load() is None
    save(truth, FAULTS[:1])
    report.save([{"fault_type": "spike"}])
    assert report.load() == [{"fault_type": "spike"}]
    (truth / "2025-12-01" / "fault_ledger.json").unlink()
    report.save([{"fault_type": "spike"}])
    assert not path.exists()


def test_a_report_without_a_condition_is_always_written(tmp_path):
    report = JsonReport(filepath=str(tmp_path / "a.json"))
    report.save({"status": "passed"})
    assert report.load() == {"status": "passed"}
