"""Surrogate keys: made from what identifies a row, so the order of arrival changes none."""

from ibis import Deferred, _

from factory_simulation.domain import Role
from factory_simulation.expressions import text


def date_key(date: Deferred) -> Deferred:
    """Return a date as the integer yyyymmdd."""
    return (date.year().cast("int64") * 10000 + date.month() * 100 + date.day()).cast("int64")


def product_key(product_name: Deferred) -> Deferred:
    """Return the key that all spellings of a product share."""
    return text.name_key(product_name)


def batch_key() -> Deferred:
    """Return a batch's key: ids alone may repeat across machines and dates."""
    return _.machine_id.concat("|", _.batch_date.cast("string"), "|", _.batch_id)


def employee_key(role: Role, employee_id: Deferred) -> Deferred:
    """Return a person's key: an inspector and an operator may have the same number."""
    return f"{role}|" + employee_id
