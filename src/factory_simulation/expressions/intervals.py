"""Intervals of time: cut where others begin and end, without what is told twice, put together.

An interval is ``start_seconds`` up to and without ``end_seconds``, in int64 epoch seconds. All is
made of edges and running sums: one sort each, and on every engine the same.
"""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.expressions.time import SECONDS_PER_DAY

_TALLY = 6
LONGEST_DAYS = _TALLY * _TALLY - 1
"""How many midnights ``midnights`` finds in an interval."""


def without_overlap(intervals: ir.Table, *, group: str, tie_breakers: Sequence[str]) -> ir.Table:
    """One row per interval that has time which no earlier one of its group has: that time.

    Together they cover what all cover, and no second twice. Of two that begin at once, the one
    that ends first is the earlier.

    Args:
        intervals: What overlaps; other columns stay.
        group: Intervals see only those of their own group.
        tie_breakers: Columns that order those that begin and end together.
    """
    before = ibis.window(
        group_by=group,
        order_by=["start_seconds", "end_seconds", *tie_breakers],
        preceding=(None, 1),
    )
    told = intervals.mutate(told_until=_.end_seconds.max().over(before)).mutate(
        told_until=_.told_until.fill_null(_.start_seconds)
    )
    late = _.told_until > _.start_seconds
    return (
        told.mutate(start_seconds=ibis.ifelse(late, _.told_until, _.start_seconds))
        .filter(_.start_seconds < _.end_seconds)
        .select(intervals.columns)
    )


def overlay(intervals: ir.Table, *, group: str, values: Sequence[str]) -> ir.Table:
    """One row per group and stretch between two edges, with the sums of what holds in it.

    A stretch in which nothing holds is there too, with sums of 0, unless it is before or after all.
    An interval of no length is an edge and nothing else.

    Args:
        intervals: May overlap in any way.
        group: Intervals see only those of their own group.
        values: int64 columns to add up; a number that names an interval comes out as it is
            where those that have one do not overlap.
    """
    begun = intervals.select(group, *values, at=_.start_seconds)
    ended = intervals.select(group, **{name: -_[name] for name in values}, at=_.end_seconds)
    edges = (
        begun.union(ended.select(begun.columns))
        .group_by(group, "at")
        .aggregate(**{name: _[name].sum().cast("int64") for name in values})
    )
    so_far = ibis.cumulative_window(group_by=group, order_by="at")
    in_order = ibis.window(group_by=group, order_by="at")
    return (
        edges.mutate(
            start_seconds=_.at,
            end_seconds=_.at.lead().over(in_order),
            **{name: _[name].sum().over(so_far).cast("int64") for name in values},
        )
        .filter(_.end_seconds.notnull())
        .select(group, "start_seconds", "end_seconds", *values)
    )


def numbered_runs(stretches: ir.Table, *, group: str, same: Sequence[str]) -> ir.Table:
    """Add ``run_number``, which stretches share that follow each other and agree.

    Args:
        stretches: Do not overlap within their group.
        group: Stretches see only those of their own group.
        same: Columns in which they agree; none is ever null.
    """
    in_order = ibis.window(group_by=group, order_by="start_seconds")
    so_far = ibis.cumulative_window(group_by=group, order_by="start_seconds")
    before = {f"{name}_before": _[name].lag().over(in_order) for name in same}
    compared = stretches.mutate(end_before=_.end_seconds.lag().over(in_order), **before)
    agrees = _.end_before == _.start_seconds
    for name in same:
        agrees &= _[f"{name}_before"] == _[name]
    return (
        compared.mutate(is_new=ibis.ifelse(agrees.fill_null(False), 0, 1).cast("int64"))
        .mutate(run_number=_.is_new.sum().over(so_far).cast("int64"))
        .drop("end_before", "is_new", *before)
    )


def merged(stretches: ir.Table, *, group: str, same: Sequence[str]) -> ir.Table:
    """One row per longest stretch in which nothing changes; see ``numbered_runs``."""
    return (
        numbered_runs(stretches, group=group, same=same)
        .group_by(group, *same, "run_number")
        .aggregate(start_seconds=_.start_seconds.min(), end_seconds=_.end_seconds.max())
        .drop("run_number")
    )


def midnights(intervals: ir.Table) -> ir.Table:
    """One row per interval and midnight UTC within it: ``at``, beside the interval's columns.

    Args:
        intervals: None is longer than ``LONGEST_DAYS``.
    """
    one = intervals.aggregate(rows=_.count())
    tally = ibis.union(*[one.select(digit=ibis.literal(digit, "int64")) for digit in range(_TALLY)])
    days = tally.cross_join(tally.rename(sixes="digit")).select(
        day_number=_.digit + _.sixes * _TALLY
    )
    crossing = intervals.filter(
        _.start_seconds // SECONDS_PER_DAY < (_.end_seconds - 1) // SECONDS_PER_DAY
    )
    return (
        crossing.cross_join(days)
        .mutate(at=(_.start_seconds // SECONDS_PER_DAY + _.day_number) * SECONDS_PER_DAY)
        .filter(_.at > _.start_seconds, _.at < _.end_seconds)
        .select(*intervals.columns, _["at"].cast("int64").name("at"))
    )
