"""Times that are told wrongly: a clock that drifts, a clock that shows local time."""

import ibis
from ibis import Deferred

from factory_simulation.expressions.random import Stream
from factory_simulation.expressions.time import SECONDS_PER_MINUTE


def where_drifted(rate: float, most_minutes: int, stream: Stream, *keys: Deferred) -> Deferred:
    """Return by how many minutes a row's clock is off; 0 where no fault falls."""
    minutes = Stream(stream.seed, f"{stream.name}.minutes").integer(
        -most_minutes, most_minutes, *keys
    )
    return ibis.ifelse(stream.happens(rate, *keys), minutes, 0).cast("int64")


def what_drifted(seconds: Deferred, drift_minutes: Deferred) -> Deferred:
    """Return the time that the drifted clock shows."""
    return seconds + drift_minutes * SECONDS_PER_MINUTE


def where_local(rate: float, stream: Stream, *keys: Deferred) -> Deferred:
    """Tell whether a row's time is local instead of UTC."""
    return stream.happens(rate, *keys)


def what_local(seconds: Deferred, is_local: Deferred, utc_offset_minutes: int) -> Deferred:
    """Return the time that a clock with local time shows."""
    return seconds + ibis.ifelse(is_local, utc_offset_minutes * SECONDS_PER_MINUTE, 0)
