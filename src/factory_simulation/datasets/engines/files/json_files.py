"""JSON files: an array of objects, or one object per line."""

import codecs
import tempfile
from pathlib import Path

import duckdb

from factory_simulation.datasets.engines.files.columns import LandedColumns, normalised
from factory_simulation.datasets.engines.files.tables import (
    LONGEST_LINE,
    RejectedFileError,
    TemporaryTables,
    literal_path,
    quoted,
)
from factory_simulation.domain import PARSE_ERROR, SURPLUS, Reason

_LARGEST_OBJECT = 256 * 2**20
"""Bytes. DuckDB takes an array of objects as one value while it looks for its format."""
_TAIL = 4096


def read(tables: TemporaryTables, columns: LandedColumns, paths: list[Path]) -> None:
    """Read JSON files; elements that are no objects, and lines that are no JSON, say so."""
    with tempfile.TemporaryDirectory() as folder:
        sources = {_without_mark(path, Path(folder)): path for path in paths}
        for source in sources:
            _check_end(source)
        elements = _elements(tables, list(sources))
        for source, path in sources.items():
            if source != path:
                tables.connection.execute(
                    f"UPDATE {elements} SET _path = $path WHERE _path = $source",
                    {"path": str(path), "source": str(source)},
                )
    keys = tables.connection.execute(
        f"SELECT DISTINCT _path, unnest(json_keys(_json)) FROM {elements} WHERE _json IS NOT NULL"
    ).fetchall()
    for path in paths:
        found = {_landed_name(key) for owner, key in keys if owner == str(path)}
        if found:
            columns.take_keys(path, sorted(found))
    spellings = _spellings({key for _, key in keys}, columns)
    _reject_rival_names(tables, elements, spellings)
    values = ", ".join(f"{_first(keys)} AS {quoted(name)}" for name, keys in spellings.items())
    tables.make(
        f"""
        SELECT _path, _source_row, {values},
            CASE WHEN _json IS NULL THEN _problem END AS {PARSE_ERROR}, _other AS {SURPLUS}
        FROM {elements}
        """
    )
    tables.drop(elements)


def _elements(tables: TemporaryTables, sources: list[Path]) -> str:
    """Make a table of one row per element; one of lines where an element is no JSON."""
    paths = [literal_path(source) for source in sources]
    try:
        return tables.make(
            f"""
            WITH landed AS (
                SELECT row_number() OVER () AS _n, json AS _element, _path
                FROM read_json_objects($paths, format = 'auto', filename = '_path',
                    maximum_object_size = {_LARGEST_OBJECT})
            )
            SELECT _path, _n - min(_n) OVER (PARTITION BY _path) + 1 AS _source_row,
                {_object_or_other("_element", Reason.NOT_AN_OBJECT)}
            FROM landed
            """,
            {"paths": paths},
        )
    except duckdb.InvalidInputException as error:
        if len(sources) > 1 or _first_byte(sources[0]) == b"[":
            raise
        return _elements_by_line(tables, sources[0], error)


def _elements_by_line(tables: TemporaryTables, source: Path, error: Exception) -> str:
    """Read a file of one object per line of which some are broken; a broken end rejects it."""
    elements = tables.make(
        f"""
        WITH landed AS (
            SELECT row_number() OVER () AS _source_row, _line, _path
            FROM read_csv($path, columns = {{'_line': 'VARCHAR'}}, header = false,
                auto_detect = false, delim = '\1', quote = '', escape = '',
                max_line_size = {LONGEST_LINE}, filename = '_path')
            WHERE trim(_line) != ''
        )
        SELECT _path, _source_row,
            {
            _object_or_other(
                "CASE WHEN json_valid(_line) THEN _line::JSON END", Reason.MALFORMED_JSON, "_line"
            )
        }
        FROM landed
        """,
        {"path": literal_path(source)},
    )
    (rows, objects, ends_well) = tables.connection.execute(
        f"SELECT count(*), count(_json), arg_max(_json IS NOT NULL, _source_row) FROM {elements}"
    ).fetchall()[0]
    is_cut_off = not ends_well and source.read_bytes()[-1:] != b"\n"
    if is_cut_off or 2 * objects <= rows:
        tables.drop(elements)
        raise error
    return elements


def _object_or_other(element: str, problem: Reason, raw: str | None = None) -> str:
    """Return the columns that hold an element: an object, or what it is instead."""
    is_object = f"coalesce(json_type({element}) = 'OBJECT', false)"
    return f"""
        CASE WHEN {is_object} THEN {element} END AS _json,
        CASE WHEN NOT {is_object} THEN ({raw or element})::VARCHAR END AS _other,
        '{problem}' AS _problem
    """


def _landed_name(key: str) -> str:
    return normalised(key) or "unnamed"


def _spellings(keys: set[str], columns: LandedColumns) -> dict[str, list[str]]:
    """Return the keys of each column, the plainest first."""
    spellings: dict[str, list[str]] = {name: [name] for name in columns.contract.columns}
    for key in sorted(keys, key=lambda key: (key != normalised(key), key)):
        known = spellings.setdefault(columns.ours(_landed_name(key)), [])
        if key not in known:
            known.append(key)
    return spellings


def _reject_rival_names(
    tables: TemporaryTables, elements: str, spellings: dict[str, list[str]]
) -> None:
    """Reject an element with a value under our name and one under a name that stands for it.

    Either may be missing, so that a name may change within a file; but none may be lost.
    """
    for name, keys in spellings.items():
        own = [key for key in keys if _landed_name(key) == name]
        others = [key for key in keys if key not in own]
        if not (own and others):
            continue
        rivals = f"{_first(own)} IS NOT NULL AND {_first(others)} IS NOT NULL"
        query = f"SELECT 1 FROM {elements} WHERE {rivals} LIMIT 1"
        if tables.connection.execute(query).fetchall():
            told = " and ".join([name, *sorted(map(_landed_name, others))])
            raise RejectedFileError(f"column {name} has two values in one object ({told})")


def _first(keys: list[str]) -> str:
    """Return the value of the first of these keys that has one, as text."""
    return f"coalesce({', '.join(f'_json ->> {_json_path(key)}' for key in keys)})"


def _json_path(key: str) -> str:
    """Return a key as an SQL text with a JSON pointer, in which any key can be written."""
    pointer = "/" + key.replace("~", "~0").replace("/", "~1")
    return "('" + pointer.replace("'", "''").replace("\0", "' || chr(0) || '") + "')"


def _check_end(path: Path) -> None:
    """Reject an array that is not closed: DuckDB accepts one that ends after a comma."""
    if _first_byte(path) != b"[":
        return
    with path.open("rb") as content:
        content.seek(max(0, path.stat().st_size - _TAIL))
        if not content.read().rstrip().endswith(b"]"):
            raise RejectedFileError("malformed JSON: the array is cut off")


def _first_byte(path: Path) -> bytes:
    with path.open("rb") as content:
        return content.read(_TAIL).lstrip()[:1]


def _without_mark(path: Path, folder: Path) -> Path:
    """Return the file, or a copy without the byte order mark, on which DuckDB stumbles."""
    with path.open("rb") as content:
        if content.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
            return path
        copy = folder / f"{len(list(folder.iterdir()))}.json"
        copy.write_bytes(content.read())
        return copy
