"""Whole millionths: numbers whose sums and comparisons are exact on every engine."""

import ibis.expr.types as ir

MICRO = 1_000_000
LARGEST_MEASURE = 1_000_000_000_000
"""Numbers from here on are no measures of a factory; below, their millionths fit into int64."""


def micro(value: ir.NumericValue) -> ir.IntegerValue:
    """Return a number in whole millionths, rounded."""
    return (value * MICRO).round().cast("int64")
