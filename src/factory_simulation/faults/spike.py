"""Spikes: a value many times as large as anything that the machine can see.

Found where a value is several times the upper limit and no other unit explains it. What the sensor
saw is lost: temperature and pressure are noise, and silver leaves the value out.
"""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _
from pydantic import Field

from factory_simulation.domain import FaultType, Recoverability
from factory_simulation.expressions import text
from factory_simulation.expressions.random import Stream
from factory_simulation.faults.cells import CERTAIN, NEVER, CellFault
from factory_simulation.faults.measures import LIMITED, TEMPERATURE, Measure, claim
from factory_simulation.faults.settings import IntegerRange
from factory_simulation.faults.settings import Settings as _Settings
from factory_simulation.faults.unit_mixup import psi

_LEAST = 5
"""So many times the upper limit is a spike; less may be a machine that runs hot."""


class Settings(_Settings):
    """``rate``: of temperatures, and of pressures; ``times``: what the highest value becomes."""

    times: IntegerRange = Field(default=IntegerRange(low=20, high=50))


def fault(settings: Settings, measure: Measure, seed: int, *keys: Deferred) -> CellFault:
    """Return the fault of a temperature or a pressure."""
    name = f"fault.spike.{measure.column}"
    times = Stream(seed, f"{name}.times").integer(settings.times.low, settings.times.high, *keys)
    if measure is TEMPERATURE:
        shown, places = _.highest_centi_celsius * times, 2
        stands_out = shown >= _.centi_celsius_limit * _LEAST
    else:
        shown, places = _.highest_milli_bar * times, 3
        stands_out = shown > psi(_.milli_bar_limit)  # below that, psi may be meant
    return CellFault(
        FaultType.SPIKE,
        "at_random",
        Stream(seed, name).happens(settings.rate, *keys),
        text.short_decimal(shown, places),
        Recoverability.LOST,
        detection=ibis.ifelse(stands_out, CERTAIN, NEVER),
        repair=NEVER,
    )


def find(rows: ir.Table) -> ir.Table:
    """Leave out values that are many times the upper limit."""
    found = {m: (_[m.value] >= _[m.high] * _LEAST, ibis.null("float64")) for m in LIMITED}
    return claim(rows, FaultType.SPIKE, found)
