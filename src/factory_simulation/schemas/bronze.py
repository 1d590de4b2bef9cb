"""Contracts of bronze: text columns as landed, and the lineage of each row.

Not strict: a file may have more columns than the contract knows, and bronze keeps them.
"""

import ibis.expr.datatypes as dt
import pandera.ibis as pa

from factory_simulation.domain import PARSE_ERROR, SURPLUS, Reason

_PARSE_ERRORS = [
    Reason.TOO_FEW_FIELDS.value,
    Reason.TOO_MANY_FIELDS.value,
    Reason.NOT_AN_OBJECT.value,
    Reason.MALFORMED_QUOTES.value,
    Reason.MALFORMED_JSON.value,
]


class _LandedRow(pa.DataFrameModel):
    row_id: dt.String = pa.Field(alias="_row_id")
    source_file: dt.String = pa.Field(alias="_source_file")
    source_row: dt.Int64 = pa.Field(alias="_source_row", ge=1)
    arrival_date: dt.Date = pa.Field(alias="_arrival_date")
    loaded_at: dt.Timestamp = pa.Field(alias="_loaded_at")
    parse_error: dt.String = pa.Field(alias=PARSE_ERROR, nullable=True, isin=_PARSE_ERRORS)
    surplus_fields: dt.String = pa.Field(alias=SURPLUS, nullable=True)


class ProductionBatches(_LandedRow):
    """One row per landed row of ``production_batches``."""

    batch_id: dt.String = pa.Field(nullable=True)
    machine_id: dt.String = pa.Field(nullable=True)
    product_name: dt.String = pa.Field(nullable=True)
    start_time: dt.String = pa.Field(nullable=True)
    end_time: dt.String = pa.Field(nullable=True)
    units_produced: dt.String = pa.Field(nullable=True)
    units_defective: dt.String = pa.Field(nullable=True)

    class Config:
        unique = ["_row_id"]


class SensorLogs(_LandedRow):
    """One row per landed row of ``sensor_logs``."""

    machine_id: dt.String = pa.Field(nullable=True)
    timestamp: dt.String = pa.Field(nullable=True)
    temperature: dt.String = pa.Field(nullable=True)
    pressure: dt.String = pa.Field(nullable=True)
    energy_kwh: dt.String = pa.Field(nullable=True)
    efficiency_percent: dt.String = pa.Field(nullable=True)

    class Config:
        unique = ["_row_id"]


class QcChecks(_LandedRow):
    """One row per landed row of ``qc_checks``."""

    check_id: dt.String = pa.Field(nullable=True)
    batch_id: dt.String = pa.Field(nullable=True)
    check_timestamp: dt.String = pa.Field(nullable=True)
    inspector_id: dt.String = pa.Field(nullable=True)
    pass_fail: dt.String = pa.Field(nullable=True)
    defect_notes: dt.String = pa.Field(nullable=True)

    class Config:
        unique = ["_row_id"]


class OperatorLogs(_LandedRow):
    """One row per landed row of ``operator_logs``."""

    log_id: dt.String = pa.Field(nullable=True)
    machine_id: dt.String = pa.Field(nullable=True)
    operator_id: dt.String = pa.Field(nullable=True)
    log_timestamp: dt.String = pa.Field(nullable=True)
    action: dt.String = pa.Field(nullable=True)
    notes: dt.String = pa.Field(nullable=True)

    class Config:
        unique = ["_row_id"]


CONTRACTS = {
    "production_batches": ProductionBatches,
    "sensor_logs": SensorLogs,
    "qc_checks": QcChecks,
    "operator_logs": OperatorLogs,
}
