"""The record of what landing files held, load by load: ``ops.file_loads``."""

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.datasets.engines import Engine
from factory_simulation.domain import Schema
from factory_simulation.schemas.contract import Contract

_RECORD = "file_loads"
_LOAD = (
    *("source_file", "run_id", "table_name", "arrival_date"),
    *("size_bytes", "sha256", "row_count", "status", "loaded_at"),
)


def record_loads(engine: Engine, files: ir.Table) -> None:
    """Add a row per file, with what it replaces: what the file held when it was last loaded.

    Done again by a run that goes on after another was broken off, it says once more what the file
    holds, and nothing that was on record goes.

    Args:
        engine: The warehouse.
        files: One row per file that a run took in or out, as ``ops.ingested_files`` has it.
    """
    loads = files.select(*_LOAD)
    if engine.has_table(Schema.OPS, _RECORD):
        before = _last_loads(engine.table(Schema.OPS, _RECORD).semi_join(loads, "source_file"))
    else:
        before = _last_loads(loads.limit(0))
    has_changed = _.last_sha256.notnull() & (_.sha256 != _.last_sha256).fill_null(True)
    rows = loads.left_join(before, [("source_file", "last_source_file")]).select(
        *_LOAD,
        replaced_sha256=ibis.ifelse(has_changed, _.last_sha256, None),
        replaced_row_count=ibis.ifelse(has_changed, _.last_row_count, None),
        replaced_run_id=ibis.ifelse(has_changed, _.last_run_id, None),
    )
    rows = Contract(Schema.OPS, _RECORD).validate(rows)
    engine.replace_rows(_RECORD, Schema.OPS, rows, keys=rows.select("source_file", "run_id"))


def _last_loads(loads: ir.Table) -> ir.Table:
    """One row per file: its last load; run ids are in the order of time."""
    latest_first = ibis.window(group_by="source_file", order_by=ibis.desc("run_id"))
    return (
        loads.mutate(number_from_last=ibis.row_number().over(latest_first))
        .filter(_.number_from_last == 0)
        .select(
            last_source_file="source_file",
            last_sha256="sha256",
            last_row_count="row_count",
            last_run_id="run_id",
        )
    )
