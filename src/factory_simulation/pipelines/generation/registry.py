"""The machine registry: the true history of every machine, of which a snapshot lands each day.

A change is drawn among all machines and all days but the first. It alters one attribute: which
value a machine has is drawn by how often that attribute was changed before, so that every change
shows and no snapshot depends on another.
"""

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import Deferred, _

from factory_simulation.domain import MACHINE_ATTRIBUTES
from factory_simulation.expressions import time
from factory_simulation.expressions.numbers import int64
from factory_simulation.expressions.versions import SINCE_EVER
from factory_simulation.pipelines.generation.scenario import Registry, Scenario, epoch_day
from factory_simulation.pipelines.generation.streams import streams

_STATUSES = ("ACTIVE", "WATCHED")
_OWNERS = ("Maintenance", "Operations", "Process Engineering")
_NEVER_CHANGED = -1
_MOST_PERCENT, _LEAST_PERCENT = 20, 1
"""By how much a changed rate differs from the first one."""


def describe_registry_days(scenario: Scenario) -> pa.Table:
    """One row per day of which a snapshot of the registry lands; none where there is no registry.

    Whatever date is asked for: which changes there are depends on all days.
    """
    first = epoch_day(scenario.calendar.start_date)
    days = range(first, first + scenario.calendar.days) if scenario.registry else ()
    return pa.table({"event_day": pa.array(days, pa.int64())})


def simulate_machine_versions(
    machines: ir.Table, registry_days: ir.Table, scenario: Scenario
) -> ir.Table:
    """One row per machine and version: when it was valid, what it was, how the registry learned it.

    Without a registry a machine has one version, its plate.
    """
    registry = scenario.registry or Registry()
    changes = _changes(machines, registry_days, scenario, registry)
    first = machines.select(
        "machine_id",
        from_day=ibis.literal(epoch_day(SINCE_EVER), "int64"),
        attribute_number=ibis.literal(_NEVER_CHANGED, "int64"),
        is_late=ibis.literal(False),
        is_corrected=ibis.literal(False),
        delay_days=ibis.literal(0, "int64"),
    )
    in_order = {"group_by": "machine_id", "order_by": "from_day"}
    so_far = ibis.cumulative_window(**in_order)
    counts = {
        f"{name}_changes": ibis.ifelse(_.attribute_number == number, 1, 0).sum().over(so_far)
        for number, name in enumerate(MACHINE_ATTRIBUTES)
    }
    history = (
        first.union(changes.select(first.columns))
        .mutate(**counts, to_day=_.from_day.lead().over(**in_order))
        .join(machines, "machine_id")
    )
    return history.select(
        "machine_id",
        "factory_id",
        "machine_position",
        "machine_random_key",
        "from_day",
        "to_day",
        "is_late",
        "is_corrected",
        "delay_days",
        valid_from=time.date_of(_.from_day * time.SECONDS_PER_DAY),
        valid_to=time.date_of(_.to_day * time.SECONDS_PER_DAY),
        is_current=_.to_day.isnull(),
        milli_units_per_hour=_rate("units_per_hour", _.milli_units_per_hour, scenario),
        micro_kwh_per_unit=_rate("kwh_per_unit", _.micro_kwh_per_unit, scenario),
        **_texts(scenario),
    )


def _changes(
    machines: ir.Table, days: ir.Table, scenario: Scenario, registry: Registry
) -> ir.Table:
    """One row per change: as many as the scenario wants, at most one per machine and day."""
    stream, keys = streams(scenario, "registry"), (_.machine_random_key, _.event_day)
    late = round(registry.changes * registry.late)
    corrected = late + round(registry.changes * registry.corrected)
    drawn = (
        machines.cross_join(days)
        .filter(_.event_day > epoch_day(scenario.calendar.start_date))
        .mutate(lot=stream("change").draw(*keys))
    )
    by_lot = ibis.row_number().over(order_by=["lot", "machine_position", "event_day"])
    return (
        drawn.mutate(place=int64(by_lot))
        .filter(_.place < registry.changes)
        .mutate(
            from_day=_.event_day,
            attribute_number=stream("attribute").integer(0, len(MACHINE_ATTRIBUTES) - 1, *keys),
            is_late=_.place < late,
            is_corrected=(_.place >= late) & (_.place < corrected),
            delay=stream("delay").integer(registry.days.low, registry.days.high, *keys),
        )
        .mutate(delay_days=ibis.ifelse(_.is_late | _.is_corrected, _.delay, 0).cast("int64"))
    )


def _rate(name: str, plate: Deferred, scenario: Scenario) -> Deferred:
    """Return a rate: the plate's, then by turns some percent below and above it."""
    times = _[f"{name}_changes"]
    percent = streams(scenario, "registry")(name).integer(
        _LEAST_PERCENT, _MOST_PERCENT, _.machine_random_key, times
    )
    signed = ibis.cases((times == 0, 0), (times % 2 == 1, -percent), else_=percent)
    return ((plate * (100 + signed.cast("int64"))) // 100).cast("int64")


def _texts(scenario: Scenario) -> dict[str, Deferred | ir.Value]:
    """Return what is not a number; without a registry nobody wrote it down."""
    if scenario.registry is None:
        return {name: ibis.null("string") for name in ("status", "firmware", "owner")}
    return {
        "status": _one_of(_STATUSES, _.status_changes),
        "firmware": "1." + _.firmware_changes.cast("int64").cast("string"),
        "owner": _one_of(_OWNERS, _.owner_changes + _.machine_position),
    }


def _one_of(names: tuple[str, ...], number: Deferred) -> Deferred:
    chosen = number % len(names)
    return ibis.cases(*[(chosen == i, name) for i, name in enumerate(names)], else_=names[0])
