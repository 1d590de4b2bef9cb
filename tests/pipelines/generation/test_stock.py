"""What is made of something else can only be made of what was there."""

import random
from collections import defaultdict
from itertools import pairwise
from typing import Any

import pytest
from ibis import _

from factory_simulation.domain import FactoryError
from factory_simulation.pipelines.generation.stock import limit_by_stock
from tests.pipelines.generation.world import (
    SCENARIOS,
    World,
    classic,
    records,
    scenario_of,
    storm,
    with_chaos,
)

RECIPES = {
    "Iron Plate": ("Iron Ore", 1),
    "Gear Wheel": ("Iron Plate", 3),
    "Bolt": ("Iron Plate", 3),
    "Gearbox": ("Gear Wheel", 2),
}
BATCHES = {
    "factory_id": "string",
    "machine_position": "int64",
    "product_name": "string",
    "event_day": "int64",
    "number": "int64",
    "start_seconds": "int64",
    "end_seconds": "int64",
    "units_produced": "int64",
}
PRODUCTS = {
    name: {"made_from": made_from, "input_per_unit": count}
    for name, (made_from, count) in RECIPES.items()
}


def limited(opening: dict[str, int]):
    materials = {"limit_production": True, "opening_stock": opening}
    changed = classic({"products": PRODUCTS, "materials": materials})
    return changed.model_copy(
        update={
            "materials": changed.materials.model_copy(update={"opening_stock": opening}),
        }
    )


def asked_for(dice: random.Random) -> list[dict[str, Any]]:
    """Return batches of two factories, each machine's one after the other, many at equal times."""
    batches = []
    products = ["Iron Plate", "Gear Wheel", "Bolt", "Gearbox", "Iron Plate", "Gear Wheel"]
    for position in range(12):
        for day in range(4):
            end = day * 100
            for number in range(dice.randint(3, 8)):
                start = end + dice.randint(0, 5)
                end = start + dice.randint(1, 12)
                row = ("one" if position % 2 else "two", position, products[position // 2])
                values = (*row, day, number, start, end, dice.randint(0, 30))
                batches.append(dict(zip(BATCHES, values, strict=True)))
    return batches


def simulated(batches: list[dict[str, Any]], opening: dict[str, int]) -> dict[tuple, int]:
    """Return what each batch gets, one event after the other."""
    stock = defaultdict(lambda: defaultdict(int, opening))
    events = [
        (batch[at], is_start, batch["machine_position"], batch["number"], batch)
        for batch in batches
        for is_start, at in ((0, "end_seconds"), (1, "start_seconds"))
    ]
    got = {}
    for _at, is_start, position, number, batch in sorted(events, key=lambda event: event[:4]):
        of_factory, product = stock[batch["factory_id"]], batch["product_name"]
        made_from, per_unit = RECIPES[product]
        key = (position, batch["event_day"], number)
        if not is_start:
            of_factory[product] += got[key] - got[key] // 10
            continue
        got[key] = batch["units_produced"]
        if made_from in RECIPES:
            got[key] = min(got[key], of_factory[made_from] // per_unit)
            of_factory[made_from] -= got[key] * per_unit
            assert of_factory[made_from] >= 0
    return {key: units for key, units in got.items() if units}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("opening", [{}, {"Iron Plate": 500, "Gear Wheel": 7}])
def test_batches_get_what_a_simulation_event_by_event_gives_them(table, rows, seed, opening):
    batches = asked_for(random.Random(seed))  # noqa: S311 - test data, not a secret
    scenario = limited(opening)
    cut = limit_by_stock(table(BATCHES, batches), _.units_produced // 10, scenario)
    found = {
        (row["machine_position"], row["event_day"], row["number"]): row["units_produced"]
        for row in rows(cut)
    }
    expected = simulated(batches, opening)
    assert found == expected
    assert len(expected) < len(batches) * 0.9


def test_without_the_limit_batches_are_left_as_they_are(table, rows):
    batches = [dict(zip(BATCHES, ("one", 0, "Bolt", 0, 0, 0, 9, 5), strict=True))]
    given = table(BATCHES, batches)
    assert rows(limit_by_stock(given, _.units_produced // 10, classic())) == batches
    assert rows(limit_by_stock(given, _.units_produced // 10, limited({}))) == []


def test_ends_come_before_starts_of_the_same_second(table, rows):
    batches = [
        dict(zip(BATCHES, ("one", 0, "Gear Wheel", 0, 0, 60, 90, 5), strict=True)),
        dict(zip(BATCHES, ("one", 1, "Iron Plate", 0, 0, 0, 60, 6), strict=True)),
    ]
    cut = rows(limit_by_stock(table(BATCHES, batches), _.units_produced * 0, limited({})))
    assert [row["units_produced"] for row in cut] == [2, 6]


# --- in a world --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def starving() -> World:
    """Two weeks of a storm with four assemblers for each smelter."""
    machines = [
        {**machine, "count": count}
        for machine, count in zip(SCENARIOS["storm"]["machines"], (1, 4), strict=True)
    ]
    return World(with_chaos(storm({"machines": machines}), machine_stop={"rate": 0.2}))


def test_machines_without_input_make_fewer_and_smaller_batches(starving):
    materials = starving.scenario.materials.model_copy(update={"limit_production": False})
    free = World(starving.scenario.model_copy(update={"materials": materials}))
    asked = {(b["machine_id"], b["start_seconds"]): b for b in records(free.batches)}
    got = {(b["machine_id"], b["start_seconds"]): b for b in records(starving.batches)}
    assert set(got) < set(asked)
    for key, batch in got.items():
        assert 0 < batch["units_produced"] <= asked[key]["units_produced"]
        assert batch["end_seconds"] == asked[key]["end_seconds"]
        if batch["product_name"] == "Iron Plate":
            assert batch["units_produced"] == asked[key]["units_produced"]
    assert len(got) < 0.9 * len(asked)
    cut = [key for key, b in got.items() if b["units_produced"] < asked[key]["units_produced"]]
    assert cut


def test_numbers_are_consecutive_after_batches_were_dropped(starving):
    days = defaultdict(list)
    for batch in records(starving.batches):
        days[batch["machine_id"], batch["event_day"]].append(batch)
    assert min(map(len, days.values())) < 8
    for of_day in days.values():
        of_day.sort(key=lambda batch: batch["start_seconds"])
        assert [batch["batch_number"] for batch in of_day] == list(range(1, len(of_day) + 1))
        assert all(a["end_seconds"] <= b["start_seconds"] for a, b in pairwise(of_day))
        for batch in of_day:
            assert batch["batch_id"].endswith(f"_{batch['batch_number']:03d}")


@pytest.mark.parametrize("name", ["starving", "classic", "campus"])
def test_stock_is_what_a_plain_loop_over_days_finds(name, starving):
    world = starving if name == "starving" else World(scenario_of(name, days=5))
    scenario = world.scenario
    recipes = {p: (r.made_from, r.input_per_unit) for p, r in scenario.products.items()}
    factories = [factory.factory_id for factory in scenario.factories]
    left = {(f, p): scenario.materials.opening_stock.get(p, 0) for f in factories for p in recipes}
    batches = sorted(records(world.batches), key=lambda batch: batch["production_date"])
    found = {
        (row["production_date"], row["factory_id"], row["product_name"]): row
        for row in records(world.stock)
    }
    expected = {}
    for day in sorted({batch["production_date"] for batch in batches}):
        made, used = defaultdict(int), defaultdict(int)
        for batch in batches:
            if batch["production_date"] == day:
                made_from, per_unit = recipes[batch["product_name"]]
                factory = batch["factory_id"]
                made[factory, batch["product_name"]] += (
                    batch["units_produced"] - batch["units_defective"]
                )
                used[factory, made_from] += batch["units_produced"] * per_unit
        for factory, product in left:
            key = (factory, product)
            left[key] += made[key] - used[key]
            expected[day, *key] = (made[key], used[key], left[key])
    assert {
        key: (row["units_made"], row["units_used"], row["units_in_stock"])
        for key, row in found.items()
    } == expected


def test_stock_is_never_negative_where_it_limits_production(starving):
    left = [row["units_in_stock"] for row in records(starving.stock)]
    assert min(left) >= 0
    plates = [
        row["units_in_stock"]
        for row in records(starving.stock)
        if row["product_name"] == "Iron Plate"
    ]
    assert min(plates) < 10


def test_opening_stock_below_zero_is_refused():
    with pytest.raises(FactoryError, match="opening_stock"):
        classic({"materials": {"opening_stock": {"Iron Plate": -5}}})
