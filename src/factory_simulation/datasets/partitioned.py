"""Tables of which a run replaces the dates that it has worked, and leaves all others alone."""

from typing import Any

import ibis.expr.types as ir
from ibis import _
from kedro.io import AbstractDataset

from factory_simulation.datasets.connected import Connected
from factory_simulation.datasets.warehouse import WarehouseTable, empty_table
from factory_simulation.domain import FactoryError, Schema
from factory_simulation.schemas.contract import partition_of


class PartitionedTable(WarehouseTable):
    """A table of which saving replaces the partitions that are in a scope, all at once.

    The table's contract says how it is partitioned; a table of which it does not is replaced whole.
    Rows of the data that are in no partition of the scope were there for context, and are not
    saved.

    Args:
        scope: The table of schema ``work`` that lists the partitions.
        table: The table.
        schema: The schema that it is in.
        connected: See ``Connected``.
    """

    def __init__(self, *, scope: str, table: str, schema: str, **connected: Any) -> None:
        super().__init__(table=table, schema=schema, **connected)
        self._scope = scope
        self._partition = partition_of(schema, table)

    def save(self, data: ir.Table) -> None:
        """Replace the partitions in scope with the rows of ``data`` that are in them.

        Where there is no table yet, all dates are in scope, and so is all of the data.
        """
        if not self._partition or not self._exists():
            super().save(data)
            return
        keys = self._partitions_in_scope(self._partition)
        rows = data.semi_join(keys, keys.columns)
        self.engine.replace_rows(self._table, self._schema, rows, keys=keys)

    def _partitions_in_scope(self, partition: dict[str, str]) -> ir.Table:
        scope = self.engine.table(Schema.WORK, self._scope).filter(_.is_restated)
        date = {partition["event_date"]: _.event_date}
        if "landed_table" not in partition:
            return scope.select("table_name", **date)
        return scope.filter(_.table_name == partition["landed_table"]).select(**date)


class TableBefore(Connected, AbstractDataset[None, ir.Table]):
    """A table as an earlier run left it; it has no rows where none did.

    For nodes that come before the one that writes the table.

    Args:
        table: The table.
        schema: The schema that it is in.
        connected: See ``Connected``.
    """

    def __init__(self, *, table: str, schema: str, **connected: Any) -> None:
        super().__init__(**connected)
        self._table = table
        self._schema = Schema(schema)

    def load(self) -> ir.Table:
        """Return the table."""
        if self.engine.has_table(self._schema, self._table):
            return self.engine.table(self._schema, self._table)
        return empty_table(self.engine, self._schema, self._table)

    def save(self, _data: None) -> None:
        """Refuse: what was before does not change."""
        raise FactoryError(f"{self._schema}.{self._table} is not written under this name")

    def _describe(self) -> dict[str, Any]:
        return {"table": f"{self._schema}.{self._table}", **super()._describe()}
