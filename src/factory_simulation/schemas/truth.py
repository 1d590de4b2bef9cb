"""Contracts of the simulated truth, of what lands of it, and of the ledger of faults."""

import ibis.expr.datatypes as dt
import pandera.ibis as pa

from factory_simulation.domain import (
    LANDED_TABLES,
    MACHINE_EVENTS,
    MACHINE_REGISTRY,
    OPERATOR_LOGS,
    PRODUCTION_BATCHES,
    QC_CHECKS,
    SENSOR_LOGS,
    FaultType,
    LandedTable,
    MachineEventType,
    QcResult,
    Recoverability,
)


class _Event(pa.DataFrameModel):
    batch_id: dt.String
    factory_id: dt.String
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
    is_wanted: dt.Boolean
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
    start_seconds: dt.Int64
    end_seconds: dt.Int64
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
    end_seconds: dt.Int64
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
    names_batch: dt.Boolean
    log_seconds: dt.Int64
    employee_id: dt.String
    employee_name: dt.String
    action: dt.String
    notes: dt.String

    class Config:
        strict = True
        unique = ["log_id"]


class Plans(pa.DataFrameModel):
    """One row per planned batch."""

    machine_id: dt.String
    event_day: dt.Int64 = pa.Field(ge=0)
    is_wanted: dt.Boolean
    number: dt.Int64 = pa.Field(ge=0)
    minutes: dt.Int64 = pa.Field(ge=0)
    start_minute: dt.Int64
    end_minute: dt.Int64
    is_begun: dt.Boolean
    stop_number: dt.Int64
    stop_minutes: dt.Int64 = pa.Field(ge=0)
    maintenance_minutes: dt.Int64 = pa.Field(ge=0)
    idle_from_minute: dt.Int64

    class Config:
        strict = True
        unique = ["machine_id", "event_day", "number"]


class MachineEvents(pa.DataFrameModel):
    """One row per stop and per maintenance."""

    event_id: dt.String
    factory_id: dt.String
    machine_id: dt.String
    event_day: dt.Int64 = pa.Field(ge=0)
    event_number: dt.Int64 = pa.Field(ge=1)
    machine_position: dt.Int64 = pa.Field(ge=0)
    machine_random_key: dt.Int64 = pa.Field(ge=0)
    event_type: dt.String = pa.Field(isin=[type_.value for type_ in MachineEventType])
    reason: dt.String
    start_seconds: dt.Int64
    end_seconds: dt.Int64

    class Config:
        strict = True
        unique = ["event_id"]


class MachineVersions(pa.DataFrameModel):
    """One row per machine and version, valid from a date up to and without another.

    Days count from 1970-01-01; first versions begin long before.
    """

    machine_id: dt.String
    factory_id: dt.String
    machine_position: dt.Int64 = pa.Field(ge=0)
    machine_random_key: dt.Int64 = pa.Field(ge=0)
    from_day: dt.Int64
    to_day: dt.Int64 = pa.Field(nullable=True)
    valid_from: dt.Date
    valid_to: dt.Date = pa.Field(nullable=True)
    is_current: dt.Boolean
    milli_units_per_hour: dt.Int64 = pa.Field(ge=1)
    micro_kwh_per_unit: dt.Int64 = pa.Field(ge=1)
    status: dt.String = pa.Field(nullable=True)
    firmware: dt.String = pa.Field(nullable=True)
    owner: dt.String = pa.Field(nullable=True)
    is_late: dt.Boolean
    is_corrected: dt.Boolean
    delay_days: dt.Int64 = pa.Field(ge=0)

    class Config:
        strict = True
        unique = ["machine_id", "from_day"]


class Stock(pa.DataFrameModel):
    """One row per date, factory and product, in units."""

    production_date: dt.Date
    factory_id: dt.String
    product_name: dt.String
    units_made: dt.Int64 = pa.Field(ge=0)
    units_used: dt.Int64 = pa.Field(ge=0)
    units_in_stock: dt.Int64 = pa.Field(ge=0)

    class Config:
        strict = True
        unique = ["production_date", "factory_id", "product_name"]


class FaultLedger(pa.DataFrameModel):
    """One row per injected fault.

    Chances are those of the best reader of the landed files: of finding that something is wrong,
    and of finding the clean value.
    """

    fault_id: dt.String
    fault_type: dt.String = pa.Field(isin=[fault.value for fault in FaultType])
    mechanism: dt.String
    table_name: dt.String = pa.Field(isin=list(LANDED_TABLES))
    source_file: dt.String = pa.Field(nullable=True)
    source_row: dt.Int64 = pa.Field(nullable=True, ge=1)
    column_name: dt.String
    clean_value: dt.String = pa.Field(nullable=True)
    dirty_value: dt.String = pa.Field(nullable=True)
    event_date: dt.Date
    arrival_date: dt.Date
    recoverability: dt.String = pa.Field(isin=[fate.value for fate in Recoverability])
    event_id: dt.String
    factory_id: dt.String
    detection_chance: dt.Float64 = pa.Field(ge=0, le=1)
    repair_chance: dt.Float64 = pa.Field(ge=0, le=1)

    class Config:
        strict = True
        unique = ["fault_id"]


_CELL_PARTS = {
    "clean": dt.String,
    "fault": dt.String,
    "mechanism": dt.String,
    "recoverability": dt.String,
    "detection": dt.Int64,
    "repair": dt.Int64,
}


def _landed(contract: LandedTable, *cells: str) -> pa.DataFrameSchema:
    """Return the contract of rows as they land, with what the ledger says of the rows' cells.

    Grain: one row per landed row, and one per row that was lost.
    """
    texts = contract.known
    columns = {name: pa.Column(dt.String, nullable=True) for name in texts}
    columns |= {
        f"{cell}_{part}": pa.Column(type_, nullable=True)
        for cell in ("row", *cells)
        for part, type_ in _CELL_PARTS.items()
        if (cell, part) != ("row", "clean")
    }
    columns |= {
        f"{cell}_dirty": pa.Column(dt.String, nullable=True)
        for cell in cells
        if cell not in contract.columns
    }
    return pa.DataFrameSchema(
        {
            **columns,
            "_arrival_date": pa.Column(dt.Date),
            "_source_file": pa.Column(dt.String, nullable=True),
            "_source_row": pa.Column(dt.Int64, nullable=True),
            "factory_id": pa.Column(dt.String),
            "event_key": pa.Column(dt.String),
            "event_date": pa.Column(dt.Date),
            "is_landed": pa.Column(dt.Boolean),
        },
        strict=True,
        unique=["_source_file", "_source_row", "event_key"],
    )


CONTRACTS = {
    "plans": Plans,
    "production_batches": ProductionBatches,
    "sensor_readings": SensorReadings,
    "qc_checks": QcChecks,
    "operator_entries": OperatorEntries,
    "machine_events": MachineEvents,
    "machine_versions": MachineVersions,
    "stock": Stock,
    "landed_production_batches": _landed(
        PRODUCTION_BATCHES, "batch_id", "machine_id", "product_name", "arrival"
    ),
    "landed_sensor_logs": _landed(
        SENSOR_LOGS,
        "timestamp",
        "machine_id",
        "temperature",
        "pressure",
        "energy_kwh",
        "efficiency_percent",
    ),
    "landed_qc_checks": _landed(QC_CHECKS, "check_timestamp", "defect_notes"),
    "landed_operator_logs": _landed(OPERATOR_LOGS, "log_timestamp", "machine_id", "notes"),
    "landed_machine_events": _landed(MACHINE_EVENTS, "machine_id", "reason"),
    "landed_machine_registry": _landed(MACHINE_REGISTRY, "machine_id", "arrival"),
    "fault_ledger": FaultLedger,
}
