"""Where faults fall: one table of marks per table of truth, made before anything is dirtied."""

import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.expressions.random import Stream
from factory_simulation.pipelines.generation.faults.arrival import where_late
from factory_simulation.pipelines.generation.faults.clocks import where_drifted, where_local
from factory_simulation.pipelines.generation.faults.copies import where_copied
from factory_simulation.pipelines.generation.faults.missing import where_missing
from factory_simulation.pipelines.generation.faults.spelling import where_spelled_otherwise
from factory_simulation.pipelines.generation.scenario import Scenario
from factory_simulation.pipelines.generation.spellings import (
    MACHINE_SPELLING_COUNT,
    PRODUCT_SPELLING_COUNT,
)

_BATCH = (_.machine_random_key, _.event_day, _.batch_number)
_READING = (_.machine_random_key, _.event_day, _.reading_key)


def mark_production_faults(batches: ir.Table, scenario: Scenario) -> ir.Table:
    """One row per batch: its spelling, how many copies land, how many days late it is."""
    chaos = scenario.chaos
    return batches.select(
        "batch_id",
        product_spelling_number=where_spelled_otherwise(
            chaos.product_name_variants,
            PRODUCT_SPELLING_COUNT,
            Stream(scenario.seed, "fault.product_name"),
            *_BATCH,
        ),
        copy_count=where_copied(
            chaos.duplicate_batches, Stream(scenario.seed, "fault.duplicate"), *_BATCH
        ),
        late_days=where_late(
            chaos.late_batches, chaos.late_days, Stream(scenario.seed, "fault.late"), *_BATCH
        ),
    )


def mark_sensor_faults(readings: ir.Table, scenario: Scenario) -> ir.Table:
    """One row per reading: by how much its clock is off, which of its values are missing."""
    chaos = scenario.chaos

    def is_missing(column: str) -> Deferred:
        stream = Stream(scenario.seed, f"fault.missing.{column}")
        return where_missing(chaos.missing_sensor_values, stream, *_READING)

    return readings.select(
        "batch_id",
        "reading_number",
        drift_minutes=where_drifted(
            chaos.sensor_clock_drift,
            chaos.sensor_clock_drift_minutes,
            Stream(scenario.seed, "fault.drift"),
            *_READING,
        ),
        is_temperature_missing=is_missing("temperature"),
        is_pressure_missing=is_missing("pressure"),
        is_energy_missing=is_missing("energy_kwh"),
        is_efficiency_missing=is_missing("efficiency_percent"),
    )


def mark_qc_faults(checks: ir.Table, scenario: Scenario) -> ir.Table:
    """One row per check: whether its time is local."""
    stream = Stream(scenario.seed, "fault.qc_local")
    return checks.select(
        "check_id", is_local=where_local(scenario.chaos.local_qc_times, stream, *_BATCH)
    )


def mark_operator_faults(entries: ir.Table, scenario: Scenario) -> ir.Table:
    """One row per entry: whether its time is local, and the spelling of its machine."""
    chaos = scenario.chaos
    return entries.select(
        "log_id",
        is_local=where_local(
            chaos.local_operator_times, Stream(scenario.seed, "fault.operator_local"), *_BATCH
        ),
        machine_spelling_number=where_spelled_otherwise(
            chaos.machine_id_variants,
            MACHINE_SPELLING_COUNT,
            Stream(scenario.seed, "fault.machine_id"),
            *_BATCH,
        ),
    )
