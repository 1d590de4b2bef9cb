"""What was made: by day in all and by machine, as it was known on some date."""

from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation import metrics
from factory_simulation.dashboard.published import Published
from factory_simulation.dashboard.queries.answers import Groups, Row, grouped, remembered, rows
from factory_simulation.dashboard.scope import KnownOn, Scope
from factory_simulation.domain import OeeLevel

MEASURES = ("batches", "units_produced", "units_defective", "energy_kwh")
SHARES = (metrics.AVAILABILITY, metrics.EFFECTIVENESS, metrics.QUALITY_RATIO, metrics.OEE)
"""The factors of OEE, and what they come to."""


@remembered
def days(published: Published) -> list[date]:
    """Return the dates from the first to the last on which anything was made or planned.

    Dates in between on which nothing happened are among them, as far as gold's calendar has them.
    """
    calendar = published.table("gold.dim_date")
    active = (
        published.table("gold.daily_production")
        .select(day=_.production_date)
        .union(published.table("gold.oee_daily").select(day=_.production_date), distinct=True)
        .aggregate(first=_.day.min(), last=_.day.max())
    )
    between = calendar.cross_join(active).filter(_.date.between(_.first, _.last))
    return [row["date"] for row in rows(between.select("date").order_by("date"))]


@remembered
def factories(published: Published) -> dict[str, str]:
    """Return the names of the factories that have machines, by id."""
    table = published.table("gold.dim_machine").select("factory_id", "factory_name").distinct()
    return {row["factory_id"]: row["factory_name"] for row in rows(table.order_by("factory_id"))}


@remembered
def lines(published: Published) -> list[str]:
    """Return the products that are made; the machines that make one are its line."""
    made = published.table("gold.dim_machine").select("product_name").distinct()
    return [row["product_name"] for row in rows(made.order_by("product_name"))]


@remembered
def arrival_dates(published: Published) -> list[date]:
    """Return the dates on which what is known of production changed."""
    known = published.table("gold.daily_production_as_of").select("known_date").distinct()
    return [row["known_date"] for row in rows(known.order_by("known_date"))]


@remembered
def machines(published: Published, scope: Scope) -> list[Row]:
    """Return the machines by factory and id, as they are by their last version."""
    current = scope.of(published.table("gold.dim_machine")).filter(_.is_current)
    return rows(current.order_by("factory_id", "machine_id"))


@remembered
def totals_by_day(published: Published, scope: Scope) -> dict[date, Row]:
    """Return what was made on each day, with the defect rate; days without have no row."""
    totals = (
        _believed(published, scope)
        .group_by(day=_.event_date)
        .aggregate(**{name: _[name].sum() for name in MEASURES})
        .mutate(**metrics.formulas(metrics.DEFECT_RATE))
    )
    return {row["day"]: row for row in rows(totals.order_by("day"))}


@remembered
def totals(published: Published, scope: Scope, first: date, last: date) -> Row:
    """Return what was made from one day to another, with the defect rate."""
    between = _believed(published, scope).filter(_.event_date.between(first, last))
    measures = {name: _[name].sum().fill_null(0) for name in MEASURES}
    found = between.aggregate(**measures).mutate(**metrics.formulas(metrics.DEFECT_RATE))
    return rows(found)[0]


@remembered
def machines_by_day(published: Published, scope: Scope) -> Groups:
    """Return by day a row for each machine that was planned or made something.

    What was made is as known on the scope's date, and null where nothing was; OEE and its factors
    are as known now. ``efficiency_percent`` is the mean of the batches of which a sensor tells one.
    """
    made = (
        _believed(published, scope)
        .group_by(day=_.event_date, machine_id=_.machine_id)
        .aggregate(**{name: _[name].sum() for name in MEASURES})
        .mutate(**metrics.formulas(metrics.DEFECT_RATE))
    )
    oee = _oee(published, scope, OeeLevel.MACHINE).select(
        *("day", "machine_id", "planned_seconds", "over_one_reason"),
        *[kpi.name for kpi in SHARES],
    )
    read = (
        published.table("gold.batch_efficiency")
        .group_by(day=_.batch_date, machine_id=_.machine_id)
        .aggregate(efficiency_percent=_.efficiency_bp.mean() / 100)
    )
    keys = ["day", "machine_id"]
    both = made.outer_join(oee, keys).mutate(
        **{key: ibis.coalesce(_[key], _[f"{key}_right"]) for key in keys}
    )
    found = both.drop(*[f"{key}_right" for key in keys]).left_join(read, keys)
    return grouped(found.drop(*[f"{key}_right" for key in keys]).order_by(*keys), "day")


@remembered
def oee_in_all(published: Published, scope: Scope, first: date, last: date) -> Row:
    """Return OEE and its factors from one day to another, as known now."""
    between = _oee(published, scope, OeeLevel.LINE).filter(_.day.between(first, last))
    return rows(between.aggregate(**_sums_of_shares()).mutate(**metrics.formulas(*SHARES)))[0]


@remembered
def machines_in_all(published: Published, scope: Scope, first: date, last: date) -> list[Row]:
    """Return a row for each machine: what it made from one day to another, and its OEE over them.

    A machine that made nothing has null measures, one that was not planned has null shares.
    """
    made = (
        _believed(published, scope)
        .filter(_.event_date.between(first, last))
        .group_by("machine_id")
        .aggregate(**{name: _[name].sum() for name in MEASURES})
        .mutate(**metrics.formulas(metrics.DEFECT_RATE))
    )
    oee = (
        _oee(published, scope, OeeLevel.MACHINE)
        .filter(_.day.between(first, last))
        .group_by("machine_id")
        .aggregate(**_sums_of_shares())
        .mutate(**metrics.formulas(*SHARES))
        .select("machine_id", *[kpi.name for kpi in SHARES])
    )
    current = scope.of(published.table("gold.dim_machine")).filter(_.is_current)
    found = (
        current.select("factory_id", "factory_name", "machine_id", "product_name")
        .left_join(made, "machine_id")
        .drop("machine_id_right")
        .left_join(oee, "machine_id")
        .drop("machine_id_right")
    )
    return rows(found.order_by("factory_id", "machine_id"))


def is_settled(published: Published, scope: Scope, day: date) -> bool:
    """Tell whether a day counted as settled, as it was known; before it is provisional."""
    if scope.known_on is KnownOn.LATEST:
        return day in _settled(published)
    settling = _days_to_settle(published)
    then = day if scope.known_on is KnownOn.SAME_DAY else scope.known_on
    return settling is not None and (then - day).days >= settling


@remembered
def _settled(published: Published) -> frozenset[date]:
    settled = published.table("gold.completeness_triangle").filter(_.is_settled)
    return frozenset(row["event_date"] for row in rows(settled.select("event_date").distinct()))


@remembered
def _days_to_settle(published: Published) -> int | None:
    """Return the age from which on dates count as settled; None where none is old enough."""
    known = arrival_dates(published)
    settled = _settled(published)
    return (known[-1] - max(settled)).days if settled else None


def _believed(published: Published, scope: Scope) -> ir.Table:
    """Return what was believed of a date, machine and product, where anything was made."""
    made = published.table("gold.daily_production_as_of").filter(_.batches > 0)
    return scope.believed(made)


def _sums_of_shares() -> dict[str, Deferred]:
    return {name: _[name].sum() for kpi in SHARES for name in kpi.measures}


def _oee(published: Published, scope: Scope, level: OeeLevel) -> ir.Table:
    products = published.table("gold.dim_product").select("product_key", "product_name")
    daily = published.table("gold.oee_daily").filter(_.level == level)
    return scope.of(daily.inner_join(products, "product_key")).rename(day="production_date")
