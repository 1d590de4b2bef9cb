"""Quality checks, as they land."""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import QC_CHECKS, FaultType, Recoverability
from factory_simulation.expressions import time
from factory_simulation.expressions.random import Stream
from factory_simulation.faults import clock_reset, local_time, note_typo, orphan
from factory_simulation.faults.cells import CERTAIN, NEVER, CellFault, hurt_cells
from factory_simulation.pipelines.generation.inject.landed import (
    count_instances,
    number_rows,
    place,
    redeliver_files,
    row_fault,
)
from factory_simulation.pipelines.generation.scenario import Scenario
from factory_simulation.pipelines.generation.streams import batch_keys, event_id

CELLS = ("check_timestamp", "defect_notes")
_ORDER = ["check_id"]


def inject_qc_faults(
    checks: ir.Table,
    landed_batches: ir.Table,
    offsets: ir.Table,
    counters: ir.Table,
    scenario: Scenario,
) -> ir.Table:
    """One row per check that lands, copies and orphans included."""
    written = _written(_with_batches(checks, landed_batches), offsets, scenario)
    hurt = hurt_cells(written, _faults(scenario))
    landed = (
        _with_orphans(hurt, scenario)
        .mutate(arrival_day=_.event_day, is_landed=ibis.literal(True))
        .pipe(redeliver_files, QC_CHECKS, counters, scenario)
        .pipe(number_rows, QC_CHECKS, _ORDER, scenario)
        .pipe(count_instances, ["check_id"])
        .mutate(**_row_faults())
    )
    return place(landed, QC_CHECKS, CELLS, "check_id")


def _with_batches(checks: ir.Table, landed_batches: ir.Table) -> ir.Table:
    """Say of each check whether its batch is lost, or its batch's id, beyond repair."""
    is_id_lost = (_.batch_id_fault == FaultType.REUSED_ID.value) & (_.batch_id_repair == NEVER)
    unknown = landed_batches.filter(~_.is_landed | is_id_lost).select(lost_batch_id=_.event_key)
    return checks.left_join(unknown.distinct(), [("batch_id", "lost_batch_id")]).mutate(
        is_batch_lost=_.lost_batch_id.notnull()
    )


def _written(checks: ir.Table, offsets: ir.Table, scenario: Scenario) -> ir.Table:
    """Write checks as text, and say whether a local time would fit if it were read otherwise."""
    delay = scenario.quality_control.minutes_after_end

    def fits(seconds: Deferred) -> Deferred:
        return (seconds - _.end_seconds).between(
            delay.low * time.SECONDS_PER_MINUTE, delay.high * time.SECONDS_PER_MINUTE
        )

    return local_time.with_offset(checks, offsets, "check_seconds").mutate(
        fits_as_utc=fits(_.check_seconds + _.offset_seconds),
        fits_as_other_local=_.is_folded & fits(_.other_seconds),
        check_timestamp=time.iso_text(_.check_seconds),
        inspector_id=_.employee_id,
        inspector_name=_.employee_name,
        pass_fail=_.result,
    )


def _faults(scenario: Scenario) -> dict[str, list[CellFault]]:
    chaos, seed, keys = scenario.chaos, scenario.seed, batch_keys()
    stream = Stream(seed, "fault.qc_local")
    times = [local_time.fault(chaos.local_time.rate, stream, _.check_seconds, *keys)]
    if chaos.clock_reset.rate:
        times.insert(0, clock_reset.fault(chaos.clock_reset.rate, seed, *keys))
    typos = note_typo.fault(
        chaos.note_typo.rate,
        _.defect_notes,
        _.defect_notes.notnull(),
        Stream(seed, "fault.typo.check"),
        *keys,
    )
    return {
        "check_timestamp": times,
        "defect_notes": [typos] if chaos.note_typo.rate else [],
    }


def _with_orphans(checks: ir.Table, scenario: Scenario) -> ir.Table:
    """Add the checks of unknown batches, without any other fault."""
    rate = scenario.chaos.orphan.rate
    if not rate:
        return checks.mutate(is_orphan=ibis.literal(False))
    number = _.batch_number + orphan.UNKNOWN
    nothing = {
        name: ibis.null(type_)
        for name, type_ in checks.schema().items()
        if name.startswith(CELLS) and not name.endswith("_clean") and name not in CELLS
    }
    cleaned = {cell: _[f"{cell}_clean"] for cell in CELLS}
    orphans = checks.filter(orphan.orphan_count(rate, scenario.seed, *batch_keys())).mutate(
        check_id=event_id("QC-" + _.machine_id, _.event_day, number),
        batch_id=event_id(_.machine_id, _.event_day, number),
        is_orphan=ibis.literal(True),
        **cleaned,
        **nothing,
    )
    return checks.mutate(is_orphan=ibis.literal(False)).union(orphans)


def _row_faults() -> dict[str, Deferred]:
    """Return what the ledger says of whole rows: orphans, checks of lost batches, copies."""
    fault = ibis.cases(
        (_.is_orphan | _.is_batch_lost, FaultType.ORPHAN.value),
        (_.instance_number > 0, FaultType.DUPLICATE.value),
        else_=None,
    )
    mechanism = ibis.cases(
        (_.is_orphan, orphan.INVENTED),
        (_.is_batch_lost & (_.instance_number > 0), orphan.BATCH_LOST_AGAIN),
        (_.is_batch_lost, orphan.BATCH_LOST),
        else_="file_redelivered",
    )
    is_true = _.is_batch_lost & ~_.is_orphan & (_.instance_number == 0)
    fate = ibis.ifelse(is_true, Recoverability.LOST.value, Recoverability.RECOVERABLE.value)
    return row_fault(fault, mechanism, fate, CERTAIN, ibis.ifelse(is_true, NEVER, CERTAIN))
