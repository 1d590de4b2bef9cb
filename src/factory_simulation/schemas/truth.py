"""Contracts of the simulated truth and of the marks that say where faults fall."""

import ibis.expr.datatypes as dt
import pandera.ibis as pa

from factory_simulation.domain import QcResult


class _Event(pa.DataFrameModel):
    batch_id: dt.String
    machine_id: dt.String
    production_date: dt.Date
    event_day: dt.Int64 = pa.Field(ge=0)
    batch_number: dt.Int64 = pa.Field(ge=1)
    machine_position: dt.Int64 = pa.Field(ge=0)
    machine_random_key: dt.Int64 = pa.Field(ge=0)

    class Config:
        strict = True


class ProductionBatches(_Event):
    """One row per batch."""

    product_name: dt.String
    start_seconds: dt.Int64
    end_seconds: dt.Int64
    efficiency_bp: dt.Int64 = pa.Field(ge=0)
    units_produced: dt.Int64 = pa.Field(ge=0)
    units_defective: dt.Int64 = pa.Field(ge=0)
    energy_micro_kwh: dt.Int64 = pa.Field(ge=0)

    class Config:
        strict = True
        unique = ["batch_id"]

    @pa.dataframe_check
    def start_before_end(cls, data):
        """A batch takes time."""
        return data.table.start_seconds < data.table.end_seconds

    @pa.dataframe_check
    def no_more_defects_than_units(cls, data):
        """Only units that were made can be defective."""
        return data.table.units_defective <= data.table.units_produced


class SensorReadings(_Event):
    """One row per reading."""

    reading_number: dt.Int64 = pa.Field(ge=1)
    reading_key: dt.Int64 = pa.Field(ge=0)
    read_seconds: dt.Int64
    centi_celsius: dt.Int64
    milli_bar: dt.Int64 = pa.Field(ge=0)
    energy_e4_kwh: dt.Int64 = pa.Field(ge=0)
    efficiency_bp: dt.Int64 = pa.Field(ge=0)

    class Config:
        strict = True
        unique = ["batch_id", "reading_number"]


class QcChecks(_Event):
    """One row per check."""

    check_id: dt.String
    check_seconds: dt.Int64
    employee_id: dt.String
    employee_name: dt.String
    result: dt.String = pa.Field(isin=[result.value for result in QcResult])
    defect_notes: dt.String = pa.Field(nullable=True)

    class Config:
        strict = True
        unique = ["check_id"]


class OperatorEntries(_Event):
    """One row per entry."""

    log_id: dt.String
    log_seconds: dt.Int64
    employee_id: dt.String
    employee_name: dt.String
    action: dt.String
    notes: dt.String

    class Config:
        strict = True
        unique = ["log_id"]


class ProductionFaults(pa.DataFrameModel):
    """One row per batch."""

    batch_id: dt.String
    product_spelling_number: dt.Int64 = pa.Field(ge=0)
    copy_count: dt.Int64 = pa.Field(ge=0)
    late_days: dt.Int64 = pa.Field(ge=0)

    class Config:
        strict = True
        unique = ["batch_id"]


class SensorFaults(pa.DataFrameModel):
    """One row per reading."""

    batch_id: dt.String
    reading_number: dt.Int64 = pa.Field(ge=1)
    drift_minutes: dt.Int64
    is_temperature_missing: dt.Boolean
    is_pressure_missing: dt.Boolean
    is_energy_missing: dt.Boolean
    is_efficiency_missing: dt.Boolean

    class Config:
        strict = True
        unique = ["batch_id", "reading_number"]


class QcFaults(pa.DataFrameModel):
    """One row per check."""

    check_id: dt.String
    is_local: dt.Boolean

    class Config:
        strict = True
        unique = ["check_id"]


class OperatorFaults(pa.DataFrameModel):
    """One row per entry."""

    log_id: dt.String
    is_local: dt.Boolean
    machine_spelling_number: dt.Int64 = pa.Field(ge=0)

    class Config:
        strict = True
        unique = ["log_id"]


CONTRACTS = {
    "production_batches": ProductionBatches,
    "sensor_readings": SensorReadings,
    "qc_checks": QcChecks,
    "operator_entries": OperatorEntries,
    "production_faults": ProductionFaults,
    "sensor_faults": SensorFaults,
    "qc_faults": QcFaults,
    "operator_faults": OperatorFaults,
}
