"""Nowcasts beside what came."""

import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import Level


def compare_nowcasts_with_truth(nowcasts: ir.Table, comparisons: ir.Table) -> ir.Table:
    """One row per nowcast of a date that has settled: its interval, and what came.

    What came is the truth without what never landed: no nowcast knows of that.
    """
    came = comparisons.filter(_.settled, _.level == Level.SITE.value).select(
        "event_date", "metric", factory_id=_["key"], actual=_.truth - _.lost
    )
    return nowcasts.join(came, ["event_date", "factory_id", "metric"]).select(
        "event_date",
        "factory_id",
        "age_days",
        "metric",
        "estimate",
        "low",
        "high",
        "actual",
        is_held=_.actual.between(_.low, _.high),
    )
