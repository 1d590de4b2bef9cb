"""First in, first out: which lots each use takes from, by overlap of running totals.

Lots and uses stand in line, each line in its own order. What lies between two totals of the one
line comes from, or goes to, what lies between the same two totals of the other. So there is no
loop, and no range join either: the boundaries of both lines are merged and sorted, and each stretch
between two of them belongs to the last lot and the last use that began before it.
"""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
from ibis import _


def first_in_first_out(
    lots: ir.Table,
    uses: ir.Table,
    *,
    group: Sequence[str],
    order_of_lots: Sequence[str],
    order_of_uses: Sequence[str],
) -> ir.Table:
    """One row per use and lot it takes from, with the ``units`` that it takes.

    Where lots do not suffice, the last uses have a row without a lot: its columns are null.
    ``units_before`` are the units that uses of the group had taken before.

    Args:
        lots: ``group``, int64 ``units``, and columns of which uses have none of the same name.
        uses: The same, the other way round.
        group: Uses take from the lots of their own group.
        order_of_lots: A total order of a group's lots.
        order_of_uses: A total order of a group's uses.
    """
    queued = _in_line(lots, group, order_of_lots, "lot_begins")
    asked = _in_line(uses, group, order_of_uses, "use_begins")
    stretches = _stretches(queued, asked, group)
    used = stretches.join(asked.drop("units"), [*group, "use_begins"])
    return used.left_join(
        queued.drop("units").rename({f"lot_{name}": name for name in group}),
        [*[(name, f"lot_{name}") for name in group], "lot_begins"],
    ).select(
        *group,
        *[name for name in uses.columns if name not in {*group, "units"}],
        *[name for name in lots.columns if name not in {*group, "units"}],
        "units",
        units_before=_.begins,
    )


def _in_line(rows: ir.Table, group: Sequence[str], order: Sequence[str], begins: str) -> ir.Table:
    """Add the running total at which a row begins; rows without units stand in no line."""
    so_far = ibis.cumulative_window(group_by=list(group), order_by=list(order))
    return rows.filter(_.units > 0).mutate(
        **{begins: (_.units.sum().over(so_far) - _.units).cast("int64")}
    )


def _stretches(queued: ir.Table, asked: ir.Table, group: Sequence[str]) -> ir.Table:
    """One row per stretch between two boundaries, and where its lot and its use begin.

    The end of a line is a boundary too, at which no lot and no use begins.
    """
    nothing = ibis.null("int64")
    ends = {"ends": _.units.sum().cast("int64")}
    lots = queued.select(*group, begins=_.lot_begins).union(
        queued.group_by(group).aggregate(**ends).select(*group, begins=_.ends)
    )
    uses = asked.select(*group, begins=_.use_begins).union(
        asked.group_by(group).aggregate(**ends).select(*group, begins=_.ends)
    )
    marks = lots.mutate(lot_begins=_.begins, use_begins=nothing).union(
        uses.mutate(lot_begins=nothing, use_begins=_.begins)
    )
    so_far = ibis.cumulative_window(group_by=list(group), order_by="begins")
    in_order = ibis.window(group_by=list(group), order_by="begins")
    return (
        marks.group_by(*group, "begins")
        .aggregate(lot_begins=_.lot_begins.max(), use_begins=_.use_begins.max())
        .select(
            *group,
            "begins",
            lot_begins=_.lot_begins.max().over(so_far),
            use_begins=_.use_begins.max().over(so_far),
            units=(_.begins.lead().over(in_order) - _.begins).cast("int64"),
        )
    )
