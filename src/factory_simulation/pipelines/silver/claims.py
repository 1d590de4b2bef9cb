"""What silver believes was wrong, where, and how it was repaired."""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import (
    OPERATOR_LOGS,
    PRODUCTION_BATCHES,
    QC_CHECKS,
    SENSOR_LOGS,
    FaultType,
)
from factory_simulation.expressions import text, time
from factory_simulation.expressions.numbers import ratio

_CERTAIN, _PERCENT = 100, 100
_EITHER_WAY = 50
"""Confidence in percent: engines differ in the type of a literal fraction."""


def collect_repairs(  # noqa: PLR0913, PLR0917 - every table of silver is accounted for here
    production: ir.Table,
    batches: ir.Table,
    sensors: ir.Table,
    readings: ir.Table,
    assessed_checks: ir.Table,
    checks: ir.Table,
    assessed_entries: ir.Table,
    entries: ir.Table,
) -> ir.Table:
    """One row per landed row, column and fault that silver believes in."""
    return ibis.union(
        *_production_claims(production, batches),
        *_sensor_claims(sensors, readings),
        *_check_claims(assessed_checks, checks),
        *_entry_claims(assessed_entries, entries),
    )


def _production_claims(assessed: ir.Table, batches: ir.Table) -> list[ir.Table]:
    table = PRODUCTION_BATCHES.name
    return [
        _renamed(assessed, table, "product_name", FaultType.PRODUCT_NAME_VARIANT),
        _renamed(assessed, table, "machine_id", FaultType.MACHINE_ID_VARIANT),
        _duplicates(assessed, table),
        _claim(
            batches.filter(_.is_late),
            table,
            "production_date",
            FaultType.LATE_ARRIVAL,
            raw=_.arrival_date.cast("string"),
            repaired=_.production_date.cast("string"),
            method=ibis.literal("start_time"),
        ),
    ]


def _sensor_claims(assessed: ir.Table, readings: ir.Table) -> list[ir.Table]:
    table = SENSOR_LOGS.name
    missing = [
        _missing(readings, "temperature", _.is_temperature_missing, ibis.null("float64")),
        _missing(readings, "pressure", _.is_pressure_missing, ibis.null("float64")),
        _missing(readings, "energy_kwh", _.is_energy_missing, _.energy_kwh_imputed),
        _missing(
            readings, "efficiency_percent", _.is_efficiency_missing, _.efficiency_percent_imputed
        ),
    ]
    told = assessed.select("_row_id", told=_.timestamp)
    drifted = _claim(
        readings.filter(_.seconds_outside_batch > 0).join(told, "_row_id"),
        table,
        "timestamp",
        FaultType.CLOCK_DRIFT,
        raw=_.told,
        repaired=ibis.null("string"),
        method=ibis.literal("nearest_batch"),
        confidence=ibis.ifelse(_.is_batch_ambiguous, _EITHER_WAY, _CERTAIN),
    )
    renamed = _renamed(assessed, table, "machine_id", FaultType.MACHINE_ID_VARIANT)
    return [renamed, _duplicates(assessed, table), drifted, *missing]


def _check_claims(assessed: ir.Table, checks: ir.Table) -> list[ir.Table]:
    told = assessed.select("_row_id", told=_.check_timestamp)
    local = _local_times(
        checks.join(told, "_row_id"), QC_CHECKS.name, "check_timestamp", _.check_at, "batch_end"
    )
    return [_duplicates(assessed, QC_CHECKS.name), local]


def _entry_claims(assessed: ir.Table, entries: ir.Table) -> list[ir.Table]:
    table = OPERATOR_LOGS.name
    told = assessed.select("_row_id", told=_.log_timestamp)
    return [
        _renamed(assessed, table, "machine_id", FaultType.MACHINE_ID_VARIANT),
        _duplicates(assessed, table),
        _local_times(
            entries.join(told, "_row_id"), table, "log_timestamp", _.log_at, "batch_start"
        ),
    ]


def _renamed(assessed: ir.Table, table: str, column: str, fault: FaultType) -> ir.Table:
    landed = f"landed_{column}"
    return _claim(
        assessed.filter(_.reasons == "", _[column] != _[landed]),
        table,
        column,
        fault,
        raw=_[landed],
        repaired=_[column],
        method=ibis.literal("name_key"),
    )


def _duplicates(assessed: ir.Table, table: str) -> ir.Table:
    return _claim(
        assessed.filter(_.duplicate_kind.notnull()),
        table,
        "*",
        FaultType.DUPLICATE,
        raw=_.raw_row,
        repaired=ibis.null("string"),
        method=_.duplicate_kind,
    )


def _missing(readings: ir.Table, column: str, is_missing: Deferred, imputed: Deferred) -> ir.Table:
    return _claim(
        readings.filter(is_missing).mutate(imputed=imputed),
        SENSOR_LOGS.name,
        column,
        FaultType.MISSING_VALUE,
        raw=ibis.null("string"),
        repaired=text.number_text(_.imputed),
        method=ibis.ifelse(_.imputed.isnull(), "flagged", "batch_mean"),
    )


def _local_times(rows: ir.Table, table: str, column: str, at: Deferred, method: str) -> ir.Table:
    return _claim(
        rows.filter(_.is_local_time),
        table,
        column,
        FaultType.LOCAL_TIME,
        raw=_.told,
        repaired=time.iso_text_of(at),
        method=ibis.literal(method),
        confidence=ibis.ifelse(_.is_time_ambiguous, _EITHER_WAY, _CERTAIN),
    )


def _claim(  # noqa: PLR0913 - a claim has that many parts
    rows: ir.Table,
    table: str,
    column: str,
    fault: FaultType,
    *,
    raw: Deferred,
    repaired: Deferred,
    method: Deferred,
    confidence: Deferred | int = _CERTAIN,
) -> ir.Table:
    percent = ibis.literal(confidence, "int64") if isinstance(confidence, int) else confidence
    claimed = rows.mutate(
        raw_value=raw, repaired_value=repaired, method=method, percent=percent.cast("int64")
    )
    return claimed.select(
        "_row_id",
        table_name=ibis.literal(table),
        column_name=ibis.literal(column),
        fault_type=ibis.literal(fault.value),
        raw_value=_.raw_value,
        repaired_value=_.repaired_value,
        method=_.method,
        confidence=ratio(_.percent, _PERCENT),
    )
