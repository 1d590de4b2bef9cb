"""Sensor readings."""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import SENSOR_LOGS, Reason
from factory_simulation.expressions import text, time
from factory_simulation.expressions.neighbours import with_neighbours
from factory_simulation.expressions.numbers import MICRO, micro, ratio
from factory_simulation.pipelines.silver.assessment import (
    judge,
    kept,
    machine_rules,
    read_landed,
    tell_copies,
    time_rules,
    with_machine,
)
from factory_simulation.pipelines.silver.parameters import SilverParameters

_FEWEST_WITNESSES = 2
"""One sibling cannot show that siblings agree."""


def assess_sensor_readings(landed: ir.Table, machine_spellings: ir.Table) -> ir.Table:
    """One row per landed row: what it says, why it cannot be kept, whether it is a copy.

    A reading has no key: different ones can share machine and time. Copies are rows that agree in
    everything that landed, columns unknown to the contract included.
    """
    parsed = (
        read_landed(landed, SENSOR_LOGS)
        .pipe(with_machine, machine_spellings)
        .mutate(
            read_seconds=time.parse_iso_8601(_.timestamp),
            fraction_of_second=time.fraction_of_second(_.timestamp),
            temperature_c=text.decimal_number(_.temperature),
            pressure_bar=text.decimal_number(_.pressure),
            metered_kwh=text.decimal_number(_.energy_kwh),
            efficiency=text.decimal_number(_.efficiency_percent),
        )
    )
    judged = judge(
        parsed,
        {
            **machine_rules(),
            **time_rules("timestamp", _.read_seconds),
            **_measure_rule("temperature", _.temperature_c),
            **_measure_rule("pressure", _.pressure_bar),
            **_measure_rule("energy_kwh", _.metered_kwh),
            **_measure_rule("efficiency_percent", _.efficiency),
        },
    )
    facts = ["machine_id", "read_seconds", "fraction_of_second", "temperature_c", "pressure_bar"]
    facts += ["metered_kwh", "efficiency", "extra_row"]
    return tell_copies(judged, content=facts).select(
        "_row_id",
        "_arrival_date",
        "raw_row",
        "reasons",
        "duplicate_kind",
        "machine_id",
        "landed_machine_id",
        "timestamp",
        "read_seconds",
        "temperature_c",
        "pressure_bar",
        energy_kwh=_.metered_kwh,
        efficiency_percent=_.efficiency,
    )


def clean_sensor_readings(
    assessed: ir.Table, batches: ir.Table, machines: ir.Table, parameters: SilverParameters
) -> ir.Table:
    """One row per reading, with the batch in which it was taken where one is near enough.

    Missing values stay null and are flagged. Energy and efficiency are imputed, in columns of
    their own, from the other readings of the batch where these agree; temperature and pressure
    are noise around nothing that could be known, and are not.
    """
    readings = kept(assessed)
    factories = machines.select("machine_id", "factory_id")
    assigned = _assign_batches(readings, kept(batches), parameters.sensor_drift)
    full = (
        readings.left_join(assigned, "_row_id").drop("_row_id_right").join(factories, "machine_id")
    )
    return full.mutate(
        energy_kwh_imputed=_agreed(_.energy_kwh, parameters.imputation_spread),
        efficiency_percent_imputed=_agreed(_.efficiency_percent, parameters.imputation_spread),
    ).select(
        "_row_id",
        "factory_id",
        "machine_id",
        "batch_id",
        "batch_date",
        read_at=time.timestamp_of(_.read_seconds),
        reading_date=time.date_of(_.read_seconds),
        seconds_outside_batch=_.seconds_outside_batch,
        temperature_c=_.temperature_c,
        pressure_bar=_.pressure_bar,
        energy_kwh=_.energy_kwh,
        energy_kwh_imputed=_.energy_kwh_imputed,
        efficiency_percent=_.efficiency_percent,
        efficiency_percent_imputed=_.efficiency_percent_imputed,
        arrival_date=_["_arrival_date"],
        is_batch_ambiguous=_.is_batch_ambiguous.fill_null(False),
        is_temperature_missing=_.temperature_c.isnull(),
        is_pressure_missing=_.pressure_bar.isnull(),
        is_energy_missing=_.energy_kwh.isnull(),
        is_efficiency_missing=_.efficiency_percent.isnull(),
    )


def _assign_batches(readings: ir.Table, batches: ir.Table, drift: int) -> ir.Table:
    """One row per reading that is in a batch, or outside of one by no more than the drift.

    Between two batches the nearer one is taken, and the reading flagged where the other is within
    the drift too.
    """
    candidates = with_neighbours(
        readings.select("_row_id", "machine_id", "read_seconds"),
        batches.select(
            "machine_id", "batch_id", "start_seconds", "end_seconds", batch_date=_.production_date
        ),
        group="machine_id",
        at="read_seconds",
        anchor_at="start_seconds",
    )
    near = candidates.mutate(
        seconds_outside_batch=ibis.greatest(
            _.start_seconds - _.read_seconds, _.read_seconds - _.end_seconds, 0
        ).cast("int64")
    ).filter(_.seconds_outside_batch <= drift)
    by_reading = ibis.window(group_by="_row_id")
    nearest_first = ibis.window(
        group_by="_row_id", order_by=["seconds_outside_batch", "start_seconds", "batch_id"]
    )
    return (
        near.mutate(
            near_count=_.count().over(by_reading),
            nearness=ibis.row_number().over(nearest_first),
        )
        .filter(_.nearness == 0)
        .select(
            "_row_id",
            "batch_id",
            "batch_date",
            "seconds_outside_batch",
            is_batch_ambiguous=(_.near_count > 1) & (_.seconds_outside_batch > 0),
        )
    )


def _agreed(value: Deferred, spread: float) -> Deferred:
    """Return what the readings of a batch agree on, for those where the value is missing.

    They agree where at least two are there and differ by no more than ``spread`` of their mean.
    The mean is taken of whole millionths: a sum of floats depends on the order of its parts.
    """
    batch = ibis.window(group_by=["machine_id", "batch_date", "batch_id"])
    low, high, count = value.min().over(batch), value.max().over(batch), value.count().over(batch)
    mean = ratio(micro(value).sum().over(batch), count * MICRO)
    agree = (count >= _FEWEST_WITNESSES) & (high - low <= spread * mean)
    is_wanted = value.isnull() & _.batch_id.notnull()
    return ibis.ifelse(is_wanted & agree, ibis.ifelse(low == high, low, mean), None)


def _measure_rule(column: str, number: Deferred) -> dict[str, Deferred]:
    return {f"{Reason.NOT_A_NUMBER}:{column}": ~text.is_blank(_[column]) & number.isnull()}
