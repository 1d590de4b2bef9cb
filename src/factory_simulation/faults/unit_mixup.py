"""Values in another unit: a temperature in degrees Fahrenheit, a pressure in psi.

Found where a value lies outside of the machine's limits and its conversion within them. Conversion
and its inverse are exact at the sensors' resolution, so all of it is recoverable where the limits
in one unit do not meet those in the other.
"""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import FaultType, Recoverability
from factory_simulation.expressions import text
from factory_simulation.expressions.numbers import micro, ratio
from factory_simulation.expressions.random import Stream
from factory_simulation.faults.cells import CERTAIN, NEVER, CellFault
from factory_simulation.faults.measures import LIMITED, TEMPERATURE, Measure, claim
from factory_simulation.faults.settings import Settings as _Settings

_MICRO_PSI_PER_BAR = 14_503_774
_CENTI, _MILLI, _MICRO = 100, 1_000, 1_000_000


class Settings(_Settings):
    """``rate``: of temperatures, and of pressures."""


def fault(rate: float, measure: Measure, seed: int, *keys: Deferred) -> CellFault:
    """Return the fault of a temperature or a pressure of a clean reading."""
    falls = Stream(seed, f"fault.unit.{measure.column}").happens(rate, *keys)
    if measure is TEMPERATURE:
        shown, places, limit = fahrenheit(_.centi_celsius), 2, _.centi_celsius_limit
    else:
        shown, places, limit = psi(_.milli_bar), 3, _.milli_bar_limit
    can_be_told = shown > limit
    return CellFault(
        FaultType.UNIT_MIXUP,
        "at_random",
        falls,
        text.short_decimal(shown, places),
        ibis.ifelse(can_be_told, Recoverability.RECOVERABLE.value, Recoverability.AMBIGUOUS.value),
        detection=ibis.ifelse(can_be_told, CERTAIN, NEVER),
        repair=ibis.ifelse(can_be_told, CERTAIN, NEVER),
    )


def fahrenheit(centi_celsius: Deferred) -> Deferred:
    """Return hundredths of a degree Fahrenheit, rounded."""
    return ((centi_celsius * 18 + 5) // 10 + 32 * _CENTI).cast("int64")


def psi(milli_bar: Deferred) -> Deferred:
    """Return thousandths of a psi, rounded."""
    return ((milli_bar * _MICRO_PSI_PER_BAR + _MICRO // 2) // _MICRO).cast("int64")


def find(rows: ir.Table) -> ir.Table:
    """Convert values that lie within the limits only if another unit is meant."""
    found = {}
    for measure in LIMITED:
        converted = _celsius(_[measure.value]) if measure is TEMPERATURE else _bar(_[measure.value])
        is_found = ~measure.allows(_[measure.value]) & measure.allows(converted)
        found[measure] = (is_found, converted)
    return claim(rows, FaultType.UNIT_MIXUP, found)


def _celsius(fahrenheit_: Deferred) -> Deferred:
    """Return degrees Celsius, rounded to hundredths."""
    centi = _rounded(micro(fahrenheit_) - 32 * _MICRO, 18 * _MICRO // (10 * _CENTI))
    return ratio(centi, _CENTI)


def _bar(psi_: Deferred) -> Deferred:
    """Return bar, rounded to thousandths; exact below 30 bar, and never too large for int64."""
    return ratio(_rounded(micro(psi_), round(_MICRO_PSI_PER_BAR, -3) // _MILLI), _MILLI)


def _rounded(dividend: Deferred, divisor: int) -> Deferred:
    return ((dividend + divisor // 2) // divisor).cast("int64")
