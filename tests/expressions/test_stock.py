"""A material balance is the same on every engine."""

from collections.abc import Callable
from datetime import date

import ibis.expr.types as ir

from factory_simulation.expressions.stock import daily_stock

DAILY = {
    "production_date": "date",
    "factory_id": "string",
    "product_name": "string",
    "units_produced": "int64",
    "units_defective": "int64",
}
RECIPES = {"product_name": "string", "made_from": "string", "input_per_unit": "int64"}
OPENING = {"factory_id": "string", "product_name": "string", "units": "int64"}
D1, D2 = date(2025, 12, 1), date(2025, 12, 2)


def test_stock_is_what_was_there_and_was_made_less_what_was_used(
    table: Callable[..., ir.Table], rows: Callable[[ir.Table], list[dict]]
):
    made = [(D1, "Iron Plate", 70, 1), (D1, "Gear Wheel", 20, 2), (D2, "Gear Wheel", 40, 0)]
    daily = [dict(zip(DAILY, (day, "alpha", *told), strict=True)) for day, *told in made]
    recipes = [("Iron Plate", "Iron Ore", 1), ("Gear Wheel", "Iron Plate", 2)]
    opening = [("alpha", "Iron Plate", 7), ("omega", "Iron Plate", 3)]
    found = rows(
        daily_stock(
            table(DAILY, daily),
            table(RECIPES, [dict(zip(RECIPES, recipe, strict=True)) for recipe in recipes]),
            table(OPENING, [dict(zip(OPENING, stock, strict=True)) for stock in opening]),
        )
    )
    by_key = {tuple(row.values())[:3]: tuple(row.values())[3:] for row in found}
    assert by_key == {
        (D1, "alpha", "Gear Wheel"): (18, 0, 18),
        (D1, "alpha", "Iron Plate"): (69, 40, 36),
        (D1, "omega", "Iron Plate"): (0, 0, 3),
        (D2, "alpha", "Gear Wheel"): (40, 0, 58),
        (D2, "alpha", "Iron Plate"): (0, 80, -44),
        (D2, "omega", "Iron Plate"): (0, 0, 3),
    }


def test_without_production_there_is_no_stock(
    table: Callable[..., ir.Table], rows: Callable[[ir.Table], list[dict]]
):
    opening = [{"factory_id": "alpha", "product_name": "Iron Plate", "units": 7}]
    tables = (table(DAILY, []), table(RECIPES, []), table(OPENING, opening))
    assert rows(daily_stock(*tables)) == []
