"""What simulated events are named by: random streams, keys and ids."""

from collections.abc import Callable

from ibis import Deferred, _

from factory_simulation.expressions import time
from factory_simulation.expressions.random import Stream
from factory_simulation.pipelines.generation.scenario import Scenario

_ID_PART = 10**9


def streams(scenario: Scenario, entity: str) -> Callable[[str], Stream]:
    """Return a function that gives a random stream of the scenario for each purpose."""
    return lambda purpose: Stream(scenario.seed, f"{entity}.{purpose}")


def batch_keys(number: str = "batch_number") -> tuple[Deferred, Deferred, Deferred]:
    """Return what names a batch to a random stream."""
    return _.machine_random_key, _.event_day, _[number]


def event_id(prefix: Deferred, event_day: Deferred, number: Deferred) -> Deferred:
    """Return an id that no other machine, day or batch has, such as ``SMELTER-01_20251201_007``."""
    day = time.timestamp_of(event_day * time.SECONDS_PER_DAY).strftime("%Y%m%d")
    return prefix.concat("_", day, "_", number.cast("string").lpad(3, "0"))


def opaque_id(prefix: str, scenario: Scenario, entity: str, *keys: Deferred) -> Deferred:
    """Return an id that says nothing of what it names: eighteen digits of chance."""
    parts = [
        (streams(scenario, entity)(f"id.{half}").draw(*keys) % _ID_PART).cast("string").lpad(9, "0")
        for half in ("first", "second")
    ]
    return prefix + parts[0].concat(parts[1])
