"""What a provisional date will come to, from how complete dates were at its age before.

Batches land late one by one, each with the same chance. So, of dates that had settled by then, the
share ``p`` of batches that were known at an age tells how many are missing from ``n`` that are
known: ``n (1 - p) / p`` are to be expected (the chain ladder of actuaries), with the variance of a
negative binomial, ``n (1 - p) / p^2``. That ``p`` is an estimate itself, from a number of batches,
adds to it. Units are batches times the mean, with the spread that batches have.
"""

from statistics import NormalDist

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import Metric
from factory_simulation.expressions import time
from factory_simulation.expressions.numbers import from_micro, micro, ratio
from factory_simulation.pipelines.gold.parameters import GoldParameters

_WHOLE = 0.5
"""Batches are whole: half a one at either end belongs to the interval."""


def summarise_nowcasts(
    triangle: ir.Table, production: ir.Table, parameters: GoldParameters
) -> ir.Table:
    """One row per event date, factory, age before it settled and metric: what it would come to.

    Each learns from dates that had settled on its ``known_date``, so that those of dates that have
    settled since can be held against what came; only what a batch has in units, on average and in
    spread, is taken from all batches. Where no date had settled yet, or nothing of the date was
    known, there is none.
    """
    settled_after = parameters.settle_after_days
    dated = triangle.mutate(event_day=time.epoch_day_of(_.event_date))
    settled = dated.filter(_.age_days == settled_after).select(
        "event_day", "factory_id", settled_batches=_.batches
    )
    past = (
        dated.join(settled, ["event_day", "factory_id"])
        .filter(_.age_days < settled_after)
        .select(
            past_day=_.event_day,
            past_factory_id=_.factory_id,
            past_age_days=_.age_days,
            past_batches=ibis.least(_.batches, _.settled_batches),
            settled_batches=_.settled_batches,
        )
    )
    young = dated.filter(_.age_days < settled_after, _.batches > 0)
    learned = (
        young.join(
            past,
            [
                young.factory_id == past.past_factory_id,
                young.age_days == past.past_age_days,
                past.past_day + settled_after <= young.event_day + young.age_days,
            ],
        )
        .group_by(young.columns)
        .aggregate(known=_.past_batches.sum(), final=_.settled_batches.sum())
        .filter(_.known > 0)
    )
    expected = _missing_batches(learned).join(_units_per_batch(production), "factory_id")
    z = NormalDist().inv_cdf((1 + parameters.nowcast_confidence) * _WHOLE)
    return ibis.union(
        _interval(expected, Metric.BATCHES, z, _.batches, _.missing, _.variance),
        _interval(
            expected,
            Metric.UNITS_PRODUCED,
            z,
            _.units_produced,
            _.missing * _.mean_units,
            _.missing * _.unit_variance + _.variance * _.mean_units * _.mean_units,
            margin=_WHOLE * _.mean_units,
        ),
    )


def _missing_batches(learned: ir.Table) -> ir.Table:
    """Add how many batches are missing, and the variance of that."""
    n = _.batches.cast("float64")
    return (
        learned.mutate(share=ratio(_.known, _.final))
        .mutate(
            missing=ratio(n * (1 - _.share), _.share),
            of_chance=ratio(n * (1 - _.share), _.share * _.share),
            of_share=ratio(_.share * (1 - _.share), _.final),
        )
        .mutate(
            variance=_.of_chance + ratio(n * n * _.of_share, _.share * _.share * _.share * _.share)
        )
    )


def _units_per_batch(production: ir.Table) -> ir.Table:
    """One row per factory: mean and variance of a batch's units."""
    sums = production.group_by("factory_id").aggregate(
        count=_.count(),
        units=_.units_produced.sum(),
        squares=(_.units_produced * _.units_produced).sum(),
    )
    return sums.mutate(mean_units=ratio(_.units, _["count"])).select(
        "factory_id",
        "mean_units",
        unit_variance=ibis.greatest(
            ratio(_.squares, _["count"]) - _.mean_units * _.mean_units, 0.0
        ),
    )


def _interval(
    expected: ir.Table,
    metric: Metric,
    z: float,
    known: Deferred,
    missing: Deferred,
    variance: Deferred,
    margin: Deferred | float = _WHOLE,
) -> ir.Table:
    """One row per nowcast, rounded to millionths; what is known already is the least."""
    reach = z * variance.sqrt() + margin
    low = ibis.greatest(known.cast("float64"), known + missing - reach)
    return expected.select(
        "event_date",
        "factory_id",
        "age_days",
        "known_date",
        "is_settled",
        metric=ibis.literal(metric.value),
        known=known.cast("float64"),
        estimate=from_micro(micro(known + missing)),
        low=from_micro(micro(low)),
        high=from_micro(micro(known + missing + reach)),
    )
