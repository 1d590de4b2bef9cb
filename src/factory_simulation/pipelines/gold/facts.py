"""Facts: what happened, at the grain at which it happened.

Each points to the version of its machine that was valid when it happened, and to the shift; what
lasts is of the shift in which it began.
"""

import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import EVENT_DATE, Role
from factory_simulation.expressions.numbers import from_micro, micro, ratio
from factory_simulation.expressions.time import SECONDS_PER_MINUTE
from factory_simulation.pipelines.gold.keys import (
    batch_key,
    date_key,
    employee_key,
    product_key,
    stop_reason_key,
    with_machine_key,
    with_shift,
)


def build_fact_production(batches: ir.Table, versions: ir.Table, shifts: ir.Table) -> ir.Table:
    """One row per batch.

    ``energy_kwh`` is what the machine's plate said that day for so many units. It is computed in
    whole micro-kWh, so that sums are the same on every engine.
    """
    return (
        with_machine_key(batches, versions, "production_date", take=["kwh_per_unit"])
        .pipe(with_shift, shifts, "start_at")
        .mutate(batch_date=_.production_date)
        .select(
            EVENT_DATE,
            "batch_id",
            "factory_id",
            "start_at",
            "end_at",
            "units_produced",
            "units_defective",
            "arrival_date",
            "is_late",
            "is_id_reused",
            "machine_key",
            "shift_key",
            batch_key=batch_key(),
            date_key=date_key(_.production_date),
            product_key=product_key(_.product_name),
            duration_minutes=ratio(_.duration_seconds, SECONDS_PER_MINUTE),
            units_good=_.units_produced - _.units_defective,
            energy_kwh=from_micro(_.units_produced * micro(_.kwh_per_unit)),
        )
    )


def build_fact_sensor_reading(readings: ir.Table, versions: ir.Table, shifts: ir.Table) -> ir.Table:
    """One row per reading; outside of batches its ``batch_key`` stands for none."""
    keyed = with_machine_key(readings, versions, "reading_date").pipe(with_shift, shifts, "read_at")
    return keyed.select(
        EVENT_DATE,
        "factory_id",
        "read_at",
        "temperature_c",
        "pressure_bar",
        "energy_kwh",
        "energy_kwh_imputed",
        "efficiency_percent",
        "efficiency_percent_imputed",
        "is_batch_ambiguous",
        "is_clock_repaired",
        "is_temperature_stuck",
        "is_meter_drifting",
        "machine_key",
        "shift_key",
        reading_key=_["_row_id"],
        date_key=date_key(_.reading_date),
        batch_key=batch_key(),
    )


def build_fact_quality_check(checks: ir.Table, versions: ir.Table, shifts: ir.Table) -> ir.Table:
    """One row per check."""
    keyed = with_machine_key(checks, versions, "check_date").pipe(with_shift, shifts, "check_at")
    return keyed.select(
        EVENT_DATE,
        "check_id",
        "factory_id",
        "check_at",
        "result",
        "defect_notes",
        "is_local_time",
        "is_time_ambiguous",
        "is_time_estimated",
        "machine_key",
        "shift_key",
        check_key=_["_row_id"],
        date_key=date_key(_.check_date),
        batch_key=batch_key(),
        employee_key=employee_key(Role.INSPECTOR, _.inspector_id),
    )


def build_fact_operator_event(entries: ir.Table, versions: ir.Table, shifts: ir.Table) -> ir.Table:
    """One row per entry; where no batch starts nearby, its ``batch_key`` stands for none."""
    keyed = with_machine_key(entries, versions, "log_date").pipe(with_shift, shifts, "log_at")
    return keyed.select(
        EVENT_DATE,
        "log_id",
        "factory_id",
        "log_at",
        "action",
        "notes",
        "is_local_time",
        "is_time_ambiguous",
        "machine_key",
        "shift_key",
        event_key=_["_row_id"],
        date_key=date_key(_.log_date),
        batch_key=batch_key(),
        employee_key=employee_key(Role.OPERATOR, _.operator_id),
    )


def build_fact_machine_event(events: ir.Table, versions: ir.Table, shifts: ir.Table) -> ir.Table:
    """One row per stop and per maintenance."""
    keyed = with_machine_key(events, versions, "event_date").pipe(with_shift, shifts, "start_at")
    return keyed.select(
        EVENT_DATE,
        "event_id",
        "factory_id",
        "event_type",
        "start_at",
        "end_at",
        "machine_key",
        "shift_key",
        event_key=_["_row_id"],
        date_key=date_key(_.event_date),
        stop_reason_key=stop_reason_key(_.event_type, _.reason),
        duration_minutes=ratio(_.duration_seconds, SECONDS_PER_MINUTE),
    )
