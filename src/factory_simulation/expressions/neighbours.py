"""The as-of join, from running counts: which anchors stand before and after each event."""

import ibis
import ibis.expr.types as ir
from ibis import _


def with_neighbours(
    events: ir.Table, anchors: ir.Table, *, group: str, at: str, anchor_at: str
) -> ir.Table:
    """Pair each event with the last anchor at or before it and the first one after it.

    Grain: one row per event and neighbour, so up to two per event; an event whose group has no
    anchor at all is absent. ``asof_join`` and non-equi joins are missing or slow on some engines;
    running counts and an equi-join are neither, and cost one sort.

    Args:
        events: Has a column ``group`` and int64 ``at``.
        anchors: Has a column ``group`` and int64 ``anchor_at``; its other columns must not be
            named like columns of ``events``.
        group: Events see only the anchors of their own group.
        at: When an event happened.
        anchor_at: Where an anchor stands.
    """
    names = events.columns
    ranked = anchors.mutate(
        anchor_rank=ibis.row_number()
        .over(group_by=group, order_by=[anchor_at, *_tie_breakers(anchors, group, anchor_at)])
        .cast("int64")
    ).rename(anchor_group=group)
    marks = anchors.select(group, mark_at=_[anchor_at], is_anchor=ibis.literal(1, "int64"))
    stream = events.mutate(mark_at=_[at], is_anchor=ibis.literal(0, "int64"))
    padding = {name: ibis.null(stream[name].type()) for name in names if name != group}
    together = stream.union(marks.mutate(**padding).select(*stream.columns))
    counted = together.mutate(
        anchors_so_far=_.is_anchor.sum().over(
            ibis.cumulative_window(group_by=group, order_by=[_.mark_at, _.is_anchor.desc()])
        )
    ).filter(_.is_anchor == 0)
    # rank counts from 0, so the last anchor at or before an event has rank `anchors_so_far - 1`
    before = counted.mutate(wanted_rank=(_.anchors_so_far - 1).cast("int64"))
    after = counted.mutate(wanted_rank=_.anchors_so_far.cast("int64"))
    wanted = before.union(after)
    return wanted.join(
        ranked,
        [wanted[group] == ranked.anchor_group, wanted.wanted_rank == ranked.anchor_rank],
    ).select(*names, *[c for c in anchors.columns if c != group])


def _tie_breakers(anchors: ir.Table, group: str, anchor_at: str) -> list[str]:
    """Return the other columns, so that anchors at the same moment have one order everywhere."""
    return [c for c in anchors.columns if c not in {group, anchor_at}]
