"""The record of what a schedule loaded: ``ops.firings``."""

from datetime import UTC, date, datetime

import pyarrow as pa
from ibis import _

from factory_simulation.datasets.engines import Engine
from factory_simulation.domain import Schema
from factory_simulation.schemas.contract import Contract

_TABLE = "firings"
_TYPES = pa.schema(
    {
        "firing_id": pa.string(),
        "due_at": pa.timestamp("us"),
        "arrival_date": pa.date32(),
        "loaded_at": pa.timestamp("us"),
    }
)


def record_firing(engine: Engine, due_at: datetime, arrival_date: date) -> None:
    """Put on record that the arrival date of a firing is in bronze.

    Args:
        engine: The warehouse.
        due_at: When the schedule fired, or should have.
        arrival_date: What it loaded.
    """
    firing_id = due_at.astimezone(UTC).isoformat()
    row = {
        "firing_id": firing_id,
        "due_at": _without_zone(due_at),
        "arrival_date": arrival_date,
        "loaded_at": _without_zone(datetime.now(UTC)),
    }
    table = engine.small_table(pa.Table.from_pylist([row], schema=_TYPES))
    rows = Contract(Schema.OPS, _TABLE).validate(table)
    engine.replace_rows(_TABLE, Schema.OPS, rows, keys=engine.small_keys("firing_id", [firing_id]))


def last_firing(engine: Engine) -> tuple[datetime, date] | None:
    """Return when the last firing on record was due, and the last date that any loaded."""
    if not engine.has_table(Schema.OPS, _TABLE):
        return None
    firings = engine.table(Schema.OPS, _TABLE)
    last = engine.fetch(firings.aggregate(due_at=_.due_at.max(), day=_.arrival_date.max()))
    found = last.to_pylist()[0]
    return found["due_at"].replace(tzinfo=UTC), found["day"]


def _without_zone(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(tzinfo=None)
