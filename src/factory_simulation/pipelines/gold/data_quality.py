"""Data quality as data: what was wrong with which landed row, and how much of each date stands."""

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
    FaultType,
    Member,
    Method,
)
from factory_simulation.expressions import time
from factory_simulation.expressions.numbers import ratio
from factory_simulation.fault_kinds import OUTCOMES, QUARANTINED_ROW, FaultOutcome
from factory_simulation.metrics import FAULT_SHARE, LATE_SHARE, ROW_COMPLETENESS, formulas
from factory_simulation.pipelines.gold.keys import date_key

_PARTITION = ("event_date", "table_name")
_DATES_BEFORE = 7
_ROW_NUMBER = ":[0-9]+$"
_UP_TO_ROW_NUMBER = "^.*:"


def build_dim_fault_type(kinds: ir.Table) -> ir.Table:
    """One row per kind of fault, and one for rows in quarantine."""
    return kinds.select("fault_type_key", "title", "meaning", "severity", "is_data_error")


def build_fact_data_fault(  # noqa: PLR0913, PLR0917 - what was wrong, and all landed rows
    repairs: ir.Table,
    quarantine: ir.Table,
    kinds: ir.Table,
    production: ir.Table,
    sensors: ir.Table,
    checks: ir.Table,
    entries: ir.Table,
    events: ir.Table,
    registry: ir.Table,
) -> ir.Table:
    """One row per fault that silver believes in, and one per row that it could not keep.

    A row in quarantine has a fault more for each thing that is known to be wrong with it: a check
    without a batch is an orphan, too. A row that never landed is told of at the row after it.
    """
    landed = ibis.union(
        *[
            assessed.select("_row_id", "machine_id", "raw_row", "reasons", "_arrival_date")
            for assessed in (production, sensors, checks, entries, events, registry)
        ]
    )
    outcomes = [(method.value, outcome.value) for method, outcome in OUTCOMES.items()]
    faults = _believed(repairs).union(_set_aside(quarantine))
    return (
        faults.join(landed, "_row_id")
        .join(kinds.select("fault_type_key", "severity"), "fault_type_key")
        .select(
            "event_date",
            "table_name",
            "column_name",
            "fault_type_key",
            "severity",
            "raw_value",
            "repaired_value",
            "method",
            "confidence",
            "lost_event_id",
            "raw_row",
            fault_key=_fault_key(),
            date_key=date_key(_.event_date),
            arrival_date=_["_arrival_date"],
            machine_id=_.machine_id.fill_null(Member.UNKNOWN.value),
            outcome=_.method.cases(*outcomes, else_=FaultOutcome.FLAGGED.value),
            reasons=_.reasons.nullif(""),
            row_id=_["_row_id"],
            source_file=_["_row_id"].re_replace(_ROW_NUMBER, ""),
            source_row=_["_row_id"].re_replace(_UP_TO_ROW_NUMBER, "").cast("int64"),
        )
    )


def summarise_landed_rows(
    repairs: ir.Table,
    production: ir.Table,
    sensors: ir.Table,
    checks: ir.Table,
    entries: ir.Table,
    events: ir.Table,
    registry: ir.Table,
) -> ir.Table:
    """One row per event date and landed table: what landed, what became of it, how late it was.

    How late rows were is told of those that repeat no other: a copy that lands again delays
    nothing. A row that claims to have happened after it landed counts as fresh.
    """
    landed = ibis.union(
        *[
            _counted(rows).mutate(table_name=ibis.literal(table.name))
            for table, rows in (
                (PRODUCTION_BATCHES, production),
                (SENSOR_LOGS, sensors),
                (QC_CHECKS, checks),
                (OPERATOR_LOGS, entries),
                (MACHINE_EVENTS, events),
                (MACHINE_REGISTRY, registry),
            )
        ]
    )
    lost = (
        repairs.filter(_.fault_type == FaultType.LOST_ROW.value)
        .group_by("table_name", event_date=repairs[EVENT_DATE])
        .aggregate(rows_lost=_.count())
    )
    return (
        landed.left_join(lost, _PARTITION)
        .mutate(rows_lost=_.rows_lost.fill_null(0).cast("int64"))
        .select(
            *_PARTITION,
            *("rows_landed", "rows_kept", "rows_duplicate", "rows_quarantined"),
            *("rows_late", "rows_lost", "largest_delay_days"),
            mean_delay_days=ratio(_.delay_days, (_.rows_landed - _.rows_duplicate).nullif(0)),
            **formulas(ROW_COMPLETENESS, LATE_SHARE),
        )
    )


def summarise_data_quality(faults: ir.Table, landed: ir.Table, kinds: ir.Table) -> ir.Table:
    """One row per event date, landed table and kind of fault that was ever found in that table.

    ``trend`` is by how much the share of rows with such a fault differs from that of the seven
    dates before on which rows of the table happened, taken together.

    Args:
        faults: ``gold.fact_data_fault``.
        landed: ``gold.landed_rows``.
        kinds: ``gold.dim_fault_type``.
    """
    key = [*_PARTITION, "fault_type_key"]
    outcomes = {outcome.value: _count(_.outcome == outcome.value) for outcome in FaultOutcome}
    found = faults.group_by(key).aggregate(
        rows_affected=_.row_id.nunique(), found=_.count(), **outcomes
    )
    counts = ["rows_affected", "found", *outcomes]
    grid = landed.join(faults.select("table_name", "fault_type_key").distinct(), "table_name")
    filled = grid.left_join(found, key).select(
        *[grid[name] for name in grid.columns],
        **{name: found[name].fill_null(0).cast("int64") for name in counts},
    )
    before = ibis.window(
        group_by=["table_name", "fault_type_key"],
        order_by="event_date",
        preceding=(_DATES_BEFORE, 1),
    )
    return (
        filled.mutate(
            **formulas(FAULT_SHARE),
            share_before=ratio(
                _.rows_affected.sum().over(before), _.rows_landed.sum().over(before)
            ),
        )
        .join(kinds.select("fault_type_key", "severity"), "fault_type_key")
        .select(
            *key,
            "severity",
            "rows_landed",
            *counts,
            "fault_share",
            *("completeness", "largest_delay_days", "mean_delay_days"),
            trend=_.fault_share - _.share_before,
        )
    )


def _believed(repairs: ir.Table) -> ir.Table:
    """One row per claim of silver."""
    return repairs.select(
        "_row_id",
        "table_name",
        "column_name",
        "raw_value",
        "repaired_value",
        "method",
        "confidence",
        "lost_event_id",
        event_date=repairs[EVENT_DATE],
        fault_type_key=_.fault_type,
    )


def _set_aside(quarantine: ir.Table) -> ir.Table:
    """One row per row in quarantine; which column is to blame, its reasons say."""
    return quarantine.select(
        "_row_id",
        "table_name",
        column_name=ibis.literal(WHOLE_ROW),
        raw_value=ibis.null("string"),
        repaired_value=ibis.null("string"),
        method=ibis.literal(Method.QUARANTINED.value),
        confidence=ibis.literal(1.0, "float64"),
        lost_event_id=ibis.null("string"),
        event_date=quarantine[EVENT_DATE],
        fault_type_key=ibis.literal(QUARANTINED_ROW),
    )


def _fault_key() -> Deferred:
    lost = _.lost_event_id.fill_null("")
    return _["_row_id"].concat("|", _.column_name, "|", _.fault_type_key, "|", lost)


def _counted(assessed: ir.Table) -> ir.Table:
    """One row per event date of a landed table."""
    is_valid, is_first = _.reasons == "", _.duplicate_kind.isnull()
    days = time.epoch_day_of(_["_arrival_date"]) - time.epoch_day_of(_.event_date)
    return (
        assessed.mutate(event_date=_[EVENT_DATE])
        .mutate(days=ibis.ifelse(is_first, ibis.greatest(days, 0), None).cast("int64"))
        .group_by("event_date")
        .aggregate(
            rows_landed=_.count(),
            rows_kept=_count(is_valid & is_first),
            rows_duplicate=_count(is_valid & ~is_first),
            rows_quarantined=_count(~is_valid),
            rows_late=_count(_.days > 0),
            delay_days=_.days.sum().fill_null(0).cast("int64"),
            largest_delay_days=_.days.max().cast("int64"),
        )
    )


def _count(condition: Deferred) -> Deferred:
    return ibis.ifelse(condition, 1, 0).sum().cast("int64")
