"""Which time a machine's people have on the wall."""

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.expressions.time import SECONDS_PER_MINUTE


def locate_clocks(machines: ir.Table, factories: ir.Table) -> ir.Table:
    """One row per machine: by how many seconds its factory's clocks are ahead of UTC.

    A machine whose factory is not known has none, which its contract does not let pass.
    """
    offsets = factories.select("factory_id", "utc_offset_minutes")
    return machines.left_join(offsets, "factory_id").select(
        "machine_id",
        utc_offset_seconds=(_.utc_offset_minutes * SECONDS_PER_MINUTE).cast("int64"),
    )


def read_both_ways(rows: ir.Table) -> ir.Table:
    """One row per row and way to read its time: as UTC and, where that differs, as local time.

    Adds ``seconds``, the time in UTC, and ``is_local``, 1 or 0. A time that names its zone is read
    in one way.

    Args:
        rows: Have ``told_seconds``, ``is_zone_told`` and ``utc_offset_seconds``.
    """
    as_utc = rows.mutate(seconds=_.told_seconds, is_local=ibis.literal(0, "int64"))
    as_local = rows.filter(~_.is_zone_told, _.utc_offset_seconds != 0).mutate(
        seconds=(_.told_seconds - _.utc_offset_seconds).cast("int64"),
        is_local=ibis.literal(1, "int64"),
    )
    return as_utc.union(as_local)
