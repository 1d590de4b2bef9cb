"""Rows that land days after the day that they tell of."""

import ibis
from ibis import Deferred

from factory_simulation.expressions.random import Stream
from factory_simulation.pipelines.generation.scenario import IntegerRange


def where_late(rate: float, days: IntegerRange, stream: Stream, *keys: Deferred) -> Deferred:
    """Return how many days late a row lands; 0 where no fault falls."""
    late_days = Stream(stream.seed, f"{stream.name}.days").integer(days.low, days.high, *keys)
    return ibis.ifelse(stream.happens(rate, *keys), late_days, 0).cast("int64")


def what_late(event_day: Deferred, late_days: Deferred) -> Deferred:
    """Return the day on which a row lands, in days since 1970-01-01."""
    return event_day + late_days
