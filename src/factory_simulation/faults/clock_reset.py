"""Clocks that were reset: a quality check whose time counts from 1970-01-01 on.

Found where a check's time lies in the first days of 1970, when no such factory stood. A check
follows its batch's end within minutes; which minute it was is lost with the clock, so the time is
put in the middle of the window: an estimate, at most half a window off.
"""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import FaultType, Recoverability
from factory_simulation.expressions import time
from factory_simulation.expressions.random import Stream
from factory_simulation.faults.cells import NEVER, CellFault
from factory_simulation.faults.settings import Settings as _Settings

_LONGEST_UPTIME_DAYS = 30


class Settings(_Settings):
    """``rate``: of quality checks."""


def fault(rate: float, seed: int, *keys: Deferred) -> CellFault:
    """Return the fault of a check's time."""
    uptime = Stream(seed, "fault.reset.uptime").integer(0, time.SECONDS_PER_DAY - 1, *keys)
    return CellFault(
        FaultType.CLOCK_RESET,
        "epoch",
        Stream(seed, "fault.reset").happens(rate, *keys),
        time.iso_text(uptime),
        ibis.ifelse(_.is_batch_lost, Recoverability.LOST.value, Recoverability.AMBIGUOUS.value),
        repair=NEVER,
    )


def find(told_seconds: ir.Value | Deferred) -> Deferred:
    """Tell whether a time is that of a clock that was reset."""
    return told_seconds < _LONGEST_UPTIME_DAYS * time.SECONDS_PER_DAY
