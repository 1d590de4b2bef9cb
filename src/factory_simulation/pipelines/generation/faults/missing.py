"""Sensor values that are missing completely at random."""

import ibis
from ibis import Deferred

from factory_simulation.expressions.random import Stream


def where_missing(rate: float, stream: Stream, *keys: Deferred) -> Deferred:
    """Tell whether a row's value is missing."""
    return stream.happens(rate, *keys)


def what_missing(value: Deferred, is_missing: Deferred) -> Deferred:
    """Return the value, or null where it is missing."""
    return ibis.ifelse(is_missing, None, value)
