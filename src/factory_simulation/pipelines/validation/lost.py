"""What never landed: the ledger has the rows, so that gold can be judged without them."""

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import PRODUCTION_BATCHES, FaultType
from factory_simulation.expressions.numbers import from_micro, micro
from factory_simulation.expressions.versions import valid_at


def restore_lost_batches(daily: ir.Table, machines: ir.Table, ledger: ir.Table) -> ir.Table:
    """One row per date, machine and product: gold's totals and those of batches that were lost.

    This is what gold would say if they had landed; where it differs from the truth, no loss
    explains that.
    """
    lost = ledger.filter(
        _.fault_type == FaultType.LOST_ROW.value, _.table_name == PRODUCTION_BATCHES.name
    )
    told = lost.select(
        "factory_id",
        production_date=_.event_date,
        machine_id=_field(lost.clean_value, "machine_id"),
        batches=ibis.literal(1, "int64"),
        units_produced=_field(lost.clean_value, "units_produced").try_cast("int64"),
        units_defective=_field(lost.clean_value, "units_defective").try_cast("int64"),
    )
    restored = valid_at(
        told,
        machines,
        key="machine_id",
        day="production_date",
        take=["product_name", "kwh_per_unit"],
    ).mutate(micro_kwh=_.units_produced * micro(_.kwh_per_unit))
    keys = ["production_date", "factory_id", "machine_id", "product_name"]
    counts = ["batches", "units_produced", "units_defective", "micro_kwh"]
    landed = daily.mutate(micro_kwh=micro(_.energy_kwh))
    return (
        landed.select(*keys, *counts)
        .union(restored.select(*keys, *counts))
        .group_by(keys)
        .aggregate(**{name: _[name].sum().cast("int64") for name in counts})
        .select(*keys, *counts[:-1], energy_kwh=from_micro(_.micro_kwh))
    )


def _field(row: ir.StringValue, name: str) -> ir.StringValue:
    """Return a field of a landed row that the ledger holds as JSON."""
    return row.re_replace(f'^.*"{name}": "', "").re_replace('".*$', "")
