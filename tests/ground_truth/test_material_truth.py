"""Genealogy and material balance against queues in plain Python, filled from the truth."""

from collections import Counter, defaultdict, deque
from datetime import UTC, date, datetime
from typing import Any

import pytest

from factory_simulation.dashboard.genealogy import recall, trace
from factory_simulation.domain import Member
from tests.conftest import Rows, Workspace
from tests.ground_truth.worlds import World, worlds

Batch = dict[str, Any]
Recipes = dict[str, tuple[str | None, int | None]]
Link = tuple[str, str, int]
"""The batch, the lot, and the units of it."""

NOTHING_LOST = ("classic", "campus")


def recipes_of(workspace: Workspace) -> Recipes:
    return {
        row["product_name"]: (row["made_from"], row["input_per_unit"])
        for row in workspace.table("gold.dim_product")
    }


def opening_of(world: World) -> dict[str, int]:
    """The opening stock as the scenario files have it, which is not read from the warehouse."""
    return {"storm": {"Iron Plate": 200}}.get(world.scenario, {"Iron Plate": 500})


def true_batches(workspace: Workspace) -> list[Batch]:
    return [
        {
            **{name: row[name] for name in ("factory_id", "product_name", "units_produced")},
            "key": f"{row['machine_id']}|{row['production_date']}|{row['batch_id']}",
            "day": row["production_date"],
            "start": datetime.fromtimestamp(row["start_seconds"], UTC).replace(tzinfo=None),
            "end": datetime.fromtimestamp(row["end_seconds"], UTC).replace(tzinfo=None),
            "units_good": row["units_produced"] - row["units_defective"],
        }
        for row in workspace.table("truth.production_batches")
    ]


def landed_batches(workspace: Workspace) -> list[Batch]:
    """Batches as gold has them, where truth is not known or not all of it landed."""
    names = {row["product_key"]: row["product_name"] for row in workspace.table("gold.dim_product")}
    return [
        {
            **{name: row[name] for name in ("factory_id", "units_produced", "units_good")},
            "product_name": names[row["product_key"]],
            "key": row["batch_key"],
            "day": row["start_at"].date(),
            "start": row["start_at"],
            "end": row["end_at"],
        }
        for row in workspace.table("gold.fact_production")
    ]


def queued(batches: list[Batch], recipes: Recipes, opening: dict[str, int]) -> set[Link]:
    """Put good units into queues, and let batches take from these, one after the other."""
    queues: dict[tuple[str, str], deque[list]] = defaultdict(deque)
    for factory in {batch["factory_id"] for batch in batches}:
        for product, units in opening.items():
            queues[factory, product].append([f"{factory}|{product}|opening_stock", units])
    for lot in sorted(batches, key=lambda b: (b["end"], b["start"], b["key"])):
        queues[lot["factory_id"], lot["product_name"]].append([lot["key"], lot["units_good"]])
    links: set[Link] = set()
    for batch in sorted(batches, key=lambda b: (b["start"], b["end"], b["key"])):
        source, input_per_unit = recipes[batch["product_name"]]
        if source is None or input_per_unit is None:
            continue
        wanted = batch["units_produced"] * input_per_unit
        if source in recipes:
            parts = take(queues[batch["factory_id"], source], wanted)
        else:
            parts = [(f"{batch['factory_id']}|{source}|{batch['day']}", wanted)]
        links |= {(batch["key"], lot, units) for lot, units in parts if units}
    return links


def take(queue: deque[list], wanted: int) -> list[tuple[str, int]]:
    """Take units from the front of a queue; what it does not have is of an unknown lot."""
    parts = []
    while wanted and queue:
        units = min(wanted, queue[0][1])
        parts.append((queue[0][0], units))
        queue[0][1] -= units
        wanted -= units
        if not queue[0][1]:
            queue.popleft()
    return [*parts, (Member.UNKNOWN.value, wanted)]


def found_in(workspace: Workspace) -> set[Link]:
    rows = workspace.query("SELECT batch_key, lot_key, units_used FROM gold.genealogy")
    links = {tuple(row.values()) for row in rows}
    assert len(links) == len(rows)
    return links


@pytest.mark.slow
@worlds(*NOTHING_LOST)
def test_every_link_is_the_one_that_a_queue_of_true_batches_gives(world: World):
    expected = queued(true_batches(world.workspace), recipes_of(world.workspace), opening_of(world))
    found = found_in(world.workspace)
    assert found == expected
    assert len(found) > 200
    assert not any(lot == "unknown" for _, lot, _ in found)
    early = world.workspace.query("SELECT 1 FROM gold.genealogy WHERE is_before_made")
    assert early == []


@pytest.mark.slow
@worlds("storm")
def test_where_rows_are_lost_every_link_is_that_of_true_batches_that_landed(world: World):
    """Machine and start say which true batch it is: an id that landed on two names neither."""
    workspace = world.workspace
    true = {(b["key"].partition("|")[0], b["start"]): b for b in true_batches(workspace)}
    landed = [
        true[row["batch_key"].partition("|")[0], row["start_at"]] | {"key": row["batch_key"]}
        for row in workspace.table("gold.fact_production")
    ]
    assert 0.95 * len(true) < len(landed) < len(true)
    assert found_in(workspace) == queued(landed, recipes_of(workspace), opening_of(world))


@pytest.mark.slow
@worlds(*NOTHING_LOST, "storm")
def test_every_unit_is_traced_and_sums_close(world: World):
    workspace, recipes = world.workspace, recipes_of(world.workspace)
    check_sums(workspace, recipes)
    check_balance(workspace, recipes, opening_of(world))


def check_sums(workspace: Workspace, recipes: Recipes) -> None:
    """Hold what was taken for each batch against what it needs."""
    taken: Counter[str] = Counter()
    for batch_key, _, units in found_in(workspace):
        taken[batch_key] += units
    needed = Counter()
    for batch in landed_batches(workspace):
        source, input_per_unit = recipes[batch["product_name"]]
        if source and batch["units_produced"]:
            needed[batch["key"]] = batch["units_produced"] * input_per_unit
    assert taken == needed
    assert len(taken) > 30


def check_balance(workspace: Workspace, recipes: Recipes, opening: dict[str, int]) -> None:
    """Count stock by hand, day after day; hold it against the mart, stock and genealogy."""
    batches = landed_batches(workspace)
    factories = {batch["factory_id"] for batch in batches}
    left = {(f, p): opening.get(p, 0) for f in factories for p in recipes}
    expected: dict[tuple[date, str, str], tuple] = {}
    for day in sorted({batch["day"] for batch in batches}):
        made, used, scrapped = Counter(), Counter(), Counter()
        for batch in batches:
            if batch["day"] == day:
                factory, product = batch["factory_id"], batch["product_name"]
                made[factory, product] += batch["units_good"]
                scrapped[factory, product] += batch["units_produced"] - batch["units_good"]
                source, input_per_unit = recipes[product]
                if source in recipes:
                    used[factory, source] += batch["units_produced"] * input_per_unit
        for at, before in left.items():
            left[at] = before + made[at] - used[at]
            expected[day, *at] = (before, made[at], used[at], scrapped[at], left[at])
    keys = ("production_date", "factory_id", "product_name")
    counts = ("units_opening", "units_made", "units_used", "units_scrapped", "units_closing")
    mart = workspace.table("gold.material_daily")
    found = {tuple(row[k] for k in keys): tuple(row[c] for c in counts) for row in mart}
    assert found == expected
    stock = workspace.table("gold.daily_stock")
    closing = {tuple(row[k] for k in keys): row["units_closing"] for row in mart}
    assert {tuple(row[k] for k in keys): row["units_in_stock"] for row in stock} == closing
    assert {row["is_overdrawn"] for row in mart if row["units_closing"] >= 0} == {False}
    of_lots: Counter[tuple[str, str]] = Counter()
    for row in workspace.table("gold.genealogy"):
        of_lots[row["factory_id"], row["input_product_name"]] += row["units_used"]
    for (factory, product), units in left.items():
        here = [b for b in batches if (b["factory_id"], b["product_name"]) == (factory, product)]
        stocked = opening.get(product, 0) + sum(b["units_good"] for b in here)
        assert stocked - of_lots[factory, product] == units


@pytest.mark.slow
@worlds(*NOTHING_LOST)
def test_closing_stock_is_the_true_one(world: World):
    keys = ("production_date", "factory_id", "product_name")
    true = world.workspace.table("truth.stock")
    mart = world.workspace.table("gold.material_daily")
    assert {tuple(row[k] for k in keys): row["units_in_stock"] for row in true} == {
        tuple(row[k] for k in keys): row["units_closing"] for row in mart
    }


@pytest.mark.slow
@worlds(*NOTHING_LOST)
def test_yields_are_those_of_true_batches_and_of_queues(world: World):
    """In fractions, lot by lot: plates share the ore of their batch, gears that of their plates."""
    batches = {batch["key"]: batch for batch in true_batches(world.workspace)}
    recipes = recipes_of(world.workspace)
    by_batch = defaultdict(list)
    for batch_key, lot, units in queued(list(batches.values()), recipes, opening_of(world)):
        by_batch[batch_key].append((lot, units))

    def ore(key: str) -> tuple[float, float]:
        """Return the ore that was used for all units of a batch, and that is in all of them."""
        used = inside = 0.0
        for lot, units in by_batch[key]:
            if lot in batches:
                of_lot, in_lot = ore(lot)
                used += of_lot * units / batches[lot]["units_good"]
                inside += in_lot * units / batches[lot]["units_produced"]
            elif "opening" not in lot:
                used, inside = used + units, inside + units
        return used, inside

    used, in_good = Counter(), Counter()
    for key, batch in batches.items():
        at = (batch["day"], batch["factory_id"], batch["product_name"])
        of_batch, in_batch = ore(key)
        used[at] += of_batch
        in_good[at] += in_batch * batch["units_good"] / batch["units_produced"]
    rows = world.workspace.table("gold.material_yield")
    assert len(rows) == len(used)
    for row in rows:
        at = (row["production_date"], row["factory_id"], row["product_name"])
        assert row["raw_units_used"] == pytest.approx(used[at], abs=0.001)
        assert row["raw_units_in_good"] == pytest.approx(in_good[at], abs=0.001)
        if used[at]:
            assert row["raw_material_yield"] == pytest.approx(in_good[at] / used[at], abs=1e-6)
        assert row["material_yield"] == pytest.approx(row["units_good"] / row["units_produced"])


@pytest.mark.slow
@worlds("classic")
def test_a_recall_of_ore_calls_back_what_a_queue_says(world: World):
    links = queued(true_batches(world.workspace), recipes_of(world.workspace), opening_of(world))
    lot = "alpha|Iron Ore|2025-12-02"
    smelted = {batch for batch, of, _ in links if of == lot}
    geared = {batch for batch, of, _ in links if of in smelted}
    con = world.workspace.warehouse().connection
    genealogy = con.table("genealogy", database="gold")
    found = recall(genealogy, con.table("fact_production", database="gold"), lot)
    assert {b.batch_key for b in found if b.generation == 1} == smelted
    assert {b.batch_key for b in found if b.generation == 2} == geared
    assert len(found) == len(smelted) + len(geared) > 20
    for batch in found:
        wanted = {lot} if batch.generation == 1 else smelted
        assert batch.units_used == sum(
            units for key, of, units in links if key == batch.batch_key and of in wanted
        )
    one = trace(genealogy, sorted(geared)[0])
    assert {link.lot_key for link in one.ancestors} >= {lot}
    assert one.descendants == ()


def test_the_seed_week_adds_up(seed_week: Workspace):
    """Another generator's week: nothing was in stock at first, as far as anyone said."""
    recipes = recipes_of(seed_week)
    assert found_in(seed_week) == queued(landed_batches(seed_week), recipes, {})
    check_sums(seed_week, recipes)
    check_balance(seed_week, recipes, {})


def found_early(workspace: Workspace) -> Rows:
    return workspace.query("SELECT * FROM gold.genealogy WHERE is_before_made ORDER BY used_at")


def test_the_seed_week_used_plates_of_a_stock_that_nobody_told_of(seed_week: Workspace):
    early = found_early(seed_week)
    assert {row["used_at"].date() for row in early} == {date(2025, 12, 1)}
    assert all(row["made_at"] > row["used_at"] for row in early)
    assert len(early) == 3
