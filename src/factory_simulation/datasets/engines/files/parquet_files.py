"""Parquet files."""

from pathlib import Path

from factory_simulation.datasets.engines.files.tables import (
    TemporaryTables,
    check_columns,
    literal_path,
    normalised,
    quoted,
)
from factory_simulation.domain import PARSE_ERROR, SURPLUS, LandedTable


def read(tables: TemporaryTables, contract: LandedTable, paths: list[Path]) -> None:
    """Read Parquet files, their typed values as text."""
    for path in paths:
        source = {"path": literal_path(path)}
        described = tables.connection.execute(
            "DESCRIBE SELECT * FROM read_parquet($path)", source
        ).fetchall()
        names = [normalised(column) for column, *_ in described]
        check_columns(names, contract)
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
