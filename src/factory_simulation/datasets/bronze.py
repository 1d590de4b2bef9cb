"""Bronze's tables: fed file by file, with a record of the event dates that this changes."""

from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.datasets.engines import Engine
from factory_simulation.datasets.warehouse import WarehouseTable
from factory_simulation.domain import EVENT_DATE, Schema
from factory_simulation.schemas.contract import Contract

_FILES, _PARTITIONS = "ingested_files", "bronze_partitions"


class BronzeTable(WarehouseTable):
    """A table of landed rows, fed file by file.

    Saving replaces the rows of the files that are in the data and leaves all others alone, so that
    a file that lands again changes nothing. Files that brought no row are taken out by
    ``LandingFiles.confirm``, which knows them.

    Args:
        run_id: The run that changes the table.
        table: See ``WarehouseTable``, as are all others.
    """

    def __init__(self, *, run_id: str, **table: Any) -> None:
        super().__init__(**table)
        self._run_id = run_id

    def save(self, data: ir.Table) -> None:
        """Replace the rows of the files that are in ``data``."""
        files = self.engine.fetch(data.select("_source_file").distinct())
        names = files["_source_file"].to_pylist()
        replace_files(self.engine, self._table, names, run_id=self._run_id, rows=data)


def replace_files(
    engine: Engine,
    table: str,
    files: Sequence[str],
    *,
    run_id: str,
    rows: ir.Table | None = None,
) -> None:
    """Replace the rows that files brought, and put the event dates that this changes on record.

    The record comes first: dates that are on record without having changed are worked once more,
    dates that have changed without being on record never would be.

    Args:
        engine: The warehouse.
        table: The table of bronze.
        files: The files, as ``_source_file`` names them.
        run_id: The run that does it.
        rows: Their rows; none where they are gone.
    """
    if not files and engine.has_table(Schema.BRONZE, table):
        return
    keys = engine.small_keys("_source_file", files)
    dates = [] if rows is None else [rows.select(EVENT_DATE)]
    if engine.has_table(Schema.BRONZE, table):
        stored = engine.table(Schema.BRONZE, table)
        dates.append(stored.semi_join(keys, "_source_file").select(EVENT_DATE))
        rows = stored.limit(0) if rows is None else rows
    if rows is None:
        return
    _record_changed(engine, table, ibis.union(*dates, dates[0].limit(0)).distinct(), run_id)
    _forget_content(engine, files)
    engine.replace_rows(table, Schema.BRONZE, rows, keys=keys)


def _record_changed(engine: Engine, table: str, dates: ir.Table, run_id: str) -> None:
    changed = dates.select(
        table_name=ibis.literal(table),
        event_date=_[EVENT_DATE],
        bronze_run_id=ibis.literal(run_id),
    )
    record = Contract(Schema.OPS, _PARTITIONS).validate(changed)
    keys = record.select("table_name", "event_date")
    engine.replace_rows(_PARTITIONS, Schema.OPS, record, keys=keys)


def _forget_content(engine: Engine, files: Sequence[str]) -> None:
    """Let files be read again, should this run be broken off before it confirms them."""
    if not engine.has_table(Schema.OPS, _FILES):
        return
    keys = engine.small_keys("source_file", files)
    known = engine.table(Schema.OPS, _FILES).semi_join(keys, "source_file")
    record = Contract(Schema.OPS, _FILES).validate(known.mutate(sha256=ibis.null("string")))
    engine.replace_rows(_FILES, Schema.OPS, record, keys=keys)
