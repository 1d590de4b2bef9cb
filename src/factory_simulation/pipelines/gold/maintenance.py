"""What maintenance has brought: the efficiency before it, and after."""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import MachineEventType
from factory_simulation.expressions.numbers import from_micro, int64, micro, ratio
from factory_simulation.expressions.student_t import t_quantile
from factory_simulation.pipelines.gold.parameters import GoldParameters
from factory_simulation.pipelines.gold.wear import BASIS_POINTS_PER_PERCENT

_OF_TWO_MEANS = 2


def summarise_maintenance_effects(
    efficiency: ir.Table, events: ir.Table, parameters: GoldParameters
) -> ir.Table:
    """One row per maintenance: a machine's mean efficiency just before it, just after, the change.

    Before are the last batches since the maintenance before, after are the first ones up to the
    next. The standard error is that of the difference of two means with one variance.
    """
    maintained = events.filter(_.event_type == MachineEventType.MAINTENANCE.value)
    stretched = _stretches(efficiency.filter(~_.is_repeat), maintained)
    numbered = stretched.filter(_.is_event == 1).select(
        "event_key", "machine_id", "stretch", before=_.stretch - 1
    )
    most = parameters.health.maintenance_batches
    ends = {
        "before": _sums(stretched, most, "before", descending=True),
        "after": _sums(stretched, most, "after", descending=False),
    }
    joined = (
        maintained.select("factory_id", "start_at", "event_date", event_key=_["_row_id"])
        .join(numbered, "event_key")
        .left_join(ends["before"], [("machine_id", "machine_id_before"), ("before", "of_before")])
        .left_join(ends["after"], [("machine_id", "machine_id_after"), ("stretch", "of_after")])
        .mutate(
            **{f"n_{end}": _[f"n_{end}"].fill_null(0).cast("int64") for end in ("before", "after")}
        )
    )
    return _compared(joined, parameters.health.confidence)


def _stretches(efficiency: ir.Table, maintained: ir.Table) -> ir.Table:
    """One row per batch and per maintenance: with the number of the stretch that it is in.

    A batch that begins when maintenance does comes after it.
    """
    of_events = maintained.select(
        "machine_id",
        "start_at",
        event_key=_["_row_id"],
        efficiency_bp=ibis.null("int64"),
        is_event=ibis.literal(1).cast("int64"),
    )
    of_batches = efficiency.select(
        "machine_id",
        "start_at",
        event_key=_.batch_key,
        efficiency_bp=_.efficiency_bp,
        is_event=ibis.literal(0).cast("int64"),
    )
    so_far = ibis.cumulative_window(
        group_by="machine_id", order_by=[_.start_at, _.is_event.desc(), _.event_key]
    )
    return of_events.union(of_batches).mutate(stretch=_.is_event.sum().over(so_far).cast("int64"))


def _sums(stretched: ir.Table, most: int, end: str, *, descending: bool) -> ir.Table:
    """One row per machine and stretch: sums over its first batches, or over its last ones."""
    keys = [_.start_at, _.event_key]
    order = [key.desc() for key in keys] if descending else keys
    rank = ibis.row_number().over(group_by=["machine_id", "stretch"], order_by=order)
    return (
        stretched.filter(_.is_event == 0)
        .mutate(rank=int64(rank))
        .filter(_.rank < most)
        .group_by(**{f"machine_id_{end}": _.machine_id, f"of_{end}": _.stretch})
        .aggregate(
            **{
                f"n_{end}": _.count(),
                f"sum_{end}": _.efficiency_bp.sum().cast("int64"),
                f"squares_{end}": (_.efficiency_bp * _.efficiency_bp).sum().cast("int64"),
            }
        )
    )


def _compared(joined: ir.Table, confidence: float) -> ir.Table:
    """One row per maintenance: both means, their difference, and whether it is more than chance."""
    degrees = _.n_before + _.n_after - _OF_TWO_MEANS
    of_means = ratio(_.n_before + _.n_after, (_.n_before * _.n_after).nullif(0))
    return (
        joined.mutate(
            before=ratio(_.sum_before, _.n_before.nullif(0)),
            after=ratio(_.sum_after, _.n_after.nullif(0)),
            scatter=_scatter("before") + _scatter("after"),
            degrees=degrees,
        )
        .mutate(
            change=_.after - _.before,
            error=(ratio(_.scatter, _.degrees.nullif(0)) * of_means).sqrt(),
        )
        .mutate(reach=t_quantile(_.degrees, confidence) * _.error)
        .select(
            "event_key",
            "factory_id",
            "machine_id",
            maintained_at=_.start_at,
            maintenance_date=_.event_date,
            batches_before=_.n_before,
            batches_after=_.n_after,
            before_percent=_percent(_.before),
            after_percent=_percent(_.after),
            change_percent=_percent(_.change),
            standard_error_percent=_percent(_.error),
            change_low_percent=_percent(_.change - _.reach),
            change_high_percent=_percent(_.change + _.reach),
            is_change=(_.change.abs() > _.reach).fill_null(False),
        )
    )


def _scatter(end: str) -> Deferred:
    """Return the sum of squares about the mean; it is of integers, up to the division."""
    n = _[f"n_{end}"]
    squares = n * _[f"squares_{end}"] - _[f"sum_{end}"] * _[f"sum_{end}"]
    return ratio(squares, n.nullif(0))


def _percent(basis_points: Deferred) -> Deferred:
    return from_micro(micro(ratio(basis_points, BASIS_POINTS_PER_PERCENT)))
