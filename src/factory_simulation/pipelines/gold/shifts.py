"""Shifts: into what a factory cuts its day."""

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import OFF_SHIFT, Member
from factory_simulation.pipelines.gold.keys import shift_key


def build_dim_shift(shifts: ir.Table) -> ir.Table:
    """One row per factory and shift, one for the time outside of all, one for all shifts at once.

    The last is ``not_applicable``: what is told of a whole day points to it.
    """
    listed = shifts.select(
        "factory_id",
        "shift_name",
        "start_minute",
        "end_minute",
        shift_key=shift_key(),
        planned_minutes=(_.end_minute - _.start_minute).cast("int64"),
    )
    one = shifts.aggregate(rows=_.count())  # of an aggregate there is a row even of no shift
    members = [
        one.select(
            factory_id=ibis.literal(Member.NOT_APPLICABLE.value),
            shift_name=ibis.literal(name),
            start_minute=ibis.null("int64"),
            end_minute=ibis.null("int64"),
            shift_key=ibis.literal(name),
            planned_minutes=ibis.literal(0, "int64"),
        )
        for name in (OFF_SHIFT, Member.NOT_APPLICABLE.value)
    ]
    return ibis.union(listed, *members)
