"""Stock at the end of each day, from literal rows."""

import random
from collections import defaultdict
from datetime import date

import pytest

from factory_simulation.expressions.stock import daily_stock

PRODUCTION = {
    "production_date": "date",
    "factory_id": "string",
    "product_name": "string",
    "units_produced": "int64",
    "units_defective": "int64",
}
RECIPES = {"product_name": "string", "made_from": "string", "input_per_unit": "int64"}
OPENING = {"factory_id": "string", "product_name": "string", "units": "int64"}
PLATE = {"product_name": "Plate", "made_from": "Ore", "input_per_unit": 1}
GEAR = {"product_name": "Gear", "made_from": "Plate", "input_per_unit": 2}
FIRST, SECOND = date(2025, 12, 1), date(2025, 12, 2)


def made(day, factory, product, produced, defective=0):
    return dict(zip(PRODUCTION, (day, factory, product, produced, defective), strict=True))


@pytest.fixture
def stock(table, rows):
    def compute(production, recipes=(PLATE, GEAR), opening=()):
        computed = daily_stock(
            table(PRODUCTION, production),
            table(RECIPES, list(recipes)),
            table(OPENING, [dict(zip(OPENING, row, strict=True)) for row in opening]),
        )
        return [tuple(row.values()) for row in rows(computed)]

    return compute


def test_made_are_good_units_and_used_is_what_defective_ones_took_too(stock):
    production = [made(FIRST, "a", "Plate", 10, 1), made(FIRST, "a", "Gear", 3, 2)]
    assert stock(production) == [(FIRST, "a", "Gear", 1, 0, 1), (FIRST, "a", "Plate", 9, 6, 3)]


def test_stock_adds_up_from_what_was_there_and_may_be_used_up(stock):
    production = [made(FIRST, "a", "Plate", 4), made(SECOND, "a", "Gear", 5)]
    assert stock(production, opening=[("a", "Plate", 7)]) == [
        (FIRST, "a", "Gear", 0, 0, 0),
        (FIRST, "a", "Plate", 4, 0, 11),
        (SECOND, "a", "Gear", 5, 0, 5),
        (SECOND, "a", "Plate", 0, 10, 1),
    ]


def test_factories_do_not_share_stock_and_have_only_products_of_their_own(stock):
    production = [made(FIRST, "a", "Plate", 4), made(SECOND, "b", "Gear", 1)]
    assert stock(production, opening=[("c", "Gear", 2)]) == [
        (FIRST, "a", "Plate", 4, 0, 4),
        (FIRST, "b", "Gear", 0, 0, 0),
        (FIRST, "b", "Plate", 0, 0, 0),
        (FIRST, "c", "Gear", 0, 0, 2),
        (SECOND, "a", "Plate", 0, 0, 4),
        (SECOND, "b", "Gear", 1, 0, 1),
        (SECOND, "b", "Plate", 0, 2, -2),
        (SECOND, "c", "Gear", 0, 0, 2),
    ]


def test_material_that_nobody_here_makes_is_not_in_stock(stock):
    assert stock([made(FIRST, "a", "Plate", 4)]) == [(FIRST, "a", "Plate", 4, 0, 4)]


def test_without_production_there_is_no_date_and_no_row(stock):
    assert stock([], opening=[("a", "Plate", 7)]) == []


@pytest.mark.parametrize("seed", range(3))
def test_a_plain_loop_finds_the_same(stock, seed):
    dice = random.Random(seed)  # noqa: S311 - test data, not a secret
    recipes = {"Plate": ("Ore", 1), "Gear": ("Plate", 2), "Bolt": ("Plate", 1), "Box": ("Gear", 4)}
    production = []
    for _ in range(200):
        units = dice.randint(0, 40)
        day, factory = date(2025, 12, dice.randint(1, 9)), dice.choice("abc")
        production.append(
            made(day, factory, dice.choice(list(recipes)), units, dice.randint(0, units))
        )
    left = defaultdict(int, {("a", "Plate"): 60, ("d", "Box"): 5})
    pairs = set(left)
    for row in production:
        made_from = recipes[row["product_name"]][0]
        pairs |= {(row["factory_id"], p) for p in (row["product_name"], made_from) if p in recipes}
    opening = [(*pair, units) for pair, units in left.items()]
    expected = []
    for day in sorted({row["production_date"] for row in production}):
        came, went = defaultdict(int), defaultdict(int)
        for row in production:
            if row["production_date"] == day:
                made_from, per_unit = recipes[row["product_name"]]
                good = row["units_produced"] - row["units_defective"]
                came[row["factory_id"], row["product_name"]] += good
                went[row["factory_id"], made_from] += row["units_produced"] * per_unit
        for pair in sorted(pairs):
            left[pair] += came[pair] - went[pair]
            expected.append((day, *pair, came[pair], went[pair], left[pair]))
    given = [
        {"product_name": name, "made_from": made_from, "input_per_unit": count}
        for name, (made_from, count) in recipes.items()
    ]
    assert stock(production, given, opening) == expected
