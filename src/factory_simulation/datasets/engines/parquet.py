"""What engines have in common that keep their tables as Parquet files."""

import posixpath
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from factory_simulation.datasets.engines.base import Engine
from factory_simulation.datasets.engines.snapshots import Snapshots
from factory_simulation.domain import FactoryError, Schema


class ParquetEngine(Engine):
    """An engine over a folder of Parquet files; see ``snapshots``.

    Args:
        connection: The Ibis connection, which knows no table of the warehouse by itself.
        snapshots: The warehouse.
    """

    def __init__(self, connection: Any, snapshots: Snapshots) -> None:
        super().__init__(connection)
        self.snapshots = snapshots
        self._known: set[str] = set()

    def drop(self) -> None:
        """See ``Engine``."""
        self.close()
        self.snapshots.remove()

    def create_schemas(self, schemas: Sequence[Schema]) -> None:
        """See ``Engine``. A schema is a folder, which comes with its first table."""

    def has_table(self, schema: Schema, table: str) -> bool:
        """See ``Engine``."""
        return self.snapshots.current(schema, table) is not None

    def table(self, schema: Schema, table: str) -> ir.Table:
        """See ``Engine``. Each state of a table has a name of its own."""
        folder = self.snapshots.current(schema, table)
        if folder is None:
            raise FactoryError(f"there is no table {schema}.{table}")
        name = f"{schema}_{table}_{posixpath.basename(folder)}"
        if name not in self._known:
            self._know(name, folder)
            self._known.add(name)
        return self.connection.table(name)

    def replace_table(self, table: str, schema: Schema, rows: ir.Table) -> None:
        """See ``Engine``."""
        with self.snapshots.replacing(schema, table) as folder:
            self._write(rows, folder)

    def replace_rows(self, table: str, schema: Schema, rows: ir.Table, *, keys: ir.Table) -> None:
        """See ``Engine``. Parquet files cannot be changed: the table is written anew."""
        if self.has_table(schema, table):
            others = self.table(schema, table).anti_join(keys, keys.columns)
            columns = _nullable({**others.schema(), **rows.schema()})
            rows = _with_columns(others, columns).union(_with_columns(rows, columns))
        self.replace_table(table, schema, rows)

    @abstractmethod
    def _know(self, name: str, folder: str) -> None:
        """Make the Parquet files of a folder a table of the connection."""

    @abstractmethod
    def _write(self, rows: ir.Table, folder: str) -> None:
        """Write a table into a folder that does not exist yet."""


def _nullable(columns: Mapping[str, dt.DataType]) -> dict[str, dt.DataType]:
    return {name: type_.copy(nullable=True) for name, type_ in columns.items()}


def _with_columns(table: ir.Table, columns: Mapping[str, dt.DataType]) -> ir.Table:
    """Return a table with these columns, in this order; those that it lacks are null."""
    return table.select(
        **{
            name: table[name].cast(type_) if name in table.columns else ibis.null(type_)
            for name, type_ in columns.items()
        }
    )
