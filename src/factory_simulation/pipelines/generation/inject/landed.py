"""What is done alike to the rows of every landing file: copies of whole files, places, the rest."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import FaultType, LandedTable, Recoverability
from factory_simulation.expressions import time
from factory_simulation.expressions.dates import asked_dates
from factory_simulation.expressions.numbers import int64
from factory_simulation.faults.arrival import is_redelivered
from factory_simulation.faults.cells import CERTAIN, PARTS
from factory_simulation.faults.rows import LOST, row_fate
from factory_simulation.pipelines.generation.scenario import Scenario
from factory_simulation.pipelines.generation.streams import batch_keys

ROW_PARTS = PARTS[1:]
"""What the ledger says of a whole row; its clean and dirty values are the row itself."""


def fate_of_batch(scenario: Scenario) -> Deferred:
    """Return what happens to the row of a batch, from the keys that its readings have too."""
    chaos = scenario.chaos
    return row_fate(
        chaos.duplicate, chaos.conflicting_copy, chaos.lost_row, scenario.seed, *batch_keys()
    )


def is_batch_lost(scenario: Scenario) -> Deferred:
    """Tell whether the batch of a row never lands."""
    return fate_of_batch(scenario) == LOST


def redeliver(
    rows: ir.Table, counters: ir.Table, is_again: Deferred | ir.BooleanScalar
) -> ir.Table:
    """Return each row, and again a day later where its file is delivered again.

    Args:
        rows: Have ``arrival_day``.
        counters: Whole numbers from 0 on, as ``number``.
        is_again: Whether the file with a row is delivered again.
    """
    deliveries = counters.select(delivery_number=_.number)
    return (
        rows.mutate(last_delivery=ibis.ifelse(is_again, 1, 0))
        .cross_join(deliveries)
        .filter(_.delivery_number <= _.last_delivery)
        .mutate(arrival_day=_.arrival_day + _.delivery_number)
        .drop("last_delivery")
    )


def redeliver_files(
    rows: ir.Table, contract: LandedTable, counters: ir.Table, scenario: Scenario
) -> ir.Table:
    """Deliver some files of a table again, unchanged."""
    rate = scenario.chaos.redelivered_file.rate
    again = is_redelivered(rate, contract.name, scenario.seed) if rate else ibis.literal(False)
    return redeliver(rows, counters, again)


def number_rows(
    rows: ir.Table, contract: LandedTable, order: Sequence[str], scenario: Scenario
) -> ir.Table:
    """Add the place of each row that lands: ``_source_file`` and ``_source_row``, from 1 on.

    Files are sorted by what they show, so that the order of rows tells nothing that the rows do
    not; what a second delivery brings follows the day's own rows.

    Args:
        rows: Have ``arrival_day``, ``delivery_number`` and ``is_landed``.
        contract: The landing file.
        order: A total order among the rows of a delivery.
        scenario: Says in which format files land.
    """
    suffix = ".parquet" if scenario.landing.format == "parquet" else contract.suffix
    place = ibis.row_number().over(
        group_by=["arrival_day", "is_landed"], order_by=["delivery_number", *order]
    )
    return rows.mutate(
        _source_row=ibis.ifelse(_.is_landed, int64(place + 1), None),
        _source_file=ibis.ifelse(
            _.is_landed, time.iso_date_text(_.arrival_day).concat(f"/{contract.name}{suffix}"), None
        ),
    )


def count_instances(rows: ir.Table, event: Sequence[str]) -> ir.Table:
    """Add ``instance_number``: 0 for the first row of an event to land, 1 for the next.

    Args:
        rows: Numbered rows.
        event: The columns whose values rows of one event share.
    """
    first_to_land = ibis.window(
        group_by=["is_landed", *event], order_by=["arrival_day", "_source_row"]
    )
    return rows.mutate(instance_number=int64(ibis.row_number().over(first_to_land)))


def row_fault(
    fault: Deferred | ir.Value,
    mechanism: Deferred | ir.Value,
    recoverability: Deferred | str = Recoverability.RECOVERABLE.value,
    detection: Deferred | int = CERTAIN,
    repair: Deferred | int = CERTAIN,
) -> dict[str, Deferred]:
    """Return the ledger's part of whole rows, for rows on which a fault fell."""
    is_hit = fault.notnull()
    return {
        "row_fault": fault,
        "row_mechanism": ibis.ifelse(is_hit, mechanism, None),
        "row_recoverability": ibis.ifelse(is_hit, recoverability, None),
        "row_detection": ibis.ifelse(is_hit, detection, None).cast("int64"),
        "row_repair": ibis.ifelse(is_hit, repair, None).cast("int64"),
    }


def duplicate_fault() -> dict[str, Deferred]:
    """Return the ledger's part of rows that a second delivery brought again."""
    is_copy = _.instance_number > 0
    fault = ibis.ifelse(is_copy, FaultType.DUPLICATE.value, None)
    return row_fault(fault, "file_redelivered")


def place(rows: ir.Table, contract: LandedTable, cells: Sequence[str], event_key: str) -> ir.Table:
    """Keep what lands, with what the ledger says of it."""
    return rows.mutate(
        _arrival_date=time.date_of(_.arrival_day * time.SECONDS_PER_DAY),
        event_date=time.date_of(_.event_day * time.SECONDS_PER_DAY),
        event_key=_[event_key],
    ).select(
        *contract.columns,
        *contract.optional,
        "_arrival_date",
        "_source_file",
        "_source_row",
        "factory_id",
        "event_key",
        "event_date",
        "is_landed",
        *[f"row_{part}" for part in ROW_PARTS],
        *[f"{column}_{part}" for column in cells for part in PARTS],
        **{f"{c}_dirty": _[c] for c in cells if c not in contract.columns},
    )


def land_rows(injected: ir.Table, arrival_dates: str | None) -> ir.Table:
    """One row per row of a landing file: of all, or of those of some arrival dates."""
    return of_arrival_dates(injected.filter(_.is_landed), arrival_dates)


def of_arrival_dates(injected: ir.Table, arrival_dates: str | None) -> ir.Table:
    """Keep what arrives on one date or in a range of them, where any is asked for."""
    dates = asked_dates(arrival_dates)
    return injected if dates is None else injected.filter(dates.holds(_["_arrival_date"]))
