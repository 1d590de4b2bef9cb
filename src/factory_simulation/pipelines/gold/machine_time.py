"""Machine time: what every machine did in every second of the shifts that its factory worked."""

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import OFF_SHIFT, MachineEventType, MachineState
from factory_simulation.expressions import time
from factory_simulation.expressions.intervals import (
    LONGEST_DAYS,
    merged,
    midnights,
    numbered_runs,
    overlay,
    without_overlap,
)
from factory_simulation.expressions.numbers import int64
from factory_simulation.pipelines.gold.keys import (
    date_key,
    shift_windows,
    stop_reason_key,
    with_machine_key,
    with_shift,
)
from factory_simulation.pipelines.gold.parameters import GoldParameters

LONGEST_SECONDS = LONGEST_DAYS * time.SECONDS_PER_DAY
"""What is told to last longer is not believed to, and counts for so long."""
_LAYERS = ("run", "maintenance", "stop", "shift")
_SHIFTS_PER_DAY = 10_000
"""More than a day has minutes: a day and the number of a shift make one number."""


def build_fact_machine_time(
    batches: ir.Table,
    events: ir.Table,
    versions: ir.Table,
    machines: ir.Table,
    shifts: ir.Table,
    parameters: GoldParameters,
) -> ir.Table:
    """One row per machine, date, shift and longest stretch of time in one state.

    Shifts that were worked are told in full; outside of them only what ran, stood or was
    maintained. Where several overlap, a run counts before maintenance, that before a stop, and
    that before the gap that is left. Stretches end at midnight UTC and where a shift does.
    """
    numbered = _numbered_events(events)
    windows = _numbered_windows(shifts)
    planned = _planned(batches, events, machines, shifts, windows)
    states = _states(_layers(batches, numbered, planned), parameters)
    placed = states.join(machines.select("machine_id", "factory_id"), "machine_id").mutate(
        shift_number=_.shift % _SHIFTS_PER_DAY,
        day=time.date_of(_.start_seconds),
    )
    known_shifts = windows.select("factory_id", "shift_number", "shift_key").distinct()
    told = placed.left_join(known_shifts, ["factory_id", "shift_number"]).select(
        *placed.columns, shift_key=_.shift_key.fill_null(OFF_SHIFT)
    )
    why = numbered.select("machine_id", "event_number", "event_type", "reason")
    explained = told.left_join(why, ["machine_id", "event_number"]).select(
        *told.columns, stop_reason_key=stop_reason_key(_.event_type, _.reason)
    )
    return with_machine_key(explained, versions, "day").select(
        "factory_id",
        "machine_key",
        "shift_key",
        "stop_reason_key",
        "state",
        date_key=date_key(_.day),
        start_at=time.timestamp_of(_.start_seconds),
        end_at=time.timestamp_of(_.end_seconds),
        seconds=(_.end_seconds - _.start_seconds).cast("int64"),
    )


def _numbered_events(events: ir.Table) -> ir.Table:
    """Add the times in seconds, and the number of an event of its machine, from 1."""
    start = time.epoch_seconds_of(events.start_at)
    in_order = ibis.window(group_by="machine_id", order_by=["start_at", "_row_id"])
    return events.mutate(
        start_seconds=start,
        end_seconds=ibis.least(start + events.duration_seconds, start + LONGEST_SECONDS),
        event_number=int64(ibis.row_number().over(in_order) + 1),
    )


def _numbered_windows(shifts: ir.Table) -> ir.Table:
    """Add the number of a shift of its factory, from 1, to the parts of the day that it takes."""
    windows = shift_windows(shifts)
    return windows.mutate(
        shift_number=int64(ibis.dense_rank().over(group_by="factory_id", order_by="shift_key") + 1)
    )


def _planned(
    batches: ir.Table, events: ir.Table, machines: ir.Table, shifts: ir.Table, windows: ir.Table
) -> ir.Table:
    """One row per machine and part of a day in which it was to run, with the number of the shift.

    A factory works on a day on which a batch begins, in a shift of that day or outside of all; a
    night shift is of the day on which it begins. Then all machines that it has by then are to run,
    and on other days those of which something is told.
    """
    begun = with_shift(batches, shifts, "start_at").select("machine_id", "factory_id", "shift_day")
    told = with_shift(events, shifts, "start_at").select("machine_id", "factory_id", "shift_day")
    worked = begun.select("factory_id", "shift_day").distinct()
    installed = (
        worked.join(machines.select("factory_id", "machine_id", "installed_on"), "factory_id")
        .filter(time.epoch_day_of(_.installed_on) <= _.shift_day)
        .select("machine_id", "factory_id", "shift_day")
    )
    days = ibis.union(begun, told, installed, distinct=True)
    midnight = (_.shift_day + _.days_after) * time.SECONDS_PER_DAY
    return days.join(windows, "factory_id").select(
        "machine_id",
        start_seconds=midnight + _.from_minute * time.SECONDS_PER_MINUTE,
        end_seconds=midnight + _.to_minute * time.SECONDS_PER_MINUTE,
        shift=(_.shift_day + 1) * _SHIFTS_PER_DAY + _.shift_number,
    )


def _layers(batches: ir.Table, events: ir.Table, planned: ir.Table) -> ir.Table:
    """One row per interval in which a machine ran, stood, was maintained, or was to run.

    Each says so in a column of its own, by a number that names it; there 0 is no such thing.
    """
    start = time.epoch_seconds_of(batches.start_at)
    runs = batches.select(
        "machine_id",
        start_seconds=start,
        end_seconds=ibis.least(start + batches.duration_seconds, start + LONGEST_SECONDS),
        run=ibis.literal(1, "int64"),
    )
    named = events.select(
        "machine_id", "start_seconds", "end_seconds", "event_number", "event_type"
    )
    layers = [_layer(without_overlap(runs, group="machine_id", tie_breakers=[]), "run", "run")]
    for layer, type_ in (
        ("maintenance", MachineEventType.MAINTENANCE),
        ("stop", MachineEventType.STOP),
    ):
        of_type = named.filter(_.event_type == type_.value)
        alone = without_overlap(of_type, group="machine_id", tie_breakers=["event_number"])
        layers.append(_layer(alone, layer, "event_number"))
    lasting = ibis.union(*layers)
    at_midnight = midnights(lasting.select("machine_id", "start_seconds", "end_seconds")).select(
        "machine_id",
        start_seconds=_["at"],
        end_seconds=_["at"],
        **{name: ibis.literal(0, "int64") for name in _LAYERS},
    )
    return ibis.union(lasting, _layer(planned, "shift", "shift"), at_midnight)


def _layer(intervals: ir.Table, layer: str, number: str) -> ir.Table:
    values = {name: ibis.literal(0, "int64") for name in _LAYERS}
    named = intervals.mutate(**{f"{layer}_number": _[number].cast("int64")})
    return named.select(
        "machine_id",
        _.start_seconds.cast("int64").name("start_seconds"),
        _.end_seconds.cast("int64").name("end_seconds"),
        **(values | {layer: _[f"{layer}_number"]}),
    )


def _states(layers: ir.Table, parameters: GoldParameters) -> ir.Table:
    """One row per machine, date, shift and stretch in one state, with the event that is behind it.

    A gap is judged by its length, and idle before the first run and after the last one of a shift.
    """
    gap = MachineState.IDLE.value
    state = ibis.cases(
        (_.run > 0, MachineState.RUN.value),
        (_.maintenance > 0, MachineState.MAINTENANCE.value),
        (_.stop > 0, MachineState.STOP.value),
        (_.shift > 0, gap),
        else_=None,
    )
    stretches = (
        overlay(layers, group="machine_id", values=_LAYERS)
        .mutate(state=state)
        .filter(_.state.notnull())
        .mutate(
            event_number=ibis.cases(
                (_.state == MachineState.MAINTENANCE.value, _.maintenance),
                (_.state == MachineState.STOP.value, _.stop),
                else_=ibis.literal(0, "int64"),
            ).cast("int64"),
            is_run=ibis.ifelse(_.run > 0, 1, 0).cast("int64"),
            epoch_day=(_.start_seconds // time.SECONDS_PER_DAY).cast("int64"),
        )
    )
    of_shift = ["machine_id", "shift"]
    judged = numbered_runs(
        stretches, group="machine_id", same=["state", "event_number", "shift"]
    ).mutate(
        gap_seconds=(_.end_seconds - _.start_seconds)
        .sum()
        .over(ibis.window(group_by=["machine_id", "run_number"])),
        runs_so_far=_.is_run.sum().over(
            ibis.cumulative_window(group_by=of_shift, order_by="start_seconds")
        ),
        runs=_.is_run.sum().over(ibis.window(group_by=of_shift)),
    )
    is_between = (_.state == gap) & (_.runs_so_far > 0) & (_.runs_so_far < _.runs)
    minor, changeover = (
        minutes * time.SECONDS_PER_MINUTE
        for minutes in (parameters.minor_stop_minutes, parameters.changeover_minutes)
    )
    return merged(
        judged.mutate(
            state=ibis.cases(
                (is_between & (_.gap_seconds <= minor), MachineState.MINOR_STOP.value),
                (is_between & (_.gap_seconds <= changeover), MachineState.CHANGEOVER.value),
                else_=_.state,
            )
        ),
        group="machine_id",
        same=["epoch_day", "shift", "state", "event_number"],
    )
