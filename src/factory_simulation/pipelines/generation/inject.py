"""What faults do: clean rows and their marks become the text that lands.

Every function returns the columns of its landing file as text, plus ``_arrival_date`` and
``_position``, a total order within an arrival date.
"""

from datetime import date

import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import (
    OPERATOR_LOGS,
    PRODUCTION_BATCHES,
    QC_CHECKS,
    SENSOR_LOGS,
    LandedTable,
)
from factory_simulation.expressions import text, time
from factory_simulation.pipelines.generation.faults.arrival import what_late
from factory_simulation.pipelines.generation.faults.clocks import what_drifted, what_local
from factory_simulation.pipelines.generation.faults.copies import what_copied
from factory_simulation.pipelines.generation.faults.missing import what_missing
from factory_simulation.pipelines.generation.faults.spelling import what_spelled_otherwise
from factory_simulation.pipelines.generation.scenario import (
    MOST_BATCHES,
    MOST_MACHINES,
    MOST_READINGS,
    Scenario,
    epoch_day,
)


def inject_production_faults(
    batches: ir.Table,
    faults: ir.Table,
    spellings: ir.Table,
    counters: ir.Table,
    arrival_date: str | None,
) -> ir.Table:
    """One row per batch that lands, copies included."""
    dirty = (
        batches.join(faults, "batch_id")
        .pipe(
            what_spelled_otherwise,
            spellings,
            name="product_name",
            spelling="product_spelling",
            number="product_spelling_number",
        )
        .pipe(what_copied, counters)
    )
    return dirty.mutate(
        arrival_day=what_late(_.event_day, _.late_days),
        start_time=time.iso_text(_.start_seconds),
        end_time=time.iso_text(_.end_seconds),
        units_produced=_.units_produced.cast("string"),
        units_defective=_.units_defective.cast("string"),
    ).pipe(_land, PRODUCTION_BATCHES, arrival_date, _.copy_number)


def inject_sensor_faults(
    readings: ir.Table, faults: ir.Table, arrival_date: str | None
) -> ir.Table:
    """One row per reading."""
    return (
        readings.join(faults, ["batch_id", "reading_number"])
        .mutate(
            arrival_day=_.event_day,
            timestamp=time.iso_text(what_drifted(_.read_seconds, _.drift_minutes)),
            temperature=_sensor_text(_.centi_celsius, 2, _.is_temperature_missing),
            pressure=_sensor_text(_.milli_bar, 3, _.is_pressure_missing),
            energy_kwh=_sensor_text(_.energy_e4_kwh, 4, _.is_energy_missing),
            efficiency_percent=_sensor_text(_.efficiency_bp, 2, _.is_efficiency_missing),
        )
        .pipe(_land, SENSOR_LOGS, arrival_date, _.reading_number)
    )


def inject_qc_faults(
    checks: ir.Table, faults: ir.Table, scenario: Scenario, arrival_date: str | None
) -> ir.Table:
    """One row per check."""
    offset = scenario.factory.utc_offset_minutes
    return (
        checks.join(faults, "check_id")
        .mutate(
            arrival_day=_.event_day,
            check_timestamp=time.iso_text(what_local(_.check_seconds, _.is_local, offset)),
            inspector_id=_.employee_id,
            inspector_name=_.employee_name,
            pass_fail=_.result,
        )
        .pipe(_land, QC_CHECKS, arrival_date, 0)
    )


def inject_operator_faults(
    entries: ir.Table,
    faults: ir.Table,
    spellings: ir.Table,
    scenario: Scenario,
    arrival_date: str | None,
) -> ir.Table:
    """One row per entry."""
    offset = scenario.factory.utc_offset_minutes
    return (
        entries.join(faults, "log_id")
        .pipe(
            what_spelled_otherwise,
            spellings,
            name="machine_id",
            spelling="machine_spelling",
            number="machine_spelling_number",
        )
        .mutate(
            arrival_day=_.event_day,
            log_timestamp=time.iso_text(what_local(_.log_seconds, _.is_local, offset)),
            operator_id=_.employee_id,
            operator_name=_.employee_name,
        )
        .pipe(_land, OPERATOR_LOGS, arrival_date, 0)
    )


def _sensor_text(value: Deferred, places: int, is_missing: Deferred) -> Deferred:
    return what_missing(text.decimal_text(value, places), is_missing)


def _land(
    rows: ir.Table,
    contract: LandedTable,
    arrival_date: str | None,
    number_within_batch: Deferred | int,
) -> ir.Table:
    """Keep what lands (on one date, where one is asked for), in the order of the file."""
    if arrival_date is not None:
        rows = rows.filter(_.arrival_day == epoch_day(date.fromisoformat(arrival_date)))
    machine_day = _.event_day * (MOST_MACHINES + 1) + _.machine_position
    batch = machine_day * (MOST_BATCHES + 1) + _.batch_number
    return rows.mutate(
        _arrival_date=time.date_of(_.arrival_day * time.SECONDS_PER_DAY),
        _position=batch * (MOST_READINGS + 1) + number_within_batch,
    ).select(*contract.columns, *contract.optional, "_arrival_date", "_position")
