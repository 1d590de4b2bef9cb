"""Machines over time: how much efficiency they lose."""

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import MachineEventType
from factory_simulation.expressions import time
from factory_simulation.expressions.numbers import from_micro, micro, ratio
from factory_simulation.faults.machine import ALARM

_FEWEST_BATCHES = 3
_MICRO_PER_BASIS_POINT, _BASIS_POINTS = 10_000, 10_000
_LARGEST_PERCENT = 200
"""More is no efficiency, and its squares would not fit into int64."""


def build_machine_decay(readings: ir.Table, events: ir.Table) -> ir.Table:
    """One row per machine: by what share its efficiency changes per day, and whether it decays.

    The slope of a least squares line through what its batches' readings say, over the days since
    the machine was last maintained (or first seen). Sums are of whole basis points and days, so
    that they are exact on every engine.
    """
    points = _days_of_wear(_batches(readings), events)
    sums = points.group_by("machine_id", "factory_id").aggregate(
        batches=_.count(),
        x=_.wear_days.sum().cast("int64"),
        y=_.efficiency_bp.sum().cast("int64"),
        xx=(_.wear_days * _.wear_days).sum().cast("int64"),
        xy=(_.wear_days * _.efficiency_bp).sum().cast("int64"),
        yy=(_.efficiency_bp * _.efficiency_bp).sum().cast("int64"),
    )
    n = _.batches
    moments = sums.mutate(
        sxx=(n * _.xx - _.x * _.x).nullif(0),
        sxy=n * _.xy - _.x * _.y,
        syy=n * _.yy - _.y * _.y,
    ).mutate(slope=ratio(_.sxy, _.sxx))
    residual = ibis.greatest(_.syy.cast("float64") - _.slope * _.sxy, 0.0)
    variance = ratio(residual, _.sxx * (n - _FEWEST_BATCHES + 1).nullif(0))
    error = ibis.ifelse(n >= _FEWEST_BATCHES, variance.sqrt(), None)
    return (
        moments.mutate(error=error)
        .mutate(
            is_decaying=(_.slope + ALARM * _.error < 0).fill_null(False),
        )
        .select(
            "machine_id",
            "factory_id",
            "batches",
            "is_decaying",
            efficiency_change_per_day=from_micro(micro(ratio(_.slope, _BASIS_POINTS))),
            standard_error=from_micro(micro(ratio(_.error, _BASIS_POINTS))),
        )
    )


def _batches(readings: ir.Table) -> ir.Table:
    """One row per batch of which a reading tells the efficiency, in basis points."""
    told = readings.filter(_.batch_id.notnull(), _.efficiency_percent.between(0, _LARGEST_PERCENT))
    bp = (micro(_.efficiency_percent) // _MICRO_PER_BASIS_POINT).cast("int64")
    return told.group_by("machine_id", "factory_id", "batch_date", "batch_id").aggregate(
        efficiency_bp=bp.max()
    )


def _days_of_wear(batches: ir.Table, events: ir.Table) -> ir.Table:
    """Add ``wear_days``: the days since the machine was last maintained, or first seen."""
    maintained = events.filter(_.event_type == MachineEventType.MAINTENANCE.value).select(
        "machine_id", since=_.event_date
    )
    first = batches.group_by("machine_id").aggregate(since=_.batch_date.min())
    starts = maintained.union(first)
    last = (
        batches.select("machine_id", "batch_date")
        .distinct()
        .join(starts, "machine_id")
        .filter(_.since <= _.batch_date)
        .group_by("machine_id", "batch_date")
        .aggregate(since=_.since.max())
    )
    return batches.join(last, ["machine_id", "batch_date"]).mutate(
        wear_days=time.epoch_day_of(_.batch_date) - time.epoch_day_of(_.since)
    )
