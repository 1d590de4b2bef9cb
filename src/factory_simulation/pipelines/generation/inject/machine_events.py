"""Stops and maintenance, as they land."""

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import MACHINE_EVENTS, FaultType, MachineEventType
from factory_simulation.expressions import time
from factory_simulation.expressions.random import Stream
from factory_simulation.faults import spelling
from factory_simulation.faults.cells import CellFault, hurt_cells
from factory_simulation.pipelines.generation.inject.landed import (
    count_instances,
    duplicate_fault,
    number_rows,
    place,
    redeliver_files,
)
from factory_simulation.pipelines.generation.scenario import Scenario
from factory_simulation.pipelines.generation.spellings import MACHINE_SPELLING_COUNT

CELLS = ("machine_id", "reason")


def inject_machine_event_faults(
    events: ir.Table,
    spellings: ir.Table,
    counters: ir.Table,
    scenario: Scenario,
) -> ir.Table:
    """One row per stop and maintenance that lands, copies included.

    That a machine stood still is itself on record, though it is no error of the data: its clean
    value is what landed.
    """
    number = spelling.spelling_number(
        scenario.chaos.machine_id_variant.elsewhere,
        MACHINE_SPELLING_COUNT,
        Stream(scenario.seed, "fault.machine_id.event"),
        _.machine_random_key,
        _.event_day,
        _.event_number,
    )
    written = events.mutate(
        start_time=time.iso_text(_.start_seconds), end_time=time.iso_text(_.end_seconds)
    ).pipe(
        spelling.with_spelling,
        spellings,
        name="machine_id",
        spelling="machine_spelling",
        number=number,
    )
    befell = [
        CellFault(fault, "reported", _.event_type == type_.value, _.reason)
        for fault, type_ in (
            (FaultType.MACHINE_STOP, MachineEventType.STOP),
            (FaultType.MAINTENANCE, MachineEventType.MAINTENANCE),
        )
    ]
    renamed = spelling.fault(FaultType.MACHINE_ID_VARIANT, "machine_id", "machine_spelling")
    landed = (
        hurt_cells(written, {"machine_id": [renamed], "reason": befell})
        .mutate(arrival_day=_.event_day, is_landed=ibis.literal(True))
        .pipe(redeliver_files, MACHINE_EVENTS, counters, scenario)
        .pipe(number_rows, MACHINE_EVENTS, ["event_id"], scenario)
        .pipe(count_instances, ["event_id"])
        .mutate(**duplicate_fault())
    )
    return place(landed, MACHINE_EVENTS, CELLS, "event_id")
