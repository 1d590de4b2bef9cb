"""Orphans: quality checks of batches that nobody knows.

Found where a check's batch is none that was kept, and set aside with that reason. There is nothing
to be repaired: the check never happened. A check of a batch that was lost on the way looks the
same; it is on record as another mechanism.
"""

from ibis import Deferred

from factory_simulation.expressions.random import Stream
from factory_simulation.faults.settings import Settings as _Settings

UNKNOWN = 9_000
"""Orphans name batch numbers from here on, which no machine reaches in a day."""

INVENTED = "unknown_batch"
"""The mechanism of a check of no batch that ever was."""
BATCH_LOST, BATCH_LOST_AGAIN = "batch_lost", "batch_lost_and_redelivered"
"""Mechanisms of a check whose batch never landed under its id, and of its second delivery."""


class Settings(_Settings):
    """``rate``: of checks beside which one of an unknown batch lands."""


def orphan_count(rate: float, seed: int, *keys: Deferred) -> Deferred:
    """Tell whether an orphan lands beside a check."""
    return Stream(seed, "fault.orphan").happens(rate, *keys)
