"""The clean truth of production: what the machines made.

Every number is an integer (basis points, micro-kWh, seconds), drawn by keys that name the event
alone: machine, day, number within the day. Nothing depends on what was drawn before, nor on which
other dates are simulated; only stock, where it limits production, adds up from the first day on.
"""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.expressions import time
from factory_simulation.expressions.numbers import int64
from factory_simulation.expressions.versions import valid_at
from factory_simulation.faults.settings import BASIS_POINTS, basis_points
from factory_simulation.pipelines.generation.plan import is_maintained
from factory_simulation.pipelines.generation.scenario import Scenario, epoch_day
from factory_simulation.pipelines.generation.stock import limit_by_stock
from factory_simulation.pipelines.generation.streams import batch_keys, event_id, streams

_MINUTES_PER_HOUR_MILLI_BP = 60 * 1000 * BASIS_POINTS


def simulate_production_batches(
    plans: ir.Table, machines: ir.Table, versions: ir.Table, scenario: Scenario
) -> ir.Table:
    """One row per batch that a machine finished before closing time.

    How fast it works and what a unit takes is what the machine was that day.

    Planned batches that would end after closing time are not begun. Where stock limits production,
    a batch is cut to what its input allows, and one without any is not begun either. Batches before
    the dates that are wanted are there too, for stock adds up; ``is_wanted`` tells them apart.
    """
    plated = machines.select(
        "machine_id",
        "factory_id",
        "product_name",
        "machine_position",
        "machine_random_key",
        "base_efficiency_bp",
        "efficiency_loss_bp",
    )
    begun = valid_at(
        plans.filter(_.is_begun).join(plated, "machine_id"),
        versions,
        key="machine_id",
        day="event_day",
        take=["milli_units_per_hour", "micro_kwh_per_unit"],
        valid_from="from_day",
        valid_to="to_day",
    )
    seconds = _.event_day * time.SECONDS_PER_DAY
    planned = _with_efficiency(begun, scenario).mutate(
        units_produced=_units(),
        start_seconds=seconds + _.start_minute * time.SECONDS_PER_MINUTE,
        end_seconds=seconds + _.end_minute * time.SECONDS_PER_MINUTE,
    )
    produced = limit_by_stock(planned, _units_defective(scenario), scenario)
    in_order = ibis.row_number().over(group_by=["machine_id", "event_day"], order_by="number")
    return produced.mutate(
        batch_number=int64(in_order + 1),
        units_defective=_units_defective(scenario),
        energy_micro_kwh=_.units_produced * _.micro_kwh_per_unit,
        production_date=time.date_of(_.start_seconds),
    ).select(
        "factory_id",
        "machine_id",
        "product_name",
        "production_date",
        "event_day",
        "is_wanted",
        "batch_number",
        "machine_position",
        "machine_random_key",
        "start_seconds",
        "end_seconds",
        "efficiency_bp",
        "units_produced",
        "units_defective",
        "energy_micro_kwh",
        batch_id=event_id(_.machine_id, _.event_day, _.batch_number),
    )


def _with_efficiency(batches: ir.Table, scenario: Scenario) -> ir.Table:
    """Add a batch's efficiency: the machine's, less its wear, give or take."""
    process, stream = scenario.process, streams(scenario, "production")
    noise = basis_points(process.efficiency_noise)
    day_number = _days_of_wear(scenario)
    drawn = stream("efficiency").integer(-noise, noise, *batch_keys("number"))
    efficiency = _.base_efficiency_bp - _.efficiency_loss_bp * day_number + drawn
    return batches.mutate(
        efficiency_bp=ibis.greatest(efficiency, basis_points(process.efficiency_floor)).cast(
            "int64"
        )
    )


def _days_of_wear(scenario: Scenario) -> Deferred:
    """Return for how many days a machine has worn: since the start, or since maintenance."""
    day_number = _.event_day - epoch_day(scenario.calendar.start_date)
    maintenance = scenario.chaos.maintenance
    if not maintenance.rate:
        return day_number
    since = day_number % maintenance.every_days
    return ibis.ifelse(is_maintained(scenario), since, day_number)


def _units() -> Deferred:
    """Return the units of a batch, rounded to the nearest."""
    ideal = _.milli_units_per_hour * _.minutes * _.efficiency_bp
    return ((ideal + _MINUTES_PER_HOUR_MILLI_BP // 2) // _MINUTES_PER_HOUR_MILLI_BP).cast("int64")


def _units_defective(scenario: Scenario) -> Deferred:
    """Return the defective units of a batch, rounded up or down by chance.

    Cutting the fraction off instead would lose two fifths of all defects at these batch sizes.
    """
    process, stream = scenario.process, streams(scenario, "production")
    low = max(0, basis_points(process.defect_rate) - basis_points(process.defect_rate_noise))
    high = min(
        BASIS_POINTS, basis_points(process.defect_rate) + basis_points(process.defect_rate_noise)
    )
    keys = batch_keys("number")
    rate = stream("defect_rate").integer(low, high, *keys)
    chance = stream("defects").integer(0, BASIS_POINTS - 1, *keys)
    return ((_.units_produced * rate + chance) // BASIS_POINTS).cast("int64")
