"""Landing files: what the generator drops, and what bronze has not seen yet."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
from ibis import _
from kedro.io import AbstractDataset

from factory_simulation.datasets.bronze import replace_files
from factory_simulation.datasets.connected import Connected
from factory_simulation.datasets.engines.base import Fingerprint, LandingRead
from factory_simulation.datasets.file_columns import columns_of_file, record_columns
from factory_simulation.datasets.file_loads import record_loads
from factory_simulation.datasets.folders import date_of_folder, dated_folders
from factory_simulation.datasets.landing_writer import SUFFIXES, TEXT, LandingWriter
from factory_simulation.domain import EVENT_DATE, LANDED_TABLES, FactoryError, FileStatus, Schema
from factory_simulation.expressions.dates import asked_dates
from factory_simulation.schemas.contract import Contract

_RECORD = "ingested_files"
_RECORD_TYPES = pa.schema(
    {
        "source_file": pa.string(),
        "table_name": pa.string(),
        "arrival_date": pa.date32(),
        "size_bytes": pa.int64(),
        "sha256": pa.string(),
        "column_names": pa.string(),
        "row_count": pa.int64(),
        "status": pa.string(),
        "reason": pa.string(),
        "run_id": pa.string(),
        "loaded_at": pa.timestamp("us"),
    }
)


@dataclass(frozen=True)
class LandedFile:
    """A file in the landing folder.

    Attributes:
        path: Where it is.
        source_file: Its path below the landing folder: its identity in bronze.
        arrival_date: The date in its folder's name; None where the name is no date.
        size_bytes: Its size.
        sha256: What it holds; None where it cannot be read.
        problem: Why it is not read; None where it can be.
    """

    path: Path
    source_file: str
    arrival_date: date | None
    size_bytes: int
    sha256: str | None
    problem: str | None


class LandingFiles(Connected, AbstractDataset[ir.Table, ir.Table]):
    """The files of one landed table, below folders named by arrival date.

    Loading reads the files that are not on record in ``ops.ingested_files`` with their content
    and the present mapping of column names, and no others. A node that has stored their rows
    confirms this dataset; that puts the files on record, and their columns in
    ``ops.file_columns``. A run that is broken off before reads them again, and replaces what it
    brought.

    Saving writes one file per arrival date, from text columns plus ``_arrival_date`` (date) and
    ``_source_row`` (the row's number in its file, from 1, as bronze counts them).

    Args:
        table: The landed table.
        landing_dir: The folder that holds the dated folders.
        run_id: The run that puts files on record.
        loaded_at: When that run began, in UTC.
        column_names: By landed table, our name by the one under which a column lands.
        dates: Read or write this date alone, or this range of them; see ``DateRange``.
        full_refresh: Read all files again and drop the rows of files that are gone.
        file_format: What is written: ``text`` (the table's own suffix) or ``parquet``. What is
            there is read, whatever its format.
        connected: The warehouse that has the record; see ``Connected``.
    """

    def __init__(  # noqa: PLR0913 - each is a line of the catalog
        self,
        *,
        table: str,
        landing_dir: str,
        run_id: str,
        loaded_at: str,
        column_names: Mapping[str, Mapping[str, str]] | None = None,
        dates: str | None = None,
        full_refresh: bool = False,
        file_format: str = TEXT,
        **connected: Any,
    ) -> None:
        super().__init__(**connected)
        self.contract = LANDED_TABLES[table]
        self.landing_dir = Path(landing_dir)
        self._writer = LandingWriter(self.contract, self.landing_dir, file_format)
        self._run_id = run_id
        self._loaded_at = datetime.fromisoformat(loaded_at)
        self._dates = asked_dates(dates)
        self._full_refresh = full_refresh
        self._renamed = dict((column_names or {}).get(table, {}))
        self._column_names = json.dumps(self._renamed, sort_keys=True, ensure_ascii=False)
        self._unconfirmed: list[dict[str, Any]] = []
        self._unconfirmed_columns: list[dict[str, Any]] = []

    # --- reading -------------------------------------------------------------------------

    def load(self) -> ir.Table:
        """Return the rows of the files that are new or have changed, as text, with lineage."""
        engine = self.engine
        self._refuse_earlier_version()
        unseen = self._unseen_files()
        readable = [file.path for file in unseen if file.problem is None]
        read = engine.read_landing(self.contract.name, readable, self._renamed)
        self._unconfirmed = [self._record_of(file, read) for file in unseen]
        self._unconfirmed_columns = [
            column
            for file in unseen
            for column in columns_of_file(
                self.contract,
                file.source_file,
                file.arrival_date,
                read.columns.get(file.path, {}),
            )
        ]
        files = engine.small_table(
            pa.table(
                {
                    "_file_path": pa.array([str(f.path) for f in unseen], pa.string()),
                    "_source_file": pa.array([f.source_file for f in unseen], pa.string()),
                    "_arrival_date": pa.array([f.arrival_date for f in unseen], pa.date32()),
                }
            )
        )
        return read.rows.join(files, [("_path", "_file_path")]).drop("_path", "_file_path")

    def _refuse_earlier_version(self) -> None:
        if not self.engine.has_table(Schema.BRONZE, self.contract.name):
            return
        if EVENT_DATE not in self.engine.table(Schema.BRONZE, self.contract.name).columns:
            raise FactoryError(
                f"bronze.{self.contract.name} was made by an earlier version of this package: name "
                "another warehouse with warehouse=…, or remove this one"
            )

    def confirm(self) -> None:
        """Put the files that were read on record, and take out rows that no file has any more.

        The record of files comes last: what is not on it is read again by the next run.
        """
        engine = self.engine
        withdrawn = self._withdrawn_records()
        records = [*self._unconfirmed, *withdrawn]
        without_rows = [r["source_file"] for r in records if not r["row_count"]]
        replace_files(engine, self.contract.name, without_rows, run_id=self._run_id)
        source_files = [r["source_file"] for r in records]
        record_columns(engine, self._unconfirmed_columns, source_files)
        table = engine.small_table(pa.Table.from_pylist(records, schema=_RECORD_TYPES))
        if records:
            record_loads(engine, table)
        engine.replace_rows(
            _RECORD,
            Schema.OPS,
            Contract(Schema.OPS, _RECORD).validate(table),
            keys=engine.small_keys("source_file", source_files),
        )
        self._unconfirmed, self._unconfirmed_columns = [], []

    def listed_files(self) -> list[Path]:
        """Return the files of this table that are in the landing folder, undated ones too."""
        if not self.landing_dir.is_dir():
            raise FactoryError(
                f"landing folder {self.landing_dir} does not exist: name one with landing_dir=…, "
                "or run the generation pipeline first"
            )
        dated, others = dated_folders(self.landing_dir)
        if self._dates is None:
            folders = [*dated.values(), *others]
        else:
            folders = [folder for day, folder in dated.items() if day in self._dates]
        paths = [
            folder / f"{self.contract.name}{suffix}" for folder in folders for suffix in SUFFIXES
        ]
        return [path for path in paths if path.is_file()]

    def unread_dates(self) -> set[date]:
        """Return the arrival dates, of those that are read, of which a file is new or changed."""
        return {file.arrival_date for file in self._unseen_files() if file.arrival_date}

    def _unseen_files(self) -> list[LandedFile]:
        known = {} if self._full_refresh else self._known_files()
        paths = self.listed_files()
        prints = self.engine.fingerprints(paths)
        files = [self._describe_file(*file) for file in zip(paths, prints, strict=True)]
        return [
            file
            for file in files
            if file.sha256 is None
            or known.get(file.source_file) != (file.sha256, self._column_names)
        ]

    def _known_files(self) -> dict[str, tuple[str | None, str | None]]:
        """Return hash and mapping of each file of these dates on record that is not withdrawn."""
        if not self.engine.has_table(Schema.OPS, _RECORD):
            return {}
        known = (
            self.engine.table(Schema.OPS, _RECORD)
            .filter(_.table_name == self.contract.name, _.status != FileStatus.WITHDRAWN.value)
            .select("source_file", "sha256", "column_names", "arrival_date")
        )
        if self._dates is not None:
            known = known.filter(self._dates.holds(_.arrival_date))
        files = self.engine.fetch(known.drop("arrival_date")).to_pylist()
        return {file["source_file"]: (file["sha256"], file["column_names"]) for file in files}

    def _describe_file(self, path: Path, fingerprint: Fingerprint) -> LandedFile:
        problem = fingerprint.problem
        arrival_date = date_of_folder(path.parent)
        if arrival_date is None:
            problem = f"folder name {path.parent.name} is no date"
        return LandedFile(
            path=path,
            source_file=path.relative_to(self.landing_dir).as_posix(),
            arrival_date=arrival_date,
            size_bytes=fingerprint.size_bytes,
            sha256=fingerprint.sha256,
            problem=problem,
        )

    def _record_of(self, file: LandedFile, read: LandingRead) -> dict[str, Any]:
        reason = file.problem or read.rejected.get(file.path)
        return self._record(
            file.source_file,
            FileStatus.REJECTED if reason else FileStatus.INGESTED,
            reason,
            arrival_date=file.arrival_date,
            size_bytes=file.size_bytes,
            sha256=file.sha256,
            row_count=0 if reason else read.row_counts[file.path],
        )

    def _withdrawn_records(self) -> list[dict[str, Any]]:
        """Return a record of each file whose rows must go: taken back, or gone at a refresh."""
        known = self._known_files()
        present = {path.relative_to(self.landing_dir).as_posix() for path in self.listed_files()}
        gone = set(known) - present
        if not self._full_refresh:
            gone &= self._writer.withdrawn()
        reason = "no longer in the landing folder"
        return [self._record(name, FileStatus.WITHDRAWN, reason) for name in sorted(gone)]

    def _record(
        self, source_file: str, status: FileStatus, reason: str | None, **content: Any
    ) -> dict[str, Any]:
        nothing = {"arrival_date": None, "size_bytes": 0, "sha256": None, "row_count": 0}
        return {
            **nothing,
            **content,
            "source_file": source_file,
            "table_name": self.contract.name,
            "column_names": self._column_names,
            "status": status,
            "reason": reason,
            "run_id": self._run_id,
            "loaded_at": self._loaded_at,
        }

    # --- writing -------------------------------------------------------------------------

    def check_target(self) -> None:
        """Refuse to generate into a folder that holds files of somebody else."""
        self._writer.check()

    def save(self, data: ir.Table) -> None:
        """Write one file per arrival date, each whole or not at all; see ``LandingWriter``."""
        self._writer.write(self.engine, data, self._dates)

    # --- kedro ---------------------------------------------------------------------------

    def _exists(self) -> bool:
        return self.landing_dir.is_dir()

    def _describe(self) -> dict[str, Any]:
        return {"table": self.contract.name, "landing_dir": str(self.landing_dir)}
