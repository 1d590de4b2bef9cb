"""Where a batch came from and went to, and what a recall calls back."""

from collections.abc import Callable
from datetime import datetime, timedelta

import ibis.expr.types as ir
import pytest

from factory_simulation.dashboard.genealogy import Link, Trace, recall, trace
from factory_simulation.domain import LotKind
from tests.conftest import Rows, Workspace

GENEALOGY = {
    "factory_id": "string",
    "input_product_name": "string",
    "output_product_name": "string",
    "lot_key": "string",
    "lot_kind": "string",
    "batch_key": "string",
    "made_at": "timestamp",
    "used_at": "timestamp",
    "is_before_made": "boolean",
    "units_before": "int64",
    "units_used": "int64",
}
PRODUCTION = {
    "batch_key": "string",
    "factory_id": "string",
    "product_key": "string",
    "start_at": "timestamp",
    "end_at": "timestamp",
    "units_produced": "int64",
    "units_good": "int64",
}
ORE, PLATE, GEAR, CLOCK = "Iron Ore", "Iron Plate", "Gear Wheel", "Clock"
MADE_FROM = {PLATE: ORE, GEAR: PLATE, CLOCK: GEAR}
PRODUCT = {"p": PLATE, "g": GEAR, "c": CLOCK}
MONDAY, TUESDAY = "alpha|Iron Ore|2025-12-01", "alpha|Iron Ore|2025-12-02"
OPENING = "alpha|Iron Plate|opening_stock"
KINDS = {MONDAY: LotKind.DELIVERY, TUESDAY: LotKind.DELIVERY, OPENING: LotKind.OPENING_STOCK}
NOON = datetime(2025, 12, 1, 12)
LINKS = [
    ("p1", MONDAY, 10),
    ("p2", MONDAY, 10),
    ("p3", TUESDAY, 10),
    ("g1", OPENING, 2),
    ("g1", "p1", 4),
    ("g2", "p1", 5),
    ("g2", "p2", 3),
    ("g3", "p2", 6),
    ("g3", "p3", 4),
    ("g4", "p3", 5),
    ("g4", "unknown", 1),
    ("c1", "g1", 2),
    ("c1", "g2", 3),
    ("c2", "g2", 1),
]


def linked(batch: str, lot: str, units: int) -> dict:
    product = PRODUCT[batch[0]]
    kind = LotKind.UNKNOWN if lot == "unknown" else KINDS.get(lot, LotKind.BATCH)
    return {
        "factory_id": "alpha",
        "input_product_name": MADE_FROM[product],
        "output_product_name": product,
        "lot_key": lot,
        "lot_kind": kind.value,
        "batch_key": batch,
        "used_at": NOON + timedelta(hours=int(batch[1])),
        "is_before_made": False,
        "units_used": units,
    }


def produced(batch: str) -> dict:
    start = NOON + timedelta(hours=int(batch[1]))
    return {
        "batch_key": batch,
        "factory_id": "alpha",
        "product_key": "",
        "start_at": start,
        "end_at": start + timedelta(hours=1),
        "units_produced": 9,
        "units_good": 8,
    }


@pytest.fixture
def genealogy(table: Callable[..., ir.Table]) -> ir.Table:
    return table(GENEALOGY, [linked(*link) for link in LINKS])


@pytest.fixture
def production(table: Callable[..., ir.Table]) -> ir.Table:
    return table(PRODUCTION, [produced(batch) for batch in sorted({link[0] for link in LINKS})])


def told(links: tuple[Link, ...]) -> list[tuple]:
    return [(link.generation, link.batch_key, link.lot_key, link.units_used) for link in links]


def test_a_batch_is_followed_back_and_forward(genealogy: ir.Table):
    found = trace(genealogy, "g2")
    assert told(found.ancestors) == [
        (1, "g2", "p1", 5),
        (1, "g2", "p2", 3),
        (2, "p1", MONDAY, 10),
        (2, "p2", MONDAY, 10),
    ]
    assert sorted(told(found.descendants)) == [(1, "c1", "g2", 3), (1, "c2", "g2", 1)]


def test_links_that_are_met_on_two_ways_are_told_once(genealogy: ir.Table):
    ancestors = told(trace(genealogy, "c1").ancestors)
    assert ancestors.count((2, "g1", "p1", 4)) == ancestors.count((2, "g2", "p1", 5)) == 1
    assert ancestors.count((3, "p1", MONDAY, 10)) == 1
    assert len(ancestors) == 2 + 4 + 2


def test_an_unknown_lot_is_told_and_leads_nowhere(genealogy: ir.Table, production: ir.Table):
    links = trace(genealogy, "g4").ancestors
    assert told(links) == [
        (1, "g4", "p3", 5),
        (1, "g4", "unknown", 1),
        (2, "p3", TUESDAY, 10),
    ]
    assert links[1].lot_kind == LotKind.UNKNOWN
    assert recall(genealogy, production, "unknown") == []
    assert trace(genealogy, "unknown").descendants == ()


def test_a_recall_of_ore_calls_back_all_that_is_made_of_it(
    genealogy: ir.Table, production: ir.Table
):
    found = recall(genealogy, production, MONDAY)
    assert [(b.generation, b.product_name, b.batch_key, b.units_used) for b in found] == [
        (1, PLATE, "p1", 10),
        (1, PLATE, "p2", 10),
        (2, GEAR, "g1", 4),
        (2, GEAR, "g2", 8),
        (2, GEAR, "g3", 6),
        (3, CLOCK, "c1", 5),
        (3, CLOCK, "c2", 1),
    ]
    assert {(b.units_produced, b.units_good, b.factory_id) for b in found} == {(9, 8, "alpha")}
    assert found[3].start_at == NOON + timedelta(hours=2)


def test_opening_stock_and_batches_can_be_called_back(genealogy: ir.Table, production: ir.Table):
    keys = [b.batch_key for b in recall(genealogy, production, OPENING)]
    assert keys == ["g1", "c1"]
    assert [b.batch_key for b in recall(genealogy, production, "p3")] == ["g3", "g4"]


def test_what_nobody_knows_has_no_relatives(
    genealogy: ir.Table, production: ir.Table, table: Callable[..., ir.Table]
):
    assert trace(genealogy, "p9") == Trace((), ())
    assert recall(genealogy, production, "p9") == []
    assert trace(table(GENEALOGY, []), "p1") == Trace((), ())


def test_recipes_that_run_in_circles_come_to_an_end(table: Callable[..., ir.Table]):
    circle = table(GENEALOGY, [linked("p1", "g1", 1), linked("g1", "p1", 1)])
    found = trace(circle, "p1")
    assert told(found.ancestors) == [(1, "p1", "g1", 1), (2, "g1", "p1", 1)]
    assert told(found.descendants) == [(1, "g1", "p1", 1), (2, "p1", "g1", 1)]


def test_the_query_of_the_documentation_calls_back_the_same(classic_week: Workspace):
    con = classic_week.warehouse().connection
    found = recall(
        con.table("genealogy", database="gold"),
        con.table("fact_production", database="gold"),
        "alpha|Iron Ore|2025-12-02",
    )
    gears = [b for b in found if b.product_name == GEAR]
    asked: Rows = classic_week.query(RECALL)
    assert asked == [
        {
            "gear_batch": b.batch_key,
            "plates_of_this_ore": b.units_used,
            "gears": b.units_produced,
            "good_gears": b.units_good,
        }
        for b in gears
    ]


RECALL = """
SELECT gear.batch_key AS gear_batch,
       sum(gear.units_used)::BIGINT AS plates_of_this_ore,
       max(made.units_produced) AS gears,
       max(made.units_good) AS good_gears
FROM gold.genealogy AS plate
JOIN gold.genealogy AS gear ON gear.lot_key = plate.batch_key
JOIN gold.fact_production AS made ON made.batch_key = gear.batch_key
WHERE plate.lot_key = 'alpha|Iron Ore|2025-12-02'
GROUP BY gear.batch_key ORDER BY min(gear.used_at), gear.batch_key
"""
