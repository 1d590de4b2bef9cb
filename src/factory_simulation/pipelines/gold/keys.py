"""Surrogate keys: made from what identifies a row, so the order of arrival changes none."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import Member, Role
from factory_simulation.expressions import text
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


def stop_reason_key() -> Deferred:
    """Return the key that all spellings of an event type's reason share.

    Where no reason is told it is that of the unknown one.
    """
    reason = text.name_key(_.reason).nullif("")
    return _.event_type.concat("|", reason).fill_null(Member.UNKNOWN.value)


def member_rows(rows: ir.Table, column: str, *members: Member) -> ir.Table:
    """One row per member, with its value in a column.

    Args:
        rows: Any table of the engine, also an empty one.
        column: The column.
        members: What a key may point to where there is nothing to point to.
    """
    one = rows.aggregate(rows=rows.count())
    return ibis.union(*[one.select(**{column: ibis.literal(m.value)}) for m in members])
