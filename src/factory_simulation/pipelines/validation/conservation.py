"""Landed = kept + duplicate + quarantined: each counted on its own, in the table that holds it."""

from typing import Any

import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import LANDED_TABLES, FaultType


def report_conservation(
    quarantine: ir.Table, repairs: ir.Table, **tables: ir.Table
) -> dict[str, dict[str, Any]]:
    """Count, for each landed table, what landed and what became of it.

    Args:
        quarantine: ``silver.quarantine``.
        repairs: ``silver.repairs``, which claims the duplicates.
        tables: ``landed_<table>`` and ``kept_<table>`` for each landed table.
    """
    given_up = [FaultType.DUPLICATE.value, FaultType.CONFLICTING_COPY.value]
    duplicates = repairs.filter(_.fault_type.isin(given_up))
    return {
        name: {
            "landed": tables[f"landed_{name}"].count(),
            "kept": tables[f"kept_{name}"].count(),
            "duplicate": duplicates.filter(_.table_name == name).count(),
            "quarantined": quarantine.filter(_.table_name == name).count(),
        }
        for name in LANDED_TABLES
    }
