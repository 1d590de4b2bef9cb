"""Material: which lots went into which batch, and what is left of them."""

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import LotKind, Member
from factory_simulation.expressions.fifo import first_in_first_out


def build_genealogy(production: ir.Table, products: ir.Table, opening_stock: ir.Table) -> ir.Table:
    """One row per batch and lot of its input that went into it: first in, first out.

    A factory's lots of a product are its opening stock and then the good units of batches, by their
    ends; batches take their input by their starts, for defective units too. Totals decide, not
    moments: what was taken before its lot was made (``is_before_made``) says that stock was not
    known in full, or that times are wrong. What no lot suffices for comes from an unknown one.
    """
    made = production.join(
        products.select("product_key", "product_name", "made_from", "input_per_unit"),
        "product_key",
    )
    uses = made.filter(_.made_from.notnull()).select(
        "factory_id",
        "batch_key",
        input_product_name=_.made_from,
        output_product_name=_.product_name,
        used_at=_.start_at,
        used_up_at=_.end_at,
        units=_.units_produced * _.input_per_unit,
    )
    is_unknown = _.lot_key.isnull()
    return first_in_first_out(
        _lots(made, uses, products, opening_stock),
        uses,
        group=["factory_id", "input_product_name"],
        order_of_lots=["queue", "made_at", "begun_at", "lot_key"],
        order_of_uses=["used_at", "used_up_at", "batch_key"],
    ).select(
        "factory_id",
        "input_product_name",
        "output_product_name",
        "batch_key",
        "used_at",
        "made_at",
        "units_before",
        lot_key=_.lot_key.fill_null(Member.UNKNOWN.value),
        lot_kind=ibis.ifelse(is_unknown, LotKind.UNKNOWN.value, _.lot_kind),
        units_used=_.units,
        is_before_made=(_.made_at > _.used_at).fill_null(False),
    )


def _lots(made: ir.Table, uses: ir.Table, products: ir.Table, opening_stock: ir.Table) -> ir.Table:
    """One row per lot of what batches take: opening stock, batches, and what is bought.

    What nobody here makes is delivered as it is used: a lot is what a factory used of it in a day.
    """
    at = made.end_at.type()
    known = products.select(input_product_name=_.product_name)
    opening = opening_stock.rename(input_product_name="product_name").semi_join(
        known, "input_product_name"
    )
    delivered = (
        uses.anti_join(known, "input_product_name")
        .mutate(used_date=_.used_at.strftime("%Y-%m-%d"))
        .group_by("factory_id", "input_product_name", "used_date")
        .aggregate(units=_.units.sum().cast("int64"))
    )
    prefix = _.factory_id.concat("|", _.input_product_name, "|")
    never = {"made_at": ibis.null(at), "begun_at": ibis.null(at)}
    columns = ["factory_id", "input_product_name", "units"]
    return ibis.union(
        opening.select(
            *columns,
            lot_key=prefix.concat(LotKind.OPENING_STOCK.value),
            lot_kind=ibis.literal(LotKind.OPENING_STOCK.value),
            queue=ibis.literal(0, "int64"),
            **never,
        ),
        made.select(
            "factory_id",
            input_product_name=_.product_name,
            units=_.units_good,
            lot_key=_.batch_key,
            lot_kind=ibis.literal(LotKind.BATCH.value),
            queue=ibis.literal(1, "int64"),
            made_at=_.end_at,
            begun_at=_.start_at,
        ),
        delivered.select(
            *columns,
            lot_key=prefix.concat(_.used_date),
            lot_kind=ibis.literal(LotKind.DELIVERY.value),
            queue=ibis.literal(1, "int64"),
            **never,
        ),
    )


def summarise_material_daily(stock: ir.Table, daily: ir.Table) -> ir.Table:
    """One row per date, factory and product: opening, plus made, less used, is closing stock.

    Made are good units; scrapped are the others, which were never in stock. Bought material is
    none: it is used as it comes.
    """
    keys = ["production_date", "factory_id", "product_name"]
    scrapped = daily.group_by(keys).aggregate(units_scrapped=_.units_defective.sum())
    return stock.left_join(scrapped, keys).select(
        *keys,
        "units_made",
        "units_used",
        units_opening=(_.units_in_stock - _.units_made + _.units_used).cast("int64"),
        units_scrapped=_.units_scrapped.fill_null(0).cast("int64"),
        units_closing=_.units_in_stock,
        is_overdrawn=_.units_in_stock < 0,
    )
