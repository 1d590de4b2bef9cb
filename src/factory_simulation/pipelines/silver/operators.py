"""Operator entries."""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import EVENT_DATE, OPERATOR_LOGS, Reason
from factory_simulation.expressions import text, time
from factory_simulation.expressions.neighbours import with_neighbours
from factory_simulation.faults import local_time, note_typo
from factory_simulation.pipelines.silver.assessment import (
    judge,
    kept,
    machine_rules,
    read_landed,
    tell_copies,
    time_rules,
    with_machine,
)
from factory_simulation.pipelines.silver.parameters import SilverParameters

_FEWEST_DIGITS = 6
"""So many digits of a batch id name it in a note in which its letters are misspelled."""


def assess_operator_logs(
    landed: ir.Table, machine_spellings: ir.Table, notes: ir.Table
) -> ir.Table:
    """One row per landed row: what it says, why it cannot be kept, whether it is a copy.

    Log ids may repeat, so copies are rows that agree in everything.
    """
    parsed = (
        read_landed(landed, OPERATOR_LOGS)
        .pipe(with_machine, machine_spellings)
        .mutate(
            log_id=text.trimmed(_.log_id),
            told_seconds=time.parse_iso_8601(_.log_timestamp),
            is_zone_told=time.has_zone(_.log_timestamp),
            operator_id=text.trimmed(_.operator_id),
            operator_name=text.trimmed(_.operator_name),
            action=text.trimmed(_.action),
            notes=text.trimmed(_.notes),
        )
        .pipe(note_typo.find, notes, "notes")
    )
    judged = judge(
        parsed,
        {
            f"{Reason.EMPTY}:log_id": _.log_id.isnull(),
            **machine_rules(),
            **time_rules("log_timestamp", _.told_seconds),
        },
    )
    facts = ["log_id", "machine_id", "told_seconds", "is_zone_told", "operator_id"]
    facts += ["operator_name", "action", "notes", "extra_row"]
    return tell_copies(judged, content=facts).select(
        "_row_id",
        "_arrival_date",
        EVENT_DATE,
        "raw_row",
        "reasons",
        "duplicate_kind",
        "log_id",
        "machine_id",
        "landed_machine_id",
        "log_timestamp",
        "told_seconds",
        "is_zone_told",
        "operator_id",
        "operator_name",
        "action",
        "notes",
        "landed_notes",
    )


def clean_operator_logs(
    assessed: ir.Table,
    anchors: ir.Table,
    machines: ir.Table,
    clocks: ir.Table,
    parameters: SilverParameters,
) -> ir.Table:
    """One row per entry, its time in UTC, with the batch whose start it surrounds.

    An entry is written minutes around a batch's start. Its time is taken as UTC and as local
    time. Where its notes name a batch, the reading that is near that batch's start is right; else
    the one that is near any start. Where both are, UTC is the likelier, and the entry is flagged;
    where neither is, the time stays as told, and the entry is flagged too.
    """
    entries = kept(assessed).join(machines.select("machine_id", "factory_id"), "machine_id")
    near = _anchor_to_starts(entries, anchors, clocks, parameters.operator_window)
    decided = (
        entries.left_join(near, "_row_id")
        .drop("_row_id_right")
        .mutate(
            is_local_time=_.is_local_time.fill_null(False),
            is_time_ambiguous=_.is_time_ambiguous.fill_null(~_.is_zone_told),
            log_seconds=_.seconds.fill_null(_.told_seconds),
        )
    )
    return decided.select(
        "_row_id",
        EVENT_DATE,
        "log_id",
        "factory_id",
        "machine_id",
        "batch_id",
        "batch_date",
        log_at=time.timestamp_of(_.log_seconds),
        log_date=time.date_of(_.log_seconds),
        operator_id=_.operator_id,
        operator_name=_.operator_name,
        action=_.action,
        notes=_.notes,
        arrival_date=_["_arrival_date"],
        is_machine_renamed=_.machine_id != _.landed_machine_id,
        is_local_time=_.is_local_time,
        is_time_ambiguous=_.is_time_ambiguous,
    )


def _anchor_to_starts(
    entries: ir.Table, batches: ir.Table, clocks: ir.Table, window: int
) -> ir.Table:
    """One row per entry that is near a batch's start, in UTC or in local time.

    Where notes name a batch that is near, batches that they do not name are out of the question.
    """
    told = entries.select(
        "_row_id", "factory_id", "machine_id", "notes", "told_seconds", "is_zone_told"
    )
    near = (
        with_neighbours(
            local_time.find(told, clocks),
            batches.select(
                "machine_id",
                "batch_id",
                "landed_batch_id",
                "start_seconds",
                batch_date=_.production_date,
            ),
            group="machine_id",
            at="seconds",
            anchor_at="start_seconds",
        )
        .mutate(distance=(_.seconds - _.start_seconds).abs())
        .filter(_.distance <= window)
        .mutate(is_named=ibis.ifelse(_names_batch(), 1, 0).cast("int64"))
    )
    of_entry = ibis.window(group_by="_row_id")
    best_first = ibis.window(
        group_by="_row_id", order_by=["is_local", "distance", "start_seconds", "batch_id"]
    )
    return (
        near.mutate(most_named=_.is_named.max().over(of_entry))
        .filter(_.is_named == _.most_named)
        .mutate(
            is_near_in_utc=_.is_local.min().over(of_entry) == 0,
            is_near_in_local=_.is_local.max().over(of_entry) == 1,
            choice=ibis.row_number().over(best_first),
        )
        .filter(_.choice == 0)
        .select(
            "_row_id",
            "batch_id",
            "batch_date",
            "seconds",
            is_local_time=_.is_local == 1,
            is_time_ambiguous=_.is_near_in_utc & _.is_near_in_local,
        )
    )


def _names_batch() -> Deferred:
    """Tell whether notes name a batch, by its own id or by the one that it landed with."""
    by_landed = (_.landed_batch_id != _.batch_id) & _names_id(_.notes, _.landed_batch_id)
    return _names_id(_.notes, _.batch_id) | by_landed


def _names_id(notes: Deferred, batch_id: Deferred) -> Deferred:
    """Tell whether notes name a batch: by its id, or by the id's digits where there are enough."""
    by_id = _words(text.lower(notes), "[^a-z0-9]+").contains(
        _words(text.lower(batch_id), "[^a-z0-9]+")
    )
    has_digits = batch_id.re_replace("[^0-9]", "").length() >= _FEWEST_DIGITS
    by_digits = _words(notes, "[^0-9]+").contains(_words(batch_id, "[^0-9]+"))
    return (by_id | (has_digits & by_digits)).fill_null(False)


def _words(value: Deferred, separators: str) -> Deferred:
    """Return a text with one blank around each of its words, so that only whole ones match."""
    return (" " + value + " ").re_replace(separators, " ")
