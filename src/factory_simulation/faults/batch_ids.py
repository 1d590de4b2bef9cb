"""Batch ids that count: an id used again, a batch that never landed.

An id such as ``SMELTER-01_20251201_007`` counts a machine's batches of a day, from 1 on and in
their order. So a batch with a smaller number than one before it has an id that was used already,
and a number that no batch has is a batch that was lost. Between two batches whose ids are in order:

- one batch with a reused id and one missing number: that is its id, recoverable;
- missing numbers and no such batch: those batches are lost;
- anything else: which is which cannot be told, and nothing is claimed but the reuse.

After a day's last batch in order nothing tells whether more were lost; a single reused id there is
taken for the next number.
"""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import FaultType, Recoverability
from factory_simulation.expressions.random import Stream
from factory_simulation.faults.cells import CERTAIN, NEVER, CellFault
from factory_simulation.faults.settings import Settings as _Settings

_FIRST_TO_REUSE = 3
_NUMBER, _LONGEST_NUMBER = "^.*[^0-9]", 6
_MOST_ODD = 4
"""Where more than one in so many of a machine's batches is out of order, ids do not count."""
_BASE = 5
"""The square of it is how many batches in a row may be lost and still be named."""


class Settings(_Settings):
    """``rate``: of batches that get an id which their machine used already that day."""


def reused_number(rate: float, seed: int, *keys: Deferred) -> Deferred:
    """Return the number that a batch's id shows: its own, or an earlier one of its day."""
    if not rate:
        return _.batch_number
    name = "fault.reused"
    earlier = Stream(seed, f"{name}.number").integer(1, _.batch_number - 2, *keys)
    falls = Stream(seed, name).happens(rate, *keys) & (_.batch_number >= _FIRST_TO_REUSE)
    return ibis.ifelse(falls, earlier, _.batch_number).cast("int64")


def judge(batches: ir.Table) -> ir.Table:
    """Say of each batch what the ids around it tell: of its own id, and of its loss.

    Adds ``id_detection`` and ``id_repair`` (if its id was reused) and ``loss_detection`` (if it was
    lost), in basis points.

    Args:
        batches: One row per batch with ``batch_number``, ``shown_number`` and ``is_lost``.
    """
    day = ["machine_random_key", "event_day"]
    is_reused = ~_.is_lost & (_.shown_number != _.batch_number)
    marked = batches.mutate(
        is_reused=ibis.ifelse(is_reused, 1, 0),
        anchor=ibis.ifelse(~_.is_lost & ~is_reused, _.batch_number, None),
    )
    before = ibis.cumulative_window(group_by=day, order_by="batch_number")
    # the last so far from the end: not every engine has frames that begin at the current row right
    after = ibis.cumulative_window(group_by=day, order_by=ibis.desc("batch_number"))
    gaps = marked.mutate(
        last_anchor=_.anchor.max().over(before).fill_null(0),
        next_anchor=_.anchor.min().over(after),
    )
    of_gap = ibis.window(group_by=[*day, "last_anchor"])
    shown_before = ibis.row_number().over(
        group_by=[*day, "is_lost", "shown_number"], order_by="batch_number"
    )
    counted = gaps.mutate(
        reused_count=_.is_reused.sum().over(of_gap),
        is_smaller=_.last_anchor >= _.shown_number,
        is_shown_before=shown_before > 0,
    ).mutate(odd=ibis.ifelse(_.is_smaller, _.is_reused, 0))
    of_day = ibis.window(group_by=day)
    landed_count = ibis.ifelse(_.is_lost, 0, 1).sum().over(of_day)
    is_only = _.next_anchor == _.last_anchor + 2
    is_next = _.next_anchor.isnull() & (_.batch_number == _.last_anchor + 1)
    judged = counted.mutate(ids_count=_.odd.sum().over(of_day) * _MOST_ODD <= landed_count).mutate(
        is_repaired=_.ids_count
        & _.is_smaller
        & (_.reused_count == 1)
        & (is_only | is_next).fill_null(False),
        is_missed=_.ids_count & _.next_anchor.notnull() & (_.reused_count == 0),
        called=ibis.ifelse(_.is_lost, _.batch_number, _.shown_number),
    )
    # a lost batch whose id another shows, for want of a better one, is not missed
    is_hidden = ibis.ifelse(~_.is_repaired, _.is_reused, 0).max()
    hidden = is_hidden.over(ibis.window(group_by=[*day, "called"])) == 1
    is_found = ibis.ifelse(_.ids_count, _.is_smaller, _.is_shown_before)
    return judged.mutate(
        id_detection=ibis.ifelse(is_found, CERTAIN, NEVER).cast("int64"),
        id_repair=ibis.ifelse(_.is_repaired, CERTAIN, NEVER).cast("int64"),
        loss_detection=ibis.ifelse(_.is_missed & ~hidden, CERTAIN, NEVER).cast("int64"),
    ).select(*batches.columns, "id_detection", "id_repair", "loss_detection")


def fault(shown_id: Deferred) -> CellFault:
    """Return the fault of a batch's id, for a batch that was judged."""
    fate = ibis.ifelse(
        _.id_repair == CERTAIN, Recoverability.RECOVERABLE.value, Recoverability.AMBIGUOUS.value
    )
    return CellFault(
        FaultType.REUSED_ID,
        "earlier_of_the_day",
        _.shown_number != _.batch_number,
        shown_id,
        fate,
        detection=_.id_detection,
        repair=_.id_repair,
    )


def tell_apart(rows: ir.Table, identity: list[str]) -> ir.Table:
    """Add ``occurrence``: 0 for the first batch of an identity, 1 for the next that uses it.

    Rows of one identity that overlap in time tell of one batch; a machine does not run two at once,
    so those that do not overlap tell of two.

    Args:
        rows: Have ``start_seconds`` and ``end_seconds``.
        identity: What is taken to name a batch.
    """
    order = ["start_seconds", "end_seconds", "_row_id"]
    before = ibis.window(group_by=identity, order_by=order, preceding=(None, 1))
    so_far = ibis.cumulative_window(group_by=identity, order_by=order)
    # what took no time at all is no other batch only for that
    is_apart = (_.start_seconds >= _.ended) & (_.end_seconds > _.ended)
    return (
        rows.mutate(ended=_.end_seconds.max().over(before))
        .mutate(is_apart=ibis.ifelse(is_apart.fill_null(False), 1, 0))
        .mutate(occurrence=_.is_apart.sum().over(so_far).cast("int64"))
        .drop("ended", "is_apart")
    )


def find_reused(batches: ir.Table) -> ir.Table:
    """One row per batch whose id was used before: ``_row_id``, ``repaired_id`` or null.

    Args:
        batches: One row per batch: ``_row_id``, ``machine_id``, ``production_date``, ``batch_id``,
            ``start_seconds`` and ``occurrence``.
    """
    gaps = _gaps(batches)
    is_certain = (_.odd_count == 1) & (
        _.next_number.isnull() | (_.next_number == _.last_number + 2)
    )
    by_number = gaps.filter(~_.is_in_order).select(
        "_row_id",
        repaired_id=ibis.ifelse(is_certain, _id_of(_.last_number + 1), None),
    )
    by_time = (
        batches.filter(_.occurrence > 0)
        .anti_join(gaps, "_row_id")
        .select("_row_id", repaired_id=ibis.null("string"))
    )
    return by_number.union(by_time)


def find_lost(batches: ir.Table, present: ir.Table) -> ir.Table:
    """One row per batch that never landed: its id, and the row of the batch after it.

    Args:
        batches: As `find_reused` takes them.
        present: The ids of all landed rows, those that could not be kept too, with their dates:
            ``batch_id`` and ``production_date``.
    """
    steps = _count_to_longest(batches)
    gaps = _gaps(batches).filter(_.is_in_order, _.odd_before == 0, _.number > _.before + 1)
    missing = gaps.cross_join(steps).filter(_.before + _.step < _.number)
    return (
        missing.mutate(batch_id=_id_of(_.before + _.step))
        .anti_join(present, ["batch_id", "production_date"])
        .select("_row_id", "machine_id", "production_date", "batch_id")
    )


def _count_to_longest(batches: ir.Table) -> ir.Table:
    """Return the whole numbers from 1 to the longest gap, as ``step``; no engine's own range."""
    one = batches.aggregate(rows=_.count())
    digits = ibis.union(*[one.select(digit=ibis.literal(i)) for i in range(_BASE)])
    tens = digits.select(ten="digit")
    return digits.cross_join(tens).select(step=(_.ten * _BASE + _.digit + 1).cast("int64"))


def _id_of(number: Deferred) -> Deferred:
    """Return the id with a number, in as many digits as the row's own."""
    return _.prefix.concat(number.cast("string").lpad(_.digits, "0"))


def _gaps(batches: ir.Table) -> ir.Table:
    """One row per batch whose id counts its machine's day, with the ids in order around it."""
    day = ["machine_id", "production_date"]
    order = ["start_seconds", "_row_id"]
    before = ibis.window(group_by=day, order_by=order, preceding=(None, 1))
    so_far = ibis.cumulative_window(group_by=day, order_by=order)
    later = ibis.cumulative_window(group_by=day, order_by=[ibis.desc(name) for name in order])
    of_day = ibis.window(group_by=day)
    ordered = (
        _counting(batches)
        .mutate(before=_.number.max().over(before).fill_null(0))
        .mutate(is_in_order=_.number > _.before)
        .mutate(
            in_order_number=ibis.ifelse(_.is_in_order, _.number, None),
            is_odd=ibis.ifelse(_.is_in_order, 0, 1),
        )
        .mutate(
            last_number=_.in_order_number.max().over(so_far).fill_null(0),
            next_number=_.in_order_number.min().over(later),
            odd_of_day=_.is_odd.sum().over(of_day),
            count_of_day=_.count().over(of_day),
        )
        .filter(_.odd_of_day * _MOST_ODD <= _.count_of_day)
    )
    of_gap = ibis.window(group_by=[*day, "last_number"])
    counted = ordered.mutate(odd_count=_.is_odd.sum().over(of_gap))
    previous = ibis.window(group_by=day, order_by=order)
    in_gap_before = ibis.ifelse(_.is_in_order, _.odd_count.lag().over(previous).fill_null(0), 0)
    return counted.mutate(odd_before=in_gap_before)


def _counting(batches: ir.Table) -> ir.Table:
    """Return the batches whose id ends in its date and a number that no other machine counts."""
    written = _.production_date.year().cast("int64") * 10_000 + (
        _.production_date.month().cast("int64") * 100 + _.production_date.day().cast("int64")
    )
    read = batches.mutate(
        tail=_.batch_id.re_replace(_NUMBER, ""), prefix=_.batch_id.re_replace("[0-9]+$", "")
    ).filter(
        _.tail.re_search(f"^[0-9]{{1,{_LONGEST_NUMBER}}}$"),
        _.prefix.re_replace("[^0-9]", "").endswith(written.cast("string")),
    )
    sharing = ibis.window(group_by=["production_date", "prefix"])
    return (
        read.mutate(
            number=_.tail.try_cast("int64"),
            digits=_.tail.length().cast("int32"),
            first_machine=_.machine_id.min().over(sharing),
            last_machine=_.machine_id.max().over(sharing),
        )
        .filter(_.first_machine == _.last_machine)
        .drop("tail", "first_machine", "last_machine")
    )
