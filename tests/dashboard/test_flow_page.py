"""The flow of material is gold's genealogy and stock, and its bands add up."""

import re
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from factory_simulation.dashboard.pages import flow
from factory_simulation.dashboard.published import Published
from factory_simulation.dashboard.scope import Scope
from tests.conftest import Workspace

DAY, FIRST, LAST = date(2025, 12, 3), date(2025, 12, 1), date(2025, 12, 7)
WEEK = (FIRST, LAST)
PLATE, GEAR = "Iron Plate", "Gear Wheel"
PERIODS = [None, WEEK]
LINES = [Scope(), Scope(product_name=PLATE), Scope(product_name=GEAR)]


@pytest.fixture(scope="module", params=["classic_week", "seed_week"])
def workspace(request) -> Workspace:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def published(workspace: Workspace) -> Published:
    return Published(Path(workspace.parameters["serving_dir"]))


def span(period: tuple[date, date] | None) -> str:
    first, last = period or (DAY, DAY)
    return f"BETWEEN DATE '{first}' AND DATE '{last}'"


def bands(flows: flow.Flows, **wanted: str) -> int:
    """Return the units of bands from or to nodes with a title, of a product."""
    return sum(
        units
        for (source, target, product), units in flows.units.items()
        if wanted.get("source", source.title) == source.title
        and wanted.get("target", target.title) == target.title
        and wanted.get("product", product) == product
    )


def cells(html: str, row: str, measure: str) -> list[float]:
    found = re.search(rf'<tr[^>]*data-product="{row}".*?</tr>', html, re.DOTALL)
    assert found, row
    cell = re.search(rf'data-measure="{measure}".*?</td>', found[0], re.DOTALL)
    assert cell, measure
    return [float(value) for value in re.findall(r'<data value="([^"]+)"', cell[0])]


@pytest.mark.parametrize("period", PERIODS, ids=["the day", "the week"])
def test_machines_take_what_the_genealogy_says_and_give_what_they_made(
    workspace, published, period
):
    flows = flow.flows_of(published, Scope(), DAY, period)
    used = workspace.query(
        "SELECT machine_id, input_product_name AS product, sum(units_used)::BIGINT AS units "
        "FROM gold.genealogy g JOIN gold.fact_production b USING (batch_key) "
        f"JOIN gold.dim_machine USING (machine_key) WHERE start_at::DATE {span(period)} "
        "GROUP BY ALL"
    )
    made = workspace.query(
        "SELECT machine_id, product_name AS product, sum(units_produced)::BIGINT AS units "
        f"FROM gold.daily_production WHERE production_date {span(period)} GROUP BY ALL"
    )
    assert used
    assert made
    machines = {row["machine_id"] for row in made}
    for rows, end in ((used, "target"), (made, "source")):
        for row in rows:
            wanted = {end: row["machine_id"], "product": row["product"]}
            assert bands(flows, **wanted) == row["units"], wanted
    taken = {machine: bands(flows, target=machine) for machine in machines}
    assert sum(taken.values()) == sum(row["units"] for row in used)


@pytest.mark.parametrize("period", PERIODS, ids=["the day", "the week"])
def test_what_is_delivered_scrapped_and_left_is_golds(workspace, published, period):
    flows = flow.flows_of(published, Scope(), DAY, period)
    scrapped = workspace.query(
        "SELECT sum(units_defective)::BIGINT AS units FROM gold.daily_production "
        f"WHERE production_date {span(period)}"
    )
    delivered = workspace.query(
        "SELECT coalesce(sum(units_used), 0)::BIGINT AS units FROM gold.genealogy "
        "JOIN gold.fact_production USING (batch_key) "
        f"WHERE lot_kind = 'delivery' AND start_at::DATE {span(period)}"
    )
    assert bands(flows, target="scrapped") == scrapped[0]["units"]
    assert bands(flows, source="delivered") == delivered[0]["units"] > 0
    gears = workspace.query(
        "SELECT sum(units_made)::BIGINT AS units FROM gold.material_daily "
        f"WHERE product_name = '{GEAR}' AND production_date {span(period)}"
    )
    assert bands(flows, target="into stock", product=GEAR) == gears[0]["units"]


@pytest.mark.parametrize("period", PERIODS, ids=["the day", "the week"])
@pytest.mark.parametrize("scope", LINES, ids=["all", "plates", "gears"])
def test_what_comes_to_a_store_leaves_it(published, scope, period):
    flows = flow.flows_of(published, scope, DAY, period)
    balance: dict[str, int] = defaultdict(int)
    for (source, target, _product), units in flows.units.items():
        assert units > 0
        balance[target.title] += units
        balance[source.title] -= units
    stores = {title: left for title, left in balance.items() if title.startswith("made or from")}
    assert stores
    assert set(stores.values()) == {0}


def test_many_machines_are_one_node_with_the_same_units(published, monkeypatch):
    alone = flow.flows_of(published, Scope(), DAY)
    monkeypatch.setattr(flow, "MOST_MACHINES", 1)
    together = flow.flows_of(published, Scope(), DAY)
    smelters = [node for node in together.nodes if node.title.startswith("2 machines, ")]
    assert [node.product for node in smelters] == [PLATE]
    assert sum(together.units.values()) == sum(alone.units.values())


def test_the_bands_that_are_drawn_are_the_ones_of_the_table(published):
    flows = flow.flows_of(published, Scope(), DAY)
    colours = {node.product: "#336699" for node in flows.nodes}
    drawn = flow.sankey(flows, colours).data[0]
    labels = [re.sub("<br>.*", "", label) for label in drawn.node.label]
    assert labels == [f"{flows.through(node):,} {node.product}" for node in flows.nodes]
    ways = zip(drawn.link.source, drawn.link.target, drawn.link.value, strict=True)
    nodes = flows.nodes
    assert [(nodes[a], nodes[b], units) for a, b, units in ways] == [
        (source, target, units) for (source, target, _product), units in flows.units.items()
    ]


@pytest.mark.parametrize("period", PERIODS, ids=["the day", "the week"])
def test_the_books_are_golds_and_close(workspace, published, period):
    html = "".join(flow.flow(published, Scope(), DAY, period))
    rows = workspace.query(
        f"SELECT * FROM gold.material_daily WHERE production_date {span(period)} "
        "ORDER BY production_date"
    )
    for product in (PLATE, GEAR):
        mine = [row for row in rows if row["product_name"] == product]
        shown = {
            name: cells(html, product, f"units_{name}")
            for name in ("opening", "made", "used", "closing", "scrapped")
        }
        assert shown["opening"] == [mine[0]["units_opening"]]
        assert shown["closing"] == [mine[-1]["units_closing"]]
        for name in ("made", "used", "scrapped"):
            assert shown[name] == [sum(row[f"units_{name}"] for row in mine)]
        assert shown["opening"][0] + shown["made"][0] - shown["used"][0] == shown["closing"][0]


def test_a_day_on_which_nothing_was_made_says_so(published):
    html = "".join(flow.flow(published, Scope(), date(2025, 11, 30)))
    assert "No production on" in html
    assert "plotly" not in html
    assert flow.batches(published, Scope(), date(2025, 11, 30)) == []


@pytest.mark.parametrize("scope", LINES, ids=["all", "plates", "gears"])
def test_the_batches_of_a_day_are_golds(workspace, published, scope):
    listed = flow.batches(published, scope, DAY)
    wanted = f"AND p.product_name = '{scope.product_name}'" if scope.product_name else ""
    expected = workspace.query(
        "SELECT batch_key, machine_id AS machine, p.product_name AS product, "
        "units_produced AS units, units_defective AS defective FROM gold.fact_production "
        "JOIN gold.dim_machine USING (machine_key) JOIN gold.dim_product p USING (product_key) "
        f"WHERE start_at::DATE = DATE '{DAY}' {wanted}"
    )
    assert expected
    shown = {row["batch_key"]: row for row in listed}
    assert shown.keys() == {row["batch_key"] for row in expected}
    for row in expected:
        assert row.items() <= shown[row["batch_key"]].items()


def kin(workspace: Workspace, batch_key: str, start: str, end: str) -> list[tuple[Any, ...]]:
    """Return the links that lead from a batch, one stage after the other."""
    found = workspace.query(
        "WITH RECURSIVE kin AS ("
        f"SELECT 1 AS generation, * FROM gold.genealogy WHERE {start} = '{batch_key}' UNION "
        f"SELECT generation + 1, g.* FROM kin JOIN gold.genealogy g ON g.{start} = kin.{end}) "
        "SELECT DISTINCT generation, lot_key, batch_key FROM kin"
    )
    return sorted(tuple(row.values()) for row in found)


def shown_kin(html: str, side: str) -> list[tuple[Any, ...]]:
    part = re.search(rf'data-side="{side}">(.*?)(?:data-side|</section>)', html, re.DOTALL)
    assert part
    found = re.findall(
        r'data-generation="(\d+)">\s*<td data-lot title="([^"]*)".*?<td data-batch title="([^"]*)"',
        part[1],
        re.DOTALL,
    )
    return sorted((int(generation), lot, batch) for generation, lot, batch in found)


def test_a_chosen_batch_shows_its_ancestors_and_its_descendants(workspace, published):
    with_both = 0
    for batch in flow.batches(published, Scope(), DAY):
        html = flow.relatives(published, [batch])
        before = kin(workspace, batch["batch_key"], "batch_key", "lot_key")
        after = kin(workspace, batch["batch_key"], "lot_key", "batch_key")
        assert shown_kin(html, "ancestors") == before
        assert shown_kin(html, "descendants") == after
        assert ("A recall calls back this batch alone" in html) == (not after)
        with_both += bool(before and after)
    assert with_both


def test_without_a_choice_it_says_what_choosing_shows(published):
    assert "batch" in flow.relatives(published, [])


def test_texts_of_landed_files_are_shown_as_they_are():
    hostile = '<img src=x onerror="alert(1)">' + "x" * 10_000
    flows = flow.Flows()
    flows.add(flow.Node(hostile, hostile), flow.Node("into stock", hostile), hostile, 7)
    drawn = flow.sankey(flows, {hostile: "#336699"}).data[0]
    for text in (*drawn.node.label, *drawn.link.label):
        assert "<img" not in text
        assert "&lt;img" in text
        assert len(text) < 500
