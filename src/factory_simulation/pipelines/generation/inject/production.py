"""Production batches, as they land."""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import PRODUCTION_BATCHES, FaultType, Recoverability
from factory_simulation.expressions import time
from factory_simulation.expressions.random import Stream
from factory_simulation.faults import arrival, batch_ids, rows, spelling
from factory_simulation.faults.cells import CERTAIN, NEVER, CellFault, hurt_cells
from factory_simulation.pipelines.generation.inject.landed import (
    count_instances,
    fate_of_batch,
    number_rows,
    place,
    redeliver,
    row_fault,
)
from factory_simulation.pipelines.generation.scenario import Scenario
from factory_simulation.pipelines.generation.spellings import (
    MACHINE_SPELLING_COUNT,
    PRODUCT_SPELLING_COUNT,
)
from factory_simulation.pipelines.generation.streams import batch_keys, event_id

CELLS = ("batch_id", "machine_id", "product_name", "arrival")
_ORDER = ["machine_position", "start_seconds", "batch_number", "copy_number"]


def inject_production_faults(
    batches: ir.Table,
    product_spellings: ir.Table,
    machine_spellings: ir.Table,
    counters: ir.Table,
    scenario: Scenario,
) -> ir.Table:
    """One row per batch that lands, copies included, and per batch that is lost."""
    marked = _marked(batches.filter(_.is_wanted), scenario)
    spelled = _spelled(_delivered(marked, counters, scenario), product_spellings)
    written = _written(spelled, machine_spellings, scenario)
    numbered = number_rows(written, PRODUCTION_BATCHES, _ORDER, scenario)
    counted = count_instances(numbered, ["original_batch_id", "is_wrong"])
    hurt = hurt_cells(
        counted.mutate(**_row_faults()),
        {
            "batch_id": [batch_ids.fault(_.shown_batch_id)],
            "machine_id": [
                spelling.fault(FaultType.MACHINE_ID_VARIANT, "machine_id", "machine_spelling")
            ],
            "product_name": [
                spelling.fault(FaultType.PRODUCT_NAME_VARIANT, "product_name", "product_spelling")
            ],
            "arrival": _late(scenario),
        },
    )
    return place(hurt, PRODUCTION_BATCHES, CELLS, "original_batch_id")


def _marked(batches: ir.Table, scenario: Scenario) -> ir.Table:
    """One row per batch: what happens to its row, how late it is, which id it shows."""
    chaos, seed, keys = scenario.chaos, scenario.seed, batch_keys()
    marked = batches.mutate(
        fate=fate_of_batch(scenario),
        late_days=arrival.late_days(chaos.late_arrival, seed, *keys),
        shown_number=batch_ids.reused_number(chaos.reused_id.rate, seed, *keys),
        spelling_number=spelling.spelling_number(
            chaos.product_name_variant.rate,
            PRODUCT_SPELLING_COUNT,
            Stream(seed, "fault.product_name"),
            *keys,
        ),
    )
    judged = batch_ids.judge(marked.mutate(is_lost=_.fate == rows.LOST))
    return judged.mutate(
        is_landed=~_.is_lost,
        shown_batch_id=event_id(_.machine_id, _.event_day, _.shown_number),
    )


def _delivered(marked: ir.Table, counters: ir.Table, scenario: Scenario) -> ir.Table:
    """One row per batch, copy and delivery: when it lands, and whether its count is wrong."""
    chaos, seed, keys = scenario.chaos, scenario.seed, batch_keys()
    again, days = chaos.redelivered_file, chaos.conflicting_copy.days
    correction = Stream(seed, "fault.conflict.days").integer(days.low, days.high, *keys)
    is_twice = _.fate.isin([rows.EXACT, rows.RESPELLED, rows.CORRECTED])
    is_corrected = (_.fate == rows.CORRECTED) & (_.copy_number == 1)
    copies = (
        marked.mutate(last_copy=ibis.ifelse(is_twice, 1, 0))
        .cross_join(counters.select(copy_number=_.number))
        .filter(_.copy_number <= _.last_copy)
        .mutate(arrival_day=_.event_day + _.late_days + ibis.ifelse(is_corrected, correction, 0))
    )
    if not again.longest:
        first = copies.mutate(delivery_number=ibis.literal(0, "int64"))
        return first.mutate(is_file_wrong=ibis.literal(False)).pipe(_with_wrong)
    in_corrected_file = _.is_landed & arrival.is_corrected_file(again, seed)
    is_wrong = (
        in_corrected_file & (_.fate == rows.NONE) & arrival.is_wrong_at_first(again, seed, *keys)
    )
    is_again = in_corrected_file | (
        _.is_landed & arrival.is_redelivered(again.rate, PRODUCTION_BATCHES.name, seed)
    )
    marked_files = copies.mutate(is_file_wrong=is_wrong, is_again=is_again)
    return redeliver(marked_files, counters, _.is_again).pipe(_with_wrong)


def _with_wrong(rows_: ir.Table) -> ir.Table:
    """Add ``is_wrong``: whether this row shows a count that another row corrects."""
    by_row = (_.fate == rows.CORRECTED) & (_.copy_number == 0)
    by_file = _.is_file_wrong & (_.delivery_number == 0)
    return rows_.mutate(is_wrong=by_row | by_file)


def _spelled(delivered: ir.Table, spellings: ir.Table) -> ir.Table:
    """Spell products; a copy that is spelled differently has the next spelling."""
    other = (_.spelling_number + 1) % PRODUCT_SPELLING_COUNT
    is_other = (_.fate == rows.RESPELLED) & (_.copy_number == 1)
    return spelling.with_spelling(
        delivered,
        spellings,
        name="product_name",
        spelling="product_spelling",
        number=ibis.ifelse(is_other, other, _.spelling_number).cast("int64"),
    )


def _written(spelled: ir.Table, machine_spellings: ir.Table, scenario: Scenario) -> ir.Table:
    """Write batches as text; a wrong count is wrong here already."""
    seed, keys = scenario.seed, batch_keys()
    number = spelling.spelling_number(
        scenario.chaos.machine_id_variant.elsewhere,
        MACHINE_SPELLING_COUNT,
        Stream(seed, "fault.machine_id.batch"),
        *keys,
    )
    count = ibis.ifelse(
        _.is_wrong, rows.wrong_count(_.units_produced, seed, *keys), _.units_produced
    )
    return spelling.with_spelling(
        spelled,
        machine_spellings,
        name="machine_id",
        spelling="machine_spelling",
        number=number,
    ).mutate(
        original_batch_id=_.batch_id,
        start_time=time.iso_text(_.start_seconds),
        end_time=time.iso_text(_.end_seconds),
        units_produced=count.cast("int64").cast("string"),
        units_defective=_.units_defective.cast("string"),
        arrival=time.iso_date_text(_.event_day),
    )


def _row_faults() -> dict[str, Deferred]:
    """Return what the ledger says of whole rows: lost, copies, corrected ones."""
    is_copy = _.instance_number > 0
    fault = ibis.cases(
        (~_.is_landed, FaultType.LOST_ROW.value),
        (is_copy, FaultType.DUPLICATE.value),
        (_.is_wrong, FaultType.CONFLICTING_COPY.value),
        else_=None,
    )
    mechanism = ibis.cases(
        (~_.is_landed, "never_landed"),
        (is_copy & (_.delivery_number > 0), "file_redelivered"),
        (is_copy & (_.fate == rows.RESPELLED), "respelled"),
        (is_copy, "exact"),
        (_.is_file_wrong, "file_corrected"),
        else_="corrected_later",
    )
    return row_fault(
        fault,
        mechanism,
        ibis.ifelse(_.is_landed, Recoverability.RECOVERABLE.value, Recoverability.LOST.value),
        ibis.ifelse(_.is_landed, CERTAIN, _.loss_detection),
        ibis.ifelse(_.is_landed, CERTAIN, NEVER),
    )


def _late(scenario: Scenario) -> list[CellFault]:
    """Return the fault of rows that stand for a batch and land after its day."""
    late = scenario.chaos.late_arrival
    stands = _.is_landed & _.row_fault.isnull() & (_.arrival_day > _.event_day)
    landed_on = time.iso_date_text(_.arrival_day)

    def because(mechanism: str, falls: Deferred) -> CellFault:
        return CellFault(FaultType.LATE_ARRIVAL, mechanism, stands & falls, landed_on)

    return [
        because("file_corrected", _.is_file_wrong),
        because("corrected_later", _.fate == rows.CORRECTED),
        because("beyond_window", _.late_days > late.days.high),
        because("days_late", _.late_days > 0),
    ]
