"""Operator entries, as they land."""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import OPERATOR_LOGS, FaultType
from factory_simulation.expressions import time
from factory_simulation.expressions.neighbours import with_neighbours
from factory_simulation.expressions.random import Stream
from factory_simulation.faults import local_time, note_typo, spelling
from factory_simulation.faults.cells import CellFault, hurt_cells
from factory_simulation.pipelines.generation.inject.landed import (
    count_instances,
    duplicate_fault,
    is_batch_lost,
    number_rows,
    place,
    redeliver_files,
)
from factory_simulation.pipelines.generation.scenario import Scenario
from factory_simulation.pipelines.generation.spellings import MACHINE_SPELLING_COUNT
from factory_simulation.pipelines.generation.streams import batch_keys

CELLS = ("log_timestamp", "machine_id", "notes")
_ORDER = ["log_id"]


def inject_operator_faults(
    entries: ir.Table,
    batches: ir.Table,
    spellings: ir.Table,
    offsets: ir.Table,
    counters: ir.Table,
    scenario: Scenario,
) -> ir.Table:
    """One row per entry that lands, copies included."""
    written = _written(entries, batches, offsets, scenario).pipe(
        spelling.with_spelling,
        spellings,
        name="machine_id",
        spelling="machine_spelling",
        number=spelling.spelling_number(
            scenario.chaos.machine_id_variant.rate,
            MACHINE_SPELLING_COUNT,
            Stream(scenario.seed, "fault.machine_id"),
            *batch_keys(),
        ),
    )
    landed = (
        hurt_cells(written, _faults(scenario))
        .mutate(arrival_day=_.event_day, is_landed=ibis.literal(True))
        .pipe(redeliver_files, OPERATOR_LOGS, counters, scenario)
        .pipe(number_rows, OPERATOR_LOGS, _ORDER, scenario)
        .pipe(count_instances, ["log_id"])
        .mutate(**duplicate_fault())
    )
    return place(landed, OPERATOR_LOGS, CELLS, "log_id")


def _written(
    entries: ir.Table, batches: ir.Table, offsets: ir.Table, scenario: Scenario
) -> ir.Table:
    """Write entries as text, and say whether a local time would fit if it were read otherwise.

    It would where the other reading is near the start of a batch that landed, unless the notes name
    the batch that is meant.
    """
    around = scenario.operators.minutes_around_start * time.SECONDS_PER_MINUTE
    located = local_time.with_offset(entries, offsets, "log_seconds").mutate(
        is_batch_lost=is_batch_lost(scenario)
    )
    landed = batches.filter(~is_batch_lost(scenario)).select("machine_id", "start_seconds")

    def near_a_start(name: str, seconds: Deferred) -> ir.Table:
        asked = located.select("log_id", "machine_id", at=seconds)
        paired = with_neighbours(
            asked, landed, group="machine_id", at="at", anchor_at="start_seconds"
        )
        return (
            paired.filter((_.at - _.start_seconds).abs() <= around)
            .select(**{f"{name}_log_id": _.log_id})
            .distinct()
        )

    in_utc = near_a_start("utc", _.log_seconds + _.offset_seconds)
    in_other = near_a_start("other", _.other_seconds)
    is_open = ~_.names_batch | _.is_batch_lost
    return (
        located.left_join(in_utc, [("log_id", "utc_log_id")])
        .left_join(in_other, [("log_id", "other_log_id")])
        .mutate(
            fits_as_utc=is_open & _.utc_log_id.notnull(),
            fits_as_other_local=is_open & _.is_folded & _.other_log_id.notnull(),
            log_timestamp=time.iso_text(_.log_seconds),
            operator_id=_.employee_id,
            operator_name=_.employee_name,
        )
        .drop("utc_log_id", "other_log_id")
    )


def _faults(scenario: Scenario) -> dict[str, list[CellFault]]:
    chaos, seed, keys = scenario.chaos, scenario.seed, batch_keys()
    stream = Stream(seed, "fault.operator_local")
    typos = note_typo.fault(
        chaos.note_typo.rate, _.notes, ~_.names_batch, Stream(seed, "fault.typo.entry"), *keys
    )
    return {
        "log_timestamp": [local_time.fault(chaos.local_time.entries, stream, _.log_seconds, *keys)],
        "machine_id": [
            spelling.fault(FaultType.MACHINE_ID_VARIANT, "machine_id", "machine_spelling")
        ],
        "notes": [typos] if chaos.note_typo.rate else [],
    }
