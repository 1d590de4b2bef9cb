"""The record of what columns each landing file had: ``ops.file_columns``."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from factory_simulation.datasets.engines import Engine
from factory_simulation.domain import ColumnKind, LandedTable, Schema
from factory_simulation.schemas.contract import Contract

_RECORD = "file_columns"
_RECORD_TYPES = pa.schema(
    {
        "source_file": pa.string(),
        "table_name": pa.string(),
        "arrival_date": pa.date32(),
        "landed_name": pa.string(),
        "column_name": pa.string(),
        "kind": pa.string(),
    }
)


def columns_of_file(
    table: LandedTable, source_file: str, arrival_date: date | None, columns: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return one record per column of a file.

    Args:
        table: The landed table.
        source_file: The file, as bronze names it.
        arrival_date: When it arrived.
        columns: Our names by those in the file.
    """
    return [
        {
            "source_file": source_file,
            "table_name": table.name,
            "arrival_date": arrival_date,
            "landed_name": landed,
            "column_name": ours,
            "kind": _kind(table, landed, ours),
        }
        for landed, ours in columns.items()
    ]


def record_columns(
    engine: Engine, columns: Sequence[Mapping[str, Any]], source_files: Sequence[str]
) -> None:
    """Put these columns in the place of all that is on record of these files."""
    rows = engine.small_table(pa.Table.from_pylist(list(columns), schema=_RECORD_TYPES))
    engine.replace_rows(
        _RECORD,
        Schema.OPS,
        Contract(Schema.OPS, _RECORD).validate(rows),
        keys=engine.small_keys("source_file", source_files),
    )


def _kind(table: LandedTable, landed: str, ours: str) -> ColumnKind:
    if landed != ours:
        return ColumnKind.MAPPED
    return ColumnKind.EXPECTED if ours in table.known else ColumnKind.EXTRA
