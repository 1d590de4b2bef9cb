"""Dimensions: the days, products, machines and people that facts are about."""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import MACHINE_ATTRIBUTES, MachineEventType, Member, Role
from factory_simulation.expressions import time
from factory_simulation.expressions.numbers import whole_numbers
from factory_simulation.pipelines.gold.keys import (
    date_key,
    employee_key,
    machine_key,
    member_rows,
    product_key,
    stop_reason_key,
)
from factory_simulation.pipelines.gold.parameters import GoldParameters

_SATURDAY = 6


def build_dim_date(
    batches: ir.Table,
    readings: ir.Table,
    checks: ir.Table,
    entries: ir.Table,
    events: ir.Table,
    landed: ir.Table,
    parameters: GoldParameters,
) -> ir.Table:
    """One row per UTC date from the first to the last on which anything happened.

    Stretches of more days without an event than ``longest_gap_days`` stay out: a clock that is
    years off would fill the calendar with days of no factory. Dates of which only rows landed that
    could not be kept are among them: facts about these rows point to them. Weeks begin on Monday
    (ISO 8601). ``landed`` is ``gold.landed_rows``.
    """
    happened = ibis.union(
        batches.select(date=_.production_date),
        readings.select(date=_.reading_date),
        checks.select(date=_.check_date),
        entries.select(date=_.log_date),
        events.select(date=_.event_date),
        landed.select(date=_.event_date),
        distinct=True,
    )
    numbers = whole_numbers(events, parameters.longest_gap_days)
    dates = _without_gaps(happened, numbers, parameters.longest_gap_days)
    return dates.mutate(day_of_week=(_.date.day_of_week.index() + 1).cast("int64")).select(
        "date",
        date_key=date_key(_.date),
        year=_.date.year().cast("int64"),
        quarter=_.date.quarter().cast("int64"),
        month=_.date.month().cast("int64"),
        day=_.date.day().cast("int64"),
        iso_week=_.date.week_of_year().cast("int64"),
        day_of_week=_.day_of_week,
        day_name=_.date.day_of_week.full_name(),
        is_weekend=_.day_of_week >= _SATURDAY,
    )


def _without_gaps(dates: ir.Table, numbers: ir.Table, longest: int) -> ir.Table:
    """One row per date, and per date between it and the next where these are not too many."""
    spans = dates.mutate(day=time.epoch_day_of(_.date)).mutate(
        gap_days=_.day.lead().over(order_by="day") - _.day - 1
    )
    return (
        spans.mutate(filled_days=ibis.ifelse(_.gap_days <= longest, _.gap_days, 0).fill_null(0))
        .cross_join(numbers)
        .filter(_.number <= _.filled_days)
        .select(date=time.date_of((_.day + _.number) * time.SECONDS_PER_DAY))
    )


def build_dim_product(products: ir.Table) -> ir.Table:
    """One row per product, with what it is made from."""
    return products.select(
        "product_name",
        "made_from",
        "input_per_unit",
        product_key=product_key(_.product_name),
    )


def build_dim_factory(factories: ir.Table) -> ir.Table:
    """One row per factory."""
    return factories.select(
        "factory_id", "factory_name", "city", "timezone", factory_key=_.factory_id
    )


def build_dim_machine(versions: ir.Table, machines: ir.Table, factories: ir.Table) -> ir.Table:
    """One row per machine and version (SCD2), with its factory.

    ``valid_to`` is the day after a version's last one, and null in the current version. The first
    version is valid since ever.
    """
    lasting = machines.select(
        "machine_id", "machine_kind", "product_name", "installed_on", "factory_id"
    )
    return (
        versions.join(lasting, "machine_id")
        .join(factories, "factory_id")
        .select(
            "machine_id",
            "valid_from",
            "valid_to",
            "is_current",
            "machine_kind",
            "product_name",
            *MACHINE_ATTRIBUTES,
            "installed_on",
            "factory_id",
            "factory_name",
            "city",
            "timezone",
            machine_key=machine_key(),
        )
    )


def build_dim_employee(checks: ir.Table, entries: ir.Table) -> ir.Table:
    """One row per person who inspected or wrote something down, and one for whoever is not named.

    The name is the one that landed; of several, the last in the alphabet, so that the order of
    arrival does not matter.
    """
    people = ibis.union(
        _people(checks, Role.INSPECTOR, _.inspector_id, _.inspector_name),
        _people(entries, Role.OPERATOR, _.operator_id, _.operator_name),
    )
    known = (
        people.filter(_.employee_id.notnull())
        .group_by("employee_key", "role", "employee_id")
        .aggregate(employee_name=_.employee_name.max())
        .select("employee_key", "role", "employee_id", "employee_name")
    )
    nobody = member_rows(checks, "employee_key", Member.UNKNOWN).select(
        "employee_key",
        role=_.employee_key,
        employee_id=_.employee_key,
        employee_name=ibis.null("string"),
    )
    return known.union(nobody)


def build_dim_stop_reason(events: ir.Table) -> ir.Table:
    """One row per event type and reason, and one per member for events that have none.

    Spellings of a reason that share their letters are one; it is told as the first of them in the
    alphabet. Maintenance is planned, a stop is not.
    """
    columns = ("stop_reason_key", "event_type", "reason", "is_planned")
    told = (
        events.mutate(stop_reason_key=stop_reason_key(_.event_type, _.reason))
        .filter(_.stop_reason_key != Member.UNKNOWN.value)
        .group_by("stop_reason_key", "event_type")
        .aggregate(reason=_.reason.min())
        .mutate(is_planned=_.event_type == MachineEventType.MAINTENANCE.value)
        .select(columns)
    )
    members = member_rows(events, "stop_reason_key", *Member).select(
        "stop_reason_key",
        event_type=_.stop_reason_key,
        reason=_.stop_reason_key,
        is_planned=ibis.null("boolean"),
    )
    return told.union(members.select(columns))


def _people(rows: ir.Table, role: Role, employee_id: Deferred, name: Deferred) -> ir.Table:
    return rows.select(
        role=ibis.literal(role.value),
        employee_id=employee_id,
        employee_name=name,
        employee_key=employee_key(role, employee_id),
    )
