"""The pipeline's claims against the ledger: per kind of fault, beside the best that can be done."""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import (
    NOT_REPAIRED,
    PRODUCTION_BATCHES,
    WHOLE_ROW,
    FaultType,
    FileStatus,
    Method,
)
from factory_simulation.expressions.numbers import from_micro, micro, ratio

_KEYS = ("fault_type", "table_name", "column_name", "place")
_ISO_DATE = len("2025-12-01")


def compare_claims_with_ledger(
    ledger: ir.Table,
    repairs: ir.Table,
    health: ir.Table,
    ledger_dates: ir.Table,
    files: ir.Table,
) -> ir.Table:
    """One row per kind of fault and table that was injected or claimed.

    A claim is right if the ledger has a fault of its kind in its very cell (or row). What landed on
    dates for which no ledger was kept, and what the ledger has of dates that were not read, is left
    out. What never landed counts to the date on which it happened.
    """
    read = files.filter(_.status == FileStatus.INGESTED.value).select("arrival_date")
    dates = ledger_dates.semi_join(read, "arrival_date")
    faults = (
        ledger.mutate(
            place=_place_of_fault(),
            counts_to=ibis.ifelse(_.source_file.isnull(), _.event_date, _.arrival_date),
        )
        .semi_join(dates.select(counts_to="arrival_date"), "counts_to")
        .drop("counts_to")
    )
    claims = _claims(repairs, health, dates)
    judged = faults.left_join(
        claims.select("repaired_value", "method", **{f"claim_{key}": _[key] for key in _KEYS}),
        [(key, f"claim_{key}") for key in _KEYS],
    ).mutate(is_detected=_.method.notnull())
    is_repaired = _.is_detected & ~_.method.isin([method.value for method in NOT_REPAIRED])
    is_undone = (_.column_name == WHOLE_ROW) & _.clean_value.isnull()
    is_exact = is_undone | (_.repaired_value == _.clean_value).fill_null(False)
    found = (
        judged.mutate(is_repaired=is_repaired.fill_null(False))
        .group_by("fault_type", "table_name")
        .aggregate(
            injected=_.count(),
            detected=_count(_.is_detected),
            repaired=_count(_.is_repaired),
            exact=_count(_.is_repaired & is_exact),
            estimated=_count((_.method == Method.ESTIMATED.value).fill_null(False)),
            findable=micro(_.detection_chance).sum().cast("int64"),
            repairable=micro(_.repair_chance).sum().cast("int64"),
        )
    )
    wrong = (
        claims.anti_join(faults, list(_KEYS))
        .group_by("fault_type", "table_name")
        .aggregate(false_positives=_.count())
    )
    return _scored(found.outer_join(wrong, ["fault_type", "table_name"]))


def report_fault_scores(scores: ir.Table) -> ir.Table:
    """Build the report of scores, one object per kind of fault and table."""
    return scores.order_by("fault_type", "table")


def _place_of_fault() -> Deferred:
    """Return what names the place of a fault: the landed row, else the event."""
    row = _.source_file.concat(":", _.source_row.cast("string"))
    return ibis.coalesce(row, _.event_id)


def _claims(repairs: ir.Table, health: ir.Table, dates: ir.Table) -> ir.Table:
    """One row per claim, with its place named as the ledger names it."""
    known = dates.select(known_date=_.arrival_date.cast("string"))
    landed = (
        repairs.mutate(landed_on=_["_row_id"].substr(0, _ISO_DATE))
        .semi_join(known, [("landed_on", "known_date")])
        .select(
            "fault_type",
            "table_name",
            "column_name",
            "repaired_value",
            "method",
            place=ibis.coalesce(_.lost_event_id, _["_row_id"]),
        )
    )
    any_ledger = dates.aggregate(ledgers=_.count())
    decaying = (
        health.filter(_.is_decaying)
        .cross_join(any_ledger)
        .filter(_.ledgers > 0)
        .select(
            fault_type=ibis.literal(FaultType.DECAY.value),
            table_name=ibis.literal(PRODUCTION_BATCHES.name),
            column_name=ibis.literal("efficiency_percent"),
            repaired_value=ibis.null("string"),
            method=ibis.literal(Method.ESTIMATED.value),
            place=_.machine_id,
        )
    )
    return landed.union(decaying)


def _scored(counted: ir.Table) -> ir.Table:
    """Return counts as scores; a share of nothing is null."""
    counts = ("injected", "detected", "repaired", "exact", "estimated", "false_positives")
    filled = counted.select(
        fault_type=ibis.coalesce(_.fault_type, _.fault_type_right),
        table=ibis.coalesce(_.table_name, _.table_name_right),
        **{name: _[name].fill_null(0).cast("int64") for name in counts},
        findable=from_micro(_.findable.fill_null(0)),
        repairable=from_micro(_.repairable.fill_null(0)),
    )
    return filled.select(
        "fault_type",
        "table",
        *counts,
        precision=ratio(_.detected, (_.detected + _.false_positives).nullif(0)),
        recall=ratio(_.detected, _.injected.nullif(0)),
        repair_accuracy=ratio(_.exact, _.repaired.nullif(0)),
        ceiling=ratio(_.findable, _.injected.nullif(0)),
        exact_ceiling=ratio(_.repairable, _.injected.nullif(0)),
    )


def _count(condition: Deferred) -> Deferred:
    return ibis.ifelse(condition, 1, 0).sum().cast("int64")
