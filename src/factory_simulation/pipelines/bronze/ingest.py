"""Landed rows become rows of bronze."""

from collections.abc import Callable

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import BATCH_ID, EVENT_DATE, LINEAGE_COLUMNS, LandedTable
from factory_simulation.expressions import time


def ingest_rows_of(table: LandedTable) -> Callable[[ir.Table, str], ir.Table]:
    """Return the node function that ingests what landed of one table."""

    def ingest_landed_rows(landed: ir.Table, loaded_at: str) -> ir.Table:
        """One row per landed row, as text, with its lineage.

        ``_row_id`` is the row's file and number: the same whenever and wherever the file is read.
        ``_event_date`` is the UTC date on which it happened, as far as the row itself tells; where
        it does not, the date on which it landed. Columns that the contract does not know come last
        and are kept.
        """
        values = [name for name in landed.columns if name not in LINEAGE_COLUMNS]
        told = [_date_told_by(column, landed) for column in table.dated_by]
        return landed.mutate(
            _row_id=_["_source_file"].concat(":", _["_source_row"].cast("string")),
            _source_row=_["_source_row"].cast("int64"),
            _loaded_at=ibis.literal(loaded_at).cast("timestamp"),
            **{EVENT_DATE: ibis.coalesce(*told, landed["_arrival_date"])},
        ).select(*LINEAGE_COLUMNS, *values)

    return ingest_landed_rows


def _date_told_by(column: str, landed: ir.Table) -> ir.DateValue:
    if column == BATCH_ID:
        return time.date_in_id(landed[column])
    return time.date_of_iso_8601(landed[column])
