"""PostgreSQL: a database server. A warehouse is a database, made where there is none yet.

Where the server is, and who asks, comes from credentials or from the environment variables that
every PostgreSQL client reads (``PGHOST``, ``PGUSER``, ``PGPASSWORD``, ...).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import duckdb
import ibis
import ibis.expr.types as ir
import psycopg
import pyarrow as pa
import pyarrow.csv as pacsv
from psycopg import sql

from factory_simulation.datasets.engines.base import AS_LANDED, Engine, LandingRead
from factory_simulation.datasets.engines.files.reader import read_into_table
from factory_simulation.domain import FactoryError, Schema

_MAINTENANCE = "postgres"
"""The database that every server has, from which others are made."""
_ROWS_PER_COPY = 50_000
_LONGEST_NAME = 63
_BUILTIN_LOCALES = 170000
"""The server's version from which on it sorts and lowers text by itself."""
_SORTS_AND_LOWERS_BY_CODE_POINT = "SELECT 'B' < 'a' AND 'a-c' < 'ab' AND lower('\u00c4') = '\u00e4'"
_MENDABLE = (
    psycopg.OperationalError,  # no server, no such database, a lost connection, a full disk
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.ReadOnlySqlTransaction,
    psycopg.errors.DependentObjectsStillExist,
)


class PostgresEngine(Engine):
    """A database of a PostgreSQL server."""

    @classmethod
    def open(
        cls, warehouse: str | None, settings: Mapping[str, Any], credentials: Mapping[str, Any]
    ) -> Self:
        """See ``Engine``; settings are PostgreSQL's, such as ``work_mem``."""
        server = {name: value for name, value in credentials.items() if name != "database"}
        if "user" in server or "username" in server:
            server["user"] = server.pop("username", server.get("user"))
        database = warehouse or credentials.get("database")
        if len((database or "").encode()) > _LONGEST_NAME:
            raise FactoryError(
                f"PostgreSQL keeps {_LONGEST_NAME} bytes of a database's name: warehouse="
                f"{database} is longer"
            )
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        try:
            connection = _opened(server, database, options)
            _require_code_points(connection)
        except (*_MENDABLE, psycopg.ProgrammingError) as error:  # such as a mistyped credential
            raise FactoryError(_told(error)) from error
        return cls(ibis.postgres.from_connection(connection))

    @classmethod
    def explain(cls, error: BaseException) -> str | None:
        """See ``Engine``."""
        return _told(error) if isinstance(error, _MENDABLE) else None

    def drop(self) -> None:
        """See ``Engine``."""
        info = self.connection.con.info
        database = info.dbname
        server = {**info.get_parameters(), "password": info.password, "dbname": _MAINTENANCE}
        self.close()
        with psycopg.connect(**server, autocommit=True) as maintenance:
            maintenance.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(database)))

    def create_schemas(self, schemas: Sequence[Schema]) -> None:
        """See ``Engine``. What exists is not made again: that would need a right of its own."""
        missing = set(schemas) - set(self.connection.list_databases())
        with self._transaction() as cursor:
            for schema in sorted(missing):
                cursor.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))

    def small_table(self, rows: pa.Table) -> ir.Table:
        """See ``Engine``. A temporary table, because a memtable is inserted row by row."""
        return self._loaded(rows.schema, rows.to_batches())

    def forget_small_tables(self) -> None:
        """See ``Engine``."""
        with self._transaction() as cursor:
            cursor.execute("DISCARD TEMP")

    def replace_table(self, table: str, schema: Schema, rows: ir.Table) -> None:
        """See ``Engine``."""
        name, made = _name(schema, table), ibis.util.gen_name("made")
        with self._transaction() as cursor:
            self._make(cursor, schema, made, rows.schema())
            self._insert(cursor, schema, made, rows)
            if self._has_columns(schema, table, made):
                self._refill(cursor, name, _name(schema, made))
            else:
                cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(name))
                renamed = sql.SQL("ALTER TABLE {} RENAME TO {}")
                cursor.execute(renamed.format(_name(schema, made), sql.Identifier(table)))
        self._analyse(name)

    def replace_rows(self, table: str, schema: Schema, rows: ir.Table, *, keys: ir.Table) -> None:
        """See ``Engine``."""
        name = _name(schema, table)
        gone = sql.SQL(self.connection.compile(keys))
        agrees = sql.SQL(" AND ").join(
            sql.SQL("replaced.{0} = gone.{0}").format(sql.Identifier(key)) for key in keys.columns
        )
        with self._transaction() as cursor:
            if not self.has_table(schema, table):
                self._make(cursor, schema, table, rows.schema())
            known = self.table(schema, table).columns
            for column, type_ in rows.schema().items():
                if column not in known:
                    added = sql.SQL("ALTER TABLE {} ADD COLUMN {} {}")
                    cursor.execute(
                        added.format(name, sql.Identifier(column), self._sql_type(type_))
                    )
            deleted = sql.SQL("DELETE FROM {} AS replaced USING ({}) AS gone WHERE {}")
            cursor.execute(deleted.format(name, gone, agrees))
            self._insert(cursor, schema, table, rows)
        self._analyse(name)

    def read_landing(
        self, table: str, files: Sequence[Path], renamed: Mapping[str, str] = AS_LANDED
    ) -> LandingRead:
        """See ``Engine``. The files are on this machine: DuckDB reads, COPY loads."""
        with duckdb.connect() as reader:
            read = read_into_table(reader, table, files, renamed)
            batches = reader.table(read.table).to_arrow_reader(_ROWS_PER_COPY)
            rows = self._loaded(batches.schema, batches)
        return LandingRead(rows, read.row_counts, read.rejected, read.columns)

    # --- loading -------------------------------------------------------------------------

    def _loaded(self, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> ir.Table:
        """Bring Arrow data into a temporary table by COPY."""
        name = ibis.util.gen_name("loaded")
        self.connection.create_table(name, schema=ibis.Schema.from_pyarrow(schema), temp=True)
        statement = sql.SQL("COPY {} FROM STDIN (FORMAT csv)").format(sql.Identifier(name))
        with self._transaction() as cursor, cursor.copy(statement) as copy:
            for batch in batches:
                copy.write(_as_csv(batch))
        self._analyse(sql.Identifier(name))
        return self.connection.table(name)

    def _make(
        self, cursor: psycopg.Cursor, schema: Schema, table: str, columns: ibis.Schema
    ) -> None:
        parts = [
            sql.SQL("{} {}").format(sql.Identifier(column), self._sql_type(type_))
            for column, type_ in columns.items()
        ]
        made = sql.SQL("CREATE TABLE {} ({})")
        cursor.execute(made.format(_name(schema, table), sql.SQL(", ").join(parts)))

    def _has_columns(self, schema: Schema, table: str, other: str) -> bool:
        """Tell whether there is a table with just the columns of another one."""
        if not self.has_table(schema, table):
            return False
        return self.table(schema, table).schema() == self.table(schema, other).schema()

    def _refill(self, cursor: psycopg.Cursor, name: sql.Identifier, made: sql.Identifier) -> None:
        """Replace a table's rows but not the table: its users' rights and views stay."""
        cursor.execute(sql.SQL("TRUNCATE {}").format(name))
        cursor.execute(sql.SQL("INSERT INTO {} SELECT * FROM {}").format(name, made))
        cursor.execute(sql.SQL("DROP TABLE {}").format(made))

    def _sql_type(self, type_: Any) -> sql.SQL:
        return sql.SQL(self.connection.compiler.type_mapper.to_string(type_))

    def _insert(self, cursor: psycopg.Cursor, schema: Schema, table: str, rows: ir.Table) -> None:
        columns = sql.SQL(", ").join(sql.Identifier(column) for column in rows.columns)
        inserted = sql.SQL("INSERT INTO {} ({}) {}")
        query = sql.SQL(self.connection.compile(rows))
        cursor.execute(inserted.format(_name(schema, table), columns, query))

    def _analyse(self, name: sql.Composable) -> None:
        """Count what is in a table, for the planner: the server's own count comes too late."""
        with self._transaction() as cursor:
            cursor.execute(sql.SQL("ANALYZE {}").format(name))

    @contextmanager
    def _transaction(self) -> Iterator[psycopg.Cursor]:
        connection = self.connection.con
        with connection.transaction(), connection.cursor() as cursor:
            yield cursor


def _opened(
    server: Mapping[str, Any], database: str | None, options: str
) -> "psycopg.Connection[Any]":
    """Connect to a database; make it where the server has none of that name."""
    arguments = {
        **server,
        "autocommit": True,
        "client_encoding": "UTF8",  # whatever the user's terminal has
        "options": options or None,
    }
    try:
        return psycopg.connect(dbname=database, **arguments)
    except psycopg.OperationalError as error:
        if database is None:
            raise
        _make_database(database, arguments, error)
    return psycopg.connect(dbname=database, **arguments)


def _make_database(name: str, arguments: Mapping[str, Any], refusal: BaseException) -> None:
    """Make a database, unless it is there and was refused for another reason.

    The server's catalog tells: its messages may be in any language.
    """
    with psycopg.connect(dbname=_MAINTENANCE, **arguments) as maintenance:
        if maintenance.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            raise refusal
        locale = "builtin" if maintenance.info.server_version >= _BUILTIN_LOCALES else "libc"
        made = "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER {} LOCALE {}"
        maintenance.execute(
            sql.SQL(made).format(sql.Identifier(name), sql.SQL(locale), sql.Literal("C.UTF-8"))
        )


def _require_code_points(connection: "psycopg.Connection[Any]") -> None:
    """Refuse a database that sorts text in another order than every other engine."""
    row = connection.execute(_SORTS_AND_LOWERS_BY_CODE_POINT).fetchone()
    if row != (True,):
        name = connection.info.dbname
        connection.close()
        raise FactoryError(
            f"PostgreSQL database {name} does not sort and lower text by code point, so it would "
            "give other answers: name one that does not exist yet by warehouse=… (it is made as "
            "needed), or make one with TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"
        )


def _name(schema: Schema, table: str) -> sql.Identifier:
    return sql.Identifier(schema.value, table)


def _as_csv(batch: pa.RecordBatch) -> memoryview:
    """Return rows as CSV: a null is an empty field, an empty text a quoted one."""
    sink = pa.BufferOutputStream()
    options = pacsv.WriteOptions(include_header=False, quoting_style="needed")
    pacsv.write_csv(batch, sink, options)
    return memoryview(sink.getvalue())


def _told(error: BaseException) -> str:
    """Return an error of the server as one line, with the remedy where it is known."""
    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, psycopg.errors.DependentObjectsStillExist):
        return f"PostgreSQL: {text}: the table's columns change, so drop that and make it anew"
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return f"PostgreSQL: {text}: have this right granted, or connect as somebody who has it"
    return (
        f"PostgreSQL: {text} (who connects, and where to, is said by the entry 'postgres' of "
        "conf/local/credentials.yml or by PGHOST, PGPORT, PGUSER and PGPASSWORD)"
    )


ENGINE = PostgresEngine
