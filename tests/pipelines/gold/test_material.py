"""Genealogy and the material balance of a small factory, counted by hand."""

from collections.abc import Callable
from datetime import date, datetime

import ibis.expr.types as ir
import pytest

from factory_simulation.pipelines.gold.marts import summarise_daily_stock
from factory_simulation.pipelines.gold.material import build_genealogy, summarise_material_daily
from factory_simulation.pipelines.gold.material_yield import summarise_material_yield
from tests.conftest import Rows
from tests.pipelines.silver.landed import DAY, Compute, MakeTable, Row, only

PRODUCTION = {
    "batch_key": "string",
    "factory_id": "string",
    "product_key": "string",
    "start_at": "timestamp",
    "end_at": "timestamp",
    "units_produced": "int64",
    "units_defective": "int64",
    "units_good": "int64",
}
PRODUCTS = {
    "product_key": "string",
    "product_name": "string",
    "made_from": "string",
    "input_per_unit": "int64",
}
OPENING = {"factory_id": "string", "product_name": "string", "units": "int64"}
STOCK = {
    "production_date": "date",
    "factory_id": "string",
    "product_name": "string",
    "units_made": "int64",
    "units_used": "int64",
    "units_in_stock": "int64",
}
DAILY = {
    "production_date": "date",
    "factory_id": "string",
    "machine_id": "string",
    "product_name": "string",
    "units_produced": "int64",
    "units_defective": "int64",
}
PLATE, GEAR, CLOCK = "Iron Plate", "Gear Wheel", "Clock"
RECIPES = [(PLATE, "Iron Ore", 1), (GEAR, PLATE, 2), (CLOCK, GEAR, 5)]
ORE_OF_THE_DAY = "alpha|Iron Ore|2025-12-01"
OPENING_PLATES = "alpha|Iron Plate|opening_stock"
D2 = date(2025, 12, 2)

Find = Callable[..., Rows]


def at(hour: int, day: date = DAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour)


def batch(key: str, product: str, hours: tuple[int, int], units: int, bad: int = 0, **other) -> Row:
    day = other.pop("day", DAY)
    return {
        "batch_key": key,
        "factory_id": "alpha",
        "product_key": product.upper(),
        "start_at": at(hours[0], day),
        "end_at": at(hours[1], day),
        "units_produced": units,
        "units_defective": bad,
        "units_good": units - bad,
        **other,
    }


def plates(key: str, hours: tuple[int, int], units: int, bad: int = 0, **other) -> Row:
    return batch(key, PLATE, hours, units, bad, **other)


def gears(key: str, hours: tuple[int, int], units: int, bad: int = 0, **other) -> Row:
    return batch(key, GEAR, hours, units, bad, **other)


def in_stock(units: int, product: str = PLATE, factory_id: str = "alpha") -> Row:
    return {"factory_id": factory_id, "product_name": product, "units": units}


def products_of(table: MakeTable, recipes: list[tuple]) -> ir.Table:
    rows = [dict(zip(PRODUCTS, (recipe[0].upper(), *recipe), strict=True)) for recipe in recipes]
    return table(PRODUCTS, rows)


@pytest.fixture
def genealogy(table: MakeTable, rows: Compute) -> Find:
    """Return the genealogy in the order of use."""

    def run(*production: Row, opening: Rows = (), recipes: list[tuple] = RECIPES) -> Rows:
        made = table(PRODUCTION, list(production))
        found = rows(
            build_genealogy(made, products_of(table, recipes), table(OPENING, list(opening)))
        )
        return sorted(found, key=lambda row: (row["input_product_name"], row["units_before"]))

    return run


PARTS = ("batch_key", "lot_key", "units_used")


def of_plates(found: Rows) -> list[tuple]:
    return only([row for row in found if row["input_product_name"] == PLATE], *PARTS)


# --- genealogy -----------------------------------------------------------------------------


def test_a_batch_takes_the_oldest_lots_first_with_what_its_defective_units_took(genealogy: Find):
    found = genealogy(
        plates("p1", (6, 7), 10, bad=1),
        plates("p2", (7, 8), 10),
        gears("g1", (9, 10), 3, bad=2),
        gears("g2", (10, 11), 4),
    )
    assert of_plates(found) == [("g1", "p1", 6), ("g2", "p1", 3), ("g2", "p2", 5)]
    of_gears = [row for row in found if row["input_product_name"] == PLATE]
    assert only(of_gears, "units_before") == [0, 6, 9]
    assert {row["output_product_name"] for row in of_gears} == {GEAR}
    assert {row["lot_kind"] for row in of_gears} == {"batch"}
    assert only(of_gears, "made_at", "used_at") == [
        (at(7), at(9)),
        (at(7), at(10)),
        (at(8), at(10)),
    ]


def test_lots_queue_by_their_end_and_uses_by_their_start(genealogy: Find):
    found = genealogy(
        plates("long", (5, 9), 4),
        plates("short", (6, 8), 4),
        gears("late to end", (10, 14), 2),
        gears("late to start", (11, 13), 2),
    )
    assert of_plates(found) == [("late to end", "short", 4), ("late to start", "long", 4)]


def test_at_the_same_time_the_earlier_start_and_then_the_key_decides(genealogy: Find):
    found = genealogy(
        plates("p3", (6, 8), 2),
        plates("p2", (6, 8), 2),
        plates("p4", (5, 8), 2),
        gears("g3", (9, 10), 1),
        gears("g2", (9, 10), 1),
        gears("g4", (9, 9), 1),
    )
    assert of_plates(found) == [("g4", "p4", 2), ("g2", "p2", 2), ("g3", "p3", 2)]


def test_opening_stock_is_the_oldest_lot(genealogy: Find):
    found = genealogy(plates("p1", (0, 0), 10), gears("g1", (9, 10), 4), opening=[in_stock(5)])
    assert of_plates(found) == [("g1", OPENING_PLATES, 5), ("g1", "p1", 3)]
    row = next(row for row in found if row["lot_kind"] == "opening_stock")
    assert row["lot_key"] == OPENING_PLATES
    assert row["made_at"] is None
    assert row["is_before_made"] is False


def test_what_was_never_in_stock_comes_from_an_unknown_lot(genealogy: Find):
    found = genealogy(plates("p1", (6, 7), 5), gears("g1", (9, 10), 2), gears("g2", (11, 12), 2))
    assert of_plates(found) == [("g1", "p1", 4), ("g2", "p1", 1), ("g2", "unknown", 3)]
    unknown = found[-1]
    assert (unknown["lot_kind"], unknown["made_at"], unknown["is_before_made"]) == (
        *("unknown", None),
        False,
    )


def test_what_is_used_before_it_was_made_is_said_to_be(genealogy: Find):
    found = genealogy(
        plates("p1", (6, 9), 2),
        plates("p2", (6, 10), 2),
        gears("g1", (8, 9), 1),
        gears("g2", (10, 11), 1),
    )
    assert of_plates(found) == [("g1", "p1", 2), ("g2", "p2", 2)]
    early = [row["is_before_made"] for row in found if row["input_product_name"] == PLATE]
    assert early == [True, False]


def test_ore_is_one_lot_per_factory_and_day(genealogy: Find):
    found = genealogy(
        plates("p1", (6, 7), 10, bad=3),
        plates("p2", (22, 23), 7),
        plates("p3", (0, 1), 5, day=D2),
        plates("o1", (6, 7), 9, factory_id="omega"),
    )
    assert sorted(only(found, *PARTS)) == [
        ("o1", "omega|Iron Ore|2025-12-01", 9),
        ("p1", ORE_OF_THE_DAY, 10),
        ("p2", ORE_OF_THE_DAY, 7),
        ("p3", "alpha|Iron Ore|2025-12-02", 5),
    ]
    assert {row["lot_kind"] for row in found} == {"delivery"}


def test_what_is_bought_has_no_opening_stock_that_would_shift_its_days(genealogy: Find):
    found = genealogy(plates("p1", (6, 7), 10), opening=[in_stock(500, "Iron Ore")])
    assert only(found, *PARTS) == [("p1", ORE_OF_THE_DAY, 10)]


def test_products_of_any_depth_are_followed(genealogy: Find):
    found = genealogy(
        plates("p1", (6, 7), 20),
        gears("g1", (8, 9), 10, bad=1),
        batch("c1", CLOCK, (10, 11), 1),
        batch("c2", CLOCK, (12, 13), 1),
    )
    assert only(found, *PARTS) == [
        ("c1", "g1", 5),
        ("c2", "g1", 4),
        ("c2", "unknown", 1),
        ("p1", ORE_OF_THE_DAY, 20),
        ("g1", "p1", 20),
    ]


def test_two_products_draw_from_the_same_stock(genealogy: Find):
    recipes = [*RECIPES, ("Nail", PLATE, 1)]
    found = genealogy(
        plates("p1", (6, 7), 10),
        batch("n1", "Nail", (9, 10), 3),
        gears("g1", (8, 9), 1),
        gears("g2", (10, 11), 2),
        recipes=recipes,
    )
    assert of_plates(found) == [("g1", "p1", 2), ("n1", "p1", 3), ("g2", "p1", 4)]


def test_factories_do_not_share_lots(genealogy: Find):
    found = genealogy(
        plates("p1", (6, 7), 10, factory_id="omega"),
        gears("g1", (8, 9), 1),
        opening=[in_stock(7, factory_id="omega")],
    )
    assert of_plates(found) == [("g1", "unknown", 2)]


def test_batches_of_nothing_and_products_that_are_made_of_nothing_have_no_row(genealogy: Find):
    assert genealogy() == []
    assert genealogy(opening=[in_stock(5)]) == []
    assert genealogy(gears("g1", (8, 8), 0), plates("p1", (8, 8), 0)) == []
    assert genealogy(gears("g1", (8, 9), 5), recipes=[]) == []
    assert genealogy(gears("g1", (8, 9), 5), recipes=[(GEAR, None, None)]) == []
    assert genealogy(gears("g1", (8, 9), 5), recipes=[(GEAR, PLATE, None)]) == []


def test_a_batch_of_scrap_only_is_no_lot(genealogy: Find):
    found = genealogy(plates("p1", (6, 7), 5, bad=5), gears("g1", (8, 9), 1))
    assert of_plates(found) == [("g1", "unknown", 2)]


# --- balance -------------------------------------------------------------------------------


@pytest.fixture
def balance(table: MakeTable, rows: Compute) -> Find:
    def run(*stock: Row, scrapped: Rows = ()) -> Rows:
        made = [dict.fromkeys(DAILY) | row for row in scrapped]
        return rows(summarise_material_daily(table(STOCK, list(stock)), table(DAILY, made)))

    return run


def stocked(product: str, made: int, used: int, left: int, day: date = DAY) -> Row:
    return dict(zip(STOCK, (day, "alpha", product, made, used, left), strict=True))


def scrap(product: str, units: int, **different) -> Row:
    return {
        "production_date": DAY,
        "factory_id": "alpha",
        "product_name": product,
        "units_defective": units,
        **different,
    }


BALANCE = ("units_opening", "units_made", "units_used", "units_scrapped", "units_closing")


def test_opening_is_what_closes_without_what_came_and_went(balance: Find):
    found = balance(
        stocked(PLATE, 70, 40, 37),
        stocked(PLATE, 0, 50, -13, day=D2),
        scrapped=[scrap(PLATE, 2), scrap(PLATE, 3), scrap(PLATE, 9, factory_id="omega")],
    )
    assert only(found, *BALANCE) == [(7, 70, 40, 5, 37), (37, 0, 50, 0, -13)]
    assert only(found, "is_overdrawn") == [False, True]


def test_without_stock_there_is_no_balance(balance: Find):
    assert balance() == []
    assert balance(scrapped=[scrap(PLATE, 2)]) == []


def test_nothing_left_is_not_overdrawn(balance: Find):
    assert only(balance(stocked(PLATE, 5, 5, 0)), "is_overdrawn") == [False]


# --- yield ---------------------------------------------------------------------------------


@pytest.fixture
def yields(table: MakeTable, rows: Compute) -> Find:
    def run(*production: Row, opening: Rows = (), recipes: list[tuple] = RECIPES) -> Rows:
        made, products = table(PRODUCTION, list(production)), products_of(table, recipes)
        links = build_genealogy(made, products, table(OPENING, list(opening)))
        return rows(summarise_material_yield(made, products, links))

    return run


SUMS = ("units_produced", "units_defective", "units_good", "units_used", "units_used_in_good")
RAW = ("raw_units_used", "raw_units_in_good", "raw_material_yield")


def test_material_yield_is_of_a_stage_and_raw_material_yield_of_all(yields: Find):
    """Of 100 ore 80 plates; all of these in 40 gears, 10 of them scrap: 60 of 100."""
    plate, gear = sorted(
        yields(plates("p1", (6, 7), 100, bad=20), gears("g1", (8, 9), 40, bad=10)),
        key=lambda row: row["input_product_name"],
    )
    assert [plate[name] for name in SUMS] == [100, 20, 80, 100, 80]
    assert plate["material_yield"] == plate["raw_material_yield"] == 0.8
    assert [gear[name] for name in SUMS] == [40, 10, 30, 80, 60]
    assert gear["material_yield"] == 0.75
    assert [gear[name] for name in RAW] == [100.0, 60.0, 0.6]
    assert (gear["input_product_name"], plate["input_product_name"]) == (PLATE, "Iron Ore")


def test_ore_is_that_of_the_lots_also_of_another_day(yields: Find):
    """Half of the gears' plates took 2 ore each, the other half 1."""
    found = yields(
        plates("p1", (6, 7), 8, bad=4),
        plates("p2", (7, 8), 10),
        gears("g1", (9, 10), 4, day=D2),
    )
    gear = next(row for row in found if row["product_name"] == GEAR)
    assert gear["production_date"] == D2
    assert [gear[name] for name in RAW] == [12.0, 8.0, pytest.approx(8 / 12)]


def test_what_cannot_be_followed_counts_in_neither_term(yields: Find):
    """Of 12 plates 3 were there, 8 were made of 10 ore, and one is unknown."""
    found = yields(
        plates("p1", (6, 7), 10, bad=2), gears("g1", (8, 9), 6, bad=3), opening=[in_stock(3)]
    )
    gear = next(row for row in found if row["product_name"] == GEAR)
    assert gear["units_used_untraced"] == 4
    assert [gear[name] for name in RAW] == [10.0, 4.0, 0.4]
    assert gear["material_yield"] == 0.5


def test_where_nothing_can_be_followed_there_is_no_yield_from_raw_material(yields: Find):
    gear = yields(gears("g1", (8, 9), 6, bad=3))[0]
    assert [gear[name] for name in RAW] == [0.0, 0.0, None]
    assert gear["material_yield"] == 0.5


def test_yield_of_three_stages_is_their_product(yields: Find):
    found = yields(
        plates("p1", (6, 7), 100, bad=20),
        gears("g1", (8, 9), 40, bad=10),
        batch("c1", CLOCK, (10, 11), 6, bad=3),
    )
    clock = next(row for row in found if row["product_name"] == CLOCK)
    assert [clock[name] for name in RAW] == [100.0, 30.0, 0.3]


def test_ore_is_shared_out_in_parts_of_a_unit(yields: Find):
    """Three plates of 4 ore: two of them take 2.666667."""
    found = yields(plates("p1", (6, 7), 4, bad=1), gears("g1", (8, 9), 1))
    gear = next(row for row in found if row["product_name"] == GEAR)
    assert [gear[name] for name in RAW[:2]] == [2.666667, 2.0]


def test_a_batch_of_nothing_has_a_row_without_a_yield(yields: Find):
    found = yields(gears("g1", (8, 8), 0), plates("p1", (8, 9), 5, bad=5))
    assert {row["product_name"]: row["material_yield"] for row in found} == {GEAR: None, PLATE: 0.0}


def test_what_is_not_made_of_anything_has_no_yield(yields: Find):
    assert yields() == []
    assert yields(gears("g1", (8, 9), 5), recipes=[(GEAR, None, None)]) == []
    assert yields(gears("g1", (8, 9), 5), recipes=[]) == []


def test_recipes_that_run_in_circles_come_to_an_end(yields: Find):
    circle = [(PLATE, GEAR, 1), (GEAR, PLATE, 1)]
    found = yields(plates("p1", (6, 7), 5), gears("g1", (8, 9), 5), recipes=circle)
    assert only(found, "raw_material_yield") == [None, None]


def test_stock_and_genealogy_leave_the_same_over(table: MakeTable, rows: Compute, genealogy: Find):
    production = [
        plates("p1", (6, 7), 30, bad=2),
        gears("g1", (8, 9), 10, bad=1),
        plates("p2", (6, 7), 11, day=D2),
        gears("g2", (8, 9), 12, day=D2),
    ]
    opening = [in_stock(4)]
    taken = {}
    for row in genealogy(*production, opening=opening):
        taken[row["lot_kind"]] = taken.get(row["lot_kind"], 0) + row["units_used"]
    left = 4 + 28 + 11 - taken["batch"] - taken["opening_stock"] - taken.get("unknown", 0)
    daily = [
        {
            **dict.fromkeys(DAILY),
            "production_date": row["start_at"].date(),
            "factory_id": "alpha",
            "product_name": GEAR if row["batch_key"].startswith("g") else PLATE,
            "units_produced": row["units_produced"],
            "units_defective": row["units_defective"],
        }
        for row in production
    ]
    stock = summarise_daily_stock(
        table(DAILY, daily), products_of(table, RECIPES), table(OPENING, opening)
    )
    found = rows(summarise_material_daily(stock, table(DAILY, daily)))
    last = next(
        row for row in found if (row["production_date"], row["product_name"]) == (D2, PLATE)
    )
    assert last["units_closing"] == left == -1
    assert taken["unknown"] == 1
