"""Stuck sensors: all readings of a batch show the same temperature, to the last digit.

Found where three or more readings of a batch agree exactly, which noise does not do: of some 2,000
values that it may take, three are the same in one of four million batches. Fewer than three that
can be seen prove nothing. What the sensor should have shown is lost.
"""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import FaultType, Recoverability
from factory_simulation.expressions import text
from factory_simulation.expressions.random import Stream
from factory_simulation.faults.cells import CERTAIN, NEVER, CellFault
from factory_simulation.faults.settings import Settings as _Settings

_FEWEST = 3


class Settings(_Settings):
    """``rate``: of batches."""


def fault(rate: float, seed: int, *batch_keys: Deferred) -> CellFault:
    """Return the fault of a temperature.

    Args:
        rate: Share of batches.
        seed: The scenario's seed.
        batch_keys: What names the batch, not the reading.
    """
    value = Stream(seed, "fault.stuck.value").integer(
        _.lowest_centi_celsius, _.highest_centi_celsius, *batch_keys
    )
    return CellFault(
        FaultType.STUCK_SENSOR,
        "batch",
        Stream(seed, "fault.stuck").happens(rate, *batch_keys),
        text.short_decimal(value, 2),
        Recoverability.LOST,
        repair=NEVER,
    )


def judge(readings: ir.Table) -> ir.Table:
    """Say of each stuck temperature whether enough others of its batch show it too.

    Args:
        readings: Hurt readings with ``batch_id`` and ``is_batch_lost``.
    """
    is_stuck = (_.temperature_fault == FaultType.STUCK_SENSOR.value).fill_null(False)
    shown = ibis.ifelse(is_stuck, 1, 0).sum().over(ibis.window(group_by="batch_id"))
    can_be_found = ibis.ifelse((shown >= _FEWEST) & ~_.is_batch_lost, CERTAIN, NEVER)
    return readings.mutate(
        temperature_detection=ibis.ifelse(is_stuck, can_be_found, _.temperature_detection).cast(
            "int64"
        )
    )


def find(readings: ir.Table) -> ir.Table:
    """Add ``is_stuck``: whether a reading's temperature is that of two others of its batch."""
    same = ibis.window(group_by=["machine_id", "batch_date", "batch_id", "temperature_c"])
    can_be_seen = _.batch_id.notnull() & _.temperature_c.notnull()
    return readings.mutate(is_stuck=can_be_seen & (_.temperature_c.count().over(same) >= _FEWEST))
