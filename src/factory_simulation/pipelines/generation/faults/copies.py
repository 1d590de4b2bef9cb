"""Rows that land more than once."""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.expressions.random import Stream


def where_copied(rate: float, stream: Stream, *keys: Deferred) -> Deferred:
    """Return how many copies of a row land beside it: 1, or 0 where no fault falls."""
    return ibis.ifelse(stream.happens(rate, *keys), 1, 0).cast("int64")


def what_copied(rows: ir.Table, counters: ir.Table) -> ir.Table:
    """Return each row and its copies, told apart by ``copy_number`` (0 is the row itself)."""
    numbers = counters.select(copy_number=_.number)
    return rows.cross_join(numbers).filter(_.copy_number <= _.copy_count)
