"""Landed rows become rows of bronze."""

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import LINEAGE_COLUMNS


def ingest_landed_rows(landed: ir.Table, loaded_at: str) -> ir.Table:
    """One row per landed row, as text, with its lineage.

    ``_row_id`` is the row's file and number: the same whenever and wherever the file is read.
    Columns that the contract does not know come last and are kept.
    """
    values = [name for name in landed.columns if name not in LINEAGE_COLUMNS]
    return landed.mutate(
        _row_id=_["_source_file"].concat(":", _["_source_row"].cast("string")),
        _source_row=_["_source_row"].cast("int64"),
        _loaded_at=ibis.literal(loaded_at).cast("timestamp"),
    ).select(*LINEAGE_COLUMNS, *values)
