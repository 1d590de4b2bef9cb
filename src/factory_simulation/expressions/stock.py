"""Material balance: what was in stock, plus what was made, less what was used."""

import ibis
import ibis.expr.types as ir
from ibis import _


def daily_stock(production: ir.Table, recipes: ir.Table, opening: ir.Table) -> ir.Table:
    """One row per date, factory and product: units made, used, and in stock at the day's end.

    Made are good units. Used is what the units made from a product took of it, defective ones too.
    Dates are those on which any factory made anything; a factory has a row for each product that is
    made, used or in stock there.

    Args:
        production: ``production_date``, ``factory_id``, ``product_name``, ``units_produced`` and
            ``units_defective``, at any grain.
        recipes: One row per product: ``product_name``, ``made_from`` and ``input_per_unit``.
        opening: One row per factory and product: ``units`` before the first date.
    """
    made = production.select(
        "production_date",
        "factory_id",
        "product_name",
        made=_.units_produced - _.units_defective,
        used=ibis.literal(0, "int64"),
    )
    inputs = recipes.select("made_from", "input_per_unit", output_name=_.product_name).semi_join(
        recipes.select(product_known=_.product_name), [("made_from", "product_known")]
    )
    used = production.join(inputs, [("product_name", "output_name")]).select(
        "production_date",
        "factory_id",
        product_name=_.made_from,
        made=ibis.literal(0, "int64"),
        used=_.units_produced * _.input_per_unit,
    )
    moved = made.union(used)
    pairs = ibis.union(
        moved.select("factory_id", "product_name"),
        opening.select("factory_id", "product_name"),
        distinct=True,
    )
    grid = production.select("production_date").distinct().cross_join(pairs)
    keys = ["production_date", "factory_id", "product_name"]
    by_day = moved.group_by(keys).aggregate(
        units_made=_.made.sum().cast("int64"), units_used=_.used.sum().cast("int64")
    )
    so_far = ibis.cumulative_window(
        group_by=["factory_id", "product_name"], order_by="production_date"
    )
    return (
        grid.left_join(by_day, keys)
        .select(*keys, units_made=_.units_made.fill_null(0), units_used=_.units_used.fill_null(0))
        .left_join(opening.rename(opening_units="units"), ["factory_id", "product_name"])
        .select(
            *keys,
            "units_made",
            "units_used",
            units_in_stock=(
                _.opening_units.fill_null(0)
                + _.units_made.sum().over(so_far)
                - _.units_used.sum().over(so_far)
            ).cast("int64"),
        )
    )
