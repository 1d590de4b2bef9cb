"""Production batches."""

import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import PRODUCTION_BATCHES, Reason
from factory_simulation.expressions import text, time
from factory_simulation.pipelines.silver.assessment import (
    judge,
    kept,
    machine_rules,
    read_landed,
    tell_copies,
    time_rules,
    with_machine,
)


def assess_production_batches(
    landed: ir.Table, product_spellings: ir.Table, machine_spellings: ir.Table
) -> ir.Table:
    """One row per landed row: what it says, why it cannot be kept, whether it is a copy.

    A batch is one machine's id on one date. Ids alone may repeat across machines.
    """
    parsed = (
        read_landed(landed, PRODUCTION_BATCHES)
        .pipe(with_machine, machine_spellings)
        .rename(landed_product_name="product_name")
        .left_join(product_spellings, [("landed_product_name", "product_spelling")])
        .mutate(
            batch_id=text.trimmed(_.batch_id),
            start_seconds=time.parse_iso_8601(_.start_time),
            end_seconds=time.parse_iso_8601(_.end_time),
            units=text.whole_number(_.units_produced),
            defects=text.whole_number(_.units_defective),
        )
        .mutate(production_date=time.date_of(_.start_seconds))
    )
    judged = judge(
        parsed,
        {
            f"{Reason.EMPTY}:batch_id": _.batch_id.isnull(),
            **machine_rules(),
            f"{Reason.EMPTY}:product_name": text.is_blank(_.landed_product_name),
            Reason.UNKNOWN_PRODUCT: ~text.is_blank(_.landed_product_name) & _.product_name.isnull(),
            **time_rules("start_time", _.start_seconds),
            **time_rules("end_time", _.end_seconds),
            Reason.END_BEFORE_START: _.end_seconds < _.start_seconds,
            **_count_rules("units_produced", _.units),
            **_count_rules("units_defective", _.defects),
            Reason.MORE_DEFECTS_THAN_UNITS: _.defects > _.units,
        },
    )
    facts = ["product_name", "start_seconds", "end_seconds", "units", "defects"]
    return tell_copies(
        judged, content=facts, identity=["machine_id", "batch_id", "production_date"]
    ).select(
        "_row_id",
        "_arrival_date",
        "raw_row",
        "reasons",
        "duplicate_kind",
        "batch_id",
        "machine_id",
        "landed_machine_id",
        "product_name",
        "landed_product_name",
        "production_date",
        "start_seconds",
        "end_seconds",
        units_produced=_.units,
        units_defective=_.defects,
    )


def clean_production_batches(assessed: ir.Table, machines: ir.Table) -> ir.Table:
    """One row per batch."""
    factories = machines.select("machine_id", "factory_id")
    return (
        kept(assessed)
        .join(factories, "machine_id")
        .select(
            "_row_id",
            "batch_id",
            "factory_id",
            "machine_id",
            "product_name",
            "production_date",
            start_at=time.timestamp_of(_.start_seconds),
            end_at=time.timestamp_of(_.end_seconds),
            duration_seconds=(_.end_seconds - _.start_seconds).cast("int64"),
            units_produced=_.units_produced,
            units_defective=_.units_defective,
            arrival_date=_["_arrival_date"],
            is_late=_["_arrival_date"] > _.production_date,
            is_product_renamed=_.product_name != _.landed_product_name,
            is_machine_renamed=_.machine_id != _.landed_machine_id,
        )
    )


def _count_rules(column: str, number: Deferred) -> dict[str, Deferred]:
    return {
        f"{Reason.EMPTY}:{column}": text.is_blank(_[column]),
        f"{Reason.NOT_A_NUMBER}:{column}": ~text.is_blank(_[column]) & number.isnull(),
        f"{Reason.NEGATIVE}:{column}": number < 0,
    }
