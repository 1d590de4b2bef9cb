"""What was believed on one date about another, and what changed it.

Two axes of time: when something happened (``event_date``), and when it was known
(``known_date``, an arrival date, as that day ended).
"""

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import RestatementCause
from factory_simulation.expressions import time
from factory_simulation.expressions.numbers import from_micro, micro, ratio
from factory_simulation.expressions.versions import valid_at
from factory_simulation.pipelines.gold.parameters import GoldParameters

_GRAIN = ("event_date", "factory_id", "machine_id", "product_name")
_COUNTS = ("batches", "units_produced", "units_defective")


def summarise_restatements(history: ir.Table, versions: ir.Table) -> ir.Table:
    """One row per event date, machine, product, known date and cause: by how much totals changed.

    They add up to daily production: what was known on a date is the sum of all rows up to it. The
    energy is what the plate says that the machine is known to have had that day.

    Args:
        history: The versions of batches, as silver has them.
        versions: The versions of machines.
    """
    stated = valid_at(
        history, versions, key="machine_id", day="production_date", take=["kwh_per_unit"]
    ).mutate(
        event_date=_.production_date,
        batches=ibis.literal(1, "int64"),
        micro_kwh=_.units_produced * micro(_.kwh_per_unit),
    )
    sums = (*_COUNTS, "micro_kwh")
    first = ibis.cases(
        (_.is_correction, RestatementCause.CORRECTION.value),
        (_.known_from > _.production_date, RestatementCause.LATE_ARRIVAL.value),
        else_=RestatementCause.ON_TIME.value,
    )
    gained = stated.select(*_GRAIN, *sums, known_date=_.known_from, cause=first)
    lost = stated.filter(_.known_until.notnull()).select(
        *_GRAIN,
        known_date=_.known_until,
        cause=ibis.literal(RestatementCause.CORRECTION.value),
        **{name: -_[name] for name in sums},
    )
    return (
        gained.union(lost.select(gained.columns))
        .group_by(*_GRAIN, "known_date", "cause")
        .aggregate(**{name: _[name].sum().cast("int64") for name in sums})
        .filter(_.batches.abs() + _.units_produced.abs() + _.units_defective.abs() > 0)
        .select(*_GRAIN, "known_date", "cause", *_COUNTS, energy_kwh=from_micro(_.micro_kwh))
    )


def summarise_daily_production_as_of(restatements: ir.Table) -> ir.Table:
    """One row per event date, machine, product and known date on which what was believed changed.

    It holds until ``known_until``, the next such date; the last one holds still. Ask with
    ``known_date <= D AND (known_until IS NULL OR known_until > D)``.
    """
    sums = (*_COUNTS, "micro_kwh")
    by_date = (
        restatements.mutate(micro_kwh=micro(_.energy_kwh))
        .group_by(*_GRAIN, "known_date")
        .aggregate(**{name: _[name].sum() for name in sums})
    )
    so_far = ibis.cumulative_window(group_by=_GRAIN, order_by="known_date")
    in_order = ibis.window(group_by=_GRAIN, order_by="known_date")
    return by_date.select(
        *_GRAIN,
        "known_date",
        known_until=_.known_date.lead().over(in_order),
        **{name: _[name].sum().over(so_far).cast("int64") for name in _COUNTS},
        energy_kwh=from_micro(_.micro_kwh.sum().over(so_far).cast("int64")),
    )


def summarise_completeness(restatements: ir.Table, parameters: GoldParameters) -> ir.Table:
    """One row per event date, factory and age in days: how much of it was known by then.

    The ages are those at which anything ever landed, and the one from which on a date counts as
    settled. ``completeness`` is the share of the batches that are known now; a correction of the
    number of batches can bring it above one. ``is_settled`` says whether the date is that old now:
    before, it is provisional.
    """
    aged = restatements.mutate(
        event_day=time.epoch_day_of(_.event_date), known_day=time.epoch_day_of(_.known_date)
    ).mutate(age_days=ibis.greatest(_.known_day - _.event_day, 0).cast("int64"))
    settled_after = ibis.literal(parameters.settle_after_days, "int64")
    now = aged.aggregate(latest_day=_.known_day.max())
    ages = aged.select("age_days").union(now.select(age_days=settled_after), distinct=True)
    dates = aged.select("event_date", "event_day", "factory_id").distinct().cross_join(now)
    grid = dates.cross_join(ages).filter(_.event_day + _.age_days <= _.latest_day)
    landed = aged.group_by("event_day", "factory_id", "age_days").aggregate(
        landed_batches=_.batches.sum(), landed_units=_.units_produced.sum()
    )
    known = grid.left_join(landed, ["event_day", "factory_id", "age_days"]).select(
        *grid.columns,
        landed_batches=_.landed_batches.fill_null(0),
        landed_units=_.landed_units.fill_null(0),
    )
    date = ["event_day", "factory_id"]
    so_far = ibis.cumulative_window(group_by=date, order_by="age_days")
    of_date = ibis.window(group_by=date)
    return known.mutate(
        batches=_.landed_batches.sum().over(so_far).cast("int64"),
        units_produced=_.landed_units.sum().over(so_far).cast("int64"),
        batches_now=_.landed_batches.sum().over(of_date).cast("int64"),
    ).select(
        "event_date",
        "factory_id",
        "age_days",
        "batches",
        "units_produced",
        known_date=time.date_of((_.event_day + _.age_days) * time.SECONDS_PER_DAY),
        completeness=ratio(_.batches, _.batches_now.nullif(0)),
        is_settled=_.latest_day - _.event_day >= settled_after,
    )
