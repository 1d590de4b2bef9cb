"""Quality checks."""

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import EVENT_DATE, QC_CHECKS, QcResult, Reason
from factory_simulation.expressions import text, time
from factory_simulation.faults import clock_reset, local_time, note_typo
from factory_simulation.pipelines.silver.assessment import (
    judge,
    kept,
    read_landed,
    tell_copies,
    time_rules,
)
from factory_simulation.pipelines.silver.parameters import SilverParameters


def assess_qc_checks(
    landed: ir.Table,
    anchors: ir.Table,
    notes: ir.Table,
    clocks: ir.Table,
    parameters: SilverParameters,
) -> ir.Table:
    """One row per landed row: what it says, when in UTC, why it cannot be kept.

    Check ids may repeat, so copies are rows that agree in everything.
    """
    parsed = (
        read_landed(landed, QC_CHECKS)
        .mutate(
            check_id=text.trimmed(_.check_id),
            batch_id=text.trimmed(_.batch_id),
            told_seconds=time.parse_iso_8601(_.check_timestamp),
            is_zone_told=time.has_zone(_.check_timestamp),
            result=text.upper(text.trimmed(_.pass_fail)),
            defect_notes=text.trimmed(_.defect_notes),
            inspector_id=text.trimmed(_.inspector_id),
            inspector_name=text.trimmed(_.inspector_name),
        )
        .pipe(note_typo.find, notes, "defect_notes")
        .mutate(is_clock_reset=clock_reset.find(_.told_seconds).fill_null(False))
    )
    batches = _by_any_id(anchors)
    known = batches.filter(_.is_own).select(known_batch_id=_.batch_id).distinct()
    anchored = _anchor_to_batches(parsed, batches, clocks, parameters.qc_window)
    located = (
        parsed.left_join(known, [("batch_id", "known_batch_id")])
        .left_join(anchored, "_row_id")
        .drop("_row_id_right")
        .mutate(batch_id=ibis.coalesce(_.anchor_batch_id, _.batch_id))
    )
    judged = judge(
        located,
        {
            f"{Reason.EMPTY}:check_id": _.check_id.isnull(),
            f"{Reason.EMPTY}:batch_id": _.batch_id.isnull(),
            Reason.UNKNOWN_BATCH: _.batch_id.notnull()
            & _.known_batch_id.isnull()
            & _.anchor_batch_id.isnull(),
            **time_rules("check_timestamp", _.told_seconds),
            f"{Reason.EMPTY}:pass_fail": _.result.isnull(),
            Reason.INVALID_RESULT: ~_.result.isin([result.value for result in QcResult]),
        },
    )
    facts = ["check_id", "batch_id", "check_seconds", "inspector_id", "inspector_name"]
    facts += ["result", "defect_notes", "extra_row"]
    return tell_copies(judged, content=facts).select(
        "_row_id",
        "_arrival_date",
        EVENT_DATE,
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
        "is_clock_reset",
        "inspector_id",
        "inspector_name",
        "result",
        "defect_notes",
        "landed_defect_notes",
    )


def clean_qc_checks(assessed: ir.Table, machines: ir.Table) -> ir.Table:
    """One row per check."""
    factories = machines.select("machine_id", "factory_id")
    return (
        kept(assessed)
        .join(factories, "machine_id")
        .select(
            "_row_id",
            EVENT_DATE,
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
            is_time_estimated=_.is_clock_reset,
        )
    )


def _by_any_id(anchors: ir.Table) -> ir.Table:
    """One row per batch and id that it may be called by: its own, and the one that it landed with.

    A check may have been written under either where an id was used twice. An id that landed with
    another batch, or that was found for a batch, counts only if the check's time fits.
    """
    own = anchors.select(
        "batch_id",
        "machine_id",
        "factory_id",
        "end_seconds",
        batch_date=_.production_date,
        anchor_batch_id=_.batch_id,
        is_own=~_.is_id_repaired,
    )
    landed = (
        anchors.filter(_.landed_batch_id != _.batch_id)
        .drop("batch_id")
        .join(anchors.select("_row_id", anchor_batch_id="batch_id"), "_row_id")
        .mutate(
            batch_id=_.landed_batch_id,
            batch_date=_.production_date,
            is_own=ibis.literal(False),
        )
        .select(own.columns)
    )
    return own.union(landed)


def _anchor_to_batches(
    checks: ir.Table, batches: ir.Table, clocks: ir.Table, window: int
) -> ir.Table:
    """One row per check of a known batch: the batch, and the check's time in UTC.

    A check follows its batch's end by minutes. Its time is taken as UTC and as local time, and
    where batches share an id, each of them is tried; what follows an end most closely is right.
    The time is ambiguous where it follows within the window in both readings, or in neither. One
    that names its zone is not. A clock that was reset tells nothing: the time is then taken for the
    middle of the window.
    """
    told = checks.filter(_.told_seconds.notnull()).select(
        "_row_id", "batch_id", "told_seconds", "is_zone_told", "is_clock_reset"
    )
    of_known = told.join(batches, "batch_id").mutate(
        is_zone_told=_.is_zone_told | _.is_clock_reset,
        told_seconds=ibis.ifelse(
            _.is_clock_reset, _.end_seconds + window // 2, _.told_seconds
        ).cast("int64"),
    )
    options = (
        local_time.find(of_known, clocks)
        .mutate(delay=_.seconds - _.end_seconds)
        .mutate(miss=ibis.greatest(-_.delay, _.delay - window, 0).cast("int64"))
        .filter(_.is_own | (_.miss == 0))
        .mutate(
            fits_in_utc=ibis.ifelse((_.miss == 0) & (_.is_local == 0), 1, 0),
            fits_in_local=ibis.ifelse((_.miss == 0) & (_.is_local == 1), 1, 0),
            distance=_.delay.abs(),
        )
    )
    of_check = ibis.window(group_by="_row_id")
    best_first = ibis.window(
        group_by="_row_id",
        order_by=[
            *("miss", "distance", "is_local", "end_seconds", "machine_id", "batch_date"),
            "anchor_batch_id",
        ],
    )
    return (
        options.mutate(
            readings_that_fit=_.fits_in_utc.max().over(of_check)
            + _.fits_in_local.max().over(of_check),
            choice=ibis.row_number().over(best_first),
        )
        .filter(_.choice == 0)
        .select(
            "_row_id",
            "machine_id",
            "batch_date",
            "anchor_batch_id",
            is_local_time=_.is_local == 1,
            check_seconds=_.seconds.cast("int64"),
            is_time_ambiguous=_.is_clock_reset | (~_.is_zone_told & (_.readings_that_fit != 1)),
        )
    )
