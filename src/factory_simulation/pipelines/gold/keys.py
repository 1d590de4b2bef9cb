"""Surrogate keys: made from what identifies a row, so the order of arrival changes none."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import OFF_SHIFT, Member, Role
from factory_simulation.expressions import text, time
from factory_simulation.expressions.versions import valid_at


def date_key(date: Deferred) -> Deferred:
    """Return a date as the integer yyyymmdd."""
    return (date.year().cast("int64") * 10000 + date.month() * 100 + date.day()).cast("int64")


def product_key(product_name: Deferred) -> Deferred:
    """Return the key that all spellings of a product share."""
    return text.name_key(product_name)


def machine_key() -> Deferred:
    """Return the key of a machine's version: the machine, and the day from which on it is so."""
    return _.machine_id.concat("|", _.valid_from.cast("string"))


def with_machine_key(
    rows: ir.Table, versions: ir.Table, day: str, take: Sequence[str] = ()
) -> ir.Table:
    """Add ``machine_key``, that of the version of a row's machine that was valid on its day.

    Args:
        rows: Have ``machine_id``.
        versions: ``silver.machine_versions``.
        day: The column with the date of what happened.
        take: Attributes of the version to add as well.
    """
    keyed = versions.mutate(machine_key=machine_key())
    return valid_at(rows, keyed, key="machine_id", day=day, take=["machine_key", *take])


def shift_key() -> Deferred:
    """Return the key of a factory's shift."""
    return _.factory_id.concat("|", _.shift_name)


def shift_windows(shifts: ir.Table) -> ir.Table:
    """One row per shift and part of the UTC day that it takes, from a minute up to another.

    A night shift has two; the one in the morning is ``days_after`` the day on which it began.
    """
    keyed = shifts.mutate(shift_key=shift_key())
    zero, day = ibis.literal(0, "int64"), time.MINUTES_PER_DAY
    evening = keyed.select(
        "factory_id",
        "shift_key",
        from_minute=_.start_minute,
        to_minute=ibis.least(_.end_minute, day).cast("int64"),
        days_after=zero,
    )
    morning = keyed.filter(_.end_minute > day).select(
        "factory_id",
        "shift_key",
        from_minute=zero,
        to_minute=(_.end_minute - day).cast("int64"),
        days_after=ibis.literal(1, "int64"),
    )
    return evening.union(morning)


def with_shift(rows: ir.Table, shifts: ir.Table, at: str) -> ir.Table:
    """Add ``shift_key`` and ``shift_day``, on which the shift began, in days since 1970-01-01.

    Outside of all shifts the key says so, and the day is that of the row.

    Args:
        rows: Have ``factory_id``.
        shifts: ``reference.shifts``; those of a factory do not overlap.
        at: The column with the time of what happened.
    """
    windows = shift_windows(shifts).rename(shift_factory_id="factory_id")
    timed = rows.mutate(minute_of_day=time.minute_of_day(rows[at]))
    return timed.left_join(
        windows,
        [
            timed.factory_id == windows.shift_factory_id,
            timed.minute_of_day >= windows.from_minute,
            timed.minute_of_day < windows.to_minute,
        ],
    ).select(
        *rows.columns,
        shift_key=_.shift_key.fill_null(OFF_SHIFT),
        shift_day=(time.epoch_day_of(_[at].date()) - _.days_after.fill_null(0)).cast("int64"),
    )


def stop_reason_key(event_type: Deferred, reason: Deferred) -> Deferred:
    """Return the key that all spellings of why a machine stood still share.

    A stop without a reason is of the unknown one; where nothing stopped, none applies.
    """
    name = text.name_key(reason).nullif("")
    return ibis.cases(
        (event_type.isnull(), Member.NOT_APPLICABLE.value),
        (name.isnull(), Member.UNKNOWN.value),
        else_=event_type.concat("|", name),
    )


def batch_key() -> Deferred:
    """Return a batch's key: ids alone may repeat across machines and dates.

    What happened outside of batches has the key that stands for none.
    """
    key = _.machine_id.concat("|", _.batch_date.cast("string"), "|", _.batch_id)
    return key.fill_null(Member.NOT_APPLICABLE.value)


def employee_key(role: Role, employee_id: Deferred) -> Deferred:
    """Return a person's key: an inspector and an operator may have the same number.

    Where nobody is named it is that of the unknown person.
    """
    return (f"{role}|" + employee_id).fill_null(Member.UNKNOWN.value)


def member_rows(rows: ir.Table, column: str, *members: Member) -> ir.Table:
    """One row per member, with its value in a column.

    Args:
        rows: Any table of the engine, also an empty one.
        column: The column.
        members: What a key may point to where there is nothing to point to.
    """
    one = rows.aggregate(rows=rows.count())
    return ibis.union(*[one.select(**{column: ibis.literal(m.value)}) for m in members])
