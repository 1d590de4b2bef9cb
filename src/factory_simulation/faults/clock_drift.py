"""Sensor clocks that are off by whole minutes, this way or that.

A sensor reads at even intervals from the start of its batch on: of ``n`` readings, number ``k`` is
due at ``start + k * duration // n``. Each such slot has its second within the minute, which a clock
that is off by whole minutes keeps. So readings of a batch are put into slots of the same second, in
their order; where all of them fit within the largest drift, the slot is when a reading was taken.
Two readings that a drift made change places (or that it made equal) cannot be told apart: there the
order is as good a guess as any, and the ledger counts what that guess gets.

A reading belongs to the batch in which it is, else to the batch that starts within the drift after
it: the last slot of a batch is an interval before its end, so no drift shorter than an interval
carries a reading over the end.
"""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import FaultType, Recoverability
from factory_simulation.expressions import time
from factory_simulation.expressions.random import Stream
from factory_simulation.faults.cells import CERTAIN, NEVER, CellFault
from factory_simulation.faults.settings import Minutes
from factory_simulation.faults.settings import Settings as _Settings

_MOST_ODD = 5
"""Of a machine's readings in a day, at most one in so many may be in a batch that does not fit."""


class Settings(_Settings):
    """``rate``: of readings; ``minutes``: the most by which a clock is off, either way."""

    minutes: Minutes = 5


def fault(settings: Settings, seed: int, *keys: Deferred) -> CellFault:
    """Return the fault of a reading's time; a clock that is off by 0 minutes has none."""
    name = "fault.drift"
    minutes = Stream(seed, f"{name}.minutes").integer(-settings.minutes, settings.minutes, *keys)
    shown = _.read_seconds + minutes * time.SECONDS_PER_MINUTE
    falls = Stream(seed, name).happens(settings.rate, *keys) & (minutes != 0)
    return CellFault(FaultType.CLOCK_DRIFT, "whole_minutes", falls, time.iso_text(shown))


def judge(readings: ir.Table, order: list[str]) -> ir.Table:
    """Say of each reading's time what putting the readings of its batch into slots makes of it.

    Args:
        readings: Hurt readings with ``batch_id``, ``start_seconds``, ``end_seconds``,
            ``read_seconds`` and ``is_batch_lost``.
        order: The order of readings in their file.
    """
    is_drifting = (_.timestamp_fault == FaultType.CLOCK_DRIFT.value).fill_null(False)
    told = readings.mutate(told_seconds=time.parse_iso_8601(_.timestamp))
    slotted = with_slots(told, batch=["batch_id"], order=["told_seconds", *order])
    is_found = (_.slot_seconds != _.told_seconds) & ~_.is_batch_lost
    is_right = is_found & (_.slot_seconds == _.read_seconds)
    fate = ibis.cases(
        (_.is_batch_lost, Recoverability.LOST.value),
        (_.slot_seconds == _.read_seconds, Recoverability.RECOVERABLE.value),
        else_=Recoverability.AMBIGUOUS.value,
    )
    return slotted.mutate(
        timestamp_detection=ibis.ifelse(
            is_drifting, ibis.ifelse(is_found, CERTAIN, NEVER), _.timestamp_detection
        ).cast("int64"),
        timestamp_repair=ibis.ifelse(
            is_drifting, ibis.ifelse(is_right, CERTAIN, NEVER), _.timestamp_repair
        ).cast("int64"),
        timestamp_recoverability=ibis.ifelse(is_drifting, fate, _.timestamp_recoverability),
    ).drop("told_seconds", "slot_seconds")


def with_slots(readings: ir.Table, *, batch: list[str], order: list[str]) -> ir.Table:
    """Add ``slot_seconds``: when each reading was due; null where a batch's readings fit no slots.

    Args:
        readings: Readings with ``told_seconds`` and their batch's ``start_seconds`` and
            ``end_seconds``.
        batch: The columns that name the batch.
        order: A total order within the batch, the time that was told first.
    """
    of_batch = ibis.window(group_by=batch)
    numbered = readings.mutate(
        slot_number=ibis.row_number().over(group_by=batch, order_by=order).cast("int64"),
        reading_count=_.count().over(of_batch).cast("int64"),
        told_second=(_.told_seconds % time.SECONDS_PER_MINUTE).cast("int64"),
    ).mutate(
        due_seconds=_.start_seconds
        + ((_.end_seconds - _.start_seconds) * _.slot_number) // _.reading_count
    )
    ranked = numbered.mutate(
        due_second=(_.due_seconds % time.SECONDS_PER_MINUTE).cast("int64")
    ).mutate(
        told_rank=ibis.row_number().over(group_by=[*batch, "told_second"], order_by=order),
        due_rank=ibis.row_number().over(group_by=[*batch, "due_second"], order_by="slot_number"),
    )
    slots = ranked.select(
        **{f"slot_{name}": _[name] for name in batch},
        slot_second=_.due_second,
        slot_rank=_.due_rank,
        slot_seconds=_.due_seconds,
    ).view()
    matches = [ranked[name] == slots[f"slot_{name}"] for name in batch]
    return ranked.left_join(
        slots,
        [*matches, ranked.told_second == slots.slot_second, ranked.told_rank == slots.slot_rank],
    ).select(*readings.columns, "slot_seconds")


def find(readings: ir.Table, largest: int) -> ir.Table:
    """Add ``slot_seconds``: when a reading was due, where all readings of its batch fit.

    A machine's day is taken to follow slots only if most of its batches do: readings that were
    taken at any time fit by chance now and then. What was read after the end of a batch whose own
    readings fit is no reading of it: ``is_stray``.

    Args:
        readings: Readings with ``machine_id``, ``batch_date``, ``batch_id``, ``told_seconds``,
            ``_source_row``, ``_row_id``, and their batch's ``start_seconds`` and ``end_seconds``.
        largest: The largest drift, in seconds.
    """
    batch = ["machine_id", "batch_date", "batch_id"]
    ended = readings.mutate(is_after=(_.told_seconds >= _.end_seconds).fill_null(False))
    order = ["told_seconds", "_source_row", "_row_id"]
    slotted = with_slots(ended, batch=[*batch, "is_after"], order=order)
    fits = (_.slot_seconds - _.told_seconds).abs() <= largest
    is_in = _.batch_id.notnull() & ~_.is_after
    judged = slotted.mutate(
        is_in=ibis.ifelse(is_in, 1, 0), is_off=ibis.ifelse(is_in & ~fits.fill_null(False), 1, 0)
    ).mutate(batch_is_off=_.is_off.max().over(ibis.window(group_by=batch)))
    of_day = ibis.window(group_by=["machine_id", "batch_date"])
    odd = (_.batch_is_off * _.is_in).sum().over(of_day)
    day_fits = (_.is_in.sum().over(of_day) > 0) & (odd * _MOST_ODD <= _.is_in.sum().over(of_day))
    timed = judged.mutate(batch_fits=(_.batch_is_off == 0) & day_fits & _.batch_id.notnull())
    read_in = ibis.ifelse(_.batch_fits, _.is_in, 0).max().over(ibis.window(group_by=batch))
    return timed.mutate(
        slot_seconds=ibis.ifelse(_.batch_fits & ~_.is_after, _.slot_seconds, None),
        is_stray=_.batch_fits & _.is_after & (read_in == 1),
    ).drop("is_after", "is_in", "is_off", "batch_is_off", "batch_fits")
