"""Whole millionths: numbers whose sums and comparisons are exact on every engine."""

import ibis
import ibis.expr.types as ir

_HALF = 0.5
MICRO = 1_000_000
LARGEST_MEASURE = 1_000_000_000_000
"""Numbers from here on are no measures of a factory; below, their millionths fit into int64."""


def int64(value: ir.IntegerValue) -> ir.IntegerValue:
    """Return an integer as int64 also where an engine has it narrower than Ibis believes.

    A cast to the type that Ibis believes in is left out; Spark numbers rows in 32 bits.
    """
    return value.cast("int32").cast("int64")


def micro(value: ir.NumericValue) -> ir.IntegerValue:
    """Return a number in whole millionths, halves rounded away from zero.

    Ibis's own ``round`` rounds halves to even on PostgreSQL. That a half is added would be no
    substitute: the sum of large numbers is rounded itself.
    """
    magnitude = (value * MICRO).abs()
    whole = magnitude.floor()
    rounded = whole + ibis.ifelse(magnitude - whole >= _HALF, 1, 0)
    return ibis.ifelse(value < 0, -rounded, rounded).cast("int64")


def ratio(dividend: ir.NumericValue, divisor: ir.NumericValue | int) -> ir.FloatingValue:
    """Return a quotient as a float, also of integers.

    The cast is written out: where SQL divides integers as integers, sqlglot adds one, and puts it
    at the wrong place when the dividend occurs elsewhere in the expression too.
    """
    return dividend.cast("float64") / divisor


def relative_error(found_micro: ir.IntegerValue, true_micro: ir.IntegerValue) -> ir.FloatingValue:
    """Return by how much a number is off, relative to the true one, both in whole millionths.

    Where the true one is 0 it is 1, unless the other is 0 too.
    """
    error = (found_micro - true_micro).abs()
    relative = ratio(error, ibis.greatest(true_micro.abs(), 1))
    return ibis.cases((error == 0, 0.0), (true_micro == 0, 1.0), else_=relative)


def whole_numbers(rows: ir.Table, most: int) -> ir.Table:
    """One row per whole number from 0 to at least ``most``, as ``number``.

    Made of bits: not every engine makes ranges, and rows of Python would need a connection.

    Args:
        rows: Any table, also an empty one; it is counted, so a small one is better.
        most: What must be among the numbers.
    """
    one = rows.aggregate(rows=rows.count())
    numbers = one.select(number=ibis.literal(0, "int64"))
    for place in range(most.bit_length()):
        values = [one.select(bit=ibis.literal(value, "int64")) for value in (0, 2**place)]
        crossed = numbers.cross_join(ibis.union(*values))
        numbers = crossed.select(number=crossed.number + crossed.bit)
    return numbers


def from_micro(millionths: ir.IntegerValue) -> ir.FloatingValue:
    """Return what whole millionths stand for."""
    return ratio(millionths, MICRO)
