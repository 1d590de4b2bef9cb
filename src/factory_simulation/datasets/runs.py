"""The record of runs: ``ops.runs``."""

import json
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from ibis import _

from factory_simulation.datasets.engines import Engine
from factory_simulation.domain import RunStatus, Schema
from factory_simulation.schemas.contract import Contract

_TABLE = "runs"
_TYPES = pa.schema(
    {
        "run_id": pa.string(),
        "started_at": pa.timestamp("us"),
        "finished_at": pa.timestamp("us"),
        "pipelines": pa.string(),
        "parameters": pa.string(),
        "status": pa.string(),
        "error": pa.string(),
    }
)


def record_run(
    engine: Engine,
    *,
    run_id: str,
    started_at: datetime,
    pipelines: list[str],
    parameters: dict[str, Any],
    error: BaseException | None = None,
) -> None:
    """Put a run that has ended on record.

    Args:
        engine: The warehouse.
        run_id: The run.
        started_at: When it began, in UTC.
        pipelines: Which pipelines ran; none means all.
        parameters: What was set for this run.
        error: Why it failed, if it did.
    """
    row = {
        "run_id": run_id,
        "started_at": started_at.replace(tzinfo=None),
        "finished_at": datetime.now(UTC).replace(tzinfo=None),
        "pipelines": ",".join(pipelines) or "__default__",
        "parameters": json.dumps(parameters, sort_keys=True),
        "status": RunStatus.FAILED if error else RunStatus.FINISHED,
        "error": str(error).split("\n", maxsplit=1)[0] if error else None,
    }
    table = engine.small_table(pa.Table.from_pylist([row], schema=_TYPES))
    rows = Contract(Schema.OPS, _TABLE).validate(table)
    engine.replace_rows(_TABLE, Schema.OPS, rows, keys=engine.small_keys("run_id", [run_id]))


def is_modelled(engine: Engine) -> bool:
    """Tell whether gold was computed by a run that began after the last file was taken in."""
    if not engine.has_table(Schema.OPS, "ingested_files"):
        return True
    files = engine.table(Schema.OPS, "ingested_files")
    finished = engine.table(Schema.OPS, _TABLE).filter(_.status == RunStatus.FINISHED.value)
    modelled = finished.filter(_.pipelines.re_search("gold|__default__"))
    last_file = engine.fetch(files.aggregate(at=_.loaded_at.max()))["at"][0].as_py()
    last_model = engine.fetch(modelled.aggregate(at=_.started_at.max()))["at"][0].as_py()
    return last_file is None or (last_model is not None and last_file <= last_model)
