"""Material: what was used of which lots, what was made, what is left, and how batches are related.

Most questions are asked for each day by itself or for a period as a whole: what was made before the
period is stock of its first day. A batch counts on the day it begins, as in gold's stock.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from factory_simulation import metrics
from factory_simulation.dashboard import genealogy
from factory_simulation.dashboard.published import Published
from factory_simulation.dashboard.queries.answers import Groups, Row, grouped, remembered, rows
from factory_simulation.dashboard.scope import Scope
from factory_simulation.domain import LotKind

Period: TypeAlias = "tuple[date, date] | None"
"""The first and last day of what is added up; None is each day by itself."""

_YIELDS = (metrics.MATERIAL_YIELD, metrics.RAW_MATERIAL_YIELD)


class Origin(StrEnum):
    """Where the units come from that are used on a day or in a period."""

    DELIVERY = LotKind.DELIVERY.value
    OPENING_STOCK = LotKind.OPENING_STOCK.value
    UNKNOWN = LotKind.UNKNOWN.value
    EARLIER = "earlier"
    """Of batches of days before: they were in stock."""
    MADE = "made"
    """Of batches of the same day or period."""
    LATER = "later"
    """Of batches of days after: used before they were made."""


@dataclass(frozen=True)
class Family:
    """The relatives of a batch, and what a recall of it calls back."""

    trace: genealogy.Trace
    recalled: list[genealogy.RecalledBatch]


@remembered
def recipes(published: Published) -> dict[str, str | None]:
    """Return what each product is made from."""
    products = published.table("gold.dim_product").order_by("product_name")
    return {row["product_name"]: row["made_from"] for row in rows(products)}


@remembered
def uses(published: Published, scope: Scope, period: Period = None) -> Groups:
    """Return the units used by input, output, machine and ``Origin``, by the last day of each.

    Of a line these are the input that it takes, and what others take of what it makes.
    """
    used = _dated(_uses(published, scope), "used_date", period)
    by = ("factory_id", "input_product_name", "output_product_name", "machine_id", "origin")
    found = (
        used.mutate(
            origin=ibis.cases(
                (_.lot_kind != LotKind.BATCH.value, _.lot_kind),
                (_.lot_date < _.first, Origin.EARLIER.value),
                (_.lot_date > _.last, Origin.LATER.value),
                else_=Origin.MADE.value,
            )
        )
        .group_by(*by, day=_.last)
        .aggregate(units=_.units_used.sum())
    )
    return grouped(found.order_by("day", *by), "day")


@remembered
def made(published: Published, scope: Scope, period: Period = None) -> Groups:
    """Return good and defective units by machine and product."""
    daily = scope.of(published.table("gold.daily_production"))
    by = ("factory_id", "product_name", "machine_id")
    found = (
        _dated(daily, "production_date", period)
        .group_by(*by, day=_.last)
        .aggregate(
            units_good=(_.units_produced - _.units_defective).sum(),
            units_defective=_.units_defective.sum(),
        )
    )
    return grouped(found.order_by("day", *by), "day")


@remembered
def books(published: Published, scope: Scope, period: Period = None) -> Groups:
    """Return opening and closing stock and all between them, by factory and product.

    With it is how much of the material that was used is in good units; null where nothing was.
    ``units_used_early`` of what was made had been used on days before, when nobody had made them.
    """
    by = ("day", "factory_id", "product_name")
    stock = scope.of(published.table("gold.material_daily"))
    balances = (
        _dated(stock, "production_date", period)
        .group_by("factory_id", "product_name", day=_.last)
        .aggregate(
            units_opening=_.units_opening.argmin(_.production_date),
            units_made=_.units_made.sum(),
            units_used=_.units_used.sum(),
            units_scrapped=_.units_scrapped.sum(),
            units_closing=_.units_closing.argmax(_.production_date),
            is_overdrawn=_.is_overdrawn.any(),
        )
    )
    measures = sorted({name for kpi in _YIELDS for name in kpi.measures})
    yields = (
        _dated(scope.of(published.table("gold.material_yield")), "production_date", period)
        .group_by("factory_id", "product_name", day=_.last)
        .aggregate(**{name: _[name].sum() for name in measures})
        .mutate(**metrics.formulas(*_YIELDS))
        .select(*by, *[kpi.name for kpi in _YIELDS])
    )
    early = (
        _dated(_uses(published, scope), "lot_date", period)
        .filter(_.used_date < _.first)
        .group_by("factory_id", product_name=_.input_product_name, day=_.last)
        .aggregate(units_used_early=_.units_used.sum())
    )
    found = (
        balances.left_join(yields, by)
        .drop(*[f"{name}_right" for name in by])
        .left_join(early, by)
        .drop(*[f"{name}_right" for name in by])
        .mutate(units_used_early=_.units_used_early.fill_null(0))
    )
    return grouped(found.order_by(*by), "day")


def batches(published: Published, scope: Scope, day: date) -> list[Row]:
    """Return the batches that began on a day, by start."""
    return _batches(published, scope).filter(pc.field("made_date") == day).to_pylist()


@remembered
def family(published: Published, batch_key: str) -> Family:
    """Return where a batch came from and went to, and what its recall would call back."""
    lots = published.table("gold.genealogy")
    production = published.table("gold.fact_production")
    return Family(
        trace=genealogy.trace(lots, batch_key),
        recalled=genealogy.recall(lots, production, batch_key),
    )


@remembered
def _batches(published: Published, scope: Scope) -> pa.Table:
    """Return all batches: most of what a run knows, so only those of a day become rows."""
    found = scope.of(_production(published)).order_by("start_at", "batch_key")
    return found.select(
        *("made_date", "batch_key", "batch_id", "machine_id", "product_name"),
        *("start_at", "end_at", "units_produced", "units_defective", "is_late"),
    ).to_pyarrow()


def _production(published: Published) -> ir.Table:
    """Return the batches with the names of their machines and products, and their dates."""
    machines = published.table("gold.dim_machine").select("machine_key", "machine_id")
    products = published.table("gold.dim_product").select("product_key", "product_name")
    return (
        published.table("gold.fact_production")
        .inner_join(machines, "machine_key")
        .inner_join(products, "product_key")
        .mutate(made_date=_.start_at.date())
    )


def _uses(published: Published, scope: Scope) -> ir.Table:
    """Return the genealogy of what a line takes and gives, with machines and dates.

    ``lot_date`` is when a lot was made here, and null where it was not.
    """
    links = published.table("gold.genealogy")
    if scope.product_name is not None:
        links = links.filter(
            (_.input_product_name == scope.product_name)
            | (_.output_product_name == scope.product_name)
        )
    production = _production(published)
    users = production.select("batch_key", "machine_id", used_date=_.made_date)
    lots = production.select(made_as=_.batch_key, lot_date=_.made_date)
    return (
        scope.of(links)
        .inner_join(users, "batch_key")
        .left_join(lots, [("lot_key", "made_as")])
        .drop("made_as")
    )


def _dated(table: ir.Table, column: str, period: Period) -> ir.Table:
    """Return a table with the ``first`` and ``last`` day of what each row is added up to."""
    if period is None:
        return table.filter(_[column].notnull()).mutate(first=_[column], last=_[column])
    first, last = (ibis.literal(day) for day in period)
    return table.filter(_[column].between(first, last)).mutate(first=first, last=last)
