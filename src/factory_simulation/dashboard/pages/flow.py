"""Product flow: from ore to what is made in the end, and where a batch came from and went."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

import plotly.graph_objects as go

from factory_simulation import metrics
from factory_simulation.dashboard import theme
from factory_simulation.dashboard.genealogy import Link, RecalledBatch
from factory_simulation.dashboard.html import LONGEST, plain, render, short
from factory_simulation.dashboard.pages.parts import Part, wide
from factory_simulation.dashboard.published import Published
from factory_simulation.dashboard.queries import flow as queries
from factory_simulation.dashboard.queries import production
from factory_simulation.dashboard.queries.answers import Row
from factory_simulation.dashboard.queries.flow import Origin, Period
from factory_simulation.dashboard.scope import KnownOn, Scope

MOST_MACHINES = 12
"""So many machines are drawn one by one; more are drawn by factory and product."""
MOST_RELATIVES = 200
"""So many lots and batches are listed on each side of a batch."""

_NODE_HEIGHT, _LEAST_HEIGHT = 58, 300

_SOURCES = {
    Origin.DELIVERY: "delivered",
    Origin.OPENING_STOCK: "of the opening stock",
    Origin.UNKNOWN: "of an unknown lot",
    Origin.EARLIER: "from stock, made before",
    Origin.MADE: "made meanwhile",
    Origin.LATER: "made only later",
}


@dataclass(frozen=True)
class Node:
    """A place of material, or a step that it takes, by the product that leaves or ends there."""

    title: str
    product: str


@dataclass
class Flows:
    """Units of products between nodes; what goes the same way is added up."""

    units: dict[tuple[Node, Node, str], int] = field(default_factory=lambda: defaultdict(int))

    def add(self, source: Node, target: Node, product: str, units: int) -> None:
        """Add units that go from one node to another."""
        if units > 0:
            self.units[source, target, product] += units

    @property
    def nodes(self) -> list[Node]:
        """The nodes, in the order in which they came."""
        return list(dict.fromkeys(node for way in self.units for node in way[:2]))

    def through(self, node: Node) -> int:
        """Return the units that leave a node; of the last ones, the units that arrive."""
        leaving = sum(units for way, units in self.units.items() if way[0] == node)
        return leaving or sum(units for way, units in self.units.items() if way[1] == node)


@dataclass(frozen=True)
class Recalled:
    """What of one product is called back."""

    product_name: str
    batches: int
    units_produced: int
    units_good: int


def flow(published: Published, scope: Scope, day: date, period: Period = None) -> list[Part]:
    """Return the flow of material of a day, or of a period in which that day is, and its books."""
    flows = flows_of(published, scope, day, period)
    shown = _shown(scope, day, period)
    balances = books(published, scope, day, period)
    if not flows.units:
        return [render("no_flow", **shown), balances]
    chart = wide(sankey(flows, product_colours(published)))
    listed = render("flows", **shown, flows=flows.units)
    return [f'<div class="fs-beside">{chart}{balances}</div>', listed]


def books(published: Published, scope: Scope, day: date, period: Period = None) -> str:
    """Return the books of a day or a period; nothing where no product has any."""
    balances = queries.books(published, scope, period).get(_at(day, period), [])
    if not balances:
        return ""
    return render(
        "books",
        **_shown(scope, day, period),
        balances=balances,
        factories=production.factories(published),
        show_factory=_shows_factory(published, scope),
        material_yield=metrics.MATERIAL_YIELD,
        raw_material_yield=metrics.RAW_MATERIAL_YIELD,
    )


def batches(published: Published, scope: Scope, day: date) -> list[dict[str, Any]]:
    """Return the batches of a day as a table shows them."""
    return [
        {
            "batch_key": row["batch_key"],
            "batch": short(row["batch_id"]),
            "machine": short(row["machine_id"]),
            "product": short(row["product_name"]),
            "start (UTC)": f"{row['start_at']:%H:%M}",
            "end (UTC)": f"{row['end_at']:%H:%M}",
            "units": row["units_produced"],
            "defective": row["units_defective"],
            "arrived": "late" if row["is_late"] else "in time",
        }
        for row in queries.batches(published, scope, day)
    ]


def relatives(published: Published, chosen: Sequence[dict[str, Any]]) -> str:
    """Return what went into the batch that is chosen in the table, and what it went into."""
    if not chosen:
        return render("no_batch")
    batch = chosen[0]
    family = queries.family(published, batch["batch_key"])
    trace = family.trace
    return render(
        "relatives",
        batch=batch,
        units_good=batch["units"] - batch["defective"],
        units_taken=sum(link.units_used for link in trace.descendants if link.generation == 1),
        ancestors=_generations(trace.ancestors),
        descendants=_generations(trace.descendants),
        more_ancestors=len(trace.ancestors) - MOST_RELATIVES,
        more_descendants=len(trace.descendants) - MOST_RELATIVES,
        recalled=_recalled(family.recalled),
        longest=LONGEST,
    )


def flows_of(published: Published, scope: Scope, day: date, period: Period = None) -> Flows:
    """Return what flowed: in, into and out of machines, to the next stage, to stock and scrap.

    What is made of one product to be used for another passes a node of its own, of each factory:
    what arrives there leaves it. Stock that lies untouched is not drawn.
    """
    at = _at(day, period)
    uses = queries.uses(published, scope, period).get(at, [])
    made = queries.made(published, scope, period).get(at, [])
    inputs = set(queries.recipes(published).values())
    drawn = _Drawn(published, scope, made, uses)
    flows = Flows()
    for row in uses:
        product, origin = row["input_product_name"], Origin(row["origin"])
        user = drawn.user(row)
        if origin is Origin.DELIVERY:
            flows.add(Node(_SOURCES[origin], product), user, product, row["units"])
            continue
        store = drawn.store(row["factory_id"], product)
        if origin is not Origin.MADE or not drawn.is_made_here(product):
            flows.add(Node(_SOURCES[origin], product), store, product, row["units"])
        flows.add(store, user, product, row["units"])
    for row in made:
        product = row["product_name"]
        maker = drawn.maker(row["factory_id"], product, row["machine_id"])
        is_used = product in inputs
        kept = drawn.store(row["factory_id"], product) if is_used else _into_stock(product)
        flows.add(maker, kept, product, row["units_good"])
        flows.add(maker, Node("scrapped", product), product, row["units_defective"])
    for row in queries.books(published, scope, period).get(at, []):
        product, early = row["product_name"], row["units_used_early"]
        if product not in inputs:
            continue
        store = drawn.store(row["factory_id"], product)
        left = row["units_made"] - early - _used_at_once(uses, row)
        flows.add(store, _into_stock(product), product, left)
        flows.add(store, Node("used before they were made", product), product, early)
    return flows


def _shown(scope: Scope, day: date, period: Period) -> dict[str, Any]:
    """Return of what what is shown is, as templates have it."""
    return {
        "day": day,
        "first": day if period is None else period[0],
        "last": _at(day, period),
        "is_latest": scope.known_on is KnownOn.LATEST,
    }


def _at(day: date, period: Period) -> date:
    """Return the day by which answers are found: the last of what is added up."""
    return day if period is None else period[1]


class _Drawn:
    """Which nodes are drawn: machines where there are few, else factories by what they make."""

    def __init__(
        self, published: Published, scope: Scope, made: list[Row], uses: list[Row]
    ) -> None:
        makers = {(row["factory_id"], row["product_name"], row["machine_id"]) for row in made}
        self._makers = makers
        self._has_few = len({machine for _factory, _product, machine in makers}) <= MOST_MACHINES
        self._line = scope.product_name
        self._factories = production.factories(published)
        involved = {row["factory_id"] for row in (*made, *uses)}
        self._names_factory = len(involved) > 1

    def is_made_here(self, product: str) -> bool:
        """Tell whether what makes a product is drawn."""
        return self._line in (None, product)

    def user(self, row: Row) -> Node:
        """Return who used an input."""
        product = row["output_product_name"]
        if self.is_made_here(product):
            return self.maker(row["factory_id"], product, row["machine_id"])
        return Node(f"used for {product}", row["input_product_name"])

    def maker(self, factory_id: str, product: str, machine_id: str) -> Node:
        """Return who made a product."""
        if self._has_few:
            return Node(machine_id, product)
        alike = sum(maker[:2] == (factory_id, product) for maker in self._makers)
        machines = "1 machine" if alike == 1 else f"{alike} machines"
        return Node(f"{machines}, {self._factories.get(factory_id, factory_id)}", product)

    def store(self, factory_id: str, product: str) -> Node:
        """Return where a factory keeps a product between two stages."""
        place = f", {self._factories.get(factory_id, factory_id)}" if self._names_factory else ""
        return Node(f"made or from stock{place}", product)


def _into_stock(product: str) -> Node:
    return Node("into stock", product)


def _used_at_once(uses: list[Row], balance: Row) -> int:
    """Return the units that were used on the day or in the period in which they were made."""
    return sum(
        row["units"]
        for row in uses
        if row["origin"] == Origin.MADE
        and row["factory_id"] == balance["factory_id"]
        and row["input_product_name"] == balance["product_name"]
    )


def sankey(flows: Flows, colours: dict[str, str]) -> go.Figure:
    """Return flows as bands; each node tells its units, as bands do where one points at them."""
    nodes = flows.nodes
    places = {node: place for place, node in enumerate(nodes)}
    ways = list(flows.units)
    chart = theme.figure(
        height=max(_LEAST_HEIGHT, _NODE_HEIGHT * _tallest(flows)),
        margin={"l": 8, "r": 8, "t": 8, "b": 16},
        dragmode="pan",  # plotly fails at drawing it without one; there is nothing to pan here
    )
    chart.add_sankey(
        arrangement="fixed",
        textfont={"color": theme.TEXT, "size": 11, "shadow": "none"},
        node={
            "label": [_label(flows.through(node), node) for node in nodes],
            "color": [colours[node.product] for node in nodes],
            "align": "center",
            "pad": 34,
            "thickness": 12,
            "line": {"color": theme.GROUND, "width": 1},
            "hovertemplate": "%{label}<extra></extra>",
        },
        link={
            "source": [places[source] for source, _target, _product in ways],
            "target": [places[target] for _source, target, _product in ways],
            "value": list(flows.units.values()),
            "color": [theme.faded(colours[product], 0.4) for *_nodes, product in ways],
            "hovercolor": [theme.faded(colours[product], 0.75) for *_nodes, product in ways],
            "label": [
                f"{units:,} {plain(product)}: {plain(source.title)} → {plain(target.title)}"
                for (source, target, product), units in flows.units.items()
            ],
            "hovertemplate": "%{label}<extra></extra>",
        },
    )
    return chart


def _tallest(flows: Flows) -> int:
    """Return how many nodes are in the column that has most, all of a kind taken to be in one."""
    beside: dict[int, int] = defaultdict(int)
    for depth in _depths(flows).values():
        beside[depth] += 1
    return max(beside.values())


def _depths(flows: Flows) -> dict[Node, int]:
    """Return the column of each node: one after the last that leads to it."""
    depths = dict.fromkeys(flows.nodes, 0)
    for _round in depths:  # recipes that run in circles come to an end
        for source, target, _product in flows.units:
            depths[target] = max(depths[target], min(depths[source] + 1, len(depths)))
    return depths


def _label(units: int, node: Node) -> str:
    return f"{units:,} {plain(node.product)}<br>{plain(node.title)}"


def product_colours(published: Published) -> dict[str, str]:
    """Return a colour for each product."""
    recipes = queries.recipes(published)
    return theme.colours([*recipes, *(name for name in recipes.values() if name is not None)])


def _shows_factory(published: Published, scope: Scope) -> bool:
    return scope.factory_id is None and len(production.factories(published)) > 1


def _generations(links: Iterable[Link]) -> list[tuple[int, list[Link]]]:
    shown = list(links)[:MOST_RELATIVES]
    return [(n, list(group)) for n, group in groupby(shown, key=lambda link: link.generation)]


def _recalled(called_back: list[RecalledBatch]) -> list[Recalled]:
    """Return what is called back, product by product: their units do not add up."""
    of: dict[str, list[RecalledBatch]] = {}
    for batch in called_back:
        of.setdefault(batch.product_name, []).append(batch)
    return [
        Recalled(
            product_name=product,
            batches=len(found),
            units_produced=sum(batch.units_produced for batch in found),
            units_good=sum(batch.units_good for batch in found),
        )
        for product, found in of.items()
    ]
