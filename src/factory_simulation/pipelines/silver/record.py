"""What silver has worked, on record: the next run begins where this one ended.

What ties dates together (batches that run across midnight, versions of machines) is noted before
anything is worked by it, beside what was worked before, and reduced to what it is now at the end.
So a run that is broken off leaves no date behind that was worked by links that nobody remembers.
"""

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import EVENT_DATE, PRODUCTION_BATCHES
from factory_simulation.pipelines.scope import state_of
from factory_simulation.pipelines.silver.parameters import SilverParameters

_PARTITION = ("table_name", "event_date")
_COUNTS = ("batch_count", "repair_count", "quarantined_count")


def collect_batch_links(worked_batches: ir.Table, anchors: ir.Table) -> ir.Table:
    """One row per batch as it was when other tables were last worked, and as it is now."""
    return worked_batches.union(_links(anchors).select(worked_batches.columns), distinct=True)


def collect_version_links(worked_versions: ir.Table, versions: ir.Table) -> ir.Table:
    """One row per machine and version as it was when batches were last worked, and as it is now."""
    return worked_versions.union(versions.select(worked_versions.columns), distinct=True)


def collect_worked_batches(anchors: ir.Table, *_recorded: ir.Table) -> ir.Table:
    """One row per batch, as other tables have now been worked with it.

    Args:
        anchors: The batches.
        _recorded: What must be on record before.
    """
    return _links(anchors)


def collect_worked_versions(versions: ir.Table, *_recorded: ir.Table) -> ir.Table:
    """One row per machine and version, as batches have now been worked with it.

    Args:
        versions: The versions.
        _recorded: What must be on record before.
    """
    return versions


def collect_partitions(  # noqa: PLR0913, PLR0917 - the record, and what has to be there before it
    affected: ir.Table,
    partitions: ir.Table,
    batches: ir.Table,
    repairs: ir.Table,
    quarantine: ir.Table,
    reference_state: str,
    parameters: SilverParameters,
    run_id: str,
) -> ir.Table:
    """One row per landed table and event date that this run has restated, and what came of it.

    It is made from all that must be there before: what is not on record is worked again.
    """
    restated = partitions.semi_join(affected.filter(_.is_restated), _PARTITION)
    counted = ibis.union(
        _counts(batches.mutate(table_name=ibis.literal(PRODUCTION_BATCHES.name)), "batch_count"),
        _counts(repairs, "repair_count"),
        _counts(quarantine, "quarantined_count"),
    )
    counts = counted.group_by(_PARTITION).aggregate(**{name: _[name].sum() for name in _COUNTS})
    return restated.left_join(counts, _PARTITION).select(
        *_PARTITION,
        "bronze_run_id",
        state=ibis.literal(worked_with(reference_state, parameters)),
        silver_run_id=ibis.literal(run_id),
        **{name: _[name].fill_null(0).cast("int64") for name in _COUNTS},
    )


def worked_with(reference_state: str, parameters: SilverParameters) -> str:
    """Return a digest of all that silver works with, beside the rows themselves."""
    return state_of(reference_state, parameters.model_dump_json())


def _links(anchors: ir.Table) -> ir.Table:
    return anchors.select(
        "_row_id", EVENT_DATE, "batch_id", "landed_batch_id", "start_seconds", "end_seconds"
    )


def _counts(rows: ir.Table, column: str) -> ir.Table:
    zeros = {name: ibis.literal(0, "int64") for name in _COUNTS if name != column}
    return (
        rows.group_by("table_name", event_date=rows[EVENT_DATE])
        .aggregate(**{column: _.count()})
        .mutate(**zeros)
        .select(*_PARTITION, *_COUNTS)
    )
