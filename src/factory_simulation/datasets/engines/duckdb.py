"""DuckDB: the embedded engine, and the default."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from factory_simulation.datasets.engines.base import Engine, LandingRead
from factory_simulation.datasets.engines.files.reader import LandingReader
from factory_simulation.datasets.engines.files.tables import TemporaryTables, quoted
from factory_simulation.domain import LANDED_TABLES, PARSE_ERROR, SURPLUS, FactoryError, Schema

_IN_MEMORY = ":memory:"


class DuckDbEngine(Engine):
    """A DuckDB file, or DuckDB in memory."""

    @classmethod
    def connect(cls, **arguments: Any) -> Any:
        """See ``Engine``."""
        database = str(arguments.get("database", _IN_MEMORY))
        try:
            if database != _IN_MEMORY:
                Path(database).parent.mkdir(parents=True, exist_ok=True)
            return ibis.duckdb.connect(**arguments)
        except (duckdb.IOException, OSError) as error:
            reason = str(error).split("\n", maxsplit=1)[0]
            raise FactoryError(f"warehouse {database} cannot be opened: {reason}") from error

    @classmethod
    def may_hold_tables(cls, **arguments: Any) -> bool:
        """See ``Engine``."""
        return Path(str(arguments.get("database", _IN_MEMORY))).is_file()

    def create_schemas(self, schemas: Sequence[Schema]) -> None:
        """See ``Engine``. Ibis would emit CREATE OR REPLACE, which fails on filled schemas."""
        for schema in schemas:
            self.connection.raw_sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")

    def small_table(self, rows: pa.Table) -> ir.Table:
        """See ``Engine``. A temporary table, because a memtable belongs to no connection."""
        name = ibis.util.gen_name("small")
        return self.connection.create_table(name, rows, temp=True)

    def replace_rows(
        self, table: str, schema: Schema, rows: ir.Table, *, key: str, keys: Sequence[str]
    ) -> None:
        """See ``Engine``."""
        connection = self.connection
        name = f"{schema}.{quoted(table)}"
        query = ibis.to_sql(rows, dialect="duckdb")
        connection.raw_sql("BEGIN")
        try:
            if table not in connection.list_tables(database=schema):
                connection.create_table(table, schema=rows.schema(), database=schema)
            known = connection.table(table, database=schema).columns
            for column, type_ in rows.schema().items():
                if column not in known:
                    sql_type = connection.compiler.type_mapper.to_string(type_)
                    connection.raw_sql(f"ALTER TABLE {name} ADD COLUMN {quoted(column)} {sql_type}")
            connection.con.execute(
                f"DELETE FROM {name} WHERE {key} IN (SELECT unnest($1))", [list(keys)]
            )
            connection.raw_sql(f"INSERT INTO {name} BY NAME {query}")
            connection.raw_sql("COMMIT")
        except BaseException:
            connection.raw_sql("ROLLBACK")
            raise

    def read_landing(self, table: str, files: Sequence[Path]) -> LandingRead:
        """See ``Engine``. DuckDB reads the files itself."""
        tables = TemporaryTables(self.connection.con)
        reader = LandingReader(tables, LANDED_TABLES[table])
        reader.read(files)
        columns = ("_path", *LANDED_TABLES[table].columns, PARSE_ERROR, SURPLUS)
        empty = ", ".join(f"NULL::VARCHAR AS {column}" for column in columns)
        parts = [f"SELECT {empty}, 0::BIGINT AS _source_row LIMIT 0"]
        parts += [f"SELECT * FROM {part}" for part in tables.names]
        united = tables.make(" UNION ALL BY NAME ".join(f"({part})" for part in parts))
        for part in [name for name in tables.names if name != united]:
            tables.drop(part)
        counts = self.connection.con.execute(
            f"SELECT _path, count(*) FROM {united} GROUP BY _path"
        ).fetchall()
        row_counts = {Path(path): rows for path, rows in counts}
        read = [path for path in files if path not in reader.rejected]
        return LandingRead(
            rows=self.connection.table(united, database=("temp", "main")),
            row_counts={path: row_counts.get(path, 0) for path in read},
            rejected=reader.rejected,
        )
