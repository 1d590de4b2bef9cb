"""Data quality: what was wrong with what landed, what became of it, what it would have cost.

All dates are event dates: the ones on which something happened, as far as its row tells. All is as
known now.
"""

from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation import metrics
from factory_simulation.dashboard.published import Published
from factory_simulation.dashboard.queries.answers import Groups, Row, grouped, remembered, rows
from factory_simulation.dashboard.queries.flow import Period
from factory_simulation.dashboard.scope import Scope
from factory_simulation.domain import WHOLE_ROW, Member
from factory_simulation.fault_kinds import FaultOutcome, Severity

OUTCOMES = tuple(outcome.value for outcome in FaultOutcome)
COUNTS = ("rows_affected", "found", *OUTCOMES)
"""Landed rows with a fault, faults, and what became of these."""

_DATES_BEFORE = 7
_LONGEST = 200
_DAY, _KIND = "day", "fault_type_key"
_SEVERITIES = tuple(severity.value for severity in reversed(Severity))


@remembered
def kinds(published: Published) -> dict[str, list[str]]:
    """Return the kinds of faults that were ever found, and in which landed tables.

    They are in the order in which they matter: by severity, then by how often they were found.
    """
    found = (
        published.table("gold.data_quality_daily")
        .filter(_.found > 0)
        .group_by(_KIND)
        .aggregate(
            place=_by_severity(_.severity).min(),
            found=_.found.sum(),
            tables=_.table_name.collect(distinct=True),
        )
    )
    ordered = found.order_by("place", ibis.desc("found"), _KIND)
    return {row[_KIND]: sorted(row["tables"]) for row in rows(ordered)}


@remembered
def kinds_by_day(published: Published, scope: Scope) -> Groups:
    """Return by day a row for each kind: what was found, in which share of the rows that landed.

    Shares are of the tables in which the kind was ever found, and ``share_before`` is that of the
    seven dates before together. How much landed is told for all factories and lines alone, so of
    one there is no share, and no row of what was not found.
    """
    daily = _daily(published, scope)
    before = ibis.window(group_by=_KIND, order_by=_DAY, preceding=(_DATES_BEFORE, 1))
    earlier = (
        daily.select(
            _DAY,
            _KIND,
            **{name: _[name].sum().over(before) for name in metrics.FAULT_SHARE.measures},
        )
        .mutate(**metrics.formulas(metrics.FAULT_SHARE))
        .select(_DAY, _KIND, share_before=_.fault_share)
    )
    found = daily.mutate(**metrics.formulas(metrics.FAULT_SHARE)).inner_join(earlier, [_DAY, _KIND])
    return grouped(found.order_by(_DAY, _KIND), _DAY)


@remembered
def kinds_in_all(published: Published, scope: Scope, first: date, last: date) -> dict[str, Row]:
    """Return by kind what was found from one day to another, as ``kinds_by_day`` has it."""
    found = (
        _daily(published, scope)
        .filter(_.day.between(first, last))
        .group_by(_KIND)
        .aggregate(**{name: _[name].sum() for name in (*COUNTS, "rows_landed")})
        .mutate(**metrics.formulas(metrics.FAULT_SHARE))
    )
    return {row[_KIND]: row for row in rows(found)}


@remembered
def found_outside(published: Published, scope: Scope, first: date, last: date) -> int:
    """Return how many faults are of dates before the first day or after the last."""
    outside = _faults(published, scope).filter(~_.event_date.between(first, last))
    return int(outside.count().to_pyarrow().as_py())


@remembered
def found_nowhere(published: Published) -> dict[date, int]:
    """Return by day how many faults are in rows that tell of no machine, so of no factory."""
    machines = _machines(published).select("machine_id")
    nowhere = published.table("gold.fact_data_fault").anti_join(machines, "machine_id")
    found = nowhere.group_by(_DAY_OF_FAULT).aggregate(found=_.count())
    return {row[_DAY]: row["found"] for row in rows(found)}


@remembered
def landed_by_day(published: Published) -> Groups:
    """Return by day a row for each table of which something landed: how much, and how late."""
    landed = published.table("gold.landed_rows").rename(day="event_date")
    return grouped(landed.order_by(_DAY, "table_name"), _DAY)


@remembered
def dirt_by_day(published: Published, scope: Scope, period: Period = None) -> Groups:
    """Return by day a row for each kind of fault: KPIs, had it alone not been repaired.

    Of a period, it is all of it together, by its last day. Beside each KPI is the published one, as
    ``published_<name>``. Factories are added up before anything is divided, so that they are the
    KPIs of all that is looked at; lines are not told apart.
    """
    names = [kpi.name for kpi in metrics.DIRT_KPIS]
    measures = sorted({name for kpi in metrics.DIRT_KPIS for name in kpi.measures})
    stated = scope.of(published.table("gold.dirt_measures"))
    if period is None:
        stated = stated.mutate(day=_.event_date)
    else:
        stated = stated.filter(_.event_date.between(*period)).mutate(day=ibis.literal(period[1]))
    is_published = _.fault_type == Member.NOT_APPLICABLE.value
    as_published = stated.filter(is_published).select(
        _DAY,
        "event_date",
        "factory_id",
        **{f"published_{name}": _[name] for name in measures},
    )
    unrepaired = stated.filter(~is_published)
    places = unrepaired.select(_DAY, "fault_type").distinct().inner_join(as_published, _DAY)
    key = ["event_date", "factory_id", "fault_type"]
    of_all = (
        places.left_join(unrepaired.drop(_DAY), key)
        .group_by(_DAY, "fault_type")
        .aggregate(
            rows_affected=_.rows_affected.sum(),
            **{name: ibis.coalesce(_[name], _[f"published_{name}"]).sum() for name in measures},
        )
        .mutate(**metrics.formulas(*metrics.DIRT_KPIS))
        .select(_DAY, "fault_type", "rows_affected", *names)
    )
    totals = (
        as_published.group_by(_DAY)
        .aggregate(**{name: _[f"published_{name}"].sum() for name in measures})
        .mutate(**metrics.formulas(*metrics.DIRT_KPIS))
        .select(_DAY, **{f"published_{name}": _[name] for name in names})
    )
    return grouped(of_all.inner_join(totals, _DAY).order_by(_DAY, "fault_type"), _DAY)


@remembered
def count_events(published: Published, scope: Scope, day: date, kind: str | None) -> int:
    """Return how many faults there are of a day, of a kind or of all."""
    return int(_of_day(published, scope, day, kind).count().to_pyarrow().as_py())


@remembered
def events(published: Published, scope: Scope, day: date, kind: str | None, most: int) -> list[Row]:
    """Return the faults of a day, of a kind or of all: the most severe first, then the newest.

    They are asked for day by day: of a year they are too many to be kept. Long values are cut.
    """
    ordered = _of_day(published, scope, day, kind).order_by(
        _by_severity(_.severity), ibis.desc("arrival_date"), "fault_key"
    )
    is_cell = _.column_name != WHOLE_ROW
    return rows(
        ordered.limit(most).select(
            *("fault_key", "row_id", _KIND, "severity", "outcome", "machine_id"),
            *("table_name", "column_name", "arrival_date", "lost_event_id"),
            raw_value=ibis.ifelse(is_cell, _.raw_value.left(_LONGEST), None),
            repaired_value=_.repaired_value.left(_LONGEST),
        )
    )


@remembered
def faults_of_row(published: Published, row_id: str) -> list[Row]:
    """Return all faults of one landed row, with the row."""
    faults = published.table("gold.fact_data_fault").filter(_.row_id == row_id)
    return rows(faults.order_by(_by_severity(_.severity), "fault_key"))


_DAY_OF_FAULT = _.event_date.name(_DAY)


def _daily(published: Published, scope: Scope) -> ir.Table:
    """Return what was found by day and kind, and what landed in tables that ever had the kind."""
    if scope.is_everything:
        daily = published.table("gold.data_quality_daily").group_by(_DAY_OF_FAULT, _KIND)
        return daily.aggregate(**{name: _[name].sum() for name in (*COUNTS, "rows_landed")})
    outcomes = {name: (_.outcome == name).sum() for name in OUTCOMES}
    return (
        _faults(published, scope)
        .group_by(_DAY_OF_FAULT, _KIND)
        .aggregate(rows_affected=_.row_id.nunique(), found=_.count(), **outcomes)
        .mutate(rows_landed=ibis.null("int64"))
    )


def _of_day(published: Published, scope: Scope, day: date, kind: str | None) -> ir.Table:
    faults = _faults(published, scope).filter(_.event_date == day)
    return faults if kind is None else faults.filter(_[_KIND] == kind)


def _faults(published: Published, scope: Scope) -> ir.Table:
    """Return the faults of a factory and line: those of its machines."""
    faults = published.table("gold.fact_data_fault")
    if scope.is_everything:
        return faults
    return faults.semi_join(scope.of(_machines(published)), "machine_id")


def _machines(published: Published) -> ir.Table:
    return published.table("gold.dim_machine").filter(_.is_current)


def _by_severity(severity: Deferred) -> Deferred:
    """Return the place of a severity, the most severe one first."""
    return severity.cases(*[(name, n) for n, name in enumerate(_SEVERITIES)], else_=None)
