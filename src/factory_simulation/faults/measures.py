"""Measured values that land as another number: what a sensor says, and what its limits allow.

Four kinds of one family, because one rule decides between them: a value outside of the operating
limits on the machine's plate is looked at in other ways, and the way in which it lies within them
is right. Where the plate has no limits, nothing is claimed.
"""

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import FaultType
from factory_simulation.expressions import text


@dataclass(frozen=True)
class Measure:
    """A measured column.

    Attributes:
        column: The column that lands.
        value: The column of its number in silver.
        low: The column of the lower limit; None where there are no limits.
        high: The column of the upper limit.
    """

    column: str
    value: str
    low: str | None = None
    high: str | None = None

    @property
    def fault(self) -> str:
        """The column that says which fault was found."""
        return f"{self.column}_fault"

    def allows(self, number: Deferred) -> Deferred:
        """Tell whether a number lies within the limits; null where there are none."""
        return (number >= _[self.low]) & (number <= _[self.high])


TEMPERATURE = Measure("temperature", "temperature_c", "temperature_low_c", "temperature_high_c")
PRESSURE = Measure("pressure", "pressure_bar", "pressure_low_bar", "pressure_high_bar")
ENERGY = Measure("energy_kwh", "metered_kwh")
EFFICIENCY = Measure("efficiency_percent", "efficiency")
MEASURES = (TEMPERATURE, PRESSURE, ENERGY, EFFICIENCY)
LIMITED = (TEMPERATURE, PRESSURE)


def read(rows: ir.Table) -> ir.Table:
    """Add each measure's number as it was written, and the empty column of its fault."""
    return rows.mutate(
        **{measure.value: text.decimal_number(_[measure.column]) for measure in MEASURES},
        **{measure.fault: ibis.null("string") for measure in MEASURES},
    )


def claim(
    rows: ir.Table, fault: FaultType, found: dict[Measure, tuple[Deferred, Deferred]]
) -> ir.Table:
    """Put a repaired number in its place and name the fault, where one was found.

    Args:
        rows: Readings.
        fault: What was found.
        found: For each measure: where it was found, and the number that stands instead.
    """
    resolved = rows.mutate(
        **{f"{m.column}_is_found": is_found.fill_null(False) for m, (is_found, _n) in found.items()}
    )
    return resolved.mutate(
        **{
            m.value: ibis.ifelse(_[f"{m.column}_is_found"], number, _[m.value])
            for m, (_f, number) in found.items()
        },
        **{m.fault: ibis.ifelse(_[f"{m.column}_is_found"], fault.value, _[m.fault]) for m in found},
    ).drop(*[f"{m.column}_is_found" for m in found])
