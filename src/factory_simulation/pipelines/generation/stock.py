"""Stock: what is made of something else can only be made of what was made before.

A batch's good units are in stock from its end on; a batch takes its input at its start.
"""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.pipelines.generation.scenario import Scenario


def limit_by_stock(batches: ir.Table, units_defective: Deferred, scenario: Scenario) -> ir.Table:
    """Cut ``units_produced`` to what stock allows, and drop batches that get nothing.

    Where ``S`` is the input that had come in by a moment (in units of output) and ``D`` what all
    batches so far asked for, what they got is ``D`` less the largest lack ``D - S`` that there ever
    was: running sums and a running maximum, so no loop over batches is needed.

    Args:
        batches: Planned batches, in full.
        units_defective: How many units of a batch are defective.
        scenario: Says whether stock limits production, and what is made of what.
    """
    if not scenario.materials.limit_production:
        return batches
    for product in _downstream(scenario):
        batches = _limit(batches, product, units_defective, scenario)
    return batches.filter(_.units_produced > 0)


def _downstream(scenario: Scenario) -> list[str]:
    """Return the inputs that are made here, those first that are needed first."""
    inputs: list[str] = []
    depths = {name: _depth(name, scenario) for name in scenario.products}
    for name in sorted(scenario.products, key=lambda name: depths[name]):
        made_from = scenario.products[name].made_from
        if made_from in scenario.products and made_from not in inputs:
            inputs.append(made_from)
    return inputs


def _depth(product: str, scenario: Scenario) -> int:
    depth, seen = 0, {product}
    while (made_from := scenario.products[product].made_from) in scenario.products:
        if made_from in seen:
            return depth
        product, depth = made_from, depth + 1
        seen.add(product)
    return depth


def _limit(
    batches: ir.Table, material: str, units_defective: Deferred, scenario: Scenario
) -> ir.Table:
    """Cut the batches of all that is made from one product to what there was of it."""
    takers = {name: r for name, r in scenario.products.items() if r.made_from == material}
    input_per_unit = next(iter(takers.values())).input_per_unit
    opening = scenario.materials.opening_stock.get(material, 0)
    is_taker = _.product_name.isin(list(takers))
    event = ("factory_id", "machine_position", "number", "event_day")
    came = batches.filter(_.product_name == material).select(
        *event,
        at=_.end_seconds,
        came=(_.units_produced - units_defective).cast("int64"),
        asked=ibis.literal(0, "int64"),
    )
    asked = batches.filter(is_taker).select(
        *event, at=_.start_seconds, came=ibis.literal(0, "int64"), asked=_.units_produced
    )
    order = ["at", "asked_last", "machine_position", "number"]
    so_far = ibis.cumulative_window(group_by="factory_id", order_by=order)
    before = ibis.window(group_by="factory_id", order_by=order, preceding=(None, 1))
    granted = (
        came.union(asked)
        .mutate(asked_last=ibis.ifelse(_.asked > 0, 1, 0))
        .mutate(
            lack=_.asked.sum().over(so_far)
            - (_.came.sum().over(so_far) + opening) // input_per_unit
        )
        .mutate(
            largest=ibis.greatest(_.lack.max().over(so_far), 0),
            largest_before=ibis.greatest(_.lack.max().over(before).fill_null(0), 0),
        )
        .filter(_.asked > 0)
        .select(*event, granted=(_.asked - (_.largest - _.largest_before)).cast("int64"))
    )
    return (
        batches.left_join(granted, list(event))
        .select(*batches.columns, "granted")
        .mutate(
            units_produced=ibis.ifelse(is_taker, _.granted.fill_null(0), _.units_produced).cast(
                "int64"
            )
        )
        .drop("granted")
    )
