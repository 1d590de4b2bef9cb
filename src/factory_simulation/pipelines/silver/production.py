"""Production batches."""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import EVENT_DATE, PRODUCTION_BATCHES, Reason
from factory_simulation.expressions import text, time
from factory_simulation.expressions.numbers import micro, ratio
from factory_simulation.expressions.versions import valid_at
from factory_simulation.faults import arrival, batch_ids, spelling
from factory_simulation.pipelines.silver.assessment import (
    judge,
    kept,
    machine_rules,
    read_landed,
    tell_copies,
    time_rules,
    with_machine,
)

_SECONDS_PER_HOUR, _PERCENT = 3600, 100


def assess_production_batches(
    landed: ir.Table, product_spellings: ir.Table, machine_spellings: ir.Table
) -> ir.Table:
    """One row per landed row: what it says, why it cannot be kept, whether it is a copy.

    A batch is one machine's id on one date, at one time: ids may repeat across machines, and where
    a machine uses one again at another time of the day, that is another batch.
    """
    parsed = (
        read_landed(landed, PRODUCTION_BATCHES)
        .pipe(with_machine, machine_spellings)
        .pipe(spelling.find, product_spellings, name="product_name", spelling="product_spelling")
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
    identity = ["machine_id", "batch_id", "production_date"]
    apart = batch_ids.tell_apart(judged.mutate(is_kept=_.reasons == ""), ["is_kept", *identity])
    return tell_copies(apart, content=facts, identity=[*identity, "occurrence"]).select(
        "_row_id",
        "_arrival_date",
        "_source_file",
        "_source_row",
        EVENT_DATE,
        "raw_row",
        "reasons",
        "duplicate_kind",
        "batch_id",
        "occurrence",
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


def identify_batches(assessed: ir.Table, machines: ir.Table, versions: ir.Table) -> ir.Table:
    """One row per batch that stands: under which id, when it ran, and what its plate says of it.

    The plate is the one that its machine had that day.

    An id that its machine used before that day is replaced by the batch's own where the ids around
    it tell which that is; else it is made unique by a number behind it.
    """
    standing = kept(assessed)
    reused = batch_ids.find_reused(standing)
    factories = machines.select("machine_id", "factory_id")
    numbered = _.batch_id.concat("#", (_.occurrence + 1).cast("string"))
    found = standing.left_join(
        reused.rename(reused_row_id="_row_id"), [("_row_id", "reused_row_id")]
    )
    return (
        valid_at(
            found.join(factories, "machine_id"),
            versions,
            key="machine_id",
            day="production_date",
            take=["units_per_hour", "kwh_per_unit"],
        )
        .mutate(landed_batch_id=_.batch_id, is_id_reused=_.reused_row_id.notnull())
        .select(
            "_row_id",
            EVENT_DATE,
            "landed_batch_id",
            "is_id_reused",
            "factory_id",
            "machine_id",
            "production_date",
            "start_seconds",
            "end_seconds",
            batch_id=ibis.coalesce(
                _.repaired_id, ibis.ifelse(_.occurrence > 0, numbered, _.batch_id)
            ),
            is_id_repaired=_.repaired_id.notnull(),
            plate_micro_kwh=(_.units_produced * micro(_.kwh_per_unit)).cast("int64"),
            plate_efficiency=_plate_efficiency(),
        )
    )


def find_lost_batches(anchors: ir.Table, assessed: ir.Table) -> ir.Table:
    """One row per batch that never landed, as the ids around it tell: its id, and the next row.

    A batch whose row landed but could not be kept is not lost.
    """
    named = anchors.select(
        "_row_id",
        "machine_id",
        "production_date",
        "start_seconds",
        batch_id=ibis.ifelse(_.is_id_repaired, _.batch_id, _.landed_batch_id),
    )
    set_aside = assessed.filter(_.reasons != "").select("batch_id", production_date=_[EVENT_DATE])
    present = ibis.union(anchors.select(*set_aside.columns), set_aside)
    return batch_ids.find_lost(named, present).mutate(**{EVENT_DATE: _.production_date})


def clean_production_batches(assessed: ir.Table, anchors: ir.Table) -> ir.Table:
    """One row per batch."""
    identified = anchors.select(
        "factory_id", "is_id_reused", anchor_row_id="_row_id", anchor_batch_id="batch_id"
    )
    return (
        kept(assessed)
        .drop("batch_id")
        .join(identified, [("_row_id", "anchor_row_id")])
        .select(
            "_row_id",
            EVENT_DATE,
            "factory_id",
            "machine_id",
            "product_name",
            "production_date",
            batch_id=_.anchor_batch_id,
            start_at=time.timestamp_of(_.start_seconds),
            end_at=time.timestamp_of(_.end_seconds),
            duration_seconds=(_.end_seconds - _.start_seconds).cast("int64"),
            units_produced=_.units_produced,
            units_defective=_.units_defective,
            arrival_date=_["_arrival_date"],
            is_late=arrival.find(_["_arrival_date"], _.production_date),
            is_product_renamed=_.product_name != _.landed_product_name,
            is_machine_renamed=_.machine_id != _.landed_machine_id,
            is_id_reused=_.is_id_reused,
        )
    )


def _plate_efficiency() -> Deferred:
    """Return the efficiency that a batch's units show against its plate, in percent."""
    hours = ratio((_.end_seconds - _.start_seconds).nullif(0), _SECONDS_PER_HOUR)
    return ratio(_.units_produced * _PERCENT, _.units_per_hour * hours)


def _count_rules(column: str, number: Deferred) -> dict[str, Deferred]:
    return {
        f"{Reason.EMPTY}:{column}": text.is_blank(_[column]),
        f"{Reason.NOT_A_NUMBER}:{column}": ~text.is_blank(_[column]) & number.isnull(),
        f"{Reason.NEGATIVE}:{column}": number < 0,
    }
