"""Totals of the truth, as validation wants them."""

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import FaultType
from factory_simulation.expressions import time
from factory_simulation.expressions.dates import asked_dates
from factory_simulation.expressions.stock import daily_stock
from factory_simulation.pipelines.generation.scenario import Scenario, epoch_day


def summarise_stock(batches: ir.Table, recipes: ir.Table, opening_stock: ir.Table) -> ir.Table:
    """One row per date, factory and product: units made, used, and in stock at the day's end."""
    return daily_stock(batches, recipes, opening_stock)


def summarise_truth(
    batches: ir.Table,
    injected: ir.Table,
    stock: ir.Table,
    scenario: Scenario,
    event_dates: str | None,
) -> ir.Table:
    """One row per event date, machine and product, and one per date and factory's stock of it.

    ``last_arrival_date`` is the date from which on all that happened has landed that ever
    will; copies that land later tell nothing new. Where some dates are generated alone, they are
    summed up alone: of the others, only what arrives on these is known. ``history_from`` is the
    date from which on stock adds up: the scenario's first.
    """
    lands = injected.filter(_.row_fault.fill_null("") != FaultType.DUPLICATE.value)
    landed_on = ibis.ifelse(_.is_landed, _["_arrival_date"], _.event_date)
    landed = lands.group_by("event_key").aggregate(landed_on=landed_on.max())
    made = (
        batches.join(landed, [("batch_id", "event_key")])
        .group_by("factory_id", "machine_id", "product_name", event_date=_.production_date)
        .aggregate(
            batches=_.count(),
            units_produced=_.units_produced.sum().cast("int64"),
            units_defective=_.units_defective.sum().cast("int64"),
            energy_micro_kwh=_.energy_micro_kwh.sum().cast("int64"),
            last_arrival_date=_.landed_on.max(),
        )
        .mutate(units_in_stock=ibis.null("int64"))
    )
    nothing = {name: ibis.null(type_) for name, type_ in made.schema().items()}
    left = stock.rename(event_date="production_date").semi_join(made, "event_date")
    known = left.select("event_date", "factory_id", "product_name", "units_in_stock")
    missing = {name: null for name, null in nothing.items() if name not in known.columns}
    start = epoch_day(scenario.calendar.start_date) * time.SECONDS_PER_DAY
    summed = made.union(known.mutate(**missing).select(made.columns)).mutate(
        history_from=time.date_of(ibis.literal(start, "int64"))
    )
    dates = asked_dates(event_dates)
    return summed if dates is None else summed.filter(dates.holds(_.event_date))
