"""Stock: what was there, plus what was made, less what was used, day after day."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date

import pytest

from factory_simulation.pipelines.gold.marts import summarise_daily_stock
from tests.conftest import Rows
from tests.pipelines.silver.landed import DAY, Compute, MakeTable, Row, only

DAILY = {
    "production_date": "date",
    "factory_id": "string",
    "machine_id": "string",
    "product_name": "string",
    "units_produced": "int64",
    "units_defective": "int64",
}
PRODUCTS = {"product_name": "string", "made_from": "string", "input_per_unit": "int64"}
OPENING = {"factory_id": "string", "product_name": "string", "units": "int64"}
RECIPES = [
    {"product_name": "Iron Plate", "made_from": "Iron Ore", "input_per_unit": 1},
    {"product_name": "Gear Wheel", "made_from": "Iron Plate", "input_per_unit": 2},
    {"product_name": "Clock", "made_from": "Gear Wheel", "input_per_unit": 5},
]
D2, D3, D4 = (date(2025, 12, day) for day in (2, 3, 4))

Stock = Callable[..., Rows]


@pytest.fixture
def stock(table: MakeTable, rows: Compute) -> Stock:
    def run(*daily: Row, opening: Rows = (), recipes: Rows = RECIPES) -> Rows:
        tables = (table(DAILY, daily), table(PRODUCTS, recipes), table(OPENING, opening))
        return rows(summarise_daily_stock(*tables))

    return run


def made(units: int, product: str = "Iron Plate", **different) -> Row:
    return {
        "production_date": DAY,
        "factory_id": "alpha",
        "machine_id": "SMELTER-01",
        "product_name": product,
        "units_produced": units,
        "units_defective": 0,
        **different,
    }


def in_stock(units: int, product: str = "Iron Plate", factory_id: str = "alpha") -> Row:
    return {"factory_id": factory_id, "product_name": product, "units": units}


NAMED = ("production_date", "factory_id", "product_name")
UNITS = ("units_made", "units_used", "units_in_stock")


def test_made_are_good_units_and_used_is_what_all_units_took(stock: Stock):
    found = stock(
        made(70, units_defective=1),
        made(30, units_defective=4, machine_id="SMELTER-02"),
        made(20, "Gear Wheel", units_defective=2),
        opening=[in_stock(7)],
    )
    assert only(found, *NAMED, *UNITS) == [
        (DAY, "alpha", "Gear Wheel", 18, 0, 18),
        (DAY, "alpha", "Iron Plate", 95, 40, 62),
    ]


def test_what_is_bought_and_not_made_is_no_stock(stock: Stock):
    assert only(stock(made(70)), "product_name") == ["Iron Plate"]
    ore = [in_stock(500, "Iron Ore")]
    assert only(stock(made(70), opening=ore), "product_name", "units_used", "units_in_stock") == [
        ("Iron Ore", 0, 500),
        ("Iron Plate", 0, 70),
    ]


def test_stock_adds_up_over_days_and_lasts_over_those_without_a_batch(stock: Stock):
    found = stock(
        made(70),
        made(10, "Gear Wheel", production_date=D2),
        made(5, production_date=D4),
        opening=[in_stock(1)],
    )
    assert only(found, "production_date", "product_name", "units_in_stock") == [
        (DAY, "Gear Wheel", 0),
        (DAY, "Iron Plate", 71),
        (D2, "Gear Wheel", 10),
        (D2, "Iron Plate", 51),
        (D4, "Gear Wheel", 10),
        (D4, "Iron Plate", 56),
    ]


def test_without_an_opening_stock_there_may_be_less_than_nothing(stock: Stock):
    found = stock(made(10, "Gear Wheel"))
    assert only(found, "product_name", *UNITS) == [
        ("Gear Wheel", 10, 0, 10),
        ("Iron Plate", 0, 20, -20),
    ]


def test_a_factory_uses_what_it_made_itself(stock: Stock):
    found = stock(
        made(70),
        made(10, "Gear Wheel", factory_id="omega"),
        opening=[in_stock(30, factory_id="omega")],
    )
    assert only(found, "factory_id", "product_name", *UNITS) == [
        ("alpha", "Iron Plate", 70, 0, 70),
        ("omega", "Gear Wheel", 10, 0, 10),
        ("omega", "Iron Plate", 0, 20, 10),
    ]


def test_stock_is_there_on_each_day_on_which_any_factory_made_anything(stock: Stock):
    found = stock(made(70), made(10, factory_id="omega", production_date=D2))
    assert only(found, "production_date", "factory_id", "units_in_stock") == [
        (DAY, "alpha", 70),
        (DAY, "omega", 0),
        (D2, "alpha", 70),
        (D2, "omega", 10),
    ]


def test_a_week_is_as_a_plain_count_says(stock: Stock):
    products = ("Iron Plate", "Gear Wheel", "Clock")
    daily = [
        made(
            (13 * day + 7 * place + 3 * site) % 40,
            product,
            production_date=date(2025, 12, day),
            factory_id=factory_id,
            machine_id=f"M-{place}",
            units_defective=(day + place) % 3 if (13 * day + 7 * place + 3 * site) % 40 > 3 else 0,
        )
        for day in range(1, 8)
        for site, factory_id in enumerate(("alpha", "omega"))
        for place, product in enumerate(products)
        if (day + place + site) % 4
    ]
    opening = [in_stock(100), in_stock(55, "Gear Wheel", "omega")]
    held = defaultdict(int)
    for row in opening:
        held[row["factory_id"], row["product_name"]] = row["units"]
    recipes = {row["product_name"]: row for row in RECIPES}
    expected = {}
    for day in sorted({row["production_date"] for row in daily}):
        for row in daily:
            if row["production_date"] != day:
                continue
            site, product = row["factory_id"], row["product_name"]
            held[site, product] += row["units_produced"] - row["units_defective"]
            source = recipes[product]["made_from"]
            if source in recipes:
                held[site, source] -= row["units_produced"] * recipes[product]["input_per_unit"]
        expected |= {
            (day, site, product): held[site, product]
            for site in ("alpha", "omega")
            for product in products
        }
    found = stock(*daily, opening=opening)
    assert {tuple(row[n] for n in NAMED): row["units_in_stock"] for row in found} == expected


def test_without_production_there_is_no_day_and_no_stock(stock: Stock):
    assert stock() == []
    assert stock(opening=[in_stock(7)]) == []


def test_without_recipes_nothing_is_used(stock: Stock):
    assert only(stock(made(70), recipes=[]), *UNITS) == [(70, 0, 70)]
