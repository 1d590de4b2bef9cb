"""Shifts: into what a factory cuts its day."""

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import OFF_SHIFT, Member
from factory_simulation.pipelines.gold.keys import shift_key


def build_dim_shift(shifts: ir.Table) -> ir.Table:
    """One row per factory and shift, and one for the time outside of all shifts."""
    listed = shifts.select(
        "factory_id",
        "shift_name",
        "start_minute",
        "end_minute",
        shift_key=shift_key(),
        planned_minutes=(_.end_minute - _.start_minute).cast("int64"),
    )
    # of an aggregate there is a row even where no shift is listed
    outside = shifts.aggregate(rows=_.count()).select(
        factory_id=ibis.literal(Member.NOT_APPLICABLE.value),
        shift_name=ibis.literal(OFF_SHIFT),
        start_minute=ibis.null("int64"),
        end_minute=ibis.null("int64"),
        shift_key=ibis.literal(OFF_SHIFT),
        planned_minutes=ibis.literal(0, "int64"),
    )
    return listed.union(outside)
