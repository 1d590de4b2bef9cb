"""How machines wear: the efficiency of their batches, and the line that it follows.

A machine loses efficiency day by day until it is maintained, and down to a floor at the most. So
the line is one over days of wear, and what is at the floor already tells nothing of it.
"""

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import MachineEventType
from factory_simulation.expressions import time
from factory_simulation.expressions.numbers import int64, micro, ratio
from factory_simulation.expressions.student_t import t_quantile
from factory_simulation.faults.machine import ALARM
from factory_simulation.pipelines.gold.keys import batch_key
from factory_simulation.pipelines.gold.parameters import GoldParameters, HealthParameters

BASIS_POINTS_PER_PERCENT = 100
_MICRO_PER_BASIS_POINT = 10_000
_LARGEST_PERCENT = 200
"""More is no efficiency, and its squares would not fit into int64."""
_OF_A_LINE = 2
"""A line has two parameters: so many batches less are degrees of freedom."""
_QUARTER = 4


def build_batch_efficiency(
    readings: ir.Table, batches: ir.Table, events: ir.Table, parameters: GoldParameters
) -> ir.Table:
    """One row per batch of which a reading tells the efficiency, in the order of a machine's life.

    Wear counts from the day of the last maintenance, or from the first day on which the machine
    made anything if that is later. A batch is worn out from the day on which a quarter of the
    batches is at the floor: there, what a machine loses is no longer seen. Where all batches of a
    day tell the same, the day was measured once: those after the first are repeats.
    """
    floor = parameters.health.floor_percent * BASIS_POINTS_PER_PERCENT
    timed = batches.select("machine_id", "batch_id", "start_at", batch_date=_.production_date)
    told = _told(readings).join(timed, ["machine_id", "batch_date", "batch_id"])
    worn = _days_of_wear(told, timed, events)
    in_life = ibis.row_number().over(
        group_by="machine_id", order_by=["start_at", "batch_date", "batch_id"]
    )
    of_day = ibis.window(group_by=["machine_id", "batch_date"])
    in_day = ibis.row_number().over(
        group_by=["machine_id", "batch_date"], order_by=["start_at", "batch_id"]
    )
    is_same = _.efficiency_bp.min().over(of_day) == _.efficiency_bp.max().over(of_day)
    return (
        _worn_out(worn, floor)
        .mutate(is_repeat=is_same & (in_day > 0))
        .select(
            "factory_id",
            "machine_id",
            "batch_date",
            "start_at",
            "efficiency_bp",
            "worn_since",
            "wear_days",
            "is_worn_out",
            "is_repeat",
            batch_key=batch_key(),
            sequence_number=int64(in_life + 1),
        )
    )


def _told(readings: ir.Table) -> ir.Table:
    """One row per batch of which a reading tells the efficiency, in basis points."""
    told = readings.filter(_.batch_id.notnull(), _.efficiency_percent.between(0, _LARGEST_PERCENT))
    bp = (micro(_.efficiency_percent) // _MICRO_PER_BASIS_POINT).cast("int64")
    return told.group_by("machine_id", "factory_id", "batch_date", "batch_id").aggregate(
        efficiency_bp=bp.max()
    )


def _days_of_wear(told: ir.Table, batches: ir.Table, events: ir.Table) -> ir.Table:
    """Add ``worn_since`` and ``wear_days``: from when on a machine has worn, and for how long."""
    maintained = events.filter(_.event_type == MachineEventType.MAINTENANCE.value).select(
        "machine_id", since=_.event_date
    )
    first = batches.group_by("machine_id").aggregate(since=_.batch_date.min())
    starts = maintained.union(first)
    last = (
        told.select("machine_id", "batch_date")
        .distinct()
        .join(starts, "machine_id")
        .filter(_.since <= _.batch_date)
        .group_by("machine_id", "batch_date")
        .aggregate(worn_since=_.since.max())
    )
    return told.join(last, ["machine_id", "batch_date"]).mutate(
        wear_days=(time.epoch_day_of(_.batch_date) - time.epoch_day_of(_.worn_since)).cast("int64")
    )


def _worn_out(worn: ir.Table, floor: int) -> ir.Table:
    """Add ``is_worn_out``: the floor was reached that day, or since the last maintenance."""
    is_at_floor = ibis.ifelse(_.efficiency_bp == floor, 1, 0)
    reached = (
        worn.group_by("machine_id", "worn_since", "batch_date")
        .aggregate(batches=_.count(), at_floor=is_at_floor.sum())
        .filter(_.at_floor * _QUARTER >= _.batches)
        .group_by("machine_id", "worn_since")
        .aggregate(floor_date=_.batch_date.min())
    )
    return worn.left_join(reached, ["machine_id", "worn_since"]).mutate(
        is_worn_out=(_.batch_date >= _.floor_date).fill_null(False)
    )


def fit_lines(efficiency: ir.Table, parameters: HealthParameters) -> ir.Table:
    """One row per machine: the least squares line through its batches, in basis points and days.

    Sums are of whole basis points and days, so that they are exact on every engine. ``slope`` is
    null where all batches have the same wear, ``error`` (its standard error) where there are too
    few. ``reach`` is how far the slope's interval reaches to either side. ``level`` is the line's
    efficiency on the machine's last day, ``mean_wear`` and ``spread`` are the mean and the variance
    of the days of wear.
    """
    last = ibis.window(group_by="machine_id")
    marked = efficiency.mutate(
        weight=ibis.ifelse(_.is_worn_out | _.is_repeat, 0, 1).cast("int64"),
        is_last=_.sequence_number == _.sequence_number.max().over(last),
    ).mutate(x=_.wear_days * _.weight, y=_.efficiency_bp * _.weight)
    sums = marked.group_by("machine_id", "factory_id").aggregate(
        batches=_.count().cast("int64"),
        n=_.weight.sum().cast("int64"),
        sum_x=_.x.sum().cast("int64"),
        sum_y=_.y.sum().cast("int64"),
        xx=(_.x * _.x).sum().cast("int64"),
        xy=(_.x * _.y).sum().cast("int64"),
        yy=(_.y * _.y).sum().cast("int64"),
        last_batch_date=ibis.ifelse(_.is_last, _.batch_date, None).max(),
        last_bp=ibis.ifelse(_.is_last, _.efficiency_bp, None).max().cast("int64"),
        last_wear_days=ibis.ifelse(_.is_last, _.wear_days, None).max().cast("int64"),
        is_worn_out=ibis.ifelse(_.is_last & _.is_worn_out, 1, 0).max() == 1,
    )
    return sums.pipe(_with_slope, parameters.confidence).pipe(_with_level, parameters)


def _with_slope(sums: ir.Table, confidence: float) -> ir.Table:
    """Add the slope, its standard error and reach, and whether it alarms."""
    moments = sums.mutate(
        sxx=(_.n * _.xx - _.sum_x * _.sum_x).nullif(0),
        sxy=_.n * _.xy - _.sum_x * _.sum_y,
        syy=_.n * _.yy - _.sum_y * _.sum_y,
        degrees=_.n - _OF_A_LINE,
    ).mutate(slope=ratio(_.sxy, _.sxx))
    residual = _.syy.cast("float64") - _.slope * _.sxy
    freedom = ibis.ifelse(_.degrees > 0, _.sxx * _.degrees, None)
    return (
        moments.mutate(variance=ratio(ibis.ifelse(residual < 0, 0.0, residual), freedom))
        .mutate(error=_.variance.sqrt(), quantile=t_quantile(_.degrees, confidence))
        .mutate(
            reach=_.quantile * _.error,
            is_decaying=(_.slope + ALARM * _.error < 0).fill_null(False),
        )
    )


def _with_level(lines: ir.Table, parameters: HealthParameters) -> ir.Table:
    """Add where the line stands; on the floor it stays, and without a slope it is level."""
    floor = float(parameters.floor_percent * BASIS_POINTS_PER_PERCENT)
    n = _.n.nullif(0)
    centred = lines.mutate(
        mean_wear=ratio(_.sum_x, n),
        mean_bp=ratio(_.sum_y, n),
        spread=ratio(_.sxx, n * n),
    ).mutate(since_mean=_.last_wear_days - _.mean_wear)
    told = ibis.coalesce(_.mean_bp + _.slope * _.since_mean, _.mean_bp)
    level = ibis.cases(
        (_.is_worn_out, ibis.literal(floor, "float64")),
        else_=ibis.coalesce(told, _.last_bp.cast("float64")),
    )
    return centred.mutate(level=level)
