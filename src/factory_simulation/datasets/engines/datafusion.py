"""DataFusion: a second embedded engine. A warehouse is a folder of Parquet files.

DataFusion keeps tables in memory only, so they are written out; see ``snapshots``.
"""

import posixpath
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import datafusion
import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from factory_simulation.datasets.engines.base import AS_LANDED, LandingRead
from factory_simulation.datasets.engines.files.reader import read_into_table
from factory_simulation.datasets.engines.parquet import ParquetEngine
from factory_simulation.datasets.engines.snapshots import Snapshots
from factory_simulation.domain import FactoryError

_ROWS_PER_PIECE = 100_000
_DEPTH, _DEEPEST = "datafusion.sql_parser.recursion_limit", "1000"
"""By default it gives up on queries in queries as deep as a node of ours may be."""


class DataFusionEngine(ParquetEngine):
    """DataFusion in this process."""

    @classmethod
    def open(
        cls,
        warehouse: str | None,
        settings: Mapping[str, Any],
        credentials: Mapping[str, Any],  # noqa: ARG003 - a folder has none
    ) -> Self:
        """See ``Engine``; settings are DataFusion's, named ``datafusion.…``."""
        deep = datafusion.SessionConfig().set(_DEPTH, _DEEPEST)
        context = datafusion.SessionContext(deep)
        for name, value in settings.items():
            literal = str(value).replace("'", "''")
            try:
                context.sql(f"SET {name} = '{literal}'").collect()
            except Exception as error:  # its own errors have no class of their own
                raise FactoryError(f"DataFusion refuses {name}: {value}: {error}") from error
        return cls(ibis.datafusion.connect(context), Snapshots(warehouse))

    @classmethod
    def may_hold_tables(cls, warehouse: str | None) -> bool:
        """See ``Engine``."""
        return Snapshots.exist(warehouse)

    def small_table(self, rows: pa.Table) -> ir.Table:
        """See ``Engine``."""
        return self.connection.create_table(ibis.util.gen_name("small"), rows)

    def read_landing(
        self, table: str, files: Sequence[Path], renamed: Mapping[str, str] = AS_LANDED
    ) -> LandingRead:
        """See ``Engine``. DuckDB reads the files; both engines share Arrow's memory."""
        with duckdb.connect() as reader:
            read = read_into_table(reader, table, files, renamed)
            rows = self.small_table(reader.table(read.table).to_arrow_table())
        return LandingRead(rows, read.row_counts, read.rejected, read.columns)

    def _know(self, name: str, folder: str) -> None:
        self.connection.con.register_parquet(name, self.snapshots.address(folder) + "/")

    def _write(self, rows: ir.Table, folder: str) -> None:
        files = self.snapshots.files
        files.makedirs(folder)
        batches = rows.to_pyarrow_batches(chunk_size=_ROWS_PER_PIECE)
        with (
            files.open(posixpath.join(folder, "part-00000.parquet"), "wb") as sink,
            pq.ParquetWriter(sink, batches.schema) as writer,
        ):
            for batch in batches:
                writer.write_batch(batch)


ENGINE = DataFusionEngine
