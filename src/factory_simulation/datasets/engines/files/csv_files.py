"""CSV files."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

import pyarrow as pa

from factory_simulation.datasets.engines.files.columns import LandedColumns, normalised
from factory_simulation.datasets.engines.files.tables import (
    LONGEST_LINE,
    RejectedFileError,
    TemporaryTables,
    literal_path,
    quoted,
)
from factory_simulation.domain import PARSE_ERROR, SURPLUS, Reason

_SPARE_FIELDS = 8
"""Columns read beyond a file's header; doubled for as long as a row fills them all."""
_NO_TEXT = "\1\2\1"
"""A text that no file holds stands for null, so that only what is not there becomes null."""

Header = tuple[str, ...]

csv.field_size_limit(LONGEST_LINE)  # beyond it, Python's reader takes a field for a broken one


def read(tables: TemporaryTables, columns: LandedColumns, paths: list[Path]) -> None:
    """Read CSV files; rows with too few or too many fields say so."""
    landed = {path: _header(path) for path in paths}
    headers = {path: columns.take_header(path, names) for path, names in landed.items() if names}
    broken = [path for path in headers if not _has_sound_quotes(path)]
    for path in broken:
        _read_by_line(tables, path, headers[path])
    sound = sorted(set(headers) - set(broken), key=lambda path: (headers[path], path))
    for header, group in groupby(sound, key=lambda path: headers[path]):
        _read_group(tables, list(group), header, _SPARE_FIELDS)


def _read_group(
    tables: TemporaryTables, paths: list[Path], header: Header, spare_fields: int
) -> None:
    """Read files of one header. The number of columns that are not null is that of the fields."""
    width = len(header) + spare_fields
    names = ", ".join(f"_c{i} AS {quoted(name)}" for i, name in enumerate(header))
    surplus = ", ".join(f"_c{i}" for i in range(len(header), width))
    field_count = " + ".join(f"(_c{i} IS NOT NULL)::INT" for i in range(width))
    part = tables.make(
        f"""
        WITH landed AS (
            SELECT row_number() OVER () AS _n, * FROM read_csv($paths, columns = $columns,
                header = false, auto_detect = false, delim = ',', quote = '"', escape = '"',
                nullstr = $no_text, null_padding = true, strict_mode = false, parallel = false,
                max_line_size = {LONGEST_LINE}, filename = '_path')
        ), counted AS (
            SELECT *, _n - min(_n) OVER (PARTITION BY _path) AS _source_row,
                {field_count} AS _field_count
            FROM landed
        )
        SELECT _path, _source_row, {names},
            CASE WHEN _field_count < {len(header)} THEN '{Reason.TOO_FEW_FIELDS}'
                 WHEN _field_count > {len(header)} THEN '{Reason.TOO_MANY_FIELDS}'
            END AS {PARSE_ERROR},
            nullif(concat_ws(',', {surplus}), '') AS {SURPLUS},
            _field_count = {width} AS _is_full
        FROM counted WHERE _source_row > 0
        """,
        {
            "paths": [literal_path(path) for path in paths],
            "columns": {f"_c{i}": "VARCHAR" for i in range(width)},
            "no_text": _NO_TEXT,
        },
    )
    (is_cut_off,) = tables.connection.execute(f"SELECT bool_or(_is_full) FROM {part}").fetchall()[0]
    if is_cut_off:
        tables.drop(part)
        _read_group(tables, paths, header, spare_fields * 2)
    else:
        tables.connection.execute(f"ALTER TABLE {part} DROP COLUMN _is_full")


def _header(path: Path) -> Header:
    """Return the normalised column names of a file, unnamed ones numbered; none if it is blank."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            names = next(_records(lines), [])
    except UnicodeDecodeError as error:
        raise RejectedFileError("not UTF-8 text") from error
    except csv.Error as error:
        raise RejectedFileError(f"malformed header: {error}") from error
    if not any(name.strip() for name in names):
        return ()
    return tuple(normalised(name) or f"column_{i + 1}" for i, name in enumerate(names))


def _has_sound_quotes(path: Path) -> bool:
    """Tell whether every quote in a file is closed, and closed where a field ends.

    DuckDB would read on to the next quote, however far away, and cut off what follows it.
    """
    with path.open("rb") as content:
        if not any(b'"' in chunk for chunk in iter(lambda: content.read(2**20), b"")):
            return True
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            deque(_records(lines), maxlen=0)
    except UnicodeDecodeError as error:
        raise RejectedFileError("not UTF-8 text") from error
    except csv.Error:
        return False
    return True


def _read_by_line(tables: TemporaryTables, path: Path, header: Header) -> None:
    """Read a file with broken quotes line by line, so that a broken line takes no other with it.

    The one place where Python goes through rows: no engine can be told to do this.
    """
    landed = []
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for number, line in enumerate(_lines(lines)):
            if number:
                landed.append({"_path": str(path), "_source_row": number, **_record(line, header)})
    columns = ["_path", *header, PARSE_ERROR, SURPLUS]
    types = pa.schema({"_source_row": pa.int64()} | {name: pa.string() for name in columns})
    rows = pa.Table.from_pylist(landed, schema=types)
    tables.connection.register("_landed_lines", rows)
    tables.make("SELECT * FROM _landed_lines")
    tables.connection.unregister("_landed_lines")


def _record(line: str, header: Header) -> dict[str, str | None]:
    """Return one line's fields, or the line as it is where its quotes are broken."""
    try:
        fields = next(_records([line]))
    except csv.Error:
        return {PARSE_ERROR: Reason.MALFORMED_QUOTES, SURPLUS: line}
    problem = None
    if len(fields) != len(header):
        few = len(fields) < len(header)
        problem = Reason.TOO_FEW_FIELDS if few else Reason.TOO_MANY_FIELDS
    surplus = ",".join(fields[len(header) :]) or None
    return {**dict(zip(header, fields, strict=False)), PARSE_ERROR: problem, SURPLUS: surplus}


def _lines(lines: Iterable[str]) -> Iterator[str]:
    return (line.rstrip("\r\n") for line in lines if line.strip())


def _records(lines: Iterable[str]) -> Iterator[list[str]]:
    return (record for record in csv.reader(lines, strict=True) if record)
