"""The record of columns keeps in step with the record of files, whatever happens to these."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pytest
from ibis import _

from factory_simulation.datasets import landing
from factory_simulation.datasets.bronze import BronzeTable
from factory_simulation.datasets.landing import LandingFiles
from factory_simulation.domain import QC_CHECKS, Schema
from factory_simulation.pipelines.bronze.ingest import ingest_rows_of
from factory_simulation.pipelines.bronze.schema_changes import summarise_schema_changes
from tests.conftest import Rows, close_warehouses

FIRST, SECOND, THIRD = "2025-12-01", "2025-12-02", "2025-12-03"
NAMES = QC_CHECKS.columns
RENAMED = ["result" if name == "pass_fail" else name for name in NAMES]
MAPPED = {"qc_checks": {"result": "pass_fail"}}


class Landing:
    """A landing folder of quality checks, and the warehouse that they are ingested into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._connection = {
            "backend": "duckdb",
            "warehouse": str(folder / "warehouse.duckdb"),
            "settings": {},
        }
        self.bronze = BronzeTable(
            table=QC_CHECKS.name, schema=Schema.BRONZE, run_id="r", connection=self._connection
        )
        self.engine = self.bronze.engine
        self.engine.create_schemas(list(Schema))

    def drop(self, day: str, *names: str, value: str = "x") -> Path:
        """Let a file of one row land."""
        path = self.folder / "landing" / day / "qc_checks.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{','.join(names)}\n{','.join(value for _ in names)}\n")
        return path

    def ingest(self, **parameters: Any) -> None:
        """Do what the node of the bronze pipeline does, and what is done around it."""
        files = LandingFiles(
            table=QC_CHECKS.name,
            landing_dir=str(self.folder / "landing"),
            run_id="r",
            loaded_at="2025-12-09 00:00:00",
            connection=self._connection,
            **parameters,
        )
        self.bronze.save(ingest_rows_of(QC_CHECKS)(files.load(), "2025-12-09T00:00:00"))
        files.confirm()

    def record(self, table: str) -> ir.Table:
        return self.engine.table(Schema.OPS, table)

    def rows(self, table: ir.Table) -> Rows:
        return self.engine.fetch(table.order_by(table.columns)).to_pylist()

    def columns(self, day: str) -> list[str]:
        """The names in a day's file that are on record."""
        names = self.record("file_columns").filter(_.source_file == f"{day}/qc_checks.csv")
        return [row["landed_name"] for row in self.rows(names.select("landed_name"))]

    def changes(self) -> list[tuple[str, str, str]]:
        changes = summarise_schema_changes(self.record("file_columns"))
        shown = ("arrival_date", "column_name", "change")
        return [tuple(str(row[name]) for name in shown) for row in self.rows(changes)]


@pytest.fixture
def landed(tmp_path: Path) -> Iterator[Landing]:
    """Two days of the same columns, not yet ingested."""
    made = Landing(tmp_path)
    for day in (FIRST, SECOND):
        made.drop(day, *NAMES)
    yield made
    close_warehouses()


def test_a_file_is_on_record_with_each_of_its_columns(landed):
    landed.drop(SECOND, *RENAMED, "Shift")
    landed.ingest(column_names=MAPPED)
    record = landed.record("file_columns").filter(_.arrival_date.cast("string") == SECOND)
    kinds = {(row["landed_name"], row["column_name"], row["kind"]) for row in landed.rows(record)}
    expected = {(name, name, "expected") for name in set(NAMES) & set(RENAMED)}
    assert kinds == expected | {("shift", "shift", "extra"), ("result", "pass_fail", "mapped")}


def test_a_file_that_lands_again_replaces_its_columns(landed):
    landed.drop(SECOND, *NAMES, "shift")
    landed.ingest()
    assert landed.columns(SECOND) == sorted([*NAMES, "shift"])
    landed.drop(SECOND, *NAMES)
    landed.ingest()
    assert landed.columns(SECOND) == sorted(NAMES)
    assert landed.changes() == []


def test_a_file_that_is_rejected_has_no_columns_on_record(landed):
    landed.ingest()
    landed.drop(SECOND, *NAMES[1:])
    landed.ingest()
    assert landed.columns(SECOND) == []
    reasons = {row["reason"] for row in landed.rows(landed.record("ingested_files"))}
    assert reasons == {None, "missing column check_id"}
    assert landed.changes() == []


def test_a_file_that_is_gone_leaves_its_columns_until_a_refresh(landed):
    landed.ingest()
    (landed.folder / "landing" / SECOND / "qc_checks.csv").unlink()
    landed.ingest()
    assert landed.columns(SECOND) == sorted(NAMES)
    landed.ingest(full_refresh=True)
    assert landed.columns(SECOND) == []
    assert landed.columns(FIRST) == sorted(NAMES)


def test_a_rejected_file_is_read_again_once_its_column_is_mapped(landed):
    landed.drop(SECOND, *RENAMED, value="yes")
    landed.ingest()
    assert landed.columns(SECOND) == []
    landed.ingest(column_names=MAPPED)
    assert landed.changes() == [(SECOND, "pass_fail", "renamed")]
    values = landed.rows(landed.bronze.load().select("pass_fail"))
    assert values == [{"pass_fail": "x"}, {"pass_fail": "yes"}]


def test_a_mapping_counts_for_files_that_are_there_and_goes_as_it_came(landed):
    mapped = {"qc_checks": {"inspector": "inspector_name"}}
    landed.drop(SECOND, *NAMES, "inspector", value="Ada")
    landed.ingest()
    assert landed.changes() == [(SECOND, "inspector", "added")]
    landed.ingest(column_names=mapped)
    assert landed.changes() == [(SECOND, "inspector_name", "added")]
    named = landed.bronze.load().select("inspector", "inspector_name")
    assert landed.rows(named)[0] == {"inspector": None, "inspector_name": "Ada"}
    landed.ingest()
    assert landed.changes() == [(SECOND, "inspector", "added")]


@pytest.mark.parametrize("names", [{}, MAPPED, {"sensor_logs": {"t": "timestamp"}}])
def test_files_that_are_on_record_by_the_same_names_are_not_read_again(landed, names):
    landed.ingest(column_names=names)
    counts = landed.bronze.load().aggregate(rows=_.count(), loads=_["_loaded_at"].nunique())
    files = landed.record("ingested_files").select("source_file", "run_id", "loaded_at")
    before = landed.rows(files), landed.rows(counts)
    path = landed.folder / "landing" / FIRST / "qc_checks.csv"
    read: list[list[Path]] = []
    original = landed.engine.read_landing

    def spy(table: str, files: list[Path], renamed: dict[str, str]) -> Any:
        read.append(files)
        return original(table, files, renamed)

    landed.engine.read_landing = spy  # the connection goes with the test
    landed.ingest(column_names=names)
    assert read == [[]]
    assert (landed.rows(files), landed.rows(counts)) == before
    path.write_text(path.read_text() + ",,,,,\n")
    landed.ingest(column_names=names)
    assert read == [[], [path]]


def test_in_which_order_days_are_ingested_does_not_show(landed):
    landed.drop(SECOND, *NAMES, "shift")
    landed.drop(THIRD, *NAMES)
    for day in (THIRD, FIRST):
        landed.ingest(dates=day)
        assert landed.changes() == []
    landed.ingest(dates=SECOND)
    assert landed.changes() == [(SECOND, "shift", "added"), (THIRD, "shift", "missing")]


@pytest.mark.parametrize("step", ["record_columns", "Contract"])
def test_a_run_that_is_killed_before_a_file_is_on_record_ends_right_at_the_next(
    landed, monkeypatch, step
):
    """Killed when rows are stored but no columns; and when columns are, but not the file."""
    landed.ingest()
    landed.drop(SECOND, *NAMES, "shift", value="late")

    def killed(*_arguments: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(landing, step, killed)
        with pytest.raises(KeyboardInterrupt):
            landed.ingest()
    landed.ingest()
    assert landed.changes() == [(SECOND, "shift", "added")]
    shifts = landed.rows(landed.bronze.load().select("shift"))
    assert shifts == [{"shift": "late"}, {"shift": None}]
    assert landed.columns(SECOND) == sorted([*NAMES, "shift"])
