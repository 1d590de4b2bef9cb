"""Which event dates gold works: those that silver has restated since, and no others."""

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import (
    EVENT_DATE,
    MACHINE_EVENTS,
    OPERATOR_LOGS,
    PRODUCTION_BATCHES,
    QC_CHECKS,
    SENSOR_LOGS,
)
from factory_simulation.pipelines.scope import state_of

_PARTITION = ("table_name", "event_date")


def build_restated_dates(
    partitions: ir.Table, worked: ir.Table, reference_state: str
) -> ir.Table:
    """Build the list of landed tables and event dates that silver has restated since.

    All dates count where gold is worked with something else than the last time.
    """
    state = state_of(reference_state)
    done = worked.filter(_.state == state).select(*_PARTITION, "silver_run_id")
    return partitions.anti_join(done, [*_PARTITION, "silver_run_id"]).select(
        *_PARTITION,
        "silver_run_id",
        state=ibis.literal(state),
        is_restated=ibis.literal(True),
    )


def build_partitions(  # noqa: PLR0913, PLR0917 - the record, and what has to be there before it
    restated: ir.Table,
    production: ir.Table,
    readings: ir.Table,
    checks: ir.Table,
    entries: ir.Table,
    events: ir.Table,
    daily_production: ir.Table,
) -> ir.Table:
    """Build the record of what this run has restated: rows of facts and of daily production.

    It is made last, from all that must be there before: what is not on record is worked again.
    """
    facts = {
        PRODUCTION_BATCHES: production,
        SENSOR_LOGS: readings,
        QC_CHECKS: checks,
        OPERATOR_LOGS: entries,
        MACHINE_EVENTS: events,
    }
    counts = ibis.union(
        *[
            rows.group_by(event_date=rows[EVENT_DATE])
            .aggregate(fact_count=_.count())
            .mutate(table_name=ibis.literal(table.name))
            for table, rows in facts.items()
        ]
    )
    daily = (
        daily_production.group_by(event_date=_.production_date)
        .aggregate(daily_count=_.count())
        .mutate(table_name=ibis.literal(PRODUCTION_BATCHES.name))
    )
    return (
        restated.left_join(counts, _PARTITION)
        .drop("table_name_right", "event_date_right")
        .left_join(daily, _PARTITION)
        .select(
            *_PARTITION,
            "silver_run_id",
            "state",
            fact_count=_.fact_count.fill_null(0).cast("int64"),
            daily_count=_.daily_count.fill_null(0).cast("int64"),
        )
    )
