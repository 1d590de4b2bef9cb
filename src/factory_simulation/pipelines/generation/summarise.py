"""Totals of the truth, as validation wants them."""

from datetime import date

import ibis.expr.types as ir
from ibis import _

from factory_simulation.expressions import time
from factory_simulation.pipelines.generation.faults.arrival import what_late


def summarise_truth(batches: ir.Table, faults: ir.Table, event_date: str | None) -> ir.Table:
    """One row per event date, machine and product.

    ``last_arrival_date`` is the date from which on all that happened has landed. Where one date is
    generated alone, it is summed up alone: of the others, only what arrives that day is known.
    """
    totals = (
        batches.join(faults.select("batch_id", "late_days"), "batch_id")
        .mutate(arrival_day=what_late(_.event_day, _.late_days))
        .group_by(
            event_date=_.production_date, machine_id=_.machine_id, product_name=_.product_name
        )
        .aggregate(
            batches=_.count(),
            units_produced=_.units_produced.sum().cast("int64"),
            units_defective=_.units_defective.sum().cast("int64"),
            energy_micro_kwh=_.energy_micro_kwh.sum().cast("int64"),
            last_arrival_day=_.arrival_day.max(),
        )
        .select(
            "event_date",
            "machine_id",
            "product_name",
            "batches",
            "units_produced",
            "units_defective",
            "energy_micro_kwh",
            last_arrival_date=time.date_of(_.last_arrival_day * time.SECONDS_PER_DAY),
        )
    )
    if event_date is None:
        return totals
    return totals.filter(_.event_date == date.fromisoformat(event_date))
