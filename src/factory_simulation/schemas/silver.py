"""Contracts of silver."""

import ibis.expr.datatypes as dt
import pandera.ibis as pa

from factory_simulation.domain import LANDED_TABLES, DuplicateKind, FaultType, QcResult

_MACHINE_ID = r"^[A-Z]+-[0-9]+$"
_TABLES = list(LANDED_TABLES)
_FARTHEST_ZONE = 14 * 3600


class ProductSpellings(pa.DataFrameModel):
    """One row per landed spelling of a known product."""

    product_spelling: dt.String
    product_name: dt.String

    class Config:
        strict = True
        unique = ["product_spelling"]


class MachineSpellings(pa.DataFrameModel):
    """One row per landed spelling of a known machine."""

    machine_spelling: dt.String
    machine_id: dt.String = pa.Field(str_matches=_MACHINE_ID)

    class Config:
        strict = True
        unique = ["machine_spelling"]


class Clocks(pa.DataFrameModel):
    """One row per machine: how far its factory's clocks are ahead of UTC."""

    machine_id: dt.String = pa.Field(str_matches=_MACHINE_ID)
    utc_offset_seconds: dt.Int64 = pa.Field(ge=-_FARTHEST_ZONE, le=_FARTHEST_ZONE)

    class Config:
        strict = True
        unique = ["machine_id"]


class _Assessed(pa.DataFrameModel):
    """A landed row with what was made of it; one with reasons may lack any other value."""

    row_id: dt.String = pa.Field(alias="_row_id")
    landed_on: dt.Date = pa.Field(alias="_arrival_date")
    raw_row: dt.String
    reasons: dt.String
    duplicate_kind: dt.String = pa.Field(nullable=True, isin=[kind.value for kind in DuplicateKind])


class AssessedProductionBatches(_Assessed):
    """One row per landed row of ``production_batches``."""

    batch_id: dt.String = pa.Field(nullable=True)
    machine_id: dt.String = pa.Field(nullable=True)
    landed_machine_id: dt.String = pa.Field(nullable=True)
    product_name: dt.String = pa.Field(nullable=True)
    landed_product_name: dt.String = pa.Field(nullable=True)
    production_date: dt.Date = pa.Field(nullable=True)
    start_seconds: dt.Int64 = pa.Field(nullable=True)
    end_seconds: dt.Int64 = pa.Field(nullable=True)
    units_produced: dt.Int64 = pa.Field(nullable=True)
    units_defective: dt.Int64 = pa.Field(nullable=True)

    class Config:
        strict = True
        unique = ["_row_id"]


class AssessedSensorReadings(_Assessed):
    """One row per landed row of ``sensor_logs``."""

    machine_id: dt.String = pa.Field(nullable=True)
    landed_machine_id: dt.String = pa.Field(nullable=True)
    timestamp: dt.String = pa.Field(nullable=True)
    read_seconds: dt.Int64 = pa.Field(nullable=True)
    temperature_c: dt.Float64 = pa.Field(nullable=True)
    pressure_bar: dt.Float64 = pa.Field(nullable=True)
    energy_kwh: dt.Float64 = pa.Field(nullable=True)
    efficiency_percent: dt.Float64 = pa.Field(nullable=True)

    class Config:
        strict = True
        unique = ["_row_id"]


class AssessedQcChecks(_Assessed):
    """One row per landed row of ``qc_checks``."""

    check_id: dt.String = pa.Field(nullable=True)
    batch_id: dt.String = pa.Field(nullable=True)
    machine_id: dt.String = pa.Field(nullable=True)
    batch_date: dt.Date = pa.Field(nullable=True)
    check_timestamp: dt.String = pa.Field(nullable=True)
    check_seconds: dt.Int64 = pa.Field(nullable=True)
    is_local_time: dt.Boolean = pa.Field(nullable=True)
    is_time_ambiguous: dt.Boolean = pa.Field(nullable=True)
    inspector_id: dt.String = pa.Field(nullable=True)
    inspector_name: dt.String = pa.Field(nullable=True)
    result: dt.String = pa.Field(nullable=True)
    defect_notes: dt.String = pa.Field(nullable=True)

    class Config:
        strict = True
        unique = ["_row_id"]


class AssessedOperatorLogs(_Assessed):
    """One row per landed row of ``operator_logs``."""

    log_id: dt.String = pa.Field(nullable=True)
    machine_id: dt.String = pa.Field(nullable=True)
    landed_machine_id: dt.String = pa.Field(nullable=True)
    log_timestamp: dt.String = pa.Field(nullable=True)
    told_seconds: dt.Int64 = pa.Field(nullable=True)
    is_zone_told: dt.Boolean
    operator_id: dt.String = pa.Field(nullable=True)
    operator_name: dt.String = pa.Field(nullable=True)
    action: dt.String = pa.Field(nullable=True)
    notes: dt.String = pa.Field(nullable=True)

    class Config:
        strict = True
        unique = ["_row_id"]


class _Event(pa.DataFrameModel):
    """A kept event: the landed row that stands for it, and where it happened."""

    row_id: dt.String = pa.Field(alias="_row_id")
    factory_id: dt.String
    machine_id: dt.String = pa.Field(str_matches=_MACHINE_ID)
    arrival_date: dt.Date


class ProductionBatches(_Event):
    """One row per batch."""

    batch_id: dt.String
    product_name: dt.String
    production_date: dt.Date
    start_at: dt.Timestamp
    end_at: dt.Timestamp
    duration_seconds: dt.Int64 = pa.Field(ge=0)
    units_produced: dt.Int64 = pa.Field(ge=0)
    units_defective: dt.Int64 = pa.Field(ge=0)
    is_late: dt.Boolean
    is_product_renamed: dt.Boolean
    is_machine_renamed: dt.Boolean

    class Config:
        strict = True
        unique = ["machine_id", "production_date", "batch_id"]

    @pa.dataframe_check
    def no_more_defects_than_units(cls, data):
        """Only units that were made can be defective."""
        return data.table.units_defective <= data.table.units_produced


class SensorReadings(_Event):
    """One row per reading."""

    batch_id: dt.String = pa.Field(nullable=True)
    batch_date: dt.Date = pa.Field(nullable=True)
    read_at: dt.Timestamp
    reading_date: dt.Date
    seconds_outside_batch: dt.Int64 = pa.Field(nullable=True, ge=0)
    temperature_c: dt.Float64 = pa.Field(nullable=True)
    pressure_bar: dt.Float64 = pa.Field(nullable=True)
    energy_kwh: dt.Float64 = pa.Field(nullable=True)
    energy_kwh_imputed: dt.Float64 = pa.Field(nullable=True)
    efficiency_percent: dt.Float64 = pa.Field(nullable=True)
    efficiency_percent_imputed: dt.Float64 = pa.Field(nullable=True)
    is_batch_ambiguous: dt.Boolean
    is_temperature_missing: dt.Boolean
    is_pressure_missing: dt.Boolean
    is_energy_missing: dt.Boolean
    is_efficiency_missing: dt.Boolean

    class Config:
        strict = True
        unique = ["_row_id"]


class QcChecks(_Event):
    """One row per check."""

    check_id: dt.String
    batch_id: dt.String
    batch_date: dt.Date
    check_at: dt.Timestamp
    check_date: dt.Date
    inspector_id: dt.String = pa.Field(nullable=True)
    inspector_name: dt.String = pa.Field(nullable=True)
    result: dt.String = pa.Field(isin=[result.value for result in QcResult])
    defect_notes: dt.String = pa.Field(nullable=True)
    is_local_time: dt.Boolean
    is_time_ambiguous: dt.Boolean

    class Config:
        strict = True
        unique = ["_row_id"]


class OperatorLogs(_Event):
    """One row per entry."""

    log_id: dt.String
    batch_id: dt.String = pa.Field(nullable=True)
    batch_date: dt.Date = pa.Field(nullable=True)
    log_at: dt.Timestamp
    log_date: dt.Date
    operator_id: dt.String = pa.Field(nullable=True)
    operator_name: dt.String = pa.Field(nullable=True)
    action: dt.String = pa.Field(nullable=True)
    notes: dt.String = pa.Field(nullable=True)
    is_machine_renamed: dt.Boolean
    is_local_time: dt.Boolean
    is_time_ambiguous: dt.Boolean

    class Config:
        strict = True
        unique = ["_row_id"]


class Quarantine(pa.DataFrameModel):
    """One row per landed row that cannot be kept."""

    row_id: dt.String = pa.Field(alias="_row_id")
    table_name: dt.String = pa.Field(isin=_TABLES)
    raw_row: dt.String
    reasons: dt.String = pa.Field(str_matches=r"^[a-z_]+")
    arrival_date: dt.Date

    class Config:
        strict = True
        unique = ["_row_id"]


class Repairs(pa.DataFrameModel):
    """One row per landed row, column and fault that silver believes in."""

    row_id: dt.String = pa.Field(alias="_row_id")
    table_name: dt.String = pa.Field(isin=_TABLES)
    column_name: dt.String
    fault_type: dt.String = pa.Field(isin=[fault.value for fault in FaultType])
    raw_value: dt.String = pa.Field(nullable=True)
    repaired_value: dt.String = pa.Field(nullable=True)
    method: dt.String
    confidence: dt.Float64 = pa.Field(ge=0, le=1)

    class Config:
        strict = True
        unique = ["_row_id", "column_name", "fault_type"]


CONTRACTS = {
    "product_spellings": ProductSpellings,
    "machine_spellings": MachineSpellings,
    "clocks": Clocks,
    "assessed_production_batches": AssessedProductionBatches,
    "assessed_sensor_readings": AssessedSensorReadings,
    "assessed_qc_checks": AssessedQcChecks,
    "assessed_operator_logs": AssessedOperatorLogs,
    "production_batches": ProductionBatches,
    "sensor_readings": SensorReadings,
    "qc_checks": QcChecks,
    "operator_logs": OperatorLogs,
    "quarantine": Quarantine,
    "repairs": Repairs,
}
