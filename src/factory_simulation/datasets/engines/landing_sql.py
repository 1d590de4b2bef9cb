"""How DuckDB reads landing files: SQL for CSV, JSON and Parquet, all values as text.

A reader turns the files of one table into relations with the columns of the file, ``_path``,
``_source_row``, ``_parse_error`` and ``_surplus_fields``. Malformed rows stay, and say so.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, groupby
from pathlib import Path

import duckdb

from factory_simulation.domain import LANDED_TABLES, PARSE_ERROR, SURPLUS, LandedTable, Reason

_SPARE_FIELDS = 8
"""Columns read beyond a CSV file's header; doubled for as long as a row fills them all."""
_LARGEST_JSON_OBJECT = 256 * 2**20
"""Bytes. DuckDB takes an array of objects as one value while it looks for its format."""


_NUMBERS = count()
_Read = Callable[[list[Path]], None]


class RejectedFileError(Exception):
    """A landing file that cannot be read; the message says why."""


@dataclass
class LandingReader:
    """Reads landing files of one table into temporary tables of a DuckDB connection.

    Attributes:
        connection: An open DuckDB connection.
        table: The name of the landed table.
        parts: The temporary tables that were made, to be united by name.
        rejected: Reason by path, for each file that could not be read.
    """

    connection: duckdb.DuckDBPyConnection
    table: str
    parts: list[str] = field(default_factory=list)
    rejected: dict[Path, str] = field(default_factory=dict)

    def read(self, files: Sequence[Path]) -> None:
        """Read files; where one of several cannot be read, the others still are."""
        for suffix, same_suffix in groupby(sorted(files, key=_suffix), key=_suffix):
            read_files = {".csv": self._read_csv, ".json": self._read_json}.get(
                suffix, self._read_parquet
            )
            paths = sorted(path for path in same_suffix if path.stat().st_size)
            try:
                self._read_at_once(read_files, paths)
            except (RejectedFileError, duckdb.Error):
                for path in paths:
                    self._read_alone(read_files, path)

    def _read_at_once(self, read_files: _Read, paths: list[Path]) -> None:
        before = len(self.parts)
        try:
            if paths:
                read_files(paths)
        except (RejectedFileError, duckdb.Error):
            for part in self.parts[before:]:
                self.connection.execute(f"DROP TABLE IF EXISTS {part}")
            del self.parts[before:]
            raise

    def _read_alone(self, read_files: _Read, path: Path) -> None:
        try:
            self._read_at_once(read_files, [path])
        except RejectedFileError as error:
            self.rejected[path] = str(error)
        except duckdb.Error as error:
            self.rejected[path] = _first_line(error)

    def _contract(self) -> LandedTable:
        return LANDED_TABLES[self.table]

    def _keep(self, query: str, parameters: Mapping[str, object] | None = None) -> str:
        name = f"landing_{self.table}_{next(_NUMBERS)}"
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {name} AS {query}", dict(parameters or {})
        )
        self.parts.append(name)
        return name

    # --- CSV -----------------------------------------------------------------------------

    def _read_csv(self, paths: list[Path]) -> None:
        headers = {path: _csv_header(path) for path in paths}
        for path in paths:
            self._check_columns(headers[path])
        by_header = sorted(paths, key=lambda path: (headers[path], path))
        for header, same_header in groupby(by_header, key=lambda path: headers[path]):
            self._read_csv_group(list(same_header), header, _SPARE_FIELDS)

    def _read_csv_group(self, paths: list[Path], header: tuple[str, ...], spare: int) -> None:
        width = len(header) + spare
        columns = {f"c{i}": "VARCHAR" for i in range(width)}
        names = ", ".join(f"c{i} AS {_quoted(name)}" for i, name in enumerate(header))
        surplus = ", ".join(f"c{i}" for i in range(len(header), width))
        fields = " + ".join(f"(c{i} IS NOT NULL)::INT" for i in range(width))
        # A text that no file holds stands for null, so that only padding is null: then the number
        # of non-null columns is the number of fields in the row.
        part = self._keep(
            f"""
            WITH landed AS (
                SELECT row_number() OVER () AS n, * FROM read_csv($paths, columns = $columns,
                    header = false, auto_detect = false, delim = ',', quote = '"', escape = '"',
                    nullstr = '\1\2\1', null_padding = true, strict_mode = false,
                    parallel = false, filename = true)
            ), counted AS (
                SELECT *, n - min(n) OVER (PARTITION BY filename) AS _source_row,
                    {fields} AS field_count
                FROM landed
            )
            SELECT filename AS _path, _source_row, {names},
                CASE WHEN field_count < {len(header)} THEN '{Reason.TOO_FEW_FIELDS}'
                     WHEN field_count > {len(header)} THEN '{Reason.TOO_MANY_FIELDS}'
                END AS {PARSE_ERROR},
                nullif(concat_ws(',', {surplus}), '') AS {SURPLUS},
                field_count = {width} AS is_full
            FROM counted WHERE _source_row > 0
            """,
            {"paths": [str(path) for path in paths], "columns": columns},
        )
        (is_cut_off,) = self.connection.execute(f"SELECT bool_or(is_full) FROM {part}").fetchall()[
            0
        ]
        if is_cut_off:
            self.parts.remove(part)
            self._read_csv_group(paths, header, spare * 2)
        else:
            self.connection.execute(f"ALTER TABLE {part} DROP COLUMN is_full")

    def _check_columns(self, header: Iterable[str]) -> None:
        names = list(header)
        missing = [name for name in self._contract().columns if name not in names]
        if missing:
            raise RejectedFileError(f"missing column {', '.join(missing)}")
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise RejectedFileError(f"column {', '.join(twice)} stands twice in the header")

    # --- JSON ----------------------------------------------------------------------------

    def _read_json(self, paths: list[Path]) -> None:
        objects = self._keep(
            """
            WITH landed AS (
                SELECT row_number() OVER () AS n, * FROM read_json_objects($paths,
                    format = 'auto', filename = true, maximum_object_size = $limit)
            )
            SELECT filename AS _path, n - min(n) OVER (PARTITION BY filename) + 1 AS _source_row,
                CASE WHEN json_type(json) = 'OBJECT' THEN json END AS json,
                CASE WHEN json_type(json) = 'OBJECT' THEN NULL ELSE json::VARCHAR END AS other
            FROM landed
            """,
            {"paths": [str(path) for path in paths], "limit": _LARGEST_JSON_OBJECT},
        )
        self.parts.remove(objects)
        keys = self.connection.execute(
            f"SELECT DISTINCT _path, unnest(json_keys(json)) FROM {objects} WHERE json IS NOT NULL"
        ).fetchall()
        for path in paths:
            found = {_normalised(key) for owner, key in keys if owner == str(path)}
            if found:
                self._check_columns(sorted(found))
        spellings: dict[str, list[str]] = {}
        for key in sorted({key for _, key in keys}):
            spellings.setdefault(_normalised(key), []).append(key)
        for name in self._contract().columns:
            spellings.setdefault(name, [name])
        values = ", ".join(
            f"coalesce({', '.join(f'json ->> {_json_path(key)}' for key in keys_)})"
            f" AS {_quoted(name)}"
            for name, keys_ in spellings.items()
        )
        self._keep(
            f"""
            SELECT _path, _source_row, {values},
                CASE WHEN json IS NULL THEN '{Reason.NOT_AN_OBJECT}' END AS {PARSE_ERROR},
                other AS {SURPLUS}
            FROM {objects}
            """
        )
        self.connection.execute(f"DROP TABLE {objects}")

    # --- Parquet -------------------------------------------------------------------------

    def _read_parquet(self, paths: list[Path]) -> None:
        for path in paths:
            described = self.connection.execute(
                "DESCRIBE SELECT * FROM read_parquet($path)", {"path": str(path)}
            ).fetchall()
            names = {row[0]: _normalised(row[0]) for row in described}
            self._check_columns(names.values())
            values = ", ".join(
                f"{_quoted(column)}::VARCHAR AS {_quoted(name)}" for column, name in names.items()
            )
            self._keep(
                f"""
                SELECT $path AS _path, file_row_number + 1 AS _source_row, {values},
                    NULL::VARCHAR AS {PARSE_ERROR}, NULL::VARCHAR AS {SURPLUS}
                FROM read_parquet($path, file_row_number = true)
                """,
                {"path": str(path)},
            )


def _suffix(path: Path) -> str:
    return path.suffix


def _csv_header(path: Path) -> tuple[str, ...]:
    """Return the normalised column names of a CSV file, unnamed ones numbered."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            names = next(_records(lines), [])
    except UnicodeDecodeError as error:
        raise RejectedFileError("not UTF-8 text") from error
    return tuple(_normalised(name) or f"column_{i + 1}" for i, name in enumerate(names))


def _records(lines: Iterable[str]) -> Iterator[list[str]]:
    return (record for record in csv.reader(lines) if record)


def _normalised(column: str) -> str:
    """Return a column's name as bronze has it; a leading underscore is bronze's own."""
    name = column.strip().lower()
    return f"landed{name}" if name.startswith("_") else name


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _json_path(key: str) -> str:
    escaped = key.replace("\\", "\\\\").replace('"', '\\"').replace("'", "''")
    return f"'$.\"{escaped}\"'"


def _first_line(error: Exception) -> str:
    """Return an engine's message as one short line, without the path that the record has anyway."""
    text = str(error).split("\n", maxsplit=1)[0].removeprefix("Invalid Input Error: ")
    return text.split(" in file ")[0] if "Malformed JSON" not in text else _malformed_json(text)


def _malformed_json(text: str) -> str:
    position = text.split('", ', maxsplit=1)[-1]
    return f"malformed JSON {position}"
