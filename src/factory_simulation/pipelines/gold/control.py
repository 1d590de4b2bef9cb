"""Control charts: whether a machine's batches are off by more than chance.

Each machine has an individuals and moving range chart (Shewhart's). Of a machine that decays, the
line's wear is taken off first: that it wears is known (`machine_health`), and a chart of the bare
efficiency would do nothing but alarm.
"""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.expressions.numbers import MICRO, from_micro, micro, ratio
from factory_simulation.pipelines.gold.parameters import GoldParameters
from factory_simulation.pipelines.gold.wear import BASIS_POINTS_PER_PERCENT, fit_lines

_MICRO_PER_BASIS_POINT = MICRO // BASIS_POINTS_PER_PERCENT
_FEWEST = 20
"""Limits of fewer batches are too uncertain to alarm by."""
_SIGMAS = 3
_MILLI = 1000
_MILLI_RANGES_PER_SIGMA = 1128
"""The mean range of two normal values is 1.128 standard deviations (d2)."""
_MILLI_RANGE_LIMIT = 3267
"""Three standard deviations above the mean range, in mean ranges (D4)."""
_RULES = {
    "is_two_of_three": (2, 2, 3),
    "is_four_of_five": (1, 4, 5),
    "is_run_of_eight": (0, 8, 8),
}
"""Western Electric rules beyond the first: so many sigmas, so many batches, of so many."""


def build_control_charts(efficiency: ir.Table, parameters: GoldParameters) -> ir.Table:
    """One row per batch: its value on the chart of its machine, the limits, and what is broken.

    Limits are of the machine's first batches (phase I) and are held after these (phase II). Batches
    that are worn out down to the floor, or repeat another, are not charted. Rules compare integers.
    """
    values = _values(efficiency, parameters)
    ranged = values.mutate(
        moving_range=(_.value - _.value.lag().over(**_in_order())).abs(),
        is_baseline=_.is_charted
        & (ibis.row_number().over(**_in_order()) < parameters.health.baseline_batches),
    )
    charted = ranged.left_join(_baselines(ranged), "machine_id").drop("machine_id_right")
    judged = _judge(charted)
    rules = ["is_beyond_limits", "is_moving_range_beyond", *_RULES]
    sigma = ratio(_.mean_range * _MILLI, _MILLI_RANGES_PER_SIGMA)
    return judged.mutate(sigma=sigma).select(
        "batch_key",
        "factory_id",
        "machine_id",
        "sequence_number",
        "batch_date",
        "start_at",
        "is_baseline",
        *rules,
        efficiency_percent=ratio(_.efficiency_bp, BASIS_POINTS_PER_PERCENT),
        value_percent=from_micro(_.value),
        centre_percent=_rounded(_.centre),
        lower_limit_percent=_rounded(_.centre - _SIGMAS * _.sigma),
        upper_limit_percent=_rounded(_.centre + _SIGMAS * _.sigma),
        moving_range_percent=from_micro(_.moving_range),
        moving_range_limit_percent=_rounded(ratio(_.mean_range * _MILLI_RANGE_LIMIT, _MILLI)),
        is_alarm=ibis.or_(*[_[rule] for rule in rules]),
    )


def _values(efficiency: ir.Table, parameters: GoldParameters) -> ir.Table:
    """Add what is charted, in millionths of a percent: the efficiency, less a decaying one's wear.

    It is null where a batch is not charted.
    """
    lines = fit_lines(efficiency, parameters.health).select(
        "machine_id",
        loss=ibis.ifelse(_.is_decaying, micro(ratio(_.slope, BASIS_POINTS_PER_PERCENT)), 0),
    )
    value = _.efficiency_bp * _MICRO_PER_BASIS_POINT - _.loss * _.wear_days
    charted = efficiency.mutate(is_charted=~(_.is_worn_out | _.is_repeat))
    return charted.join(lines, "machine_id").mutate(
        value=ibis.ifelse(_.is_charted, value, None).cast("int64")
    )


def _baselines(ranged: ir.Table) -> ir.Table:
    """One row per machine with enough batches: the sums of its first ones' values and ranges."""
    return (
        ranged.filter(_.is_baseline)
        .group_by("machine_id")
        .aggregate(
            n=_.value.count().cast("int64"),
            ranges=_.moving_range.count().cast("int64"),
            sum_value=_.value.sum().cast("int64"),
            sum_range=_.moving_range.sum().cast("int64"),
        )
        .filter(_.n >= _FEWEST)
        .mutate(centre=ratio(_.sum_value, _.n), mean_range=ratio(_.sum_range, _.ranges))
    )


def _judge(charted: ir.Table) -> ir.Table:
    """Add which rules a batch breaks; without limits, or a value, it breaks none.

    A batch that is off by more than ``k`` sigmas is so if
    ``|n value - sum| ranges 1.128 > k n sum_range``.
    """
    off = _.n * _.value - _.sum_value
    measured = charted.mutate(
        side=ibis.cases((off > 0, 1), (off < 0, -1), else_=0).cast("int64"),
        distance=off.abs() * _.ranges * _MILLI_RANGES_PER_SIGMA,
        unit=_.n * _.sum_range * _MILLI,
        is_moving_range_beyond=(
            _.moving_range * _.ranges * _MILLI > _MILLI_RANGE_LIMIT * _.sum_range
        ).fill_null(False),
    )
    return measured.mutate(
        is_beyond_limits=(_.distance > _SIGMAS * _.unit).fill_null(False),
        **{name: _breaks(*rule) for name, rule in _RULES.items()},
    )


def _breaks(sigmas: int, fewest: int, of: int) -> Deferred:
    """Tell whether a batch is the last of enough that are so far off, to the same side."""
    is_off = (_.distance > sigmas * _.unit).fill_null(False)
    window = ibis.window(preceding=of - 1, following=0, **_in_order())
    above = ibis.ifelse(is_off & (_.side > 0), 1, 0).sum().over(window) >= fewest
    below = ibis.ifelse(is_off & (_.side < 0), 1, 0).sum().over(window) >= fewest
    return is_off & ibis.ifelse(_.side > 0, above, below)


def _in_order() -> dict[str, list[str]]:
    """Return the window of a machine's chart; what is not charted is in one of its own."""
    return {"group_by": ["machine_id", "is_charted"], "order_by": ["sequence_number"]}


def _rounded(value: Deferred) -> Deferred:
    """Return what millionths stand for, rounded to whole ones."""
    return from_micro(micro(ratio(value, MICRO)))
