"""Yield: how much of the material that was used is in good units, by stage and from the start."""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import LotKind
from factory_simulation.expressions.numbers import MICRO, from_micro, micro, ratio
from factory_simulation.metrics import MATERIAL_YIELD, RAW_MATERIAL_YIELD, formulas

_STAGES = 4
"""So many stages of production are followed back to the raw material."""


def summarise_material_yield(
    production: ir.Table, products: ir.Table, genealogy: ir.Table
) -> ir.Table:
    """One row per date, factory and product that is made of another: what became of its input.

    ``material_yield`` is about this stage alone, ``raw_material_yield`` about all stages: from ore
    to gear wheels. For that, input is followed back lot by lot to what was bought: what a stage
    scraps counts against the good units of the same lot. Opening stock and unknown lots cannot be
    followed; what is made of them counts in neither term.
    """
    recipes = products.filter(_.made_from.notnull(), _.input_per_unit.notnull()).select(
        "product_key", "product_name", "input_per_unit", input_product_name=_.made_from
    )
    keys = ["production_date", "factory_id", "product_name", "input_product_name"]
    counts = ["units_produced", "units_defective", "units_good", "units_used"]
    traced = ["units_used_untraced", "raw_micro_used", "raw_micro_in_good"]
    return (
        production.join(recipes, "product_key")
        .mutate(
            production_date=_.start_at.date(),
            units_used=_.units_produced * _.input_per_unit,
            units_used_in_good=_.units_good * _.input_per_unit,
        )
        .left_join(_raw_material(production, genealogy), "batch_key")
        .group_by(keys)
        .aggregate(
            **{
                name: _[name].sum().fill_null(0).cast("int64")
                for name in (*counts, "units_used_in_good", *traced)
            }
        )
        .mutate(
            raw_units_used=from_micro(_.raw_micro_used),
            raw_units_in_good=from_micro(_.raw_micro_in_good),
        )
        .select(
            *keys,
            *counts,
            "units_used_in_good",
            "units_used_untraced",
            "raw_units_used",
            "raw_units_in_good",
            **formulas(MATERIAL_YIELD, RAW_MATERIAL_YIELD),
        )
    )


def _raw_material(production: ir.Table, genealogy: ir.Table) -> ir.Table:
    """One row per batch: raw material taken for its input, and what is in its good units.

    In millionths. Each turn of the loop follows one stage more: of what a lot took, and of what is
    in its units, a part goes with the units that were used of it.
    """
    batches = production.select("batch_key", "units_produced", "units_good")
    drawn = genealogy.select("batch_key", "lot_key", "lot_kind", "units_used")
    nothing = ibis.literal(0, "int64")
    bought = drawn.filter(_.lot_kind == LotKind.DELIVERY.value).select(
        "batch_key",
        raw_micro_used=(_.units_used * MICRO).cast("int64"),
        raw_micro_inside=(_.units_used * MICRO).cast("int64"),
        units_used_untraced=nothing,
    )
    untraced = drawn.filter(
        _.lot_kind.isin([LotKind.OPENING_STOCK.value, LotKind.UNKNOWN.value])
    ).select(
        "batch_key",
        raw_micro_used=nothing,
        raw_micro_inside=nothing,
        units_used_untraced=_.units_used,
    )
    traced = bought.union(untraced)
    for _stage in range(_STAGES - 1):
        lots = _by_batch(traced, batches).rename(made_as="batch_key")
        made_here = drawn.join(lots, [("lot_key", "made_as")]).select(
            "batch_key",
            raw_micro_used=_share(_.raw_micro_used, _.units_used, _.units_good),
            raw_micro_inside=_share(_.raw_micro_inside, _.units_used, _.units_produced),
            units_used_untraced=nothing,
        )
        traced = ibis.union(bought, untraced, made_here)
    return _by_batch(traced, batches).select(
        "batch_key",
        "raw_micro_used",
        "units_used_untraced",
        raw_micro_in_good=_share(_.raw_micro_inside, _.units_good, _.units_produced),
    )


def _by_batch(traced: ir.Table, batches: ir.Table) -> ir.Table:
    sums = ["raw_micro_used", "raw_micro_inside", "units_used_untraced"]
    return (
        traced.group_by("batch_key")
        .aggregate(**{name: _[name].sum().cast("int64") for name in sums})
        .join(batches, "batch_key")
    )


def _share(millionths: Deferred, part: Deferred, whole: Deferred) -> Deferred:
    """Return what goes with a part of a whole, in whole millionths.

    The product is a float: of the largest numbers of units it would not fit into int64.
    """
    return micro(from_micro(ratio(millionths.cast("float64") * part, whole)))
