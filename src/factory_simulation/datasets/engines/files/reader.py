"""Landing files of one table, whatever their formats."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import duckdb

from factory_simulation.datasets.engines.files import csv_files, json_files, parquet_files
from factory_simulation.datasets.engines.files.tables import RejectedFileError, TemporaryTables
from factory_simulation.domain import LandedTable

_Read = Callable[[TemporaryTables, LandedTable, list[Path]], None]
_READ: dict[str, _Read] = {
    ".csv": csv_files.read,
    ".json": json_files.read,
    ".parquet": parquet_files.read,
}
_MOST_LINES, _LONGEST_REASON = 2, 200


@dataclass
class LandingReader:
    """Reads landing files into temporary tables.

    Attributes:
        tables: The tables that the rows are in, to be united by name.
        contract: What the files must hold.
        rejected: Reason by path, for each file that could not be read.
    """

    tables: TemporaryTables
    contract: LandedTable
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
            read(self.tables, self.contract, paths)
        except BaseException:
            for name in [name for name in self.tables.names if name not in before]:
                self.tables.drop(name)
            raise

    def _read_alone(self, read: _Read, path: Path) -> None:
        try:
            self._try(read, [path])
        except (RejectedFileError, duckdb.Error, OSError) as error:
            self.rejected[path] = _brief(error)


def _brief(error: Exception) -> str:
    """Return an error as one short line; the record names the file, so the line need not."""
    if isinstance(error, RejectedFileError):
        return str(error)
    if isinstance(error, OSError):
        return f"cannot be read: {error.strerror}"
    lines = [
        line.removeprefix("Invalid Input Error: ").strip()
        for line in str(error).splitlines()
        if line.strip() and not line.startswith("Original Line")
    ]
    text = ": ".join(lines[:_MOST_LINES])
    return re.sub(' in file "[^"]*",?', "", text)[:_LONGEST_REASON]
