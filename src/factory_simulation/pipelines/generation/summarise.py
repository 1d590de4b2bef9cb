"""Totals of the truth, as validation wants them."""

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import FaultType
from factory_simulation.expressions import time
from factory_simulation.expressions.dates import asked_dates
from factory_simulation.expressions.stock import daily_stock
from factory_simulation.expressions.versions import valid_at
from factory_simulation.pipelines.generation.scenario import Scenario, epoch_day


def summarise_stock(batches: ir.Table, recipes: ir.Table, opening_stock: ir.Table) -> ir.Table:
    """One row per date, factory and product: units made, used, and in stock at the day's end."""
    return daily_stock(batches, recipes, opening_stock)


def summarise_truth(
    batches: ir.Table,
    injected: ir.Table,
    registry: ir.Table,
    versions: ir.Table,
    stock: ir.Table,
    scenario: Scenario,
    event_dates: str | None,
) -> ir.Table:
    """One row per event date, machine and product, and one per date and factory's stock of it.

    Where there is a registry, also one per date and machine: what the machine was that day.

    ``last_arrival_date`` is the date from which on all that happened has landed that ever will,
    and what the registry says of that date; copies that land later tell nothing new. Where some
    dates are generated alone, they are summed up alone: of the others, only what arrives on these
    is known. ``history_from`` is the date from which on stock adds up: the scenario's first.
    """
    lands = injected.filter(_.row_fault.fill_null("") != FaultType.DUPLICATE.value)
    landed_on = ibis.ifelse(_.is_landed, _["_arrival_date"], _.event_date)
    landed = lands.group_by("event_key").aggregate(landed_on=landed_on.max())
    registered = registry.group_by("event_date").aggregate(registered_on=_["_arrival_date"].max())
    made = (
        batches.join(landed, [("batch_id", "event_key")])
        .left_join(registered, [("production_date", "event_date")])
        .mutate(known_on=ibis.greatest(_.landed_on, _.registered_on.fill_null(_.landed_on)))
        .group_by("factory_id", "machine_id", "product_name", event_date=_.production_date)
        .aggregate(
            batches=_.count(),
            units_produced=_.units_produced.sum().cast("int64"),
            units_defective=_.units_defective.sum().cast("int64"),
            energy_micro_kwh=_.energy_micro_kwh.sum().cast("int64"),
            last_arrival_date=_.known_on.max(),
        )
    )
    left = stock.rename(event_date="production_date").semi_join(made, "event_date")
    known = left.select("event_date", "factory_id", "product_name", "units_in_stock")
    start = epoch_day(scenario.calendar.start_date) * time.SECONDS_PER_DAY
    summed = _side_by_side(made, known, _machines_of_dates(registered, versions)).mutate(
        history_from=time.date_of(ibis.literal(start, "int64"))
    )
    dates = asked_dates(event_dates)
    return summed if dates is None else summed.filter(dates.holds(_.event_date))


def _machines_of_dates(dates: ir.Table, versions: ir.Table) -> ir.Table:
    """One row per date and machine: the version that was valid."""
    machines = versions.select("machine_id").distinct()
    said = ["factory_id", "valid_from", "milli_units_per_hour", "micro_kwh_per_unit"]
    return valid_at(
        machines.cross_join(dates.select("event_date")),
        versions,
        key="machine_id",
        day="event_date",
        take=[*said, "status", "firmware", "owner"],
    )


def _side_by_side(*tables: ir.Table) -> ir.Table:
    """Return the rows of all tables; what only others have is null."""
    types = {name: type_ for table in tables for name, type_ in table.schema().items()}
    return ibis.union(
        *[
            table.mutate(
                **{n: ibis.null(type_) for n, type_ in types.items() if n not in table.columns}
            ).select(*types)
            for table in tables
        ]
    )
