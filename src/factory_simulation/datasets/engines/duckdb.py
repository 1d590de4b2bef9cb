"""DuckDB: the embedded engine, and the default. A warehouse is a file."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from factory_simulation.datasets.engines.base import AS_LANDED, Engine, LandingRead
from factory_simulation.datasets.engines.files.reader import read_into_table
from factory_simulation.datasets.engines.files.tables import quoted
from factory_simulation.domain import FactoryError, Schema

_IN_MEMORY = ":memory:"


class DuckDbEngine(Engine):
    """A DuckDB file, or DuckDB in memory.

    Args:
        connection: The Ibis connection.
        file: The file, or ``:memory:``.
        settings: What it was opened with beside its name.
    """

    def __init__(self, connection: Any, file: str, settings: Mapping[str, Any]) -> None:
        super().__init__(connection)
        self._file = file
        self._settings = settings

    @classmethod
    def open(
        cls, warehouse: str | None, settings: Mapping[str, Any], credentials: Mapping[str, Any]
    ) -> Self:
        """See ``Engine``; settings are DuckDB's, such as ``threads``."""
        database = warehouse or _IN_MEMORY
        chosen = {**settings, **credentials}
        return cls(_connect(database, chosen), database, chosen)

    @classmethod
    def may_hold_tables(cls, warehouse: str | None) -> bool:
        """See ``Engine``."""
        return Path(warehouse or _IN_MEMORY).is_file()

    def drop(self) -> None:
        """See ``Engine``."""
        self.close()
        Path(self._file).unlink(missing_ok=True)

    def create_schemas(self, schemas: Sequence[Schema]) -> None:
        """See ``Engine``. Ibis would emit CREATE OR REPLACE, which fails on filled schemas."""
        for schema in schemas:
            self.connection.raw_sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")

    def small_table(self, rows: pa.Table) -> ir.Table:
        """See ``Engine``. A temporary table, because a memtable belongs to no connection."""
        return self.connection.create_table(ibis.util.gen_name("small"), rows, temp=True)

    def forget_small_tables(self) -> None:
        """See ``Engine``. The file is opened anew: a connection grows slower with every run.

        All that is temporary goes with the connection: landed rows and computed tables too.
        """
        if self._file != _IN_MEMORY:
            self.close()
            self.connection = _connect(self._file, self._settings)
            return
        temporary = "SELECT table_name FROM duckdb_tables() WHERE temporary"
        for (name,) in self.connection.raw_sql(temporary).fetchall():
            self.connection.raw_sql(f"DROP TABLE IF EXISTS temp.main.{quoted(name)}")

    def replace_table(self, table: str, schema: Schema, rows: ir.Table) -> None:
        """See ``Engine``."""
        with self._transaction():  # Ibis fills another table, drops this one, renames the other
            self.connection.create_table(table, rows, database=schema.value, overwrite=True)

    def replace_rows(self, table: str, schema: Schema, rows: ir.Table, *, keys: ir.Table) -> None:
        """See ``Engine``."""
        connection = self.connection
        name = f"{schema}.{quoted(table)}"
        query = ibis.to_sql(rows, dialect="duckdb")
        gone = ibis.to_sql(keys, dialect="duckdb")
        agrees = " AND ".join(f"{name}.{quoted(k)} = gone.{quoted(k)}" for k in keys.columns)
        with self._transaction():
            if not self.has_table(schema, table):
                connection.create_table(table, schema=rows.schema(), database=schema)
            known = self.table(schema, table).columns
            for column, type_ in rows.schema().items():
                if column not in known:
                    sql_type = connection.compiler.type_mapper.to_string(type_)
                    connection.raw_sql(f"ALTER TABLE {name} ADD COLUMN {quoted(column)} {sql_type}")
            connection.raw_sql(f"DELETE FROM {name} USING ({gone}) AS gone WHERE {agrees}")
            connection.raw_sql(f"INSERT INTO {name} BY NAME {query}")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Let all that is done in it count at its end, or nothing."""
        self.connection.raw_sql("BEGIN")
        try:
            yield
            self.connection.raw_sql("COMMIT")
        except BaseException:
            self.connection.raw_sql("ROLLBACK")
            raise

    def read_landing(
        self, table: str, files: Sequence[Path], renamed: Mapping[str, str] = AS_LANDED
    ) -> LandingRead:
        """See ``Engine``. DuckDB reads the files itself."""
        read = read_into_table(self.connection.con, table, files, renamed)
        rows = self.connection.table(read.table, database=("temp", "main"))
        return LandingRead(rows, read.row_counts, read.rejected, read.columns)


def _connect(database: str, settings: Mapping[str, Any]) -> Any:
    """Open a file, which is made where there is none, or a database in memory."""
    try:
        if database != _IN_MEMORY:
            Path(database).parent.mkdir(parents=True, exist_ok=True)
        return ibis.duckdb.connect(database, **settings)
    except (duckdb.Error, OSError) as error:
        reason = str(error).split("\n", maxsplit=1)[0]
        raise FactoryError(f"warehouse {database} cannot be opened: {reason}") from error


ENGINE = DuckDbEngine
