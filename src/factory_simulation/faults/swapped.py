"""Columns that changed places: a reading's temperature stands under pressure and the other way.

Found where both values lie outside of their own limits and within each other's; where one of them
is missing, the other alone proves nothing. All of it is recoverable where the limits do not meet.
"""

import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import FaultType
from factory_simulation.expressions.random import Stream
from factory_simulation.faults.cells import CellFault
from factory_simulation.faults.measures import PRESSURE, TEMPERATURE, Measure, claim
from factory_simulation.faults.settings import Settings as _Settings


class Settings(_Settings):
    """``rate``: of readings."""


def fault(rate: float, measure: Measure, seed: int, *keys: Deferred) -> CellFault:
    """Return the fault of a reading's temperature or pressure; it falls on both or on neither."""
    falls = Stream(seed, "fault.swapped").happens(rate, *keys)
    other = PRESSURE if measure is TEMPERATURE else TEMPERATURE
    return CellFault(FaultType.SWAPPED_COLUMNS, "at_random", falls, _[other.column])


def find(rows: ir.Table) -> ir.Table:
    """Put temperature and pressure in each other's place where only that fits the limits."""
    hot, tight = _[TEMPERATURE.value], _[PRESSURE.value]
    hot_is_tight = ~TEMPERATURE.allows(hot) & PRESSURE.allows(hot)
    tight_is_hot = ~PRESSURE.allows(tight) & TEMPERATURE.allows(tight)
    is_swapped = hot_is_tight & tight_is_hot
    return claim(
        rows,
        FaultType.SWAPPED_COLUMNS,
        {TEMPERATURE: (is_swapped, tight), PRESSURE: (is_swapped, hot)},
    )
