"""Which time a machine's people have on the wall."""

import ibis.expr.types as ir
from ibis import _

from factory_simulation.expressions.time import SECONDS_PER_MINUTE


def locate_clocks(machines: ir.Table, factories: ir.Table) -> ir.Table:
    """One row per machine: by how many seconds its factory's clocks are ahead of UTC."""
    offsets = factories.select("factory_id", "utc_offset_minutes")
    return machines.join(offsets, "factory_id").select(
        "machine_id",
        utc_offset_seconds=(_.utc_offset_minutes * SECONDS_PER_MINUTE).cast("int64"),
        has_offset=_.utc_offset_minutes != 0,
    )
