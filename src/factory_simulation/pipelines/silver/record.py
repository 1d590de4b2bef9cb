"""What silver has worked, on record: the next run begins where this one ended."""

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import EVENT_DATE, PRODUCTION_BATCHES

_PARTITION = ("table_name", "event_date")
_COUNTS = ("batch_count", "repair_count", "quarantined_count")


def collect_worked_batches(anchors: ir.Table) -> ir.Table:
    """One row per batch, as it was when what depends on it was last worked."""
    return anchors.select(
        "_row_id", EVENT_DATE, "batch_id", "landed_batch_id", "start_seconds", "end_seconds"
    )


def collect_partitions(  # noqa: PLR0913, PLR0917 - the record, and what has to be there before it
    affected: ir.Table,
    landed: ir.Table,
    partitions: ir.Table,
    worked_batches: ir.Table,
    repairs: ir.Table,
    quarantine: ir.Table,
    run_id: str,
) -> ir.Table:
    """One row per landed table and event date that this run has restated, and what came of it.

    It is made last, from all that must be there before: what is not on record is worked again.
    """
    restated = partitions.semi_join(affected.filter(_.is_restated), _PARTITION)
    batches = worked_batches.mutate(table_name=ibis.literal(PRODUCTION_BATCHES.name))
    counted = ibis.union(
        _counts(batches, "batch_count"),
        _counts(repairs, "repair_count"),
        _counts(quarantine, "quarantined_count"),
    )
    counts = counted.group_by(_PARTITION).aggregate(**{name: _[name].sum() for name in _COUNTS})
    return (
        restated.cross_join(landed.aggregate(state=_.state.max()))
        .left_join(counts, _PARTITION)
        .select(
            *_PARTITION,
            "bronze_run_id",
            "state",
            silver_run_id=ibis.literal(run_id),
            **{name: _[name].fill_null(0).cast("int64") for name in _COUNTS},
        )
    )


def _counts(rows: ir.Table, column: str) -> ir.Table:
    zeros = {name: ibis.literal(0, "int64") for name in _COUNTS if name != column}
    return (
        rows.group_by("table_name", event_date=rows[EVENT_DATE])
        .aggregate(**{column: _.count()})
        .mutate(**zeros)
        .select(*_PARTITION, *_COUNTS)
    )
