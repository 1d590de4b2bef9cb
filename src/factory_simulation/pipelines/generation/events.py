"""The clean truth beside production: what was measured, inspected and written down."""

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import QcResult, Role
from factory_simulation.expressions import time
from factory_simulation.pipelines.generation.scenario import MOST_READINGS, NOTE_COUNT, Scenario
from factory_simulation.pipelines.generation.streams import (
    batch_keys,
    event_id,
    opaque_id,
    streams,
)

_PPM = 1_000_000
_HALF_E4_KWH = _PPM * 100 // 2
"""Sensors report 10**-4 kWh, rounded; a batch's energy is held in 10**-6."""


def simulate_sensor_readings(
    batches: ir.Table, machines: ir.Table, counters: ir.Table, scenario: Scenario
) -> ir.Table:
    """One row per reading: evenly spaced over its batch, its energy a part of the batch's.

    The parts add up to the batch's energy but for the noise of each measurement.
    """
    sensors, stream = scenario.sensors, streams(scenario, "sensor")
    ranges = machines.select(
        "machine_id",
        "lowest_centi_celsius",
        "highest_centi_celsius",
        "lowest_milli_bar",
        "highest_milli_bar",
    )
    count = sensors.readings_per_batch
    readings = (
        batches.filter(_.is_wanted)
        .mutate(
            reading_count=stream("count").integer(count.low, count.high, *batch_keys()),
        )
        .cross_join(counters)
        .filter(_.number < _.reading_count)
        .join(ranges, "machine_id")
        .mutate(reading_key=_.batch_number * (MOST_READINGS + 1) + _.number)
    )
    keys = (_.machine_random_key, _.event_day, _.reading_key)
    noise = round(sensors.energy_noise * _PPM)
    return (
        readings.mutate(
            reading_number=(_.number + 1).cast("int64"),
            read_seconds=_.start_seconds
            + ((_.end_seconds - _.start_seconds) * _.number) // _.reading_count,
            centi_celsius=stream("temperature").integer(
                _.lowest_centi_celsius, _.highest_centi_celsius, *keys
            ),
            milli_bar=stream("pressure").integer(_.lowest_milli_bar, _.highest_milli_bar, *keys),
            energy_noise_ppm=stream("energy").integer(-noise, noise, *keys),
        )
        .mutate(
            energy_e4_kwh=(
                _.energy_micro_kwh // _.reading_count * (_PPM + _.energy_noise_ppm) + _HALF_E4_KWH
            )
            // (2 * _HALF_E4_KWH),
        )
        .select(
            "batch_id",
            "factory_id",
            "machine_id",
            "production_date",
            "event_day",
            "batch_number",
            "reading_number",
            "reading_key",
            "machine_position",
            "machine_random_key",
            "start_seconds",
            "end_seconds",
            "read_seconds",
            "centi_celsius",
            "milli_bar",
            "energy_e4_kwh",
            "efficiency_bp",
        )
    )


def simulate_qc_checks(
    batches: ir.Table, employees: ir.Table, notes: ir.Table, scenario: Scenario
) -> ir.Table:
    """One row per inspected batch: some minutes after its end, with a note where it failed."""
    control, stream = scenario.quality_control, streams(scenario, "qc")
    keys, delay = batch_keys(), control.minutes_after_end
    inspectors = _people(employees, Role.INSPECTOR)
    defects = notes.filter(_.topic == "defect").select("note_number", note=_.before)
    inspected = stream("inspected")
    checked = batches.filter(_.is_wanted, inspected.happens(control.inspected_share, *keys)).mutate(
        check_id=event_id("QC-" + _.machine_id, _.event_day, _.batch_number),
        check_seconds=_.end_seconds
        + stream("delay").integer(delay.low, delay.high, *keys) * time.SECONDS_PER_MINUTE,
        has_failed=(_.units_defective > 0)
        & stream("caught").happens(control.defects_caught, *keys),
        employee_number=stream("inspector").integer(0, control.inspectors - 1, *keys),
        note_number=stream("note").integer(0, NOTE_COUNT - 1, *keys),
    )
    return (
        checked.join(inspectors, ["factory_id", "employee_number"])
        .left_join(defects, "note_number")
        .mutate(
            result=ibis.ifelse(_.has_failed, QcResult.FAIL.value, QcResult.PASS.value),
            defect_notes=ibis.ifelse(_.has_failed, _.note, None),
        )
        .select(
            "check_id",
            "batch_id",
            "factory_id",
            "machine_id",
            "production_date",
            "event_day",
            "batch_number",
            "machine_position",
            "machine_random_key",
            "end_seconds",
            "check_seconds",
            "employee_id",
            "employee_name",
            "result",
            "defect_notes",
        )
    )


def simulate_operator_entries(
    batches: ir.Table, employees: ir.Table, notes: ir.Table, scenario: Scenario
) -> ir.Table:
    """One row per operator entry: some minutes around a batch's start; some name the batch."""
    operators, stream = scenario.operators, streams(scenario, "operator")
    keys, around = batch_keys(), operators.minutes_around_start
    remarks = notes.filter(_.topic == "remark").drop("topic")
    logged = stream("logged")
    written = batches.filter(_.is_wanted, logged.happens(operators.logged_share, *keys)).mutate(
        log_id=opaque_id("LOG-", scenario, "operator", *keys),
        log_seconds=_.start_seconds
        + stream("offset").integer(-around, around, *keys) * time.SECONDS_PER_MINUTE,
        action_number=stream("action").integer(0, 3, *keys),
        employee_number=stream("operator").integer(0, operators.operators - 1, *keys),
        note_number=stream("note").integer(0, NOTE_COUNT - 1, *keys),
    )
    return (
        written.join(_people(employees, Role.OPERATOR), ["factory_id", "employee_number"])
        .join(remarks, "note_number")
        .mutate(
            action=ibis.cases(
                (_.action_number == 0, "START_BATCH"),
                (_.action_number == 1, "ADJUST_PARAMS"),
                (_.action_number == 2, "MONITOR"),  # noqa: PLR2004 - one of four actions
                else_="END_BATCH",
            ),
            notes=_.before.concat(ibis.ifelse(_.names_batch, _.batch_id, ""), _.after),
        )
        .select(
            "log_id",
            "batch_id",
            "factory_id",
            "machine_id",
            "production_date",
            "event_day",
            "batch_number",
            "machine_position",
            "machine_random_key",
            "names_batch",
            "log_seconds",
            "employee_id",
            "employee_name",
            "action",
            "notes",
        )
    )


def _people(employees: ir.Table, role: Role) -> ir.Table:
    return employees.filter(_.role == role.value).select(
        "factory_id", "employee_number", "employee_id", "employee_name"
    )
