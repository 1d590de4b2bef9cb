"""What silver believes was wrong, where, and how it was repaired.

Claims about cells are made of rows that stand for an event; of a copy, the row as a whole is
claimed, and of a row that cannot be kept, what its times and notes show all the same.
"""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import (
    EVENT_DATE,
    MACHINE_EVENTS,
    MACHINE_REGISTRY,
    OPERATOR_LOGS,
    PRODUCTION_BATCHES,
    QC_CHECKS,
    SENSOR_LOGS,
    WHOLE_ROW,
    DuplicateKind,
    FaultType,
    LandedTable,
    MachineEventType,
    Method,
    Reason,
)
from factory_simulation.expressions import text, time
from factory_simulation.expressions.numbers import ratio
from factory_simulation.faults import measures
from factory_simulation.pipelines.silver.assessment import kept

_CERTAIN, _PERCENT = 100, 100
_EITHER_WAY = 50
"""Confidence in percent: engines differ in the type of a literal fraction."""


def collect_production_repairs(
    assessed: ir.Table, anchors: ir.Table, batches: ir.Table, lost: ir.Table
) -> ir.Table:
    """One row per landed row, column and fault that silver believes in, of batches."""
    table = PRODUCTION_BATCHES
    return ibis.union(
        _renamed(assessed, table, "product_name", FaultType.PRODUCT_NAME_VARIANT),
        _renamed(assessed, table, "machine_id", FaultType.MACHINE_ID_VARIANT),
        *_duplicates(assessed, table),
        _claim(
            anchors.filter(_.is_id_reused),
            table,
            "batch_id",
            FaultType.REUSED_ID,
            raw=_.landed_batch_id,
            repaired=ibis.ifelse(_.is_id_repaired, _.batch_id, None),
            method=ibis.ifelse(_.is_id_repaired, Method.SEQUENCE.value, Method.FLAGGED.value),
        ),
        _late(batches, table, _.production_date),
        _claim(
            lost,
            table,
            WHOLE_ROW,
            FaultType.LOST_ROW,
            raw=ibis.null("string"),
            repaired=ibis.null("string"),
            method=ibis.literal(Method.FLAGGED.value),
            event=_.batch_id,
        ),
    )


def collect_sensor_repairs(assessed: ir.Table, readings: ir.Table) -> ir.Table:
    """One row per landed row, column and fault that silver believes in, of readings."""
    table = SENSOR_LOGS
    landed = kept(assessed).select(
        told_row_id="_row_id",
        told="timestamp",
        **{f"landed_{m.column}": _[f"landed_{m.column}"] for m in measures.LIMITED},
    )
    full = readings.join(landed, [("_row_id", "told_row_id")])
    missing = [
        _missing(readings, "temperature", _.is_temperature_missing, ibis.null("float64")),
        _missing(readings, "pressure", _.is_pressure_missing, ibis.null("float64")),
        _missing(readings, "energy_kwh", _.is_energy_missing, _.energy_kwh_imputed),
        _missing(
            readings, "efficiency_percent", _.is_efficiency_missing, _.efficiency_percent_imputed
        ),
    ]
    drifted = _claim(
        full.filter(_.is_clock_repaired),
        table,
        "timestamp",
        FaultType.CLOCK_DRIFT,
        raw=_.told,
        repaired=time.iso_text_of(_.read_at),
        method=ibis.literal(Method.EVEN_INTERVALS.value),
    )
    strayed = _claim(
        full.filter(_.seconds_outside_batch > 0, ~_.is_clock_repaired),
        table,
        "timestamp",
        FaultType.CLOCK_DRIFT,
        raw=_.told,
        repaired=ibis.null("string"),
        method=ibis.literal(Method.FLAGGED.value),
        confidence=ibis.ifelse(_.is_batch_ambiguous, _EITHER_WAY, _CERTAIN),
    )
    stuck = _claim(
        full.filter(_.is_temperature_stuck),
        table,
        "temperature",
        FaultType.STUCK_SENSOR,
        raw=_.landed_temperature,
        repaired=ibis.null("string"),
        method=ibis.literal(Method.FLAGGED.value),
    )
    metered = _claim(
        readings.filter(_.is_meter_drifting),
        table,
        "energy_kwh",
        FaultType.METER_DRIFT,
        raw=text.number_text(_.energy_kwh),
        repaired=text.number_text(_.energy_kwh_imputed),
        method=ibis.literal(Method.ESTIMATED.value),
    )
    renamed = _renamed(assessed, table, "machine_id", FaultType.MACHINE_ID_VARIANT)
    return ibis.union(
        renamed,
        *_duplicates(assessed, table),
        *[_misread(assessed, measure) for measure in measures.MEASURES],
        *missing,
        drifted,
        strayed,
        stuck,
        metered,
    )


def collect_check_repairs(assessed: ir.Table, checks: ir.Table) -> ir.Table:
    """One row per landed row, column and fault that silver believes in, of checks."""
    table = QC_CHECKS
    told = assessed.select(told_row_id="_row_id", told="check_timestamp")
    reset = _claim(
        assessed.filter(_.is_clock_reset, _.duplicate_kind.isnull()),
        table,
        "check_timestamp",
        FaultType.CLOCK_RESET,
        raw=_.check_timestamp,
        repaired=ibis.ifelse(_.reasons == "", time.iso_text(_.check_seconds.fill_null(0)), None),
        method=ibis.ifelse(_.reasons == "", Method.ESTIMATED.value, Method.QUARANTINED.value),
    )
    orphans = _claim(
        assessed.filter(_.reasons.contains(Reason.UNKNOWN_BATCH.value)),
        table,
        WHOLE_ROW,
        FaultType.ORPHAN,
        raw=_.raw_row,
        repaired=ibis.null("string"),
        method=ibis.literal(Method.QUARANTINED.value),
    )
    return ibis.union(
        *_duplicates(assessed, table),
        _misspelled(assessed, table, "defect_notes"),
        reset,
        orphans,
        _local_times(
            checks.join(told, [("_row_id", "told_row_id")]),
            table,
            "check_timestamp",
            _.check_at,
            Method.BATCH_END,
        ),
    )


def collect_entry_repairs(assessed: ir.Table, entries: ir.Table) -> ir.Table:
    """One row per landed row, column and fault that silver believes in, of operator entries."""
    table = OPERATOR_LOGS
    told = assessed.select(told_row_id="_row_id", told="log_timestamp")
    return ibis.union(
        _renamed(assessed, table, "machine_id", FaultType.MACHINE_ID_VARIANT),
        *_duplicates(assessed, table),
        _misspelled(assessed, table, "notes"),
        _local_times(
            entries.join(told, [("_row_id", "told_row_id")]),
            table,
            "log_timestamp",
            _.log_at,
            Method.BATCH_START,
        ),
    )


def collect_event_repairs(assessed: ir.Table, events: ir.Table) -> ir.Table:
    """One row per landed row, column and fault that silver believes in, of machine events.

    That a machine stood still is no error of the data, and there is nothing to be repaired.
    """
    table = MACHINE_EVENTS
    befell = {
        MachineEventType.STOP: FaultType.MACHINE_STOP,
        MachineEventType.MAINTENANCE: FaultType.MAINTENANCE,
    }
    return ibis.union(
        _renamed(assessed, table, "machine_id", FaultType.MACHINE_ID_VARIANT),
        *_duplicates(assessed, table),
        *[
            _claim(
                events.filter(_.event_type == type_.value),
                table,
                "reason",
                fault,
                raw=_.reason,
                repaired=_.reason,
                method=ibis.literal(Method.REPORTED.value),
            )
            for type_, fault in befell.items()
        ],
    )


def collect_registry_repairs(assessed: ir.Table, registry: ir.Table) -> ir.Table:
    """One row per landed row, column and fault that silver believes in, of the registry."""
    table = MACHINE_REGISTRY
    return ibis.union(
        _renamed(assessed, table, "machine_id", FaultType.MACHINE_ID_VARIANT),
        *_duplicates(assessed, table),
        _late(registry, table, _.snapshot_date),
    )


def collect_repairs(
    production: ir.Table,
    sensors: ir.Table,
    checks: ir.Table,
    entries: ir.Table,
    events: ir.Table,
    registry: ir.Table,
) -> ir.Table:
    """One row per landed row, column and fault that silver believes in."""
    return ibis.union(production, sensors, checks, entries, events, registry)


def _renamed(assessed: ir.Table, table: LandedTable, column: str, fault: FaultType) -> ir.Table:
    landed = f"landed_{column}"
    return _claim(
        kept(assessed).filter(_[column] != _[landed]),
        table,
        column,
        fault,
        raw=_[landed],
        repaired=_[column],
        method=ibis.literal(Method.NAME_KEY.value),
    )


def _late(rows: ir.Table, table: LandedTable, own_date: Deferred) -> ir.Table:
    return _claim(
        rows.filter(_.is_late),
        table,
        "_arrival_date",
        FaultType.LATE_ARRIVAL,
        raw=_.arrival_date.cast("string"),
        repaired=own_date.cast("string"),
        method=ibis.literal(Method.OWN_TIME.value),
    )


def _misspelled(assessed: ir.Table, table: LandedTable, column: str) -> ir.Table:
    landed = f"landed_{column}"
    return _claim(
        assessed.filter(_.duplicate_kind.isnull(), _[column] != _[landed]),
        table,
        column,
        FaultType.NOTE_TYPO,
        raw=_[landed],
        repaired=_[column],
        method=ibis.literal(Method.PHRASE.value),
    )


def _misread(assessed: ir.Table, measure: measures.Measure) -> ir.Table:
    value = {"metered_kwh": "energy_kwh", "efficiency": "efficiency_percent"}
    number = _[value.get(measure.value, measure.value)]
    rows = kept(assessed).filter(_[measure.fault].notnull())
    claimed = rows.mutate(
        raw_value=_[f"landed_{measure.column}"],
        repaired_value=text.number_text(number),
        method=ibis.ifelse(number.isnull(), Method.FLAGGED.value, Method.PLATE.value),
        fault=_[measure.fault],
    )
    return _select(claimed, SENSOR_LOGS, measure.column, _.fault, _CERTAIN)


def _duplicates(assessed: ir.Table, table: LandedTable) -> list[ir.Table]:
    faults = {
        DuplicateKind.COPY: FaultType.DUPLICATE,
        DuplicateKind.SUPERSEDED: FaultType.CONFLICTING_COPY,
    }
    return [
        _claim(
            assessed.filter(_.duplicate_kind == kind.value),
            table,
            WHOLE_ROW,
            fault,
            raw=_.raw_row,
            repaired=ibis.null("string"),
            method=ibis.literal(method.value),
        )
        for (kind, fault), method in zip(
            faults.items(), (Method.COPY, Method.SUPERSEDED), strict=True
        )
    ]


def _missing(readings: ir.Table, column: str, is_missing: Deferred, imputed: Deferred) -> ir.Table:
    told = Method.SIBLINGS if column == "efficiency_percent" else Method.ESTIMATED
    return _claim(
        readings.filter(is_missing).mutate(imputed=imputed),
        SENSOR_LOGS,
        column,
        FaultType.MISSING_VALUE,
        raw=ibis.null("string"),
        repaired=text.number_text(_.imputed),
        method=ibis.ifelse(_.imputed.isnull(), Method.FLAGGED.value, told.value),
    )


def _local_times(
    rows: ir.Table, table: LandedTable, column: str, at: Deferred, method: Method
) -> ir.Table:
    return _claim(
        rows.filter(_.is_local_time),
        table,
        column,
        FaultType.LOCAL_TIME,
        raw=_.told,
        repaired=time.iso_text_of(at),
        method=ibis.literal(method.value),
        confidence=ibis.ifelse(_.is_time_ambiguous, _EITHER_WAY, _CERTAIN),
    )


def _claim(  # noqa: PLR0913 - a claim has that many parts
    rows: ir.Table,
    table: LandedTable,
    column: str,
    fault: FaultType,
    *,
    raw: Deferred | ir.Value,
    repaired: Deferred | ir.Value,
    method: Deferred | ir.Value,
    confidence: Deferred | int = _CERTAIN,
    event: Deferred | None = None,
) -> ir.Table:
    claimed = rows.mutate(raw_value=raw, repaired_value=repaired, method=method)
    return _select(claimed, table, column, ibis.literal(fault.value), confidence, event)


def _select(
    rows: ir.Table,
    table: LandedTable,
    column: str,
    fault: Deferred | ir.Value,
    confidence: Deferred | int,
    event: Deferred | None = None,
) -> ir.Table:
    percent = ibis.literal(confidence, "int64") if isinstance(confidence, int) else confidence
    return rows.mutate(percent=percent.cast("int64")).select(
        "_row_id",
        EVENT_DATE,
        table_name=ibis.literal(table.name),
        column_name=ibis.literal(column),
        fault_type=fault,
        raw_value=_.raw_value,
        repaired_value=_.repaired_value,
        method=_.method,
        confidence=ratio(_.percent, _PERCENT),
        lost_event_id=ibis.null("string") if event is None else event,
    )
