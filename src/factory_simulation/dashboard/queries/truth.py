"""What validation found: the pipeline's numbers beside the truth, and its finds beside the ledger.

The only questions that know of a truth. Beside them, what needs none: what became of all landed
rows, and what was known of a date when.
"""

from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.dashboard.published import Published
from factory_simulation.dashboard.queries import production
from factory_simulation.dashboard.queries.answers import Groups, Row, grouped, remembered, rows
from factory_simulation.dashboard.scope import Scope
from factory_simulation.domain import Level

_DAY = "event_date"


@remembered
def verdict(published: Published) -> dict[str, Any] | None:
    """Return what validation said of the whole (see ``docs/reports.md``); None if it never ran.

    Its single comparisons are left out: they are ``comparisons_by_day``.
    """
    report = published.report("validation")
    return report and {name: said for name, said in report.items() if name != "comparisons"}


@remembered
def is_of_this_run(published: Published) -> bool:
    """Tell whether the totals that validation judged are those that are published."""
    said = verdict(published)
    if said is None:
        return False
    made = published.table("gold.daily_production")
    counts = ("batches", "units_produced", "units_defective")
    found = rows(made.aggregate(**{name: _[name].sum().fill_null(0) for name in counts}))[0]
    return all(said["totals"][name] == found[name] for name in counts)


@remembered
def totals_by_day(published: Published, scope: Scope) -> Groups:
    """Return by metric a row for each date: pipeline and truth, of what is looked at as a whole."""
    compared = published.table("ops.comparisons")
    if scope.is_everything:
        totals = compared.filter(_.level == Level.FACTORY.value)
    else:
        machines = [row["machine_id"] for row in production.machines(published, scope)]
        totals = compared.filter((_.level == Level.MACHINE.value) & _.key.isin(machines))
    daily = totals.group_by("metric", _DAY).aggregate(
        truth=_.truth.sum(), pipeline=_.pipeline.sum(), lost=_.lost.sum(), settled=_.settled.all()
    )
    return grouped(daily.order_by("metric", _DAY), "metric")


@remembered
def comparisons_by_day(published: Published, scope: Scope) -> Groups:
    """Return by date each comparison of a machine, a product, a factory or a stock."""
    compared = published.table("ops.comparisons").filter(_.level != Level.FACTORY.value)
    if not scope.is_everything:
        compared = compared.filter(_looked_at(published, scope))
    return grouped(compared.order_by(_DAY, "level", "key", "metric"), _DAY)


def _looked_at(published: Published, scope: Scope) -> ir.BooleanValue:
    machines = [row["machine_id"] for row in production.machines(published, scope)]
    is_looked_at = (_.level == Level.MACHINE.value) & _.key.isin(machines)
    if scope.product_name is None:
        return (
            is_looked_at
            | ((_.level == Level.SITE.value) & (_.key == scope.factory_id))
            | ((_.level == Level.STOCK.value) & _.key.startswith(f"{scope.factory_id}/"))
        )
    if scope.factory_id is None:
        is_looked_at |= (_.level == Level.PRODUCT.value) & (_.key == scope.product_name)
    return is_looked_at


@remembered
def scores(published: Published) -> list[Row]:
    """Return how well each kind of fault was found and repaired; none where no ledger was kept.

    ``exact_recall`` is the share of injected faults of which the clean value was found.
    """
    scored = published.table("gold.fault_scores").mutate(
        exact_recall=_.exact / _.injected.nullif(0)
    )
    return rows(scored.order_by("fault_type", "table"))


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
