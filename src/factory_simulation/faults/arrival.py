"""When rows land: days late, beyond any window, or with a file that is delivered again.

A late row is found by its own time, and its day is restated. A file that is delivered again brings
rows that are there already, which are copies; where the second delivery corrects the first, the
corrected rows are conflicting copies, and the last word wins. All of it is recoverable.
"""

import ibis
from ibis import Deferred, _
from pydantic import Field

from factory_simulation.expressions.random import Stream
from factory_simulation.faults.settings import IntegerRange, Share
from factory_simulation.faults.settings import Settings as _Settings


class LateSettings(_Settings):
    """``rate``: of batches that land some ``days`` late.

    Attributes:
        days: How late.
        beyond: Share of batches that land later than any window would wait.
        beyond_days: How late those are.
    """

    days: IntegerRange = Field(default=IntegerRange(low=1, high=2))
    beyond: Share = 0
    beyond_days: IntegerRange = Field(default=IntegerRange(low=5, high=9))

    @property
    def longest(self) -> int:
        """The largest number of days by which a row can be late."""
        return max(self.days.high if self.rate else 0, self.beyond_days.high if self.beyond else 0)


class RedeliverySettings(_Settings):
    """``rate``: of files that land again with the next day's file, row by row.

    Attributes:
        corrected: Share of production files that land again with corrections.
        corrected_rows: Share of the rows of such a file that were wrong at first.
    """

    corrected: Share = 0
    corrected_rows: Share = 0.2

    @property
    def longest(self) -> int:
        """By how many days a second delivery follows the first."""
        return 1 if self.rate or self.corrected else 0


def late_days(settings: LateSettings, seed: int, *keys: Deferred) -> Deferred:
    """Return how many days late a row lands; 0 where no fault falls."""

    def drawn(name: str, days: IntegerRange) -> Deferred:
        return Stream(seed, f"{name}.days").integer(days.low, days.high, *keys)

    falls = [
        (Stream(seed, name).happens(rate, *keys), drawn(name, days))
        for name, rate, days in (
            ("fault.late.beyond", settings.beyond, settings.beyond_days),
            ("fault.late", settings.rate, settings.days),
        )
        if rate
    ]
    return ibis.cases(*falls, else_=0).cast("int64") if falls else ibis.literal(0, "int64")


def is_redelivered(rate: float, table: str, seed: int) -> Deferred:
    """Tell whether the file with a row (by ``arrival_day``) is delivered again the day after."""
    return Stream(seed, f"fault.redelivered.{table}").happens(rate, _.arrival_day)


def is_corrected_file(settings: RedeliverySettings, seed: int) -> Deferred:
    """Tell whether the production file with a row is delivered again with corrections."""
    return Stream(seed, "fault.corrected").happens(settings.corrected, _.arrival_day)


def is_wrong_at_first(settings: RedeliverySettings, seed: int, *keys: Deferred) -> Deferred:
    """Tell whether a row of such a file is one of those that are corrected."""
    return Stream(seed, "fault.corrected.row").happens(settings.corrected_rows, *keys)


def find(arrival_date: Deferred, event_date: Deferred) -> Deferred:
    """Tell whether a row landed after the day of which it tells."""
    return arrival_date > event_date
