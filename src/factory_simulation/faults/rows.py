"""Rows that land more than once, contradict each other, or never land.

- copies: exact, or with the product spelled otherwise. Found by what a row says after names and
  times were read; of rows that say the same the first to arrive stands. All recoverable.
- conflicting copies: a batch lands with a wrong count, and again, later, with the right one. The
  last word on a batch wins, so the earlier row is given up. All recoverable.
- lost rows: a batch never lands. See `lost`.
"""

import ibis
from ibis import Deferred
from pydantic import Field

from factory_simulation.expressions.random import Stream
from factory_simulation.faults.settings import IntegerRange, Share
from factory_simulation.faults.settings import Settings as _Settings

NONE, EXACT, RESPELLED, CORRECTED, LOST = range(5)
"""What happens to a batch's row."""


class DuplicateSettings(_Settings):
    """``rate``: of batches that land twice, exactly; ``respelled``: twice, spelled differently."""

    respelled: Share = 0


class ConflictSettings(_Settings):
    """``rate``: of batches that land wrong first, and are corrected ``days`` later."""

    days: IntegerRange = Field(default=IntegerRange(low=1, high=1))


class LostSettings(_Settings):
    """``rate``: of batches that never land."""


def row_fate(
    duplicate: DuplicateSettings,
    conflict: ConflictSettings,
    lost: LostSettings,
    seed: int,
    *keys: Deferred,
) -> Deferred:
    """Return what happens to a batch's row: one of the constants above."""
    chances = [
        (LOST, lost.rate, "fault.lost"),
        (CORRECTED, conflict.rate, "fault.conflict"),
        (RESPELLED, duplicate.respelled, "fault.respelled"),
        (EXACT, duplicate.rate, "fault.duplicate"),
    ]
    falls = [
        (Stream(seed, name).happens(rate, *keys), fate) for fate, rate, name in chances if rate
    ]
    return ibis.cases(*falls, else_=NONE).cast("int64") if falls else ibis.literal(NONE, "int64")


def wrong_count(count: Deferred, seed: int, *keys: Deferred) -> Deferred:
    """Return a count that is too large by one to nine units."""
    return count + Stream(seed, "fault.conflict.units").integer(1, 9, *keys)
