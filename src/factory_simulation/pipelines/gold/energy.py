"""Energy: what meters showed, beside what machines' plates say of the units that were made."""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import Member
from factory_simulation.expressions.numbers import from_micro, micro
from factory_simulation.metrics import ENERGY_VARIANCE, KWH_PER_GOOD_UNIT, formulas, quotient

_MOST_KWH = 1_000_000
"""More than a machine takes between two readings; below, millionths of a day's sum fit in int64."""
_GRAIN = ("production_date", "factory_id", "machine_id")
_COUNTS = ("readings", "readings_metered", "readings_imputed", "readings_corrected")
_DAILY_COUNTS = (
    *("batches", "batches_metered", "batches_complete", "units_good"),
    *("readings", "readings_imputed", "readings_corrected", "readings_outside"),
)
_DAILY_SUMS = ("metered_micro", "nameplate_micro", "outside_micro")


def summarise_batch_energy(
    production: ir.Table,
    readings: ir.Table,
    dates: ir.Table,
    machines: ir.Table,
    products: ir.Table,
) -> ir.Table:
    """One row per batch: its metered energy, and what the plate says of it.

    Each reading tells an equal part of its batch's energy. What some of them do not tell is taken
    to be as much as the others tell. A batch of which silver could not impute that, because its
    other readings are too few or do not agree, is not complete.
    """
    metered = _metered_by_batch(readings)
    return (
        production.left_join(metered, "batch_key")
        .drop("batch_key_right")
        .join(dates.select("date_key", production_date=_.date), "date_key")
        .join(machines.select("machine_key", "machine_id"), "machine_key")
        .join(products.select("product_key", "product_name"), "product_key")
        .mutate(**{name: _[name].fill_null(0) for name in _COUNTS})
        .mutate(
            is_complete=((_.readings_metered > 0) & (_.untold == 0)).fill_null(False),
            nameplate_kwh=_.energy_kwh,
            metered_kwh=_filled_up(_.told_micro),
            readings_imputed=ibis.ifelse(_.readings_metered > 0, _.readings_imputed, 0),
        )
        .mutate(energy_kwh=_.metered_kwh)
        .select(
            "batch_key",
            "batch_id",
            *_GRAIN,
            "product_name",
            "units_produced",
            "units_good",
            *_COUNTS,
            "is_complete",
            "metered_kwh",
            "nameplate_kwh",
            **formulas(ENERGY_VARIANCE, KWH_PER_GOOD_UNIT),
        )
    )


def summarise_energy_daily(
    batches: ir.Table, readings: ir.Table, dates: ir.Table, machines: ir.Table
) -> ir.Table:
    """One row per date and machine with a batch, or with a reading outside of batches.

    A batch counts on the date on which it began. Energy, metered and of the plate, and good units
    are those of metered batches alone, so that they can be compared.
    """
    return (
        ibis.union(_daily_of_batches(batches), _daily_outside(readings, dates, machines))
        .group_by(_GRAIN)
        .aggregate(
            **{name: _[name].sum().fill_null(0).cast("int64") for name in _DAILY_COUNTS},
            **{name: _[name].sum().cast("int64") for name in _DAILY_SUMS},
        )
        .mutate(
            metered_kwh=from_micro(_.metered_micro),
            nameplate_kwh=from_micro(_.nameplate_micro),
            kwh_outside_batches=from_micro(_.outside_micro.fill_null(0)),
        )
        .mutate(energy_kwh=_.metered_kwh)
        .select(
            *_GRAIN,
            *_DAILY_COUNTS,
            "metered_kwh",
            "nameplate_kwh",
            "kwh_outside_batches",
            **formulas(ENERGY_VARIANCE, KWH_PER_GOOD_UNIT),
        )
    )


def _told(readings: ir.Table) -> ir.Table:
    """Add ``told_micro``: the energy that a reading tells by itself; null where it tells none.

    That is what a meter showed, or would have shown if it did not drift. What no machine takes is
    no measure of one.
    """
    kwh = ibis.ifelse(_.is_meter_drifting, _.energy_kwh_imputed, _.energy_kwh)
    return readings.mutate(told_kwh=kwh).mutate(
        told_micro=ibis.ifelse(_.told_kwh.between(0, _MOST_KWH), micro(_.told_kwh), None)
    )


def _metered_by_batch(readings: ir.Table) -> ir.Table:
    """One row per batch with readings: what they tell, and how many tell it how."""
    inside = _told(readings.filter(_.batch_key != Member.NOT_APPLICABLE.value))
    is_untold = _.told_micro.isnull() & _.energy_kwh_imputed.isnull()
    return inside.group_by("batch_key").aggregate(
        readings=_.count().cast("int64"),
        readings_metered=_.told_micro.count().cast("int64"),
        readings_imputed=_.told_micro.isnull().sum().cast("int64"),
        readings_corrected=_.is_meter_drifting.sum().cast("int64"),
        untold=is_untold.sum().cast("int64"),
        told_micro=_.told_micro.sum().cast("int64"),
    )


def _filled_up(told_micro: Deferred) -> Deferred:
    """Return a batch's energy, with as much for each reading as those tell that tell any."""
    each = quotient(told_micro, _.readings_metered)
    return from_micro(micro(from_micro(each * _.readings)))


def _daily_of_batches(batches: ir.Table) -> ir.Table:
    """One row per batch, with what it adds to its date and machine."""
    is_metered = _.metered_kwh.notnull()
    return batches.select(
        *_GRAIN,
        batches=ibis.literal(1, "int64"),
        batches_metered=_number(is_metered),
        batches_complete=_number(_.is_complete),
        units_good=ibis.ifelse(is_metered, _.units_good, 0).cast("int64"),
        readings=_.readings,
        readings_imputed=_.readings_imputed,
        readings_corrected=_.readings_corrected,
        readings_outside=ibis.literal(0, "int64"),
        metered_micro=micro(_.metered_kwh),
        nameplate_micro=ibis.ifelse(is_metered, micro(_.nameplate_kwh), None),
        outside_micro=ibis.literal(0, "int64"),
    )


def _daily_outside(readings: ir.Table, dates: ir.Table, machines: ir.Table) -> ir.Table:
    """One row per date and machine with readings outside of batches, with what these add to it."""
    none = {name: ibis.literal(0, "int64") for name in _DAILY_COUNTS}
    return (
        _told(readings.filter(_.batch_key == Member.NOT_APPLICABLE.value))
        .join(dates.select("date_key", production_date=_.date), "date_key")
        .join(machines.select("machine_key", "machine_id"), "machine_key")
        .group_by(_GRAIN)
        .aggregate(outside=_.count().cast("int64"), told_micro=_.told_micro.sum().cast("int64"))
        .select(
            *_GRAIN,
            **(none | {"readings_outside": _.outside}),
            metered_micro=ibis.null("int64"),
            nameplate_micro=ibis.null("int64"),
            outside_micro=_.told_micro.fill_null(0),
        )
    )


def _number(condition: Deferred) -> Deferred:
    return ibis.ifelse(condition, 1, 0).cast("int64")
