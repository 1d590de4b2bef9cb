"""OEE: how much of the time in which machines were to run became good units, and where it went.

Everything is counted in whole seconds and, where a plate's rate comes in, in whole microseconds,
so that parts add up; floats are made at the end.
"""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import OFF_SHIFT, MachineState, Member, OeeLevel, OverOne
from factory_simulation.expressions import time
from factory_simulation.expressions.numbers import MICRO, from_micro, int64, micro, ratio
from factory_simulation.metrics import AVAILABILITY, EFFECTIVENESS, OEE, QUALITY_RATIO, formulas
from factory_simulation.pipelines.gold.keys import date_key, product_key
from factory_simulation.pipelines.gold.machine_time import LONGEST_SECONDS

_CELL = ("machine_id", "epoch_day", "shift_key")
_SECONDS_PER_HOUR = 3600
_LONGEST_IDEAL_SECONDS = 1_000_000_000
"""A batch that would take longer by its machine's plate is none, and its sums would not fit."""
_TIMES = (
    *("planned_seconds", "run_seconds", "equipment_failure_seconds"),
    *("setup_and_adjustment_seconds", "minor_stops_seconds", "idle_seconds"),
)
_AMOUNTS = (
    *("batches", "units_good", "units_defective", "batch_seconds"),
    *("good_micro", "process_micro", "startup_micro", "untimed_micro"),
)
_SPEEDS = ("reduced_micro", "faster_micro")
_KEYS = ("factory_id", "machine_id", "shift_key", "product_key")
_KEYS_OF = {
    OeeLevel.MACHINE_SHIFT: _KEYS,
    OeeLevel.MACHINE: ("factory_id", "machine_id", "product_key"),
    OeeLevel.SHIFT: ("factory_id", "shift_key"),
    OeeLevel.LINE: ("factory_id", "product_key"),
    OeeLevel.FACTORY: ("factory_id",),
}


def summarise_oee_daily(
    machine_time: ir.Table,
    production: ir.Table,
    events: ir.Table,
    machines: ir.Table,
    shifts: ir.Table,
) -> ir.Table:
    """One row per date, level and what there is at that level: time, units, losses and OEE.

    Planned is the time of shifts without planned maintenance, and whatever ran beside that. A batch
    across midnight or the end of a shift is in both, by its share of time. A line is the machines
    of a factory whose plates name the same product.

    Planned time is the ideal time of good units, plus all losses, less what was faster than plate.
    """
    stretches = machine_time.join(
        machines.select("machine_key", "machine_id"), "machine_key"
    ).mutate(
        start_seconds=time.epoch_seconds_of(_.start_at),
        end_seconds=time.epoch_seconds_of(_.end_at),
        epoch_day=time.epoch_day_of(_.start_at.date()),
    )
    batches = _with_startup(_batches(production, machines), events, machines, shifts)
    cells = _cells(_times(stretches), _amounts(batches, stretches))
    lasting = machines.filter(_.is_current).select(
        "machine_id", "factory_id", product_key=product_key(_.product_name)
    )
    sums = (*_TIMES, *_AMOUNTS, *_SPEEDS)
    placed = cells.join(lasting, "machine_id").select("epoch_day", *_KEYS, *sums)
    levels = ibis.union(*[_at_level(placed, level) for level in OeeLevel])
    totals = levels.group_by("epoch_day", "level", *_KEYS).aggregate(
        **{name: _[name].sum().cast("int64") for name in sums}
    )
    return _measured(totals)


def _batches(production: ir.Table, machines: ir.Table) -> ir.Table:
    """One row per batch: when it ran, and how long its units take by the plate of its day."""
    start = time.epoch_seconds_of(production.start_at)
    end = time.epoch_seconds_of(production.end_at)
    plated = production.mutate(
        start_seconds=start,
        end_seconds=ibis.least(end, start + LONGEST_SECONDS),
    ).join(machines.select("machine_key", "machine_id", "units_per_hour"), "machine_key")
    return plated.select(
        "batch_key",
        "machine_id",
        "shift_key",
        "start_at",
        "start_seconds",
        "end_seconds",
        "units_good",
        "units_defective",
        duration=(_.end_seconds - _.start_seconds).cast("int64"),
        good_micro=_ideal_micro(_.units_good),
        defective_micro=_ideal_micro(_.units_defective),
    )


def _ideal_micro(units: Deferred) -> Deferred:
    """Return the microseconds that a number of units takes at the rate on the plate."""
    seconds = ratio(units * _SECONDS_PER_HOUR, _.units_per_hour)
    return micro(ibis.least(seconds, float(_LONGEST_IDEAL_SECONDS)))


def _with_startup(
    batches: ir.Table, events: ir.Table, machines: ir.Table, shifts: ir.Table
) -> ir.Table:
    """Add whether a batch is the first of its machine in a shift, or after it stood still."""
    ends = shifts.select("shift_key", ends_at=_.end_minute.fill_null(0))
    timed = batches.left_join(ends, "shift_key").select(*batches.columns, "ends_at")
    is_after_midnight = time.minute_of_day(_.start_at) < _.ends_at - time.MINUTES_PER_DAY
    dated = timed.mutate(
        shift_day=time.epoch_day_of(_.start_at.date())
        - ibis.ifelse(is_after_midnight, 1, 0).cast("int64")
    )
    begun = dated.mutate(at=_.start_seconds, is_stop=ibis.literal(0, "int64"))
    stopped = events.join(machines.select("machine_key", "machine_id"), "machine_key").select(
        "machine_id",
        at=time.epoch_seconds_of(_.end_at),
        is_stop=ibis.literal(1, "int64"),
    )
    padding = {
        name: ibis.null(begun[name].type()) for name in begun.columns if name not in stopped.columns
    }
    in_order = ibis.window(
        group_by="machine_id", order_by=["at", ibis.desc("is_stop"), "batch_key"]
    )
    of_shift = ibis.window(
        group_by=["machine_id", "shift_key", "shift_day"], order_by=["at", "batch_key"]
    )
    marks = begun.union(stopped.mutate(**padding).select(*begun.columns)).mutate(
        is_after_stop=_.is_stop.lag().over(in_order).fill_null(0) == 1
    )
    return (
        marks.filter(_.is_stop == 0)
        .mutate(place=int64(ibis.row_number().over(of_shift)))
        .select(
            *batches.columns,
            is_startup=_.is_after_stop | ((_.shift_key != OFF_SHIFT) & (_.place == 0)),
        )
    )


def _times(stretches: ir.Table) -> ir.Table:
    """One row per machine, date and shift: seconds planned, run and lost."""
    is_in_shift = _.shift_key != OFF_SHIFT
    is_run = _.state == MachineState.RUN.value
    is_planned = is_run | (is_in_shift & (_.state != MachineState.MAINTENANCE.value))

    def seconds(counts: Deferred) -> Deferred:
        return ibis.ifelse(counts, _.seconds, 0).sum().cast("int64")

    def lost(state: MachineState) -> Deferred:
        return seconds(is_in_shift & (_.state == state.value))

    return stretches.group_by(*_CELL).aggregate(
        planned_seconds=seconds(is_planned),
        run_seconds=seconds(is_run),
        equipment_failure_seconds=lost(MachineState.STOP),
        setup_and_adjustment_seconds=lost(MachineState.CHANGEOVER),
        minor_stops_seconds=lost(MachineState.MINOR_STOP),
        idle_seconds=lost(MachineState.IDLE),
    )


def _amounts(batches: ir.Table, stretches: ir.Table) -> ir.Table:
    """One row per part of a batch, in the dates and shifts in which it ran: what it made there.

    Each has what was made by its end less what was made by its start, in whole units and
    microseconds, so that the parts are the batch. One without length is where it begins.
    """
    parts = _parts(batches.filter(_.duration > 0), stretches)
    so_far = ibis.cumulative_window(group_by="batch_key", order_by=["begins", "shift_key"])
    timed = parts.mutate(until=_.batch_seconds.sum().over(so_far).cast("int64")).mutate(
        since=_.until - _.batch_seconds
    )
    untimed = batches.filter(_.duration == 0)
    zero = ibis.literal(0, "int64")
    shared = timed.select(
        *_CELL,
        "batch_seconds",
        "is_startup",
        batches=ibis.ifelse(_.since == 0, 1, 0).cast("int64"),
        units_good=_part(_.units_good),
        units_defective=_part(_.units_defective),
        good_micro=_part(_.good_micro),
        defective_micro=_part(_.defective_micro),
        untimed_micro=zero,
    )
    whole = untimed.mutate(
        epoch_day=time.epoch_day_of(_.start_at.date()),
        batch_seconds=zero,
        batches=ibis.literal(1, "int64"),
        untimed_micro=_.good_micro + _.defective_micro,
    ).select(shared.columns)
    return shared.union(whole).select(
        *_CELL,
        "batches",
        "units_good",
        "units_defective",
        "batch_seconds",
        "good_micro",
        "untimed_micro",
        process_micro=ibis.ifelse(_.is_startup, 0, _.defective_micro).cast("int64"),
        startup_micro=ibis.ifelse(_.is_startup, _.defective_micro, 0).cast("int64"),
    )


def _parts(batches: ir.Table, stretches: ir.Table) -> ir.Table:
    """One row per batch, date and shift in which it ran, with its seconds there and their first.

    Most begin and end on one date, and are looked for on that alone.
    """
    runs = stretches.filter(_.state == MachineState.RUN.value).select(
        run_machine_id=_.machine_id,
        run_shift_key=_.shift_key,
        epoch_day=_.epoch_day,
        run_start=_.start_seconds,
        run_end=_.end_seconds,
    )
    own = batches.drop("shift_key", "start_at").mutate(
        first_day=(_.start_seconds // time.SECONDS_PER_DAY).cast("int64"),
        last_day=((_.end_seconds - 1) // time.SECONDS_PER_DAY).cast("int64"),
    )

    def ran(some: ir.Table, *more: ir.BooleanValue) -> ir.Table:
        return some.join(
            runs,
            [
                some.machine_id == runs.run_machine_id,
                *more,
                some.start_seconds < runs.run_end,
                some.end_seconds > runs.run_start,
            ],
        )

    short, long = own.filter(_.first_day == _.last_day), own.filter(_.first_day < _.last_day)
    overlaps = ran(short, short.first_day == runs.epoch_day).union(ran(long))
    return (
        overlaps.mutate(begins=ibis.greatest(_.start_seconds, _.run_start))
        .mutate(shared_seconds=ibis.least(_.end_seconds, _.run_end) - _.begins)
        .group_by(*own.columns, "epoch_day", "run_shift_key")
        .aggregate(
            batch_seconds=_.shared_seconds.sum().cast("int64"),
            begins=_.begins.min().cast("int64"),
        )
        .rename(shift_key="run_shift_key")
    )


def _part(total: Deferred) -> Deferred:
    """Return what of a batch's total falls into a part of it, from ``since`` to ``until``."""
    return (_by(total, _.until) - _by(total, _.since)).cast("int64")


def _by(total: Deferred, seconds: Deferred) -> Deferred:
    """Return what of a total is there after so many seconds; the product alone might not fit."""
    return total // _.duration * seconds + total % _.duration * seconds // _.duration


def _cells(times: ir.Table, amounts: ir.Table) -> ir.Table:
    """One row per machine, date and shift: time, units, and how far they are off the plate."""
    zero = ibis.literal(0, "int64")
    columns = (*_CELL, *_TIMES, *_AMOUNTS)
    both = (
        times.mutate(**dict.fromkeys(_AMOUNTS, zero))
        .select(*columns)
        .union(amounts.mutate(**dict.fromkeys(_TIMES, zero)).select(*columns))
    )
    summed = both.group_by(*_CELL).aggregate(
        **{name: _[name].sum().cast("int64") for name in (*_TIMES, *_AMOUNTS)}
    )
    over = _ideal() - _.run_seconds * MICRO
    return summed.mutate(
        reduced_micro=ibis.greatest(-over, 0).cast("int64"),
        faster_micro=ibis.greatest(over, 0).cast("int64"),
    )


def _ideal() -> Deferred:
    return _.good_micro + _.process_micro + _.startup_micro


def _at_level(cells: ir.Table, level: OeeLevel) -> ir.Table:
    """Return cells as a level sees them: keys that it does not tell apart do not apply."""
    hidden = {
        name: ibis.literal(Member.NOT_APPLICABLE.value)
        for name in _KEYS
        if name not in _KEYS_OF[level]
    }
    return cells.mutate(level=ibis.literal(level.value), **hidden).select("level", *cells.columns)


def _measured(totals: ir.Table) -> ir.Table:
    """One row per total, in seconds and units, with its KPIs."""
    run_micro = _.run_seconds * MICRO
    reason = ibis.cases(
        (_ideal() <= run_micro, None),
        (_ideal() - _.untimed_micro <= run_micro, OverOne.UNITS_WITHOUT_RUN_TIME.value),
        (_.batch_seconds > _.run_seconds, OverOne.OVERLAPPING_BATCHES.value),
        else_=OverOne.FASTER_THAN_PLATE.value,
    )
    produced = _.units_good + _.units_defective
    date = time.date_of(_.epoch_day * time.SECONDS_PER_DAY)
    told = totals.mutate(production_date=date).mutate(
        date_key=date_key(_.production_date),
        units_produced=produced.cast("int64"),
        has_production=(_.run_seconds > 0) | (produced > 0),
        over_one_reason=reason,
        ideal_seconds=from_micro(_ideal()),
        ideal_good_seconds=from_micro(_.good_micro),
        reduced_speed_seconds=from_micro(_.reduced_micro),
        faster_than_plate_seconds=from_micro(_.faster_micro),
        process_defects_seconds=from_micro(_.process_micro),
        startup_rejects_seconds=from_micro(_.startup_micro),
    )
    kpis = (AVAILABILITY, EFFECTIVENESS, QUALITY_RATIO, OEE)
    return told.mutate(**formulas(*kpis)).select(
        "production_date",
        "date_key",
        "level",
        *_KEYS,
        "has_production",
        "batches",
        "units_produced",
        "units_good",
        "units_defective",
        "planned_seconds",
        "run_seconds",
        "ideal_seconds",
        "ideal_good_seconds",
        "equipment_failure_seconds",
        "setup_and_adjustment_seconds",
        "minor_stops_seconds",
        "idle_seconds",
        "reduced_speed_seconds",
        "process_defects_seconds",
        "startup_rejects_seconds",
        "faster_than_plate_seconds",
        *[kpi.name for kpi in kpis],
        "over_one_reason",
    )
