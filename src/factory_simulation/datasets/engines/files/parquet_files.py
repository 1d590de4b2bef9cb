"""Parquet files."""

from pathlib import Path

from factory_simulation.datasets.engines.files.columns import LandedColumns, normalised
from factory_simulation.datasets.engines.files.tables import (
    TemporaryTables,
    literal_path,
    quoted,
)
from factory_simulation.domain import PARSE_ERROR, SURPLUS


def read(tables: TemporaryTables, columns: LandedColumns, paths: list[Path]) -> None:
    """Read Parquet files, their typed values as text."""
    for path in paths:
        source = {"path": literal_path(path)}
        described = tables.connection.execute(
            "DESCRIBE SELECT * FROM read_parquet($path)", source
        ).fetchall()
        names = columns.take_header(path, [normalised(column) for column, *_ in described])
        values = ", ".join(
            f"{quoted(column)}::VARCHAR AS {quoted(name)}"
            for (column, *_), name in zip(described, names, strict=True)
        )
        tables.make(
            f"""
            SELECT $name AS _path, file_row_number + 1 AS _source_row, {values},
                NULL::VARCHAR AS {PARSE_ERROR}, NULL::VARCHAR AS {SURPLUS}
            FROM read_parquet($path, file_row_number = true)
            """,
            {**source, "name": str(path)},
        )
