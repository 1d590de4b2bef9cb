"""Times in the factory's local time, without a mark that says so; UTC is what is agreed.

Each time can be read as UTC or as local time, and in the hour that daylight saving folds, as local
time in two ways. What it belongs to decides: a check follows its batch's end, an entry surrounds a
batch's start. Of two readings that fit, UTC is the likelier as long as less than half of all times
are local (Bayes' rule: the windows are equally wide, so the likelihoods are equal and the share
decides); so a local time of which the reading as UTC fits as well is not found by anyone.
"""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import FaultType, Recoverability
from factory_simulation.expressions import time
from factory_simulation.expressions.random import Stream
from factory_simulation.faults.cells import CERTAIN, NEVER, CellFault
from factory_simulation.faults.settings import Settings as _Settings
from factory_simulation.faults.settings import Share


class Settings(_Settings):
    """``rate``: of quality checks; ``entries``: of operator entries."""

    entries: Share = 0


def with_offset(rows: ir.Table, offsets: ir.Table, seconds: str) -> ir.Table:
    """Add ``offset_seconds``: by how much the factory's clocks are ahead of UTC at a time.

    Beside it ``is_folded``, whether the local time is there twice that day, and ``other_seconds``,
    the other time in UTC that has it.

    Args:
        rows: Have ``factory_id`` and the column ``seconds``, in UTC.
        offsets: One row per factory and UTC day: ``utc_day``, ``before_seconds`` and
            ``after_seconds`` (the offsets) and ``changes_at_seconds`` between them.
        seconds: The column of the time.
    """
    before, after = _.before_seconds, _.after_seconds
    return (
        rows.mutate(utc_day=_[seconds] // time.SECONDS_PER_DAY)
        .join(offsets, ["factory_id", "utc_day"])
        .mutate(is_before=_[seconds] < _.changes_at_seconds)
        .mutate(
            offset_seconds=ibis.ifelse(_.is_before, before, after),
            other_seconds=_[seconds] + ibis.ifelse(_.is_before, before - after, after - before),
        )
        .mutate(
            is_folded=(before != after)
            & ibis.ifelse(
                _.is_before,
                _.other_seconds >= _.changes_at_seconds,
                _.other_seconds < _.changes_at_seconds,
            )
        )
        .drop("utc_day", "changes_at_seconds", "before_seconds", "after_seconds", "is_before")
    )


def fault(rate: float, stream: Stream, seconds: Deferred, *keys: Deferred) -> CellFault:
    """Return the fault of a time.

    Args:
        rate: Share of times.
        stream: Where it falls.
        seconds: The time in UTC; the rows have ``offset_seconds``, ``is_batch_lost``,
            ``fits_as_utc``, whether the local time fits if it is read as UTC, and
            ``fits_as_other_local``, whether it does if it is read with the day's other offset.
        keys: What names the row.
    """
    fate = ibis.cases(
        (_.is_batch_lost, Recoverability.LOST.value),
        (_.fits_as_utc | _.fits_as_other_local, Recoverability.AMBIGUOUS.value),
        else_=Recoverability.RECOVERABLE.value,
    )
    is_missed = _.is_batch_lost | _.fits_as_utc
    return CellFault(
        FaultType.LOCAL_TIME,
        "at_random",
        stream.happens(rate, *keys) & (_.offset_seconds != 0),
        time.iso_text(seconds + _.offset_seconds),
        fate,
        detection=ibis.ifelse(is_missed, NEVER, CERTAIN),
        repair=ibis.ifelse(is_missed | _.fits_as_other_local, NEVER, CERTAIN),
    )


def find(rows: ir.Table, zones: ir.Table) -> ir.Table:
    """One row per row and way to read its time: as UTC and, where that differs, as local time.

    Adds ``seconds``, the time in UTC, and ``is_local``, 1 or 0. A time that names its zone is read
    in one way; in the folded hour there are two local ways, in the skipped hour none.

    Args:
        rows: Have ``told_seconds``, ``is_zone_told`` and ``factory_id``.
        zones: One row per factory and stretch of local time with one offset: ``local_year``,
            ``local_from_seconds``, ``local_to_seconds`` and ``utc_offset_seconds``.
    """
    as_utc = rows.mutate(seconds=_.told_seconds, is_local=ibis.literal(0, "int64"))
    stretches = zones.filter(_.utc_offset_seconds != 0).select(
        "local_from_seconds",
        "local_to_seconds",
        "utc_offset_seconds",
        zone_factory_id=_.factory_id,
        zone_year=_.local_year,
    )
    dated = rows.filter(~_.is_zone_told).mutate(
        told_year=time.date_of(_.told_seconds).year().cast("int64")
    )
    as_local = (
        dated.join(
            stretches,
            [
                dated.factory_id == stretches.zone_factory_id,
                dated.told_year == stretches.zone_year,
            ],
        )
        .filter(_.told_seconds >= _.local_from_seconds, _.told_seconds < _.local_to_seconds)
        .mutate(
            seconds=(_.told_seconds - _.utc_offset_seconds).cast("int64"),
            is_local=ibis.literal(1, "int64"),
        )
        .select(as_utc.columns)
    )
    return as_utc.union(as_local)
