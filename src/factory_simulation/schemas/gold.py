"""Contracts of gold."""

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
    FaultType,
    MachineEventType,
    Member,
    QcResult,
    Role,
)
from factory_simulation.expressions.rules import both_or_neither
from factory_simulation.schemas import (
    data_quality,
    dirt,
    energy,
    health,
    material,
    oee,
    quality,
)
from factory_simulation.schemas.history import (
    CompletenessTriangle,
    DailyProductionAsOf,
    Nowcasts,
    Restatements,
)
from factory_simulation.schemas.partitions import partitioned

_BATCH_OR_NONE = f"the batch; {Member.NOT_APPLICABLE} outside of batches"
_PERSON_OR_UNKNOWN = f"who it was; {Member.UNKNOWN} where nobody is named"


class DimDate(pa.DataFrameModel):
    """One row per UTC date from the first to the last event, but for gaps that are too long."""

    date_key: dt.Int64 = pa.Field(ge=1900_01_01, le=9999_12_31)
    date: dt.Date
    year: dt.Int64
    quarter: dt.Int64 = pa.Field(ge=1, le=4)
    month: dt.Int64 = pa.Field(ge=1, le=12)
    day: dt.Int64 = pa.Field(ge=1, le=31)
    iso_week: dt.Int64 = pa.Field(ge=1, le=53)
    day_of_week: dt.Int64 = pa.Field(ge=1, le=7)
    day_name: dt.String
    is_weekend: dt.Boolean

    class Config:
        strict = True
        unique = ["date_key"]


class DimProduct(pa.DataFrameModel):
    """One row per product."""

    product_key: dt.String
    product_name: dt.String
    made_from: dt.String = pa.Field(nullable=True)
    input_per_unit: dt.Int64 = pa.Field(nullable=True, ge=1)

    class Config:
        strict = True
        unique = ["product_key"]


class DimMachine(pa.DataFrameModel):
    """One row per machine and version, valid from a date up to and without another."""

    machine_key: dt.String
    machine_id: dt.String
    valid_from: dt.Date
    valid_to: dt.Date = pa.Field(nullable=True)
    is_current: dt.Boolean
    machine_kind: dt.String
    product_name: dt.String
    units_per_hour: dt.Float64 = pa.Field(gt=0)
    kwh_per_unit: dt.Float64 = pa.Field(gt=0)
    status: dt.String = pa.Field(nullable=True)
    firmware: dt.String = pa.Field(nullable=True)
    owner: dt.String = pa.Field(nullable=True)
    installed_on: dt.Date
    factory_id: dt.String
    factory_name: dt.String
    city: dt.String
    timezone: dt.String

    class Config:
        strict = True
        unique = ["machine_key"]


class DimFactory(pa.DataFrameModel):
    """One row per factory."""

    factory_key: dt.String
    factory_id: dt.String
    factory_name: dt.String
    city: dt.String
    timezone: dt.String = pa.Field(nullable=True)

    class Config:
        strict = True
        unique = ["factory_key"]


class DimEmployee(pa.DataFrameModel):
    """One row per inspector, per operator, and one for whoever is not named."""

    employee_key: dt.String
    role: dt.String = pa.Field(
        isin=[*(role.value for role in Role), Member.UNKNOWN.value],
        description="what the person does; the name of the member in the row that is no person",
    )
    employee_id: dt.String
    employee_name: dt.String = pa.Field(nullable=True)

    class Config:
        strict = True
        unique = ["employee_key"]


class DimStopReason(pa.DataFrameModel):
    """One row per event type and reason, and one per member that stands for none.

    Of a member all columns have its name, but for ``is_planned``.
    """

    stop_reason_key: dt.String
    event_type: dt.String = pa.Field(
        isin=[*(type_.value for type_ in MachineEventType), *(member.value for member in Member)]
    )
    reason: dt.String = pa.Field(description="as it landed; of several spellings, the first")
    is_planned: dt.Boolean = pa.Field(
        nullable=True, description="maintenance is planned, a stop is not; null in members"
    )

    class Config:
        strict = True
        unique = ["stop_reason_key"]

    @pa.dataframe_check
    def planned_unless_member(cls, data):
        """All but members are planned or not."""
        members = [member.value for member in Member]
        is_member = data.table.stop_reason_key.isin(members)
        return both_or_neither(is_member, data.table.is_planned.isnull())


class _Fact(pa.DataFrameModel):
    worked_on: dt.Date = pa.Field(alias=EVENT_DATE)
    date_key: dt.Int64
    machine_key: dt.String
    shift_key: dt.String
    factory_id: dt.String


class FactProduction(_Fact):
    """One row per batch."""

    batch_key: dt.String
    product_key: dt.String
    batch_id: dt.String
    start_at: dt.Timestamp
    end_at: dt.Timestamp
    duration_minutes: dt.Float64 = pa.Field(ge=0)
    units_produced: dt.Int64 = pa.Field(ge=0)
    units_defective: dt.Int64 = pa.Field(ge=0)
    units_good: dt.Int64 = pa.Field(ge=0)
    energy_kwh: dt.Float64 = pa.Field(ge=0)
    arrival_date: dt.Date
    is_late: dt.Boolean
    is_id_reused: dt.Boolean

    class Config:
        strict = True
        unique = ["batch_key"]
        metadata = partitioned(of=PRODUCTION_BATCHES)


class FactSensorReading(_Fact):
    """One row per sensor reading."""

    reading_key: dt.String
    batch_key: dt.String = pa.Field(description=_BATCH_OR_NONE)
    read_at: dt.Timestamp
    temperature_c: dt.Float64 = pa.Field(nullable=True)
    pressure_bar: dt.Float64 = pa.Field(nullable=True)
    energy_kwh: dt.Float64 = pa.Field(nullable=True)
    energy_kwh_imputed: dt.Float64 = pa.Field(nullable=True)
    efficiency_percent: dt.Float64 = pa.Field(nullable=True)
    efficiency_percent_imputed: dt.Float64 = pa.Field(nullable=True)
    is_batch_ambiguous: dt.Boolean
    is_clock_repaired: dt.Boolean
    is_temperature_stuck: dt.Boolean
    is_meter_drifting: dt.Boolean

    class Config:
        strict = True
        unique = ["reading_key"]
        metadata = partitioned(of=SENSOR_LOGS)


class FactQualityCheck(_Fact):
    """One row per quality check."""

    check_key: dt.String
    batch_key: dt.String
    employee_key: dt.String = pa.Field(description=_PERSON_OR_UNKNOWN)
    check_id: dt.String
    check_at: dt.Timestamp
    result: dt.String = pa.Field(isin=[result.value for result in QcResult])
    defect_notes: dt.String = pa.Field(nullable=True)
    is_local_time: dt.Boolean
    is_time_ambiguous: dt.Boolean
    is_time_estimated: dt.Boolean

    class Config:
        strict = True
        unique = ["check_key"]
        metadata = partitioned(of=QC_CHECKS)


class FactOperatorEvent(_Fact):
    """One row per operator entry."""

    event_key: dt.String
    batch_key: dt.String = pa.Field(description=_BATCH_OR_NONE)
    employee_key: dt.String = pa.Field(description=_PERSON_OR_UNKNOWN)
    log_id: dt.String
    log_at: dt.Timestamp
    action: dt.String = pa.Field(nullable=True)
    notes: dt.String = pa.Field(nullable=True)
    is_local_time: dt.Boolean
    is_time_ambiguous: dt.Boolean

    class Config:
        strict = True
        unique = ["event_key"]
        metadata = partitioned(of=OPERATOR_LOGS)


class FactMachineEvent(_Fact):
    """One row per stop and per maintenance."""

    event_key: dt.String
    event_id: dt.String
    event_type: dt.String = pa.Field(isin=[type_.value for type_ in MachineEventType])
    stop_reason_key: dt.String
    start_at: dt.Timestamp
    end_at: dt.Timestamp
    duration_minutes: dt.Float64 = pa.Field(ge=0)

    class Config:
        strict = True
        unique = ["event_key"]
        metadata = partitioned(of=MACHINE_EVENTS)


class DailyStock(pa.DataFrameModel):
    """One row per date, factory and product, in units at the end of the UTC day."""

    production_date: dt.Date
    factory_id: dt.String
    product_name: dt.String
    units_made: dt.Int64 = pa.Field(ge=0)
    units_used: dt.Int64 = pa.Field(ge=0)
    units_in_stock: dt.Int64

    class Config:
        strict = True
        unique = ["production_date", "factory_id", "product_name"]


class FaultScores(pa.DataFrameModel):
    """One row per kind of fault and table: what was injected, found and put right.

    ``ceiling`` is the recall of the best reader of the landed files, ``exact_ceiling`` the share of
    injected faults of which that reader finds the clean value.
    """

    fault_type: dt.String = pa.Field(isin=[fault.value for fault in FaultType])
    table: dt.String = pa.Field(isin=list(LANDED_TABLES))
    injected: dt.Int64 = pa.Field(ge=0)
    detected: dt.Int64 = pa.Field(ge=0)
    repaired: dt.Int64 = pa.Field(ge=0)
    exact: dt.Int64 = pa.Field(ge=0)
    estimated: dt.Int64 = pa.Field(ge=0)
    false_positives: dt.Int64 = pa.Field(ge=0)
    precision: dt.Float64 = pa.Field(nullable=True, ge=0, le=1)
    recall: dt.Float64 = pa.Field(nullable=True, ge=0, le=1)
    repair_accuracy: dt.Float64 = pa.Field(nullable=True, ge=0, le=1)
    ceiling: dt.Float64 = pa.Field(nullable=True, ge=0, le=1)
    exact_ceiling: dt.Float64 = pa.Field(nullable=True, ge=0, le=1)

    class Config:
        strict = True
        unique = ["fault_type", "table"]


class DailyProduction(pa.DataFrameModel):
    """One row per date, machine and product."""

    production_date: dt.Date
    factory_id: dt.String
    machine_id: dt.String
    product_name: dt.String
    batches: dt.Int64 = pa.Field(ge=1)
    units_produced: dt.Int64 = pa.Field(ge=0)
    units_defective: dt.Int64 = pa.Field(ge=0)
    energy_kwh: dt.Float64 = pa.Field(ge=0)

    class Config:
        strict = True
        unique = ["production_date", "machine_id", "product_name"]
        metadata = partitioned("production_date", of=PRODUCTION_BATCHES)


CONTRACTS = {
    "dim_date": DimDate,
    "dim_product": DimProduct,
    "dim_machine": DimMachine,
    "dim_employee": DimEmployee,
    "dim_factory": DimFactory,
    "dim_stop_reason": DimStopReason,
    "fact_production": FactProduction,
    "fact_sensor_reading": FactSensorReading,
    "fact_quality_check": FactQualityCheck,
    "fact_operator_event": FactOperatorEvent,
    "fact_machine_event": FactMachineEvent,
    "daily_production": DailyProduction,
    "daily_stock": DailyStock,
    "fault_scores": FaultScores,
    "restatements": Restatements,
    "daily_production_as_of": DailyProductionAsOf,
    "completeness_triangle": CompletenessTriangle,
    "nowcasts": Nowcasts,
    **oee.CONTRACTS,
    **health.CONTRACTS,
    **energy.CONTRACTS,
    **material.CONTRACTS,
    **quality.CONTRACTS,
    **data_quality.CONTRACTS,
    **dirt.CONTRACTS,
}
