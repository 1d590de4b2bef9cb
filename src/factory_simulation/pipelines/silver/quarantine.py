"""What cannot be kept, with every reason."""

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import (
    EVENT_DATE,
    MACHINE_EVENTS,
    MACHINE_REGISTRY,
    OPERATOR_LOGS,
    PRODUCTION_BATCHES,
    QC_CHECKS,
    SENSOR_LOGS,
)


def collect_quarantine(
    production: ir.Table,
    sensors: ir.Table,
    checks: ir.Table,
    entries: ir.Table,
    events: ir.Table,
    registry: ir.Table,
) -> ir.Table:
    """One row per landed row that cannot be kept; ``reasons`` is a list joined by ``, ``."""
    by_table = {
        PRODUCTION_BATCHES.name: production,
        SENSOR_LOGS.name: sensors,
        QC_CHECKS.name: checks,
        OPERATOR_LOGS.name: entries,
        MACHINE_EVENTS.name: events,
        MACHINE_REGISTRY.name: registry,
    }
    return ibis.union(
        *[
            assessed.filter(_.reasons != "").select(
                "_row_id",
                EVENT_DATE,
                "raw_row",
                "reasons",
                table_name=ibis.literal(name),
                arrival_date=_["_arrival_date"],
            )
            for name, assessed in by_table.items()
        ]
    )
