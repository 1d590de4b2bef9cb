"""Values that are missing: completely at random, depending on another column, or on themselves.

A missing cell is seen for what it is, so all of them are found. What stood there is another
matter: efficiency is the same in all readings of a batch, so any sibling tells it;
energy is the batch's share give or take, so siblings only give an estimate; temperature and
pressure are noise, and their value is lost.
"""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import FaultType, Recoverability
from factory_simulation.expressions.random import Stream
from factory_simulation.faults.cells import NEVER, CellFault
from factory_simulation.faults.settings import Settings as _Settings
from factory_simulation.faults.settings import Share

_NOTHING = ibis.null("string")


class Settings(_Settings):
    """``rate``: of each of a reading's four values, completely at random.

    Attributes:
        pressure_when_hot: Share of pressures that are missing where the temperature is in the
            upper quarter of what the machine sees: missing at random, given another column.
        temperature_when_hot: Share of temperatures that are missing in their own upper quarter:
            missing not at random.
    """

    pressure_when_hot: Share = 0
    temperature_when_hot: Share = 0


def faults(
    settings: Settings, column: str, is_hot: Deferred, seed: int, *keys: Deferred
) -> list[CellFault]:
    """Return the faults of one of a reading's values."""
    when_hot = {
        "pressure": ("depending_on_temperature", settings.pressure_when_hot),
        "temperature": ("depending_on_itself", settings.temperature_when_hot),
    }
    at_random = Stream(seed, f"fault.missing.{column}").happens(settings.rate, *keys)
    found = [_missing(column, "at_random", at_random)] if settings.rate else []
    mechanism, rate = when_hot.get(column, ("", 0.0))
    if rate:
        stream = Stream(seed, f"fault.missing.{column}.hot")
        found.append(_missing(column, mechanism, is_hot & stream.happens(rate, *keys)))
    return found


def _missing(column: str, mechanism: str, falls: Deferred) -> CellFault:
    if column == "efficiency_percent":
        return CellFault(FaultType.MISSING_VALUE, mechanism, falls, _NOTHING)
    hidden = Recoverability.AMBIGUOUS if column == "energy_kwh" else Recoverability.LOST
    return CellFault(FaultType.MISSING_VALUE, mechanism, falls, _NOTHING, hidden, repair=NEVER)


def judge(readings: ir.Table) -> ir.Table:
    """Say of each missing efficiency whether a sibling tells it, in a batch that landed.

    Args:
        readings: Hurt readings with ``batch_id`` and ``is_batch_lost``.
    """
    of_batch = ibis.window(group_by="batch_id")
    missing = (_.efficiency_percent_fault == FaultType.MISSING_VALUE.value).fill_null(False)
    has_sibling = _.efficiency_percent.count().over(of_batch) > 0
    is_alone = missing & (~has_sibling | _.is_batch_lost)
    return readings.mutate(
        efficiency_percent_recoverability=ibis.ifelse(
            is_alone, Recoverability.AMBIGUOUS.value, _.efficiency_percent_recoverability
        ),
        efficiency_percent_repair=ibis.ifelse(is_alone, NEVER, _.efficiency_percent_repair).cast(
            "int64"
        ),
    )


def find(value: Deferred) -> Deferred:
    """Tell whether a value is missing."""
    return value.isnull()
