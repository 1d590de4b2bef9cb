"""The ledger: every fault that was injected, read off the rows that carry it."""

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import (
    LANDED_TABLES,
    MACHINE_EVENTS,
    MACHINE_REGISTRY,
    OPERATOR_LOGS,
    PRODUCTION_BATCHES,
    QC_CHECKS,
    SENSOR_LOGS,
    WHOLE_ROW,
    FaultType,
    LandedTable,
    Recoverability,
)
from factory_simulation.expressions import text, time
from factory_simulation.expressions.dates import asked_dates
from factory_simulation.expressions.numbers import ratio
from factory_simulation.faults import orphan
from factory_simulation.faults.cells import CERTAIN, NEVER
from factory_simulation.faults.machine import chance_to_see_decay
from factory_simulation.faults.settings import basis_points
from factory_simulation.pipelines.generation.inject import (
    machine_events,
    operators,
    production,
    quality,
    registry,
    sensors,
)
from factory_simulation.pipelines.generation.inject.landed import of_arrival_dates
from factory_simulation.pipelines.generation.scenario import Scenario, epoch_day

_CELLS: dict[str, tuple[str, ...]] = {
    PRODUCTION_BATCHES.name: production.CELLS,
    SENSOR_LOGS.name: sensors.CELLS,
    QC_CHECKS.name: quality.CELLS,
    OPERATOR_LOGS.name: operators.CELLS,
    MACHINE_EVENTS.name: machine_events.CELLS,
    MACHINE_REGISTRY.name: registry.CELLS,
}
_NAMES = {"arrival": "_arrival_date"}
"""Columns that the ledger names as bronze does."""


def record_faults(
    machines: ir.Table, scenario: Scenario, arrival_dates: str | None, **injected: ir.Table
) -> ir.Table:
    """One row per fault: where it sits, what it did, what the landed files still tell.

    A row that is a copy, or was corrected, is a fault as a whole; its cells are not listed again.

    Args:
        machines: The machines, of which some decay.
        scenario: Says when the world begins.
        arrival_dates: Record the faults of these arrival dates alone.
        injected: The rows of each landing file.
    """
    parts = []
    for table, cells in _CELLS.items():
        contract = LANDED_TABLES[table]
        rows = of_arrival_dates(injected[table], arrival_dates)
        parts.append(_of_rows(rows, contract))
        parts += [_of_cells(rows, contract, column) for column in cells]
    return ibis.union(*parts, _of_machines(machines, scenario, arrival_dates)).select(
        fault_id=_where().concat(":", _.column_name, ":", _.fault_type),
        fault_type=_.fault_type,
        mechanism=_.mechanism,
        table_name=_.table_name,
        source_file=_.source_file,
        source_row=_.source_row,
        column_name=_.column_name,
        clean_value=_.clean_value,
        dirty_value=_.dirty_value,
        event_date=_.event_date,
        arrival_date=_.arrival_date,
        recoverability=_.recoverability,
        event_id=_.event_id,
        factory_id=_.factory_id,
        detection_chance=ratio(_.detection, CERTAIN),
        repair_chance=ratio(_.repair, CERTAIN),
    )


def export_ledger(ledger: ir.Table, arrival_dates: str | None, **injected: ir.Table) -> ir.Table:
    """One row per fault, and one without a fault per arrival date, so that each has its file."""
    dates = ibis.union(
        *[
            of_arrival_dates(rows, arrival_dates).select(arrival_date=_["_arrival_date"])
            for rows in injected.values()
        ],
        distinct=True,
    )
    nothing = {
        name: ibis.null(type_) for name, type_ in ledger.schema().items() if name != "arrival_date"
    }
    return ledger.union(dates.mutate(**nothing).select(ledger.columns))


def _where() -> ir.Value:
    """Return what names the place of a fault: the landed row, else the event."""
    row = _.source_file.concat(":", _.source_row.cast("string"))
    return ibis.coalesce(row, _.table_name.concat(":", _.event_id))


def _of_rows(injected: ir.Table, contract: LandedTable) -> ir.Table:
    """One row per landed or lost row that is a fault as a whole; its values are rows as JSON."""
    names = contract.known
    landed = {name: injected[name] for name in names}
    clean = {
        name: injected[f"{name}_clean"] if f"{name}_clean" in injected.columns else injected[name]
        for name in names
    }
    is_true = ~injected.is_landed | (injected.row_mechanism == orphan.BATCH_LOST)
    return injected.filter(injected.row_fault.notnull()).select(
        **_place(contract, WHOLE_ROW),
        fault_type=_.row_fault,
        mechanism=_.row_mechanism,
        clean_value=ibis.ifelse(is_true, _as_json(clean), None),
        dirty_value=ibis.ifelse(injected.is_landed, _as_json(landed), None),
        recoverability=_.row_recoverability,
        detection=_.row_detection,
        repair=_.row_repair,
    )


def _as_json(row: dict[str, ir.StringValue]) -> ir.StringValue:
    return text.json_object({name: text.json_text(value) for name, value in row.items()})


def _of_cells(injected: ir.Table, contract: LandedTable, column: str) -> ir.Table:
    """One row per hurt cell of a row that stands for an event, or is a check of a lost batch."""
    stands = _.row_fault.isnull() | _.row_mechanism.isin(
        [orphan.BATCH_LOST, orphan.BATCH_LOST_AGAIN]
    )
    return injected.filter(_[f"{column}_fault"].notnull(), stands).select(
        **_place(contract, _NAMES.get(column, column)),
        fault_type=_[f"{column}_fault"],
        mechanism=_[f"{column}_mechanism"],
        clean_value=_[f"{column}_clean"],
        dirty_value=_[column] if column in contract.columns else _[f"{column}_dirty"],
        recoverability=_[f"{column}_recoverability"],
        detection=_[f"{column}_detection"],
        repair=_[f"{column}_repair"],
    )


def _place(contract: LandedTable, column: str) -> dict[str, ir.Value]:
    return {
        "table_name": ibis.literal(contract.name),
        "column_name": ibis.literal(column),
        "source_file": _["_source_file"],
        "source_row": _["_source_row"],
        "event_date": _.event_date,
        "arrival_date": _["_arrival_date"],
        "event_id": _.event_key,
        "factory_id": _.factory_id,
    }


def _of_machines(machines: ir.Table, scenario: Scenario, arrival_dates: str | None) -> ir.Table:
    """One row per machine that decays; it sits in no landed row but in all of a machine's."""
    first_day = epoch_day(scenario.calendar.start_date)
    dates = asked_dates(arrival_dates)
    is_asked = dates is None or scenario.calendar.start_date in dates
    since = time.date_of(ibis.literal(first_day * time.SECONDS_PER_DAY, "int64"))
    return machines.filter(_.efficiency_loss_bp > 0, ibis.literal(is_asked)).select(
        table_name=ibis.literal(PRODUCTION_BATCHES.name),
        column_name=ibis.literal("efficiency_percent"),
        source_file=ibis.null("string"),
        source_row=ibis.null("int64"),
        event_date=since,
        arrival_date=since,
        event_id=_.machine_id,
        factory_id=_.factory_id,
        fault_type=ibis.literal(FaultType.DECAY.value),
        mechanism=ibis.literal("daily"),
        clean_value=ibis.literal("0.0"),
        dirty_value=text.short_decimal(-_.efficiency_loss_bp, 2),
        recoverability=ibis.literal(Recoverability.AMBIGUOUS.value),
        detection=_chance_to_see_decay(scenario),
        repair=ibis.literal(NEVER, "int64"),
    )


def _chance_to_see_decay(scenario: Scenario) -> ir.Value:
    """Return for each machine the chance that its slope alarms, from its loss."""
    calendar, maintenance = scenario.calendar, scenario.chaos.maintenance
    batches = (
        calendar.days * sum((calendar.batches_per_day.low, calendar.batches_per_day.high)) // 2
    )
    days = min(calendar.days, maintenance.every_days) if maintenance.rate else calendar.days
    losses = {basis_points(machine.efficiency_loss_per_day) for machine in scenario.fleet}
    chances = [
        (
            _.efficiency_loss_bp == loss,
            chance_to_see_decay(loss, scenario.process.efficiency_noise, days, batches),
        )
        for loss in sorted(losses)
    ]
    return ibis.cases(*chances, else_=NEVER).cast("int64")
