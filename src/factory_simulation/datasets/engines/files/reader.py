"""Landing files of one table, whatever their formats."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import duckdb

from factory_simulation.datasets.engines.files import csv_files, json_files, parquet_files
from factory_simulation.datasets.engines.files.columns import LandedColumns
from factory_simulation.datasets.engines.files.tables import (
    RejectedFileError,
    TemporaryTables,
    quoted,
)
from factory_simulation.domain import LANDED_TABLES, PARSE_ERROR, SURPLUS

_Read = Callable[[TemporaryTables, LandedColumns, list[Path]], None]
_READ: dict[str, _Read] = {
    ".csv": csv_files.read,
    ".json": json_files.read,
    ".parquet": parquet_files.read,
}
_MOST_LINES, _LONGEST_REASON = 2, 200


@dataclass(frozen=True)
class FilesRead:
    """What came of reading landing files into a temporary table.

    Attributes:
        table: The temporary table; the contract's columns come first, then others by their names.
        row_counts: Number of rows by path, for each file that was read.
        rejected: Reason by path, for each file that could not be read.
        columns: For each file that was read and names columns: our names by those in the file.
    """

    table: str
    row_counts: dict[Path, int]
    rejected: dict[Path, str]
    columns: dict[Path, dict[str, str]]


def read_into_table(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    files: Sequence[Path],
    renamed: Mapping[str, str],
) -> FilesRead:
    """Read landing files of one table into a temporary table.

    Args:
        connection: DuckDB, which reads files for every engine, so that all see the same rows.
        table: The landed table.
        files: The files.
        renamed: Our name by the one under which a column lands, where that is another one.
    """
    contract = LANDED_TABLES[table]
    tables = TemporaryTables(connection)
    landed = LandedColumns(contract, renamed)
    reader = LandingReader(tables, landed)
    reader.read(files)
    columns = ("_path", *contract.columns, PARSE_ERROR, SURPLUS)
    empty = ", ".join(f"NULL::VARCHAR AS {column}" for column in columns)
    parts = [f"SELECT {empty}, 0::BIGINT AS _source_row LIMIT 0"]
    parts += [f"SELECT * FROM {part}" for part in tables.names]
    union = " UNION ALL BY NAME ".join(f"({part})" for part in parts)
    found = connection.sql(union).columns
    more = sorted(set(found) - {*columns, "_source_row"})
    texts = ", ".join(_without_nul(quoted(name)) for name in (*columns[1:], *more))
    united = tables.make(f"SELECT _source_row, _path, {texts} FROM ({union})")
    for part in [name for name in tables.names if name != united]:
        tables.drop(part)
    counts = connection.execute(f"SELECT _path, count(*) FROM {united} GROUP BY _path").fetchall()
    by_path = {Path(path): rows for path, rows in counts}
    read = [path for path in files if path not in reader.rejected]
    return FilesRead(
        table=united,
        row_counts={path: by_path.get(path, 0) for path in read},
        rejected=reader.rejected,
        columns={path: landed.by_path[path] for path in read if path in landed.by_path},
    )


@dataclass
class LandingReader:
    """Reads landing files into temporary tables.

    Attributes:
        tables: The tables that the rows are in, to be united by name.
        columns: What the files must hold, and what they call it.
        rejected: Reason by path, for each file that could not be read.
    """

    tables: TemporaryTables
    columns: LandedColumns
    rejected: dict[Path, str] = field(default_factory=dict)

    def read(self, files: Sequence[Path]) -> None:
        """Read files, those of one format at once; where one cannot be read, the others are."""
        by_suffix = sorted(files, key=lambda path: (path.suffix, path))
        for suffix, group in groupby(by_suffix, key=lambda path: path.suffix):
            paths = [path for path in group if self._has_content(path)]
            if not paths:
                continue
            try:
                self._try(_READ[suffix], paths)
            except (RejectedFileError, duckdb.Error, OSError):
                for path in paths:
                    self._read_alone(_READ[suffix], path)

    def _has_content(self, path: Path) -> bool:
        try:
            return path.stat().st_size > 0
        except OSError as error:
            self.rejected[path] = _brief(error)
            return False

    def _try(self, read: _Read, paths: list[Path]) -> None:
        before = list(self.tables.names)
        try:
            read(self.tables, self.columns, paths)
        except BaseException:
            for name in [name for name in self.tables.names if name not in before]:
                self.tables.drop(name)
            raise

    def _read_alone(self, read: _Read, path: Path) -> None:
        try:
            self._try(read, [path])
        except (RejectedFileError, duckdb.Error, OSError) as error:
            self.rejected[path] = _brief(error)


def _without_nul(name: str) -> str:
    """Return a text column in which U+FFFD stands for U+0000, which not every engine can hold."""
    return f"replace({name}, chr(0), chr(65533)) AS {name}"


def _brief(error: Exception) -> str:
    """Return an error as one short line; the record names the file, so the line need not."""
    if isinstance(error, RejectedFileError):
        return str(error)
    if isinstance(error, OSError):
        return f"cannot be read: {error.strerror}"
    lines = [
        line.removeprefix("Invalid Input Error: ").strip()
        for line in str(error).splitlines()
        if line.strip() and not line.startswith(("Original Line", "LINE "))
    ]
    text = ": ".join(lines[:_MOST_LINES])
    return re.sub(r""" (?:in|of) file (?:"[^"]*"|'[^']*'),?""", "", text)[:_LONGEST_REASON]
