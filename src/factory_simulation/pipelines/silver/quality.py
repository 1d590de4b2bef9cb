"""Quality checks."""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import QC_CHECKS, QcResult, Reason
from factory_simulation.expressions import text, time
from factory_simulation.pipelines.silver.assessment import (
    judge,
    kept,
    read_landed,
    tell_copies,
    time_rules,
)
from factory_simulation.pipelines.silver.parameters import SilverParameters


def assess_qc_checks(
    landed: ir.Table, batches: ir.Table, clocks: ir.Table, parameters: SilverParameters
) -> ir.Table:
    """One row per landed row: what it says, when in UTC, why it cannot be kept.

    Check ids may repeat, so copies are rows that agree in everything.
    """
    parsed = read_landed(landed, QC_CHECKS).mutate(
        check_id=text.trimmed(_.check_id),
        batch_id=text.trimmed(_.batch_id),
        told_seconds=time.parse_iso_8601(_.check_timestamp),
        is_zone_told=time.has_zone(_.check_timestamp),
        result=text.upper(text.trimmed(_.pass_fail)),
        defect_notes=text.trimmed(_.defect_notes),
        inspector_id=text.trimmed(_.inspector_id),
        inspector_name=text.trimmed(_.inspector_name),
    )
    known = kept(batches).select(known_batch_id=_.batch_id).distinct()
    anchored = _anchor_to_batches(parsed, kept(batches), clocks, parameters.qc_window)
    located = (
        parsed.left_join(known, [("batch_id", "known_batch_id")])
        .left_join(anchored, "_row_id")
        .drop("_row_id_right")
    )
    judged = judge(
        located,
        {
            f"{Reason.EMPTY}:check_id": _.check_id.isnull(),
            f"{Reason.EMPTY}:batch_id": _.batch_id.isnull(),
            Reason.UNKNOWN_BATCH: _.batch_id.notnull() & _.known_batch_id.isnull(),
            **time_rules("check_timestamp", _.told_seconds),
            f"{Reason.EMPTY}:pass_fail": _.result.isnull(),
            Reason.INVALID_RESULT: ~_.result.isin([result.value for result in QcResult]),
        },
    )
    facts = ["check_id", "batch_id", "told_seconds", "inspector_id", "result", "defect_notes"]
    return tell_copies(judged, content=facts).select(
        "_row_id",
        "_arrival_date",
        "raw_row",
        "reasons",
        "duplicate_kind",
        "check_id",
        "batch_id",
        "machine_id",
        "batch_date",
        "check_timestamp",
        "check_seconds",
        "is_local_time",
        "is_time_ambiguous",
        "inspector_id",
        "inspector_name",
        "result",
        "defect_notes",
    )


def clean_qc_checks(assessed: ir.Table, machines: ir.Table) -> ir.Table:
    """One row per check."""
    factories = machines.select("machine_id", "factory_id")
    return (
        kept(assessed)
        .join(factories, "machine_id")
        .select(
            "_row_id",
            "check_id",
            "factory_id",
            "machine_id",
            "batch_id",
            "batch_date",
            check_at=time.timestamp_of(_.check_seconds),
            check_date=time.date_of(_.check_seconds),
            inspector_id=_.inspector_id,
            inspector_name=_.inspector_name,
            result=_.result,
            defect_notes=_.defect_notes,
            arrival_date=_["_arrival_date"],
            is_local_time=_.is_local_time,
            is_time_ambiguous=_.is_time_ambiguous,
        )
    )


def _anchor_to_batches(
    checks: ir.Table, batches: ir.Table, clocks: ir.Table, window: int
) -> ir.Table:
    """One row per check of a known batch: the batch, and the check's time in UTC.

    A check follows its batch's end by minutes. Its time is taken as UTC and as local time; the
    reading that follows the end more closely is right. It is ambiguous where both follow within
    the window, or neither does. A time that names its zone leaves nothing to decide.
    """
    known = batches.select(
        "batch_id", "machine_id", "end_seconds", batch_date=_.production_date
    ).join(clocks, "machine_id")
    options = (
        checks.filter(_.told_seconds.notnull())
        .select("_row_id", "batch_id", "told_seconds", "is_zone_told")
        .join(known, "batch_id")
        .mutate(
            utc_delay=_.told_seconds - _.end_seconds,
            local_delay=_.told_seconds - _.utc_offset_seconds - _.end_seconds,
        )
        .mutate(
            utc_miss=_outside(_.utc_delay, window),
            local_miss=_outside(_.local_delay, window),
        )
        .mutate(
            is_local_time=~_.is_zone_told
            & (
                (_.local_miss < _.utc_miss)
                | ((_.local_miss == _.utc_miss) & (_.local_delay.abs() < _.utc_delay.abs()))
            )
        )
        .mutate(miss=ibis.ifelse(_.is_local_time, _.local_miss, _.utc_miss))
    )
    best_first = ibis.window(
        group_by="_row_id", order_by=["miss", "end_seconds", "machine_id", "batch_date"]
    )
    return (
        options.mutate(choice=ibis.row_number().over(best_first))
        .filter(_.choice == 0)
        .select(
            "_row_id",
            "machine_id",
            "batch_date",
            "is_local_time",
            check_seconds=(
                _.told_seconds - ibis.ifelse(_.is_local_time, _.utc_offset_seconds, 0)
            ).cast("int64"),
            is_time_ambiguous=~_.is_zone_told
            & ((_.miss > 0) | ((_.utc_miss == 0) & (_.local_miss == 0) & _.has_offset)),
        )
    )


def _outside(delay: Deferred, window: int) -> Deferred:
    """Return by how much a delay is outside of 0 to ``window``."""
    return ibis.greatest(-delay, delay - window, 0).cast("int64")
