"""Marts: facts added up for people."""

import ibis.expr.types as ir
from ibis import _

from factory_simulation.expressions.numbers import from_micro, micro
from factory_simulation.expressions.stock import daily_stock


def summarise_daily_production(
    production: ir.Table, dates: ir.Table, machines: ir.Table, products: ir.Table
) -> ir.Table:
    """One row per date, machine and product; a day without a batch has none."""
    return (
        production.join(dates.select("date_key", production_date=_.date), "date_key")
        .join(machines.select("machine_key", "machine_id"), "machine_key")
        .join(products.select("product_key", "product_name"), "product_key")
        .mutate(micro_kwh=micro(_.energy_kwh))
        .group_by("production_date", "factory_id", "machine_id", "product_name")
        .aggregate(
            batches=_.count(),
            units_produced=_.units_produced.sum().cast("int64"),
            units_defective=_.units_defective.sum().cast("int64"),
            micro_kwh=_.micro_kwh.sum().cast("int64"),
        )
        .select(
            "production_date",
            "factory_id",
            "machine_id",
            "product_name",
            "batches",
            "units_produced",
            "units_defective",
            energy_kwh=from_micro(_.micro_kwh),
        )
    )


def summarise_daily_stock(daily: ir.Table, products: ir.Table, opening_stock: ir.Table) -> ir.Table:
    """One row per date, factory and product: units made, used, and in stock at the day's end.

    Without an opening stock a factory begins with nothing, and may then have less than that.
    """
    return daily_stock(daily, products, opening_stock)
