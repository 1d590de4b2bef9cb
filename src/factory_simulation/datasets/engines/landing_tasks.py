"""How a task of a distributed engine reads landing files, away from the process that asked.

Every file yields its rows, and one row more that says how it went.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from factory_simulation.datasets.engines.files.reader import read_into_table
from factory_simulation.datasets.engines.files.tables import quoted
from factory_simulation.domain import LANDED_TABLES, PARSE_ERROR, SURPLUS, LandedTable

MORE = "_more"
"""The columns that the contract does not have, by name."""
ROW_COUNT, REJECTED, COLUMNS = "_row_count", "_rejected", "_columns"
"""In a row that says how a file went: how many rows it has, why it could not be read, and our names
of its columns by those in the file."""
_ROWS_PER_BATCH = 10_000


def columns_read(contract: LandedTable) -> str:
    """Return the columns of ``read`` as Spark declares them."""
    texts = ("_path", *contract.columns, PARSE_ERROR, SURPLUS, REJECTED)
    return (
        "".join(f"`{name}` string, " for name in texts)
        + f"_source_row bigint, {ROW_COUNT} bigint, "
        + f"{COLUMNS} map<string, string>, {MORE} map<string, string>"
    )


def read(
    table: str, renamed: Mapping[str, str], paths: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Read the files at these paths with DuckDB, which reads them for every engine.

    Args:
        table: The landed table.
        renamed: Our name by the one under which a column lands, where that is another one.
        paths: Batches of one column.
    """
    contract = LANDED_TABLES[table]
    files = [Path(path) for batch in paths for path in batch.column(0).to_pylist()]
    with duckdb.connect(config={"threads": 1}) as reader:
        done = read_into_table(reader, table, files, renamed)
        known = {"_path", "_source_row", PARSE_ERROR, SURPLUS, *contract.columns}
        more = [name for name in reader.table(done.table).columns if name not in known]
        keys = ", ".join("'" + name.replace("'", "''") + "'" for name in more)
        values = ", ".join(quoted(name) for name in more)
        texts = ", ".join(map(quoted, ("_path", *contract.columns, PARSE_ERROR, SURPLUS)))
        rows = reader.sql(
            f"""
            SELECT {texts}, NULL::VARCHAR AS {REJECTED}, _source_row,
                NULL::BIGINT AS {ROW_COUNT}, NULL::MAP(VARCHAR, VARCHAR) AS {COLUMNS},
                map([{keys}]::VARCHAR[], [{values}]::VARCHAR[]) AS {MORE}
            FROM {done.table}
            """
        )
        batches = rows.to_arrow_reader(_ROWS_PER_BATCH)
        yield from batches
    told = [
        {
            "_path": str(path),
            ROW_COUNT: done.row_counts.get(path, 0),
            REJECTED: done.rejected.get(path),
            COLUMNS: list(done.columns.get(path, {}).items()),
        }
        for path in files
    ]
    yield from pa.Table.from_pylist(told, schema=batches.schema).to_batches()
