"""Gold beside the truth, number by number, as whole millionths: equal is equal."""

from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import FileStatus, Level, Metric, ValidationStatus
from factory_simulation.expressions.numbers import MICRO, from_micro, micro, ratio


def compare_with_truth(
    daily: ir.Table, truth: ir.Table, files: ir.Table, arrival_dates: ir.Table
) -> ir.Table:
    """One row per date, level, key and metric that truth or gold has, for dates that truth has.

    What only one side has counts as 0 on the other. ``relative_error`` is relative to the truth;
    where that is 0, it is 1 unless gold is 0 too.
    """
    keys = ["event_date", "level", "key", "metric"]
    measured = truth.select("level", "metric").distinct()
    dates = truth.group_by("event_date").aggregate(complete_on=_.complete_on.max())
    found = _by_level(daily).semi_join(measured, ["level", "metric"])
    both = (
        truth.drop("complete_on")
        .outer_join(found, keys)
        .select(
            **{key: ibis.coalesce(_[key], _[f"{key}_right"]) for key in keys},
            truth_micro=_.truth_micro.fill_null(0),
            pipeline_micro=_.pipeline_micro.fill_null(0),
        )
    )
    return (
        both.view()  # both come from the truth, and a self-join needs two names
        .join(_settled_dates(dates, files, arrival_dates), "event_date")
        .mutate(error_micro=(_.pipeline_micro - _.truth_micro).abs())
        .select(
            *keys,
            truth=from_micro(_.truth_micro),
            pipeline=from_micro(_.pipeline_micro),
            relative_error=_relative_error(),
            settled=_.settled,
        )
    )


def report_validation(
    comparisons: ir.Table, daily: ir.Table, files: ir.Table, margin: float
) -> dict[str, Any]:
    """Build the validation report; it fails if a settled number is off by more than the margin."""
    settled = comparisons.filter(_.settled)
    off = settled.filter(_.relative_error > margin)
    totals = daily.aggregate(
        batches=_.batches.sum().fill_null(0).cast("int64"),
        units_produced=_.units_produced.sum().fill_null(0).cast("int64"),
        units_defective=_.units_defective.sum().fill_null(0).cast("int64"),
        energy_micro=micro(_.energy_kwh).sum().fill_null(0),
    )
    return {
        "status": ibis.ifelse(
            off.count() == 0, ValidationStatus.PASSED.value, ValidationStatus.FAILED.value
        ),
        "margin": margin,
        "worst_relative_error": settled.relative_error.max(),
        "settled_comparisons": settled.count(),
        "exact_comparisons": settled.filter(_.relative_error == 0).count(),
        "totals": {
            Metric.BATCHES: totals.batches.max(),
            Metric.UNITS_PRODUCED: totals.units_produced.max(),
            Metric.UNITS_DEFECTIVE: totals.units_defective.max(),
            Metric.ENERGY_KWH: from_micro(totals.energy_micro.max()),
        },
        "provisional_dates": comparisons.filter(~_.settled)
        .select(date=_.event_date)
        .distinct()
        .order_by("date"),
        "rejected_files": files.filter(_.status == FileStatus.REJECTED.value)
        .select("source_file", "reason")
        .order_by("source_file"),
        "comparisons": comparisons.select(
            "level",
            "key",
            "metric",
            "truth",
            "pipeline",
            "relative_error",
            "settled",
            date=_.event_date,
        ).order_by("date", "level", "key", "metric"),
    }


def _settled_dates(dates: ir.Table, files: ir.Table, arrival_dates: ir.Table) -> ir.Table:
    """One row per date of the truth: whether all that will arrive for it has been seen.

    Files that were rejected have been seen: that their rows are missing is to be told.

    That is so once the last of its arrival dates has come, and none of them lies in the landing
    folder unread. A date between others for which nothing lies there is a day on which nothing
    arrived.
    """
    seen = files.filter(_.arrival_date.notnull(), _.status != FileStatus.WITHDRAWN.value).select(
        "arrival_date"
    )
    first_and_last = seen.aggregate(
        first_arrival=_.arrival_date.min(), last_arrival=_.arrival_date.max()
    )
    unread = arrival_dates.anti_join(seen.distinct(), "arrival_date").select(
        unread_date=_.arrival_date
    )
    return (
        dates.cross_join(first_and_last)
        .left_join(
            unread,
            [
                dates.event_date <= unread.unread_date,
                dates.complete_on >= unread.unread_date,
            ],
        )
        .group_by("event_date", "complete_on", "first_arrival", "last_arrival")
        .aggregate(unread_count=_.unread_date.count())
        .select(
            "event_date",
            settled=(
                (_.event_date >= _.first_arrival)
                & (_.complete_on <= _.last_arrival)
                & (_.unread_count == 0)
            ).fill_null(False),
        )
    )


def _by_level(daily: ir.Table) -> ir.Table:
    """One row per date, level, key and metric of gold, in millionths."""
    totals = {
        Metric.BATCHES: _.batches.sum(),
        Metric.UNITS_PRODUCED: _.units_produced.sum(),
        Metric.UNITS_DEFECTIVE: _.units_defective.sum(),
    }
    sums = {metric.value: (total * MICRO).cast("int64") for metric, total in totals.items()}
    sums[Metric.ENERGY_KWH.value] = micro(_.energy_kwh).sum().cast("int64")
    level_keys = {
        Level.FACTORY: ibis.literal("factory"),
        Level.MACHINE: _.machine_id,
        Level.PRODUCT: _.product_name,
    }
    tables = []
    for level, key in level_keys.items():
        summed = (
            daily.mutate(key=key)
            .group_by(event_date=_.production_date, key=_["key"])
            .aggregate(**sums)
        )
        tables += [
            summed.select(
                "event_date",
                "key",
                level=ibis.literal(level.value),
                metric=ibis.literal(metric),
                pipeline_micro=summed[metric],
            )
            for metric in sums
        ]
    return ibis.union(*tables)


def _relative_error() -> Deferred:
    exact = _.error_micro == 0
    relative = ratio(_.error_micro, ibis.greatest(_.truth_micro.abs(), 1))
    return ibis.cases((exact, 0.0), (_.truth_micro == 0, 1.0), else_=relative)
