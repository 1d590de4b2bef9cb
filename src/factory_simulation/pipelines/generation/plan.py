"""The plan of a machine's day: batches, gaps between them, stops and maintenance."""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import MachineEventType
from factory_simulation.expressions import time
from factory_simulation.expressions.random import Stream
from factory_simulation.pipelines.generation.scenario import Scenario, epoch_day
from factory_simulation.pipelines.generation.streams import event_id, streams


def simulate_plans(
    machines: ir.Table, days: ir.Table, counters: ir.Table, scenario: Scenario
) -> ir.Table:
    """One row per planned batch: when it would begin and end, in minutes of the day.

    A machine's day is a row of batches and gaps. The scenario's least number of batches is always
    begun in time: where the plan for these is too long for the day, it is shortened towards the
    shortest batches and gaps. A stop or maintenance takes its time from the day; after these, fewer
    batches may be left.
    """
    calendar, stream = scenario.calendar, streams(scenario, "production")
    gap, count = calendar.gap_minutes, calendar.batches_per_day
    keys = (_.machine_random_key, _.event_day, _.number)
    planned = (
        machines.cross_join(days)
        .mutate(
            planned_count=stream("count").integer(
                count.low, count.high, _.machine_random_key, _.event_day
            ),
            maintenance_minutes=_maintenance_minutes(scenario),
            stop_minutes=_stop_minutes(scenario),
            stop_number=_stop_number(scenario),
        )
        .cross_join(counters)
        .filter(_.number < _.planned_count)
        .mutate(
            extra_minutes=stream("minutes").integer(
                0, _.longest_minutes - _.shortest_minutes, *keys
            ),
            least_gap=ibis.ifelse(_.number == 0, 0, gap.low).cast("int64"),
            extra_gap=ibis.ifelse(
                _.number == 0, 0, stream("gap").integer(0, gap.high - gap.low, *keys)
            ),
            idle_minutes=ibis.ifelse(_.number == 0, _.maintenance_minutes, 0)
            + ibis.ifelse(_.number == _.stop_number, _.stop_minutes, 0),
            is_certain=_.number < count.low,
        )
    )
    of_the_day = ibis.window(group_by=["machine_id", "event_day"])
    least = count.low * _.shortest_minutes + (count.low - 1) * gap.low
    idle = _.maintenance_minutes + _.stop_minutes
    spare = ibis.greatest(_.closes_at_minute - _.opens_at_minute - least - idle, 0).cast("int64")
    so_far = ibis.cumulative_window(group_by=["machine_id", "event_day"], order_by="number")
    return (
        planned.mutate(
            spare=spare,
            extra=ibis.ifelse(_.is_certain, _.extra_minutes + _.extra_gap, 0)
            .sum()
            .over(of_the_day),
        )
        .mutate(is_tight=_.is_certain & (_.extra > _.spare))
        .mutate(
            minutes=_.shortest_minutes + _shortened(_.extra_minutes),
            gap=_.least_gap + _shortened(_.extra_gap),
        )
        .mutate(elapsed=(_.idle_minutes + _.gap + _.minutes).sum().over(so_far).cast("int64"))
        .mutate(end_minute=_.opens_at_minute + _.elapsed)
        .mutate(start_minute=_.end_minute - _.minutes)
        .mutate(is_begun=_.end_minute <= _.closes_at_minute)
        .select(
            "machine_id",
            "event_day",
            "is_wanted",
            "number",
            "minutes",
            "start_minute",
            "end_minute",
            "is_begun",
            "stop_number",
            "stop_minutes",
            "maintenance_minutes",
            idle_from_minute=_.start_minute - _.gap - _.idle_minutes,
        )
    )


def simulate_machine_events(plans: ir.Table, machines: ir.Table, scenario: Scenario) -> ir.Table:
    """One row per stop and per maintenance: when it began and ended, and why.

    What closing time cuts off is not told.
    """
    reasons = scenario.chaos.machine_stop.reasons
    chosen = Stream(scenario.seed, "machine.stop.reason").integer(
        0, len(reasons) - 1, _.machine_random_key, _.event_day
    )
    named = machines.select(
        "machine_id", "machine_position", "machine_random_key", "factory_id", "closes_at_minute"
    )
    wanted = plans.filter(_.is_wanted).join(named, "machine_id")
    stops = wanted.filter(_.stop_minutes > 0, _.number == _.stop_number).mutate(
        event_type=ibis.literal(MachineEventType.STOP.value),
        reason=ibis.cases(*[(chosen == i, name) for i, name in enumerate(reasons)], else_=""),
        from_minute=_.idle_from_minute + ibis.ifelse(_.number == 0, _.maintenance_minutes, 0),
        minutes_long=_.stop_minutes,
        event_number=ibis.literal(2).cast("int64"),
    )
    maintenance = wanted.filter(_.maintenance_minutes > 0, _.number == 0).mutate(
        event_type=ibis.literal(MachineEventType.MAINTENANCE.value),
        reason=ibis.literal("SCHEDULED"),
        from_minute=_.idle_from_minute,
        minutes_long=_.maintenance_minutes,
        event_number=ibis.literal(1).cast("int64"),
    )
    begun = stops.union(maintenance.select(stops.columns)).filter(
        _.from_minute < _.closes_at_minute
    )
    until_minute = ibis.least(_.from_minute + _.minutes_long, _.closes_at_minute)
    start = _.event_day * time.SECONDS_PER_DAY + _.from_minute * time.SECONDS_PER_MINUTE
    end = _.event_day * time.SECONDS_PER_DAY + until_minute * time.SECONDS_PER_MINUTE
    return begun.mutate(start_seconds=start, end_seconds=end).select(
        "machine_id",
        "factory_id",
        "event_day",
        "event_number",
        "machine_position",
        "machine_random_key",
        "event_type",
        "reason",
        "start_seconds",
        "end_seconds",
        event_id=event_id("EV-" + _.machine_id, _.event_day, _.event_number),
    )


def is_maintained(scenario: Scenario) -> Deferred | ir.BooleanScalar:
    """Tell whether a machine is one that is maintained."""
    rate = scenario.chaos.maintenance.rate
    if not rate:
        return ibis.literal(False)
    return Stream(scenario.seed, "machine.maintained").happens(rate, _.machine_random_key)


def _maintenance_minutes(scenario: Scenario) -> Deferred | ir.IntegerScalar:
    """Return how long a machine's maintenance takes on a day; 0 on most."""
    settings = scenario.chaos.maintenance
    if not settings.rate:
        return ibis.literal(0).cast("int64")
    day_number = _.event_day - epoch_day(scenario.calendar.start_date)
    is_due = (day_number > 0) & (day_number % settings.every_days == 0)
    return ibis.ifelse(is_due & is_maintained(scenario), settings.minutes, 0).cast("int64")


def _stop_minutes(scenario: Scenario) -> Deferred | ir.IntegerScalar:
    """Return how long a machine stands still on a day; 0 where it does not."""
    settings, stream = scenario.chaos.machine_stop, streams(scenario, "machine.stop")
    if not settings.rate:
        return ibis.literal(0).cast("int64")
    keys = (_.machine_random_key, _.event_day)
    minutes = stream("minutes").integer(settings.minutes.low, settings.minutes.high, *keys)
    return ibis.ifelse(stream("falls").happens(settings.rate, *keys), minutes, 0).cast("int64")


def _stop_number(scenario: Scenario) -> Deferred | ir.IntegerScalar:
    """Return the number of the batch before which a machine stands still."""
    if not scenario.chaos.machine_stop.rate:
        return ibis.literal(-1).cast("int64")
    last = scenario.calendar.batches_per_day.low - 1
    return streams(scenario, "machine.stop")("number").integer(
        min(1, last), last, _.machine_random_key, _.event_day
    )


def _shortened(extra: Deferred) -> Deferred:
    """Return what is left of a duration's random part on a day that is too short for all of it."""
    return ibis.ifelse(_.is_tight, (extra * _.spare) // _.extra, extra).cast("int64")
