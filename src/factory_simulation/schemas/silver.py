"""Contracts of silver."""

import ibis.expr.datatypes as dt
import pandera.ibis as pa

from factory_simulation.domain import (
    EVENT_DATE,
    LANDED_TABLES,
    MACHINE_EVENTS,
    OPERATOR_LOGS,
    PRODUCTION_BATCHES,
    QC_CHECKS,
    SENSOR_LOGS,
    DuplicateKind,
    FaultType,
    MachineEventType,
    Method,
    QcResult,
)
from factory_simulation.schemas.history import BatchHistory
from factory_simulation.schemas.partitions import partitioned

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


class NoteSpellings(pa.DataFrameModel):
    """One row per landed note that is a misspelled standard phrase."""

    landed_note: dt.String
    phrase: dt.String

    class Config:
        strict = True
        unique = ["landed_note"]


class Clocks(pa.DataFrameModel):
    """One row per factory and stretch of local time with one offset from UTC, in seconds."""

    factory_id: dt.String
    local_year: dt.Int64
    local_from_seconds: dt.Int64
    local_to_seconds: dt.Int64
    utc_offset_seconds: dt.Int64 = pa.Field(ge=-_FARTHEST_ZONE, le=_FARTHEST_ZONE)

    class Config:
        strict = True
        unique = ["factory_id", "local_year", "local_from_seconds", "utc_offset_seconds"]


class _Assessed(pa.DataFrameModel):
    """A landed row with what was made of it; one with reasons may lack any other value."""

    row_id: dt.String = pa.Field(alias="_row_id")
    landed_on: dt.Date = pa.Field(alias="_arrival_date")
    worked_on: dt.Date = pa.Field(alias=EVENT_DATE)
    raw_row: dt.String
    reasons: dt.String
    duplicate_kind: dt.String = pa.Field(nullable=True, isin=[kind.value for kind in DuplicateKind])


class AssessedProductionBatches(_Assessed):
    """One row per landed row of ``production_batches``."""

    source_file: dt.String = pa.Field(alias="_source_file")
    source_row: dt.Int64 = pa.Field(alias="_source_row")
    batch_id: dt.String = pa.Field(nullable=True)
    occurrence: dt.Int64 = pa.Field(ge=0)
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
        metadata = partitioned(of=PRODUCTION_BATCHES)


class AssessedSensorReadings(_Assessed):
    """One row per landed row of ``sensor_logs``."""

    source_row: dt.Int64 = pa.Field(alias="_source_row")
    machine_id: dt.String = pa.Field(nullable=True)
    landed_machine_id: dt.String = pa.Field(nullable=True)
    timestamp: dt.String = pa.Field(nullable=True)
    told_seconds: dt.Int64 = pa.Field(nullable=True)
    landed_temperature: dt.String = pa.Field(nullable=True)
    landed_pressure: dt.String = pa.Field(nullable=True)
    landed_energy_kwh: dt.String = pa.Field(nullable=True)
    landed_efficiency_percent: dt.String = pa.Field(nullable=True)
    temperature_fault: dt.String = pa.Field(nullable=True)
    pressure_fault: dt.String = pa.Field(nullable=True)
    energy_kwh_fault: dt.String = pa.Field(nullable=True)
    efficiency_percent_fault: dt.String = pa.Field(nullable=True)
    temperature_c: dt.Float64 = pa.Field(nullable=True)
    pressure_bar: dt.Float64 = pa.Field(nullable=True)
    energy_kwh: dt.Float64 = pa.Field(nullable=True)
    efficiency_percent: dt.Float64 = pa.Field(nullable=True)

    class Config:
        strict = True
        unique = ["_row_id"]
        metadata = partitioned(of=SENSOR_LOGS)


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
    is_clock_reset: dt.Boolean
    inspector_id: dt.String = pa.Field(nullable=True)
    inspector_name: dt.String = pa.Field(nullable=True)
    result: dt.String = pa.Field(nullable=True)
    defect_notes: dt.String = pa.Field(nullable=True)
    landed_defect_notes: dt.String = pa.Field(nullable=True)

    class Config:
        strict = True
        unique = ["_row_id"]
        metadata = partitioned(of=QC_CHECKS)


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
    landed_notes: dt.String = pa.Field(nullable=True)

    class Config:
        strict = True
        unique = ["_row_id"]
        metadata = partitioned(of=OPERATOR_LOGS)


class AssessedMachineEvents(_Assessed):
    """One row per landed row of ``machine_events``."""

    event_id: dt.String = pa.Field(nullable=True)
    machine_id: dt.String = pa.Field(nullable=True)
    landed_machine_id: dt.String = pa.Field(nullable=True)
    event_type: dt.String = pa.Field(nullable=True)
    reason: dt.String = pa.Field(nullable=True)
    start_seconds: dt.Int64 = pa.Field(nullable=True)
    end_seconds: dt.Int64 = pa.Field(nullable=True)

    class Config:
        strict = True
        unique = ["_row_id"]
        metadata = partitioned(of=MACHINE_EVENTS)


class AssessedMachineRegistry(_Assessed):
    """One row per landed row of ``machine_registry``."""

    machine_id: dt.String = pa.Field(nullable=True)
    landed_machine_id: dt.String = pa.Field(nullable=True)
    snapshot_date: dt.Date = pa.Field(nullable=True)
    units_per_hour: dt.Float64 = pa.Field(nullable=True)
    kwh_per_unit: dt.Float64 = pa.Field(nullable=True)
    status: dt.String = pa.Field(nullable=True)
    firmware: dt.String = pa.Field(nullable=True)
    owner: dt.String = pa.Field(nullable=True)

    class Config:
        strict = True
        unique = ["_row_id"]


class BatchAnchors(pa.DataFrameModel):
    """One row per batch that stands: its id, when it ran, what its machine's plate says of it."""

    row_id: dt.String = pa.Field(alias="_row_id")
    worked_on: dt.Date = pa.Field(alias=EVENT_DATE)
    landed_batch_id: dt.String
    batch_id: dt.String
    is_id_reused: dt.Boolean
    is_id_repaired: dt.Boolean
    factory_id: dt.String
    machine_id: dt.String = pa.Field(str_matches=_MACHINE_ID)
    production_date: dt.Date
    start_seconds: dt.Int64
    end_seconds: dt.Int64
    plate_micro_kwh: dt.Int64 = pa.Field(ge=0)
    plate_efficiency: dt.Float64 = pa.Field(nullable=True, ge=0)

    class Config:
        strict = True
        unique = ["machine_id", "production_date", "batch_id"]
        metadata = partitioned(of=PRODUCTION_BATCHES)


class LostBatches(pa.DataFrameModel):
    """One row per batch that never landed, with the row of the batch after it."""

    row_id: dt.String = pa.Field(alias="_row_id")
    worked_on: dt.Date = pa.Field(alias=EVENT_DATE)
    machine_id: dt.String = pa.Field(str_matches=_MACHINE_ID)
    production_date: dt.Date
    batch_id: dt.String

    class Config:
        strict = True
        unique = ["machine_id", "production_date", "batch_id"]
        metadata = partitioned(of=PRODUCTION_BATCHES)


class _Event(pa.DataFrameModel):
    """A kept event: the landed row that stands for it, and where it happened."""

    row_id: dt.String = pa.Field(alias="_row_id")
    worked_on: dt.Date = pa.Field(alias=EVENT_DATE)
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
    is_id_reused: dt.Boolean

    class Config:
        strict = True
        unique = ["machine_id", "production_date", "batch_id"]
        metadata = partitioned(of=PRODUCTION_BATCHES)

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
    is_clock_repaired: dt.Boolean
    is_temperature_missing: dt.Boolean
    is_temperature_spiked: dt.Boolean
    is_temperature_stuck: dt.Boolean
    is_pressure_missing: dt.Boolean
    is_pressure_spiked: dt.Boolean
    is_energy_missing: dt.Boolean
    is_meter_drifting: dt.Boolean
    is_efficiency_missing: dt.Boolean

    class Config:
        strict = True
        unique = ["_row_id"]
        metadata = partitioned(of=SENSOR_LOGS)


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
    is_time_estimated: dt.Boolean

    class Config:
        strict = True
        unique = ["_row_id"]
        metadata = partitioned(of=QC_CHECKS)


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
        metadata = partitioned(of=OPERATOR_LOGS)


class MachineEvents(_Event):
    """One row per stop and per maintenance."""

    event_id: dt.String
    event_type: dt.String = pa.Field(isin=[type_.value for type_ in MachineEventType])
    reason: dt.String = pa.Field(nullable=True)
    start_at: dt.Timestamp
    end_at: dt.Timestamp
    event_date: dt.Date
    duration_seconds: dt.Int64 = pa.Field(ge=0)

    class Config:
        strict = True
        unique = ["_row_id"]
        metadata = partitioned(of=MACHINE_EVENTS)


class MachineRegistry(_Event):
    """One row per machine and snapshot date."""

    snapshot_date: dt.Date
    units_per_hour: dt.Float64 = pa.Field(gt=0)
    kwh_per_unit: dt.Float64 = pa.Field(gt=0)
    status: dt.String = pa.Field(nullable=True)
    firmware: dt.String = pa.Field(nullable=True)
    owner: dt.String = pa.Field(nullable=True)
    is_late: dt.Boolean

    class Config:
        strict = True
        unique = ["machine_id", "snapshot_date"]


class MachineVersions(pa.DataFrameModel):
    """One row per machine and version, valid from a date up to and without another."""

    machine_id: dt.String = pa.Field(str_matches=_MACHINE_ID)
    valid_from: dt.Date
    valid_to: dt.Date = pa.Field(nullable=True)
    is_current: dt.Boolean
    units_per_hour: dt.Float64 = pa.Field(gt=0)
    kwh_per_unit: dt.Float64 = pa.Field(gt=0)
    status: dt.String = pa.Field(nullable=True)
    firmware: dt.String = pa.Field(nullable=True)
    owner: dt.String = pa.Field(nullable=True)

    class Config:
        strict = True
        unique = ["machine_id", "valid_from"]

    @pa.dataframe_check
    def begins_before_it_ends(cls, data):
        """A version is valid for a day at least."""
        return data.table.valid_to.isnull() | (data.table.valid_from < data.table.valid_to)


class Quarantine(pa.DataFrameModel):
    """One row per landed row that cannot be kept."""

    row_id: dt.String = pa.Field(alias="_row_id")
    worked_on: dt.Date = pa.Field(alias=EVENT_DATE)
    table_name: dt.String = pa.Field(isin=_TABLES)
    raw_row: dt.String
    reasons: dt.String = pa.Field(str_matches=r"^[a-z_]+")
    arrival_date: dt.Date

    class Config:
        strict = True
        unique = ["_row_id"]
        metadata = partitioned()


class Repairs(pa.DataFrameModel):
    """One row per landed row, column and fault that silver believes in.

    A row that is missing is claimed where the next one stands; ``lost_event_id`` says which it is.
    """

    row_id: dt.String = pa.Field(alias="_row_id")
    worked_on: dt.Date = pa.Field(alias=EVENT_DATE)
    table_name: dt.String = pa.Field(isin=_TABLES)
    column_name: dt.String
    fault_type: dt.String = pa.Field(isin=[fault.value for fault in FaultType])
    raw_value: dt.String = pa.Field(nullable=True)
    repaired_value: dt.String = pa.Field(nullable=True)
    method: dt.String = pa.Field(isin=[method.value for method in Method])
    confidence: dt.Float64 = pa.Field(ge=0, le=1)
    lost_event_id: dt.String = pa.Field(nullable=True)

    class Config:
        strict = True
        unique = ["_row_id", "column_name", "fault_type", "lost_event_id"]
        metadata = partitioned()


CONTRACTS = {
    "product_spellings": ProductSpellings,
    "machine_spellings": MachineSpellings,
    "note_spellings": NoteSpellings,
    "clocks": Clocks,
    "assessed_production_batches": AssessedProductionBatches,
    "assessed_sensor_readings": AssessedSensorReadings,
    "assessed_qc_checks": AssessedQcChecks,
    "assessed_operator_logs": AssessedOperatorLogs,
    "assessed_machine_events": AssessedMachineEvents,
    "assessed_machine_registry": AssessedMachineRegistry,
    "batch_anchors": BatchAnchors,
    "lost_batches": LostBatches,
    "production_batches": ProductionBatches,
    "sensor_readings": SensorReadings,
    "qc_checks": QcChecks,
    "operator_logs": OperatorLogs,
    "machine_events": MachineEvents,
    "batch_history": BatchHistory,
    "machine_registry": MachineRegistry,
    "machine_versions": MachineVersions,
    "quarantine": Quarantine,
    "production_repairs": Repairs,
    "sensor_repairs": Repairs,
    "check_repairs": Repairs,
    "entry_repairs": Repairs,
    "event_repairs": Repairs,
    "registry_repairs": Repairs,
    "repairs": Repairs,
}
