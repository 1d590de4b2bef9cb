"""Energy meters that drift slowly: each day they show a little more than the day before.

The readings of a batch add up to its energy, units times what the plate says, give or take a noise
that has no favourite side. So a machine's day of meter readings tells by how much its meter is off.
Found where that is more than the noise can explain; each reading is then corrected by the day's
share, which gives an estimate: the noise of a single reading is not undone.
"""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import FaultType, Recoverability
from factory_simulation.expressions import text
from factory_simulation.expressions.numbers import from_micro, micro, ratio
from factory_simulation.expressions.random import Stream
from factory_simulation.faults.cells import CERTAIN, NEVER, CellFault
from factory_simulation.faults.settings import BASIS_POINTS, Share, basis_points
from factory_simulation.faults.settings import Settings as _Settings

_MICRO_PER_MILLI = 1_000


class Settings(_Settings):
    """``rate``: of machines.

    Attributes:
        per_day: By what share a meter shows more each day, from the second day on.
        most: The largest share by which it is off.
    """

    per_day: Share = 0.05
    most: Share = 0.5


def fault(settings: Settings, first_day: int, seed: int) -> CellFault:
    """Return the fault of a reading's energy."""
    most = basis_points(settings.most)
    off_bp = ibis.least((_.event_day - first_day) * basis_points(settings.per_day), most)
    shown = _.energy_e4_kwh * (off_bp + BASIS_POINTS) // BASIS_POINTS
    falls = Stream(seed, "fault.meter").happens(settings.rate, _.machine_random_key)
    return CellFault(
        FaultType.METER_DRIFT,
        "slow",
        falls & (shown > _.energy_e4_kwh),
        text.short_decimal(shown, 4),
        Recoverability.AMBIGUOUS,
        repair=NEVER,
    )


def judge(readings: ir.Table) -> ir.Table:
    """Say of each drifting reading whether its day can be compared with the plate.

    A day of a machine on which no batch has all of its readings tells nothing.

    Args:
        readings: Hurt readings with ``batch_id`` and ``is_batch_lost``.
    """
    is_drifting = (_.energy_kwh_fault == FaultType.METER_DRIFT.value).fill_null(False)
    of_batch = ibis.window(group_by="batch_id")
    of_day = ibis.window(group_by=["machine_random_key", "event_day"])
    is_whole = (_.energy_kwh.count().over(of_batch) == _.count().over(of_batch)) & ~_.is_batch_lost
    counted = readings.mutate(is_whole=ibis.ifelse(is_whole, 1, 0))
    can_be_compared = (_.is_whole.max().over(of_day) == 1) & ~_.is_batch_lost
    can_be_found = ibis.ifelse(can_be_compared, CERTAIN, NEVER)
    return counted.mutate(
        energy_kwh_detection=ibis.ifelse(is_drifting, can_be_found, _.energy_kwh_detection).cast(
            "int64"
        )
    ).drop("is_whole")


def find(readings: ir.Table, tolerance: float, most: float) -> ir.Table:
    """Add ``drift_bp``: by how much a reading's meter is off that day, in basis points; 0 if none.

    Args:
        readings: Have ``machine_id``, ``batch_id``, ``batch_date``, ``metered_kwh`` and
            ``plate_micro_kwh``, the energy of their batch as on the plate.
        tolerance: What noise explains, as a share.
        most: A meter that is off by more measures something else.
    """
    of_batch = ibis.window(group_by=["machine_id", "batch_date", "batch_id"])
    of_day = ibis.window(group_by=["machine_id", "batch_date"])
    # thousandths: sums of what other people's meters show must fit into int64 too
    metered = micro(_.metered_kwh) // _MICRO_PER_MILLI
    is_whole = _.batch_id.notnull() & (
        _.metered_kwh.count().over(of_batch) == _.count().over(of_batch)
    )
    one_each = ibis.row_number().over(
        group_by=["machine_id", "batch_date", "batch_id"], order_by="_row_id"
    )
    whole = readings.mutate(
        whole_milli=ibis.ifelse(is_whole, metered, 0),
        plate_once=ibis.ifelse(
            is_whole & (one_each == 0), _.plate_micro_kwh // _MICRO_PER_MILLI, 0
        ),
    )
    sums = whole.mutate(
        day_milli=_.whole_milli.sum().over(of_day), day_plate=_.plate_once.sum().over(of_day)
    )
    plate = _.day_plate.nullif(0)
    is_possible = ratio(_.day_milli, plate) <= 1 + most
    is_off = _.batch_id.notnull() & _.metered_kwh.notnull() & (_.off_bp > basis_points(tolerance))
    return (
        sums.mutate(possible_milli=ibis.ifelse(is_possible, _.day_milli, None))
        .mutate(off_bp=((_.possible_milli - plate) * BASIS_POINTS // plate).cast("int64"))
        .mutate(drift_bp=ibis.ifelse(is_off, _.off_bp, 0).fill_null(0).cast("int64"))
        .drop("whole_milli", "plate_once", "day_milli", "day_plate", "possible_milli", "off_bp")
    )


def corrected(kwh: Deferred) -> Deferred:
    """Return what a drifting meter would have shown without its drift, about."""
    return from_micro(micro(ratio(kwh * BASIS_POINTS, _.drift_bp + BASIS_POINTS)))
