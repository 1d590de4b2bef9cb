"""Rows of one small factory in Phoenix: as they land, and as silver anchors to them.

Each function returns a row that breaks no rule; a test names what is different about its own.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import ibis.expr.types as ir

from factory_simulation.domain import EVENT_DATE, PARSE_ERROR, SURPLUS, LandedTable
from tests.conftest import Rows

Row = dict[str, Any]
MakeTable = Callable[..., ir.Table]
Compute = Callable[[ir.Table], Rows]
Save = Callable[[ir.Table], ir.Table]
Examples = Mapping[str, Sequence[Row]]
"""What is different about some rows, by the reason why they cannot be kept."""

DAY = date(2025, 12, 1)
LINEAGE = {
    "_row_id": "string",
    "_source_file": "string",
    "_source_row": "int64",
    "_arrival_date": "date",
    "_loaded_at": "timestamp",
    EVENT_DATE: "date",
    PARSE_ERROR: "string",
    SURPLUS: "string",
}
ANCHORS = {
    "_row_id": "string",
    EVENT_DATE: "date",
    "landed_batch_id": "string",
    "batch_id": "string",
    "is_id_reused": "boolean",
    "is_id_repaired": "boolean",
    "factory_id": "string",
    "machine_id": "string",
    "production_date": "date",
    "start_seconds": "int64",
    "end_seconds": "int64",
    "plate_micro_kwh": "int64",
    "plate_efficiency": "float64",
}
FACTORIES = {"PRESS-01": "greenwich", "LATHE-01": "berlin"}
"""Factories of machines that are not in Phoenix."""


def land(table: MakeTable, contract: LandedTable, *landed: Row, extra: tuple[str, ...] = ()):
    """Make a table of bronze; rows are numbered from 001, in one file of the day.

    It has those optional columns of which a row says something.
    """
    told = [name for name in contract.optional if any(name in row for row in landed)]
    schema = dict.fromkeys((*contract.columns, *told, *extra), "string") | LINEAGE
    full = [
        {
            "_row_id": f"{number:03}",
            "_source_file": f"{contract.name}{contract.suffix}",
            "_source_row": number,
            "_arrival_date": DAY,
            "_loaded_at": datetime(2025, 12, 9),
            EVENT_DATE: DAY,
            **row,
        }
        for number, row in enumerate(landed, start=1)
    ]
    return table(schema, full)


def batch(**different: Any) -> Row:
    """An hour of iron plates, as it lands."""
    return {
        "batch_id": "SMELTER-01_20251201_001",
        "machine_id": "SMELTER-01",
        "product_name": "Iron Plate",
        "start_time": "2025-12-01T08:00:00",
        "end_time": "2025-12-01T09:00:00",
        "units_produced": "73",
        "units_defective": "1",
        **different,
    }


def reading(**different: Any) -> Row:
    """A reading in the middle of `batch`, as it lands."""
    return {
        "machine_id": "SMELTER-01",
        "timestamp": "2025-12-01T08:30:00",
        "temperature": "1250.5",
        "pressure": "2.1",
        "energy_kwh": "2.5",
        "efficiency_percent": "97.5",
        **different,
    }


def check(result: str = "PASS", **different: Any) -> Row:
    """A check ten minutes after the end of `batch`, as it lands."""
    return {
        "check_id": "QC-1",
        "batch_id": "SMELTER-01_20251201_001",
        "check_timestamp": "2025-12-01T09:10:00",
        "inspector_id": "QC-001",
        "pass_fail": result,
        "defect_notes": "",
        **different,
    }


def entry(**different: Any) -> Row:
    """An entry at the start of `batch`, as it lands."""
    return {
        "log_id": "LOG-1",
        "machine_id": "SMELTER-01",
        "operator_id": "OP-101",
        "log_timestamp": "2025-12-01T08:00:00",
        "action": "START_BATCH",
        "notes": "All quiet",
        **different,
    }


def event(**different: Any) -> Row:
    """A stop of half an hour, as it lands."""
    return {
        "event_id": "EV-1",
        "machine_id": "SMELTER-01",
        "event_type": "STOP",
        "reason": "POWER_LOSS",
        "start_time": "2025-12-01T10:00:00",
        "end_time": "2025-12-01T10:30:00",
        **different,
    }


def snapshot(**different: Any) -> Row:
    """A machine as the registry has it on the day on which it lands."""
    return {
        "machine_id": "SMELTER-01",
        "units_per_hour": "75.0",
        "kwh_per_unit": "0.12",
        "status": "ACTIVE",
        "firmware": "1.0",
        "owner": "Operations",
        **different,
    }


def examples_of(reasons: Examples, row: Callable[..., Row]) -> tuple[list[str], list[Row]]:
    """Return the examples as rows, and before them the reason of each."""
    told = [reason for reason, examples in reasons.items() for _ in examples]
    return told, [row(**different) for examples in reasons.values() for different in examples]


def made(batch_id: str, start: str, end: str, machine_id: str = "SMELTER-01", **different) -> Row:
    """A batch to which silver anchors, from its times; of 73 units, as in `batch`."""
    return {
        "_row_id": f"{machine_id}/{batch_id}",
        "landed_batch_id": batch_id,
        "batch_id": batch_id,
        "is_id_reused": False,
        "is_id_repaired": False,
        "factory_id": FACTORIES.get(machine_id, "alpha"),
        "machine_id": machine_id,
        "production_date": at(start).date(),
        "start_seconds": seconds(start),
        "end_seconds": seconds(end),
        "plate_micro_kwh": 8_760_000,
        "plate_efficiency": 97.3,
        **different,
    }


def at(told: str) -> datetime:
    """Return a time of the day, or the time of another day."""
    return datetime.fromisoformat(told if "T" in told else f"{DAY}T{told}")


def seconds(told: str) -> int:
    """Return the epoch seconds of a time of the day, or of another day."""
    return int(at(told).replace(tzinfo=UTC).timestamp())


def only(rows: Rows, *columns: str) -> list[Any]:
    """Return these columns of each row as a tuple, or one column's values."""
    if len(columns) == 1:
        return [row[columns[0]] for row in rows]
    return [tuple(row[column] for column in columns) for row in rows]
