"""Gold beside the truth, number by number, as whole millionths: equal is equal."""

from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import FileStatus, Level, Metric, ValidationStatus
from factory_simulation.expressions.numbers import MICRO, from_micro, micro, relative_error
from factory_simulation.expressions.stock import daily_stock
from factory_simulation.pipelines.validation.energy import report_metered_energy

_KEYS = ("event_date", "level", "key", "metric")


def compare_with_truth(  # noqa: PLR0913, PLR0917 - both sides, and what has arrived
    daily: ir.Table,
    stock: ir.Table,
    restored: ir.Table,
    products: ir.Table,
    opening_stock: ir.Table,
    truth: ir.Table,
    files: ir.Table,
    arrival_dates: ir.Table,
) -> ir.Table:
    """One row per date, level, key and metric that truth or gold has, for dates that truth has.

    What only one side has counts as 0 on the other. ``relative_error`` is relative to the truth;
    where that is 0, it is 1 unless gold is 0 too. ``lost`` is what the ledger says never landed;
    ``unexplained_error`` is what is left of the error with that added to gold. Stock adds up over
    dates, and is compared where truth has all of them.
    """
    found = _by_level(daily).union(_of_stock(stock)).rename(found_micro="micro")
    explained = (
        _by_level(restored)
        .union(_of_stock(daily_stock(restored, products, opening_stock)))
        .rename(explained_micro="micro")
    )
    both = explained.left_join(found, _KEYS).select(
        *_KEYS, "explained_micro", found_micro=_.found_micro.fill_null(0)
    )
    measured = truth.select("level", "metric").distinct()
    dates = truth.group_by("event_date", "has_history").aggregate(complete_on=_.complete_on.max())
    compared = (
        truth.drop("complete_on", "has_history")
        .outer_join(both.semi_join(measured, ["level", "metric"]), _KEYS)
        .select(
            **{key: ibis.coalesce(_[key], _[f"{key}_right"]) for key in _KEYS},
            truth_micro=_.truth_micro.fill_null(0),
            pipeline_micro=_.found_micro.fill_null(0),
            explained_micro=_.explained_micro.fill_null(0),
        )
    )
    return (
        compared.view()  # both come from the truth, and a self-join needs two names
        .join(_settled_dates(dates, files, arrival_dates), "event_date")
        .filter((_.level != Level.STOCK.value) | _.has_history)
        .select(
            *_KEYS,
            truth=from_micro(_.truth_micro),
            pipeline=from_micro(_.pipeline_micro),
            lost=from_micro(_.explained_micro - _.pipeline_micro),
            relative_error=relative_error(_.pipeline_micro, _.truth_micro),
            unexplained_error=relative_error(_.explained_micro, _.truth_micro),
            is_recoverable=_.explained_micro == _.pipeline_micro,
            settled=ibis.ifelse(_.level == Level.STOCK.value, _.settled_so_far, _.settled),
        )
    )


def report_validation(
    comparisons: ir.Table,
    nowcasts: ir.Table,
    energy: ir.Table,
    daily: ir.Table,
    files: ir.Table,
    margin: float,
) -> dict[str, Any]:
    """Build the validation report; it fails if a settled number is off by more than the margin.

    Metered energy does not fail it: a meter's noise is no error of the pipeline.

    What the ledger says never landed is no error of the pipeline: numbers with such a loss are
    judged with it added.
    """
    settled = comparisons.filter(_.settled)
    off = settled.filter(_.unexplained_error > margin)
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
        "worst_relative_error": settled.filter(_.is_recoverable).relative_error.max(),
        "worst_unexplained_error": settled.unexplained_error.max(),
        "settled_comparisons": settled.count(),
        "recoverable_comparisons": settled.filter(_.is_recoverable).count(),
        "exact_comparisons": settled.filter(_.relative_error == 0).count(),
        "totals": {
            Metric.BATCHES: totals.batches.max(),
            Metric.UNITS_PRODUCED: totals.units_produced.max(),
            Metric.UNITS_DEFECTIVE: totals.units_defective.max(),
            Metric.ENERGY_KWH: from_micro(totals.energy_micro.max()),
        },
        "provisional_dates": comparisons.filter(~_.settled)
        .mutate(of_all=ibis.ifelse(_.level == Level.FACTORY.value, _.relative_error, None))
        .group_by(date=_.event_date)
        .aggregate(relative_error=_.of_all.max())
        .order_by("date"),
        "nowcasts": {
            "held_against_truth": nowcasts.count(),
            "within_interval": nowcasts.filter(_.is_held).count(),
        },
        "metered_energy": report_metered_energy(energy, margin),
        "rejected_files": files.filter(_.status == FileStatus.REJECTED.value)
        .select("source_file", "reason")
        .order_by("source_file"),
        "comparisons": comparisons.select(
            "level",
            "key",
            "metric",
            "truth",
            "pipeline",
            "lost",
            "relative_error",
            "unexplained_error",
            "settled",
            recoverable=_.is_recoverable,
            date=_.event_date,
        ).order_by("date", "level", "key", "metric"),
    }


def _settled_dates(dates: ir.Table, files: ir.Table, arrival_dates: ir.Table) -> ir.Table:
    """One row per date of the truth: whether all that will arrive for it has been seen.

    ``settled_so_far`` adds all dates before it, for what adds up over dates.

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
        .group_by("event_date", "has_history", "complete_on", "first_arrival", "last_arrival")
        .aggregate(unread_count=_.unread_date.count())
        .select(
            "event_date",
            "has_history",
            settled=(
                (_.event_date >= _.first_arrival)
                & (_.complete_on <= _.last_arrival)
                & (_.unread_count == 0)
            ).fill_null(False),
        )
        .mutate(
            settled_so_far=ibis.ifelse(_.settled, 1, 0)
            .min()
            .over(ibis.cumulative_window(order_by="event_date"))
            == 1
        )
    )


def _by_level(daily: ir.Table) -> ir.Table:
    """One row per date, level, key and metric of production, in millionths."""
    totals = {
        Metric.BATCHES: _.batches.sum(),
        Metric.UNITS_PRODUCED: _.units_produced.sum(),
        Metric.UNITS_DEFECTIVE: _.units_defective.sum(),
    }
    sums = {metric.value: (total * MICRO).cast("int64") for metric, total in totals.items()}
    sums[Metric.ENERGY_KWH.value] = micro(_.energy_kwh).sum().cast("int64")
    level_keys = {
        Level.FACTORY: ibis.literal("factory"),
        Level.SITE: _.factory_id,
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
                micro=summed[metric],
            )
            for metric in sums
        ]
    return ibis.union(*tables).select(*_KEYS, "micro")


def _of_stock(stock: ir.Table) -> ir.Table:
    """One row per date and factory's product, in millionths."""
    return stock.select(
        event_date=_.production_date,
        level=ibis.literal(Level.STOCK.value),
        key=_.factory_id.concat("/", _.product_name),
        metric=ibis.literal(Metric.UNITS_IN_STOCK.value),
        micro=(_.units_in_stock * MICRO).cast("int64"),
    )
