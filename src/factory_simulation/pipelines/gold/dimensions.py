"""Dimensions: the days, products, machines and people that facts are about."""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import MACHINE_ATTRIBUTES, Role
from factory_simulation.pipelines.gold.keys import (
    date_key,
    employee_key,
    machine_key,
    product_key,
)

_SATURDAY = 6


def build_dim_date(
    batches: ir.Table,
    readings: ir.Table,
    checks: ir.Table,
    entries: ir.Table,
    events: ir.Table,
    landed: ir.Table,
) -> ir.Table:
    """One row per UTC date on which anything happened; weeks begin on Monday (ISO 8601).

    Dates of which only rows landed that could not be kept are among them: facts about these rows
    point to them. ``landed`` is ``gold.landed_rows``.
    """
    dates = ibis.union(
        batches.select(date=_.production_date),
        readings.select(date=_.reading_date),
        checks.select(date=_.check_date),
        entries.select(date=_.log_date),
        events.select(date=_.event_date),
        landed.select(date=_.event_date),
        distinct=True,
    )
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
    """One row per person who inspected or wrote something down.

    The name is the one that landed; of several, the last in the alphabet, so that the order of
    arrival does not matter.
    """
    people = ibis.union(
        _people(checks, Role.INSPECTOR, _.inspector_id, _.inspector_name),
        _people(entries, Role.OPERATOR, _.operator_id, _.operator_name),
    )
    return (
        people.filter(_.employee_id.notnull())
        .group_by("employee_key", "role", "employee_id")
        .aggregate(employee_name=_.employee_name.max())
        .select("employee_key", "role", "employee_id", "employee_name")
    )


def _people(rows: ir.Table, role: Role, employee_id: Deferred, name: Deferred) -> ir.Table:
    return rows.select(
        role=ibis.literal(role.value),
        employee_id=employee_id,
        employee_name=name,
        employee_key=employee_key(role, employee_id),
    )
