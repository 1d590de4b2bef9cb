"""Sensor readings."""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import EVENT_DATE, SENSOR_LOGS, FaultType, Reason
from factory_simulation.expressions import text, time
from factory_simulation.expressions.neighbours import with_neighbours
from factory_simulation.expressions.numbers import MICRO, micro, ratio
from factory_simulation.faults import (
    clock_drift,
    decimal_comma,
    measures,
    meter_drift,
    missing,
    percent_as_share,
    spike,
    stuck_sensor,
    swapped,
    unit_mixup,
)
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
_PERCENT = 100


def assess_sensor_readings(
    landed: ir.Table, machine_spellings: ir.Table, machines: ir.Table
) -> ir.Table:
    """One row per landed row: what it says, why it cannot be kept, whether it is a copy.

    Values are read as they were written, then as what they must mean where the machine's plate does
    not allow that: see `faults.measures`. A reading has no key: different ones can share machine
    and time. Copies are rows that agree in everything that landed, columns unknown to the contract
    included.
    """
    limits = machines.select("machine_id", *[c for m in measures.LIMITED for c in (m.low, m.high)])
    parsed = (
        read_landed(landed, SENSOR_LOGS)
        .pipe(with_machine, machine_spellings)
        .mutate(
            told_seconds=time.parse_iso_8601(_.timestamp),
            fraction_of_second=time.fraction_of_second(_.timestamp),
        )
        .pipe(measures.read)
        .pipe(decimal_comma.find)
        .pipe(percent_as_share.find)
        .left_join(limits, "machine_id")
        .drop("machine_id_right")
        .pipe(swapped.find)
        .pipe(unit_mixup.find)
        .pipe(spike.find)
    )
    judged = judge(
        parsed,
        {
            **machine_rules(),
            **time_rules("timestamp", _.told_seconds),
            **{
                f"{Reason.NOT_A_NUMBER}:{m.column}": ~text.is_blank(_[m.column])
                & _[m.value].isnull()
                & _[m.fault].isnull()
                for m in measures.MEASURES
            },
        },
    )
    facts = ["machine_id", "told_seconds", "fraction_of_second", "extra_row"]
    facts += [measure.value for measure in measures.MEASURES]
    left_out = {f"{m.column}_left_out": _left_out(m) for m in measures.LIMITED}
    return tell_copies(judged.mutate(**left_out), content=[*facts, *left_out]).select(
        "_row_id",
        "_source_row",
        "_arrival_date",
        EVENT_DATE,
        "raw_row",
        "reasons",
        "duplicate_kind",
        "machine_id",
        "landed_machine_id",
        "timestamp",
        "told_seconds",
        "temperature_c",
        "pressure_bar",
        *[measure.fault for measure in measures.MEASURES],
        **{f"landed_{m.column}": _[m.column] for m in measures.MEASURES},
        energy_kwh=_.metered_kwh,
        efficiency_percent=_.efficiency,
    )


def _left_out(measure: measures.Measure) -> Deferred:
    """Return what landed of a value that is left out: readings that differ in it are no copies."""
    landed = text.decimal_number(_[measure.column])
    return ibis.ifelse(_is(FaultType.SPIKE, _[measure.fault]), landed, None)


def clean_sensor_readings(
    assessed: ir.Table, anchors: ir.Table, machines: ir.Table, parameters: SilverParameters
) -> ir.Table:
    """One row per reading, with the batch in which it was taken where one is near enough.

    Its time is when it was due, where the readings of its batch show that. Missing values stay null
    and are flagged. Energy and efficiency are imputed, in columns of their own, from the other
    readings of the batch where these agree; energy also where its meter drifts. Temperature and
    pressure are noise around nothing that could be known, and are not.
    """
    factories = machines.select("machine_id", "factory_id")
    assigned = _assign_batches(kept(assessed), anchors, parameters.sensor_drift)
    located = assigned.join(factories, "machine_id")
    timed = _without_strays(clock_drift.find(located, parameters.sensor_drift))
    metered = meter_drift.find(
        timed.mutate(metered_kwh=_.energy_kwh),
        parameters.meter_tolerance,
        parameters.meter_most,
    )
    full = stuck_sensor.find(metered).mutate(
        read_seconds=_.slot_seconds.fill_null(_.told_seconds),
        agreed_kwh=_agreed(_.energy_kwh, parameters.imputation_spread),
        efficiency_percent_imputed=_agreed(
            _.efficiency_percent, parameters.imputation_spread, _.plate_efficiency
        ),
    )
    return full.select(
        "_row_id",
        EVENT_DATE,
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
        energy_kwh_imputed=ibis.ifelse(
            _.drift_bp > 0, meter_drift.corrected(_.energy_kwh), _.agreed_kwh
        ),
        efficiency_percent=_.efficiency_percent,
        efficiency_percent_imputed=_.efficiency_percent_imputed,
        arrival_date=_["_arrival_date"],
        is_batch_ambiguous=_.is_batch_ambiguous.fill_null(False) & _.slot_seconds.isnull(),
        is_clock_repaired=(_.slot_seconds != _.told_seconds).fill_null(False),
        is_temperature_missing=missing.find(_.temperature_c) & _.temperature_fault.isnull(),
        is_temperature_spiked=_is(FaultType.SPIKE, _.temperature_fault),
        is_temperature_stuck=_.is_stuck,
        is_pressure_missing=missing.find(_.pressure_bar) & _.pressure_fault.isnull(),
        is_pressure_spiked=_is(FaultType.SPIKE, _.pressure_fault),
        is_energy_missing=missing.find(_.energy_kwh),
        is_meter_drifting=_.drift_bp > 0,
        is_efficiency_missing=missing.find(_.efficiency_percent),
    )


def _without_strays(readings: ir.Table) -> ir.Table:
    """Take readings out of a batch to which they cannot belong."""
    of_batch = ("batch_id", "batch_date", "plate_micro_kwh", "plate_efficiency")
    return readings.mutate(
        **{name: ibis.ifelse(_.is_stray, None, _[name]) for name in of_batch},
        seconds_outside_batch=ibis.ifelse(_.is_stray, None, _.seconds_outside_batch),
    )


def _is(fault: FaultType, found: Deferred) -> Deferred:
    return (found == fault.value).fill_null(False)


def _assign_batches(readings: ir.Table, anchors: ir.Table, drift: int) -> ir.Table:
    """One row per reading, with the batch that it is in, or outside of by no more than the drift.

    Between two batches it is the later one: a machine that reads at even intervals from the start
    of a batch on reads last some time before its end. The reading is flagged where the earlier one
    is within the drift too.
    """
    candidates = with_neighbours(
        readings.select("_row_id", "machine_id", "told_seconds"),
        anchors.select(
            "machine_id",
            "batch_id",
            "start_seconds",
            "end_seconds",
            "plate_micro_kwh",
            "plate_efficiency",
            batch_date=_.production_date,
        ),
        group="machine_id",
        at="told_seconds",
        anchor_at="start_seconds",
    )
    near = candidates.mutate(
        seconds_outside_batch=ibis.greatest(
            _.start_seconds - _.told_seconds, _.told_seconds - _.end_seconds, 0
        ).cast("int64"),
        preference=ibis.cases(
            (_.told_seconds.between(_.start_seconds, _.end_seconds - 1), 0),
            (_.told_seconds < _.start_seconds, 1),
            else_=2,
        ),
    ).filter(_.seconds_outside_batch <= drift)
    by_reading = ibis.window(group_by="_row_id")
    best_first = ibis.window(
        group_by="_row_id",
        order_by=["preference", "seconds_outside_batch", "start_seconds", "batch_id"],
    )
    chosen = (
        near.mutate(
            near_count=_.count().over(by_reading),
            choice=ibis.row_number().over(best_first),
        )
        .filter(_.choice == 0)
        .select(
            "batch_id",
            "batch_date",
            "start_seconds",
            "end_seconds",
            "plate_micro_kwh",
            "plate_efficiency",
            "seconds_outside_batch",
            chosen_row_id=_["_row_id"],
            is_batch_ambiguous=(_.near_count > 1) & (_.preference > 0),
        )
    )
    return readings.left_join(chosen, [("_row_id", "chosen_row_id")]).drop("chosen_row_id")


def _agreed(value: Deferred, spread: float, plate: Deferred | None = None) -> Deferred:
    """Return what the readings of a batch agree on, for those where the value is missing.

    They agree where at least two are there and differ by no more than ``spread`` of their mean. A
    single one is taken if it is possible: not above full efficiency, and not below what the batch's
    units show against the plate (above that it may be, where the batch had to wait). The mean is
    taken of whole millionths: a sum of floats depends on the order of its parts.
    """
    batch = ibis.window(group_by=["machine_id", "batch_date", "batch_id"])
    low, high, count = value.min().over(batch), value.max().over(batch), value.count().over(batch)
    mean = ratio(micro(value).sum().over(batch), count * MICRO)
    agree = (count >= _FEWEST_WITNESSES) & (high - low <= spread * mean)
    if plate is not None:
        is_possible = low.between(plate * (1 - spread), _PERCENT * (1 + spread))
        agree |= (count == 1) & is_possible
    is_wanted = value.isnull() & _.batch_id.notnull()
    return ibis.ifelse(is_wanted & agree, ibis.ifelse(low == high, low, mean), None)
