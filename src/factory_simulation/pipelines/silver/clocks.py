"""Which time a factory's people have on the wall."""

import ibis.expr.types as ir
from ibis import _


def locate_clocks(machines: ir.Table, factories: ir.Table, time_zones: ir.Table) -> ir.Table:
    """One row per factory and stretch of local time in which its clocks have one offset.

    A factory that has machines but is not known has no offset, which its contract does not let
    pass.
    """
    known = time_zones.semi_join(factories, "factory_id")
    wanted = machines.select("factory_id").distinct()
    return wanted.left_join(known, "factory_id").select(
        "factory_id",
        "local_year",
        "local_from_seconds",
        "local_to_seconds",
        utc_offset_seconds=_.utc_offset_seconds,
    )
