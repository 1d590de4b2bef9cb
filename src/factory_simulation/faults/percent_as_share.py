"""Percentages written as shares: an efficiency of 97.22 % lands as ``0.9722``.

Found where an efficiency is not above `_LARGEST_SHARE`: a machine that makes less than two in a
hundred units does not run. A share is written with two digits more, so all of it is recoverable.
"""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import FaultType
from factory_simulation.expressions import text
from factory_simulation.expressions.numbers import from_micro, micro
from factory_simulation.expressions.random import Stream
from factory_simulation.faults.cells import CellFault
from factory_simulation.faults.measures import EFFICIENCY, claim
from factory_simulation.faults.settings import Settings as _Settings

_LARGEST_SHARE = 1.5
_PERCENT = 100


class Settings(_Settings):
    """``rate``: of a reading's efficiencies."""


def fault(rate: float, seed: int, *keys: Deferred) -> CellFault:
    """Return the fault of a clean reading's efficiency."""
    falls = Stream(seed, "fault.share").happens(rate, *keys)
    share = text.short_decimal(_.efficiency_bp, 4)
    return CellFault(FaultType.PERCENT_AS_SHARE, "at_random", falls, share)


def find(rows: ir.Table) -> ir.Table:
    """Read efficiencies that are shares as percentages."""
    value = _[EFFICIENCY.value]
    is_share = (value > 0) & (value <= _LARGEST_SHARE)
    share = ibis.ifelse(is_share, value, None)
    percent = from_micro(micro(share) * _PERCENT)
    return claim(rows, FaultType.PERCENT_AS_SHARE, {EFFICIENCY: (is_share, percent)})
