"""Metered energy beside the truth."""

from typing import Any

import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import Level, Metric
from factory_simulation.expressions.numbers import micro
from factory_simulation.metrics import quotient

_KEYS = ["event_date", "machine_id"]


def compare_energy_with_truth(energy: ir.Table, comparisons: ir.Table) -> ir.Table:
    """One row per date and machine of which the truth knows what energy was needed.

    ``relative_error`` is null where nothing was metered, or the machine needed nothing. A day on
    which not all true batches were metered has less than the truth for that reason alone: it is not
    ``is_whole``.
    """
    of_machines = comparisons.filter(_.level == Level.MACHINE.value).mutate(machine_id=_["key"])
    true_energy = of_machines.filter(_.metric == Metric.ENERGY_KWH.value).select(
        *_KEYS, "settled", truth_kwh=_.truth
    )
    true_batches = of_machines.filter(_.metric == Metric.BATCHES.value).select(
        *_KEYS, batches=micro(_.truth)
    )
    metered = energy.select(
        "machine_id", "metered_kwh", "batches_metered", event_date=_.production_date
    )
    return (
        true_energy.left_join(true_batches, _KEYS)
        .drop("event_date_right", "machine_id_right")
        .left_join(metered, _KEYS)
        .select(
            *_KEYS,
            "truth_kwh",
            "metered_kwh",
            "settled",
            relative_error=quotient((_.metered_kwh - _.truth_kwh).abs(), _.truth_kwh),
            is_whole=(micro(_.batches_metered) == _.batches).fill_null(False),
        )
    )


def report_metered_energy(compared: ir.Table, margin: float) -> dict[str, Any]:
    """Build the block of the validation report on metered energy."""
    settled = compared.filter(_.settled)
    judged = settled.filter(_.is_whole, _.relative_error.notnull())
    return {
        "machine_days": settled.count(),
        "machine_days_whole": judged.count(),
        "within_margin": judged.filter(_.relative_error <= margin).count(),
        "worst_relative_error": judged.relative_error.max(),
    }
