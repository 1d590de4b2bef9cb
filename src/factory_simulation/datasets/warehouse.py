"""The warehouse: its tables, and the warehouse as a whole."""

from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
from kedro.io import AbstractDataset

from factory_simulation.datasets.connected import Connected
from factory_simulation.datasets.engines import Engine, may_hold_tables
from factory_simulation.domain import FactoryError, Schema
from factory_simulation.schemas.contract import contract_of


class WarehouseTable(Connected, AbstractDataset[ir.Table, ir.Table]):
    """A table of the warehouse.

    Loading computes nothing. Saving puts the data in the place of the table, whole or not at all.

    Args:
        table: The table.
        schema: The schema that it is in.
        optional: Whether a table that is missing is read as one without rows.
        connected: See ``Connected``.
    """

    def __init__(
        self, *, table: str, schema: str, optional: bool = False, **connected: Any
    ) -> None:
        super().__init__(**connected)
        self._table = table
        self._schema = Schema(schema)
        self.is_optional = optional

    def load(self) -> ir.Table:
        """Return the table."""
        if self.is_optional and not self._exists():
            return empty_table(self.engine, self._schema, self._table)
        return self.engine.table(self._schema, self._table)

    def save(self, data: ir.Table) -> None:
        """Put ``data`` in the place of the table."""
        self.engine.replace_table(self._table, self._schema, data)

    def _exists(self) -> bool:
        return self.engine.has_table(self._schema, self._table)

    def _describe(self) -> dict[str, Any]:
        return {"table": f"{self._schema}.{self._table}", **super()._describe()}


class Warehouse(Connected, AbstractDataset[None, Engine]):
    """The warehouse as a whole, for what is done around a run; see ``Connected``."""

    def load(self) -> Engine:
        """Return the engine, with an open connection."""
        return self.engine

    def save(self, _data: None) -> None:
        """Refuse: tables are saved, a warehouse is not."""
        raise FactoryError("the warehouse is not saved as a whole: save its tables")

    def may_hold_tables(self) -> bool:
        """Tell whether there can be tables, without opening or making anything."""
        return may_hold_tables(self._connection_config)

    @property
    def place(self) -> str:
        """Where the tables are, for people."""
        return str(self._connection_config.get("warehouse") or "the warehouse")


def empty_table(engine: Engine, schema: Schema, table: str) -> ir.Table:
    """Return a table without rows, with the columns of a contract."""
    columns = contract_of(schema, table).columns
    types = {name: column.dtype.type.to_pyarrow() for name, column in columns.items()}
    return engine.small_table(pa.schema(types).empty_table())
