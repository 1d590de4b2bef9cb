"""What validation found: the pipeline's numbers beside the truth, and its finds beside the ledger.

The only questions that know of a truth. Beside them, what needs none: what became of all landed
rows, and what was known of a date when.
"""

from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.dashboard.published import Published
from factory_simulation.dashboard.queries import production
from factory_simulation.dashboard.queries.answers import Groups, Row, grouped, remembered, rows
from factory_simulation.dashboard.scope import Scope
from factory_simulation.domain import PRODUCTION_METRICS, Level
from factory_simulation.expressions.numbers import micro, relative_error

_DAY = "event_date"
_METRICS = tuple(metric.value for metric in PRODUCTION_METRICS)
_SAME_ENERGY = 1e-6


@remembered
def verdict(published: Published) -> dict[str, Any] | None:
    """Return what validation said of the whole (see ``docs/reports.md``); None without a truth.

    Its single comparisons are left out: they are ``comparisons_by_day``.
    """
    report = published.report("validation")
    if report is None or not report["comparisons"]:
        return None
    return {name: said for name, said in report.items() if name != "comparisons"}


@remembered
def changed_since(published: Published) -> list[date]:
    """Return the dates whose published totals are not those that were compared.

    There are some where the warehouse was loaded after it was validated: reports do not say which
    run they are of, but numbers tell.
    """
    compared = published.table("ops.comparisons").filter(_.level == Level.FACTORY.value)
    daily = published.table("gold.daily_production")
    stated = daily.group_by(event_date=_.production_date).aggregate(
        **{f"now_{name}": _[name].sum() for name in _METRICS}
    )
    both = compared.group_by("event_date").aggregate(
        **{name: _.pipeline.max(where=_.metric == name) for name in _METRICS}
    )
    is_other = ibis.or_(
        *[
            (_[name] - _[f"now_{name}"].fill_null(0)).abs().fill_null(0) > _SAME_ENERGY
            for name in _METRICS
        ]
    )
    found = both.left_join(stated, "event_date").filter(is_other)
    return [row["event_date"] for row in rows(found.select("event_date").order_by("event_date"))]


@remembered
def without_truth(published: Published) -> list[date]:
    """Return the dates on which something was made, and of which there was no truth."""
    made = published.table("gold.daily_production").select(event_date=_.production_date).distinct()
    unknown = made.anti_join(published.table("ops.comparisons"), "event_date")
    return [row["event_date"] for row in rows(unknown.order_by("event_date"))]


@remembered
def totals_by_day(published: Published, scope: Scope) -> Groups:
    """Return by metric a row for each date: pipeline and truth, of what is looked at as a whole."""
    level = Level.FACTORY if scope.is_everything else Level.MACHINE
    compared = _of_scope(published, scope).filter(_.level == level.value)
    summed = compared.group_by("metric", _DAY).aggregate(
        **{side: _[side].sum() for side in ("truth", "pipeline", "lost")}, settled=_.settled.all()
    )
    daily = summed.mutate(
        relative_error=relative_error(micro(_.pipeline), micro(_.truth)),
        unexplained_error=relative_error(micro(_.pipeline + _.lost), micro(_.truth)),
    )
    return grouped(daily.order_by("metric", _DAY), "metric")


@remembered
def comparisons_by_day(published: Published, scope: Scope) -> Groups:
    """Return by date each comparison of a machine, a product, a factory or a stock."""
    compared = _of_scope(published, scope).filter(_.level != Level.FACTORY.value)
    return grouped(compared.order_by(_DAY, "level", "key", "metric"), _DAY)


def _of_scope(published: Published, scope: Scope) -> ir.Table:
    """Return the comparisons of a factory and line; machines belong to the one they are in now."""
    compared = published.table("ops.comparisons")
    if scope.is_everything:
        return compared
    machines = [row["machine_id"] for row in production.machines(published, scope)]
    factory, product = scope.factory_id, scope.product_name
    is_wanted = (_.level == Level.MACHINE.value) & _["key"].isin(machines)
    if product is None:
        is_wanted |= (_.level == Level.SITE.value) & (_["key"] == factory)
    if factory is None:
        is_wanted |= (_.level == Level.PRODUCT.value) & (_["key"] == product)
    is_stock = _.level == Level.STOCK.value
    if factory is not None:
        is_stock &= _["key"].startswith(f"{factory}/")
    if product is not None:
        is_stock &= _["key"].endswith(f"/{product}")
    return compared.filter(is_wanted | is_stock)


@remembered
def scores(published: Published) -> list[Row]:
    """Return how well each kind of fault was found and repaired; none where no ledger was kept.

    ``exact_recall`` is the share of injected faults of which the clean value was found, and
    ``is_below`` tells that either share misses its ceiling.
    """
    scored = published.table("gold.fault_scores").mutate(
        exact_recall=_.exact / _.injected.nullif(0)
    )
    judged = scored.mutate(
        is_below=(
            _misses(_.recall, _.ceiling) | _misses(_.exact_recall, _.exact_ceiling)
        ).fill_null(False)
    )
    return rows(judged.order_by("fault_type", "table"))


def _misses(share: Deferred, ceiling: Deferred) -> Deferred:
    """Tell whether a share misses its ceiling by at least half a fault: less is rounding."""
    return (ceiling - share) * _.injected > 0.5  # noqa: PLR2004


@remembered
def conservation(published: Published) -> list[Row]:
    """Return for each landed table how many rows landed, and how many became what."""
    landed = published.table("gold.landed_rows").group_by("table_name")
    counted = landed.aggregate(
        landed=_.rows_landed.sum(),
        kept=_.rows_kept.sum(),
        duplicate=_.rows_duplicate.sum(),
        quarantined=_.rows_quarantined.sum(),
    )
    return rows(counted.order_by("table_name"))


@remembered
def completeness(published: Published, scope: Scope) -> list[Row]:
    """Return which share of a date's batches was known at which age, factories added up.

    The whole is what is known now. Ages at which nothing arrived say what was known before; dates
    that are younger than the oldest age stop short. Lines are not told apart.
    """
    triangle = scope.of(published.table("gold.completeness_triangle"))
    dates = triangle.group_by(_DAY, "factory_id").aggregate(
        now=_.batches.argmax(_.age_days), is_settled=_.is_settled.any()
    )
    bounds = triangle.aggregate(last=_.known_date.max())
    ages = triangle.select("age_days").distinct()  # one at least is at each, of some date
    grid = dates.cross_join(bounds).cross_join(ages)
    grid = grid.filter(_.age_days <= _.last.delta(_.event_date, unit="day"))
    known = triangle.select(_DAY, "factory_id", "batches", known_at="age_days")
    reached = grid.left_join(known, [_DAY, "factory_id", grid.age_days >= known.known_at])
    by_factory = reached.group_by(_DAY, "factory_id", "age_days", "now", "is_settled").aggregate(
        batches=_.batches.argmax(_.known_at).fill_null(0)
    )
    daily = by_factory.group_by(_DAY, "age_days").aggregate(
        batches=_.batches.sum(), now=_.now.sum(), is_settled=_.is_settled.all()
    )
    shares = daily.mutate(completeness=_.batches / _.now.nullif(0))
    return rows(shares.order_by(_DAY, "age_days"))


@remembered
def nowcasts(published: Published, scope: Scope) -> list[Row]:
    """Return the latest estimate of what each provisional date will come to."""
    open_ = scope.of(published.table("gold.nowcasts")).filter(~_.is_settled)
    newest = ibis.window(group_by=[_DAY, "factory_id", "metric"], order_by=ibis.desc("age_days"))
    latest = open_.mutate(place=ibis.row_number().over(newest)).filter(_.place == 0)
    return rows(latest.drop("place").order_by(_DAY, "factory_id", "metric"))
