"""Stops and maintenance."""

import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import EVENT_DATE, MACHINE_EVENTS, MachineEventType, Reason
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


def assess_machine_events(landed: ir.Table, machine_spellings: ir.Table) -> ir.Table:
    """One row per landed row: what it says, why it cannot be kept, whether it is a copy.

    Copies are rows that agree in everything.
    """
    parsed = (
        read_landed(landed, MACHINE_EVENTS)
        .pipe(with_machine, machine_spellings)
        .mutate(
            event_id=text.trimmed(_.event_id),
            event_type=text.upper(text.trimmed(_.event_type)),
            reason=text.trimmed(_.reason),
            start_seconds=time.parse_iso_8601(_.start_time),
            end_seconds=time.parse_iso_8601(_.end_time),
        )
    )
    judged = judge(
        parsed,
        {
            f"{Reason.EMPTY}:event_id": _.event_id.isnull(),
            **machine_rules(),
            f"{Reason.EMPTY}:event_type": _.event_type.isnull(),
            Reason.INVALID_TYPE: ~_.event_type.isin([type_.value for type_ in MachineEventType]),
            **time_rules("start_time", _.start_seconds),
            **time_rules("end_time", _.end_seconds),
            Reason.END_BEFORE_START: _.end_seconds < _.start_seconds,
        },
    )
    facts = ["event_id", "machine_id", "event_type", "reason", "start_seconds", "end_seconds"]
    return tell_copies(judged, content=[*facts, "extra_row"]).select(
        "_row_id",
        "_arrival_date",
        EVENT_DATE,
        "raw_row",
        "reasons",
        "duplicate_kind",
        "event_id",
        "machine_id",
        "landed_machine_id",
        "event_type",
        "reason",
        "start_seconds",
        "end_seconds",
    )


def clean_machine_events(assessed: ir.Table, machines: ir.Table) -> ir.Table:
    """One row per stop and per maintenance."""
    return (
        kept(assessed)
        .join(machines.select("machine_id", "factory_id"), "machine_id")
        .select(
            "_row_id",
            EVENT_DATE,
            "event_id",
            "factory_id",
            "machine_id",
            "event_type",
            "reason",
            start_at=time.timestamp_of(_.start_seconds),
            end_at=time.timestamp_of(_.end_seconds),
            event_date=time.date_of(_.start_seconds),
            duration_seconds=(_.end_seconds - _.start_seconds).cast("int64"),
            arrival_date=_["_arrival_date"],
        )
    )
