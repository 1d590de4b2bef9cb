"""The clean truth: what the machines made, what was measured, inspected and written down.

Every number is an integer (basis points, micro-kWh, seconds), drawn by keys that name the event
alone: machine, day, number within the day. Nothing depends on what was drawn before, nor on which
other dates are simulated.
"""

from collections.abc import Callable

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import QcResult, Role
from factory_simulation.expressions import time
from factory_simulation.expressions.random import Stream
from factory_simulation.pipelines.generation.scenario import (
    BASIS_POINTS,
    MOST_READINGS,
    NOTE_COUNT,
    Scenario,
    basis_points,
    epoch_day,
)

_PPM = 1_000_000
_HALF_E4_KWH = _PPM * 100 // 2
"""Sensors report 10**-4 kWh, rounded; a batch's energy is held in 10**-6."""
_MINUTES_PER_HOUR_MILLI_BP = 60 * 1000 * BASIS_POINTS


def simulate_production_batches(
    machines: ir.Table, days: ir.Table, counters: ir.Table, scenario: Scenario
) -> ir.Table:
    """One row per batch that a machine finished before closing time.

    A machine's day is planned as a row of batches and gaps. Batches that would end after closing
    time are not begun, but the scenario's least number always is: where the plan for these is too
    long for the day, it is shortened towards the shortest batches and gaps.
    """
    begun = _plan_of_the_day(machines, days, counters, scenario).filter(
        _.end_minute <= scenario.calendar.closes_at_minute
    )
    produced = (
        _with_efficiency(begun, scenario)
        .mutate(units_produced=_units())
        .mutate(
            units_defective=_units_defective(scenario),
            energy_micro_kwh=_.units_produced * _.micro_kwh_per_unit,
            start_seconds=_.event_day * time.SECONDS_PER_DAY
            + _.start_minute * time.SECONDS_PER_MINUTE,
            end_seconds=_.event_day * time.SECONDS_PER_DAY + _.end_minute * time.SECONDS_PER_MINUTE,
            batch_number=(_.number + 1).cast("int64"),
        )
    )
    return produced.mutate(
        batch_id=_event_id(_.machine_id, _.event_day, _.batch_number),
        production_date=time.date_of(_.start_seconds),
    ).select(
        "batch_id",
        "machine_id",
        "product_name",
        "production_date",
        "event_day",
        "batch_number",
        "machine_position",
        "machine_random_key",
        "start_seconds",
        "end_seconds",
        "efficiency_bp",
        "units_produced",
        "units_defective",
        "energy_micro_kwh",
    )


def simulate_sensor_readings(
    batches: ir.Table, machines: ir.Table, counters: ir.Table, scenario: Scenario
) -> ir.Table:
    """One row per reading: evenly spaced over its batch, its energy a part of the batch's.

    The parts add up to the batch's energy but for the noise of each measurement.
    """
    sensors, stream = scenario.sensors, _streams(scenario, "sensor")
    ranges = machines.select(
        "machine_id",
        "lowest_centi_celsius",
        "highest_centi_celsius",
        "lowest_milli_bar",
        "highest_milli_bar",
    )
    count = sensors.readings_per_batch
    readings = (
        batches.mutate(
            reading_count=stream("count").integer(count.low, count.high, *_batch_keys()),
        )
        .cross_join(counters)
        .filter(_.number < _.reading_count)
        .join(ranges, "machine_id")
        .mutate(reading_key=_.batch_number * (MOST_READINGS + 1) + _.number)
    )
    keys = (_.machine_random_key, _.event_day, _.reading_key)
    noise = round(sensors.energy_noise * _PPM)
    return (
        readings.mutate(
            reading_number=(_.number + 1).cast("int64"),
            read_seconds=_.start_seconds
            + ((_.end_seconds - _.start_seconds) * _.number) // _.reading_count,
            centi_celsius=stream("temperature").integer(
                _.lowest_centi_celsius, _.highest_centi_celsius, *keys
            ),
            milli_bar=stream("pressure").integer(_.lowest_milli_bar, _.highest_milli_bar, *keys),
            energy_noise_ppm=stream("energy").integer(-noise, noise, *keys),
        )
        .mutate(
            energy_e4_kwh=(
                _.energy_micro_kwh // _.reading_count * (_PPM + _.energy_noise_ppm) + _HALF_E4_KWH
            )
            // (2 * _HALF_E4_KWH),
        )
        .select(
            "batch_id",
            "machine_id",
            "production_date",
            "event_day",
            "batch_number",
            "reading_number",
            "reading_key",
            "machine_position",
            "machine_random_key",
            "read_seconds",
            "centi_celsius",
            "milli_bar",
            "energy_e4_kwh",
            "efficiency_bp",
        )
    )


def simulate_qc_checks(
    batches: ir.Table, employees: ir.Table, notes: ir.Table, scenario: Scenario
) -> ir.Table:
    """One row per inspected batch: some minutes after its end, with a note where it failed."""
    control, stream = scenario.quality_control, _streams(scenario, "qc")
    keys, delay = _batch_keys(), control.minutes_after_end
    inspectors = _people(employees, Role.INSPECTOR)
    defects = notes.filter(_.topic == "defect").select("note_number", note=_.before)
    checked = batches.filter(stream("inspected").happens(control.inspected_share, *keys)).mutate(
        check_id=_event_id("QC-" + _.machine_id, _.event_day, _.batch_number),
        check_seconds=_.end_seconds
        + stream("delay").integer(delay.low, delay.high, *keys) * time.SECONDS_PER_MINUTE,
        has_failed=(_.units_defective > 0)
        & stream("caught").happens(control.defects_caught, *keys),
        employee_number=stream("inspector").integer(0, control.inspectors - 1, *keys),
        note_number=stream("note").integer(0, NOTE_COUNT - 1, *keys),
    )
    return (
        checked.join(inspectors, "employee_number")
        .left_join(defects, "note_number")
        .mutate(
            result=ibis.ifelse(_.has_failed, QcResult.FAIL.value, QcResult.PASS.value),
            defect_notes=ibis.ifelse(_.has_failed, _.note, None),
        )
        .select(
            "check_id",
            "batch_id",
            "machine_id",
            "production_date",
            "event_day",
            "batch_number",
            "machine_position",
            "machine_random_key",
            "check_seconds",
            "employee_id",
            "employee_name",
            "result",
            "defect_notes",
        )
    )


def simulate_operator_entries(
    batches: ir.Table, employees: ir.Table, notes: ir.Table, scenario: Scenario
) -> ir.Table:
    """One row per operator entry: some minutes around a batch's start; some name the batch."""
    operators, stream = scenario.operators, _streams(scenario, "operator")
    keys, around = _batch_keys(), operators.minutes_around_start
    remarks = notes.filter(_.topic == "remark").drop("topic")
    written = batches.filter(stream("logged").happens(operators.logged_share, *keys)).mutate(
        log_id=_event_id("LOG-" + _.machine_id, _.event_day, _.batch_number),
        log_seconds=_.start_seconds
        + stream("offset").integer(-around, around, *keys) * time.SECONDS_PER_MINUTE,
        action_number=stream("action").integer(0, 3, *keys),
        employee_number=stream("operator").integer(0, operators.operators - 1, *keys),
        note_number=stream("note").integer(0, NOTE_COUNT - 1, *keys),
    )
    return (
        written.join(_people(employees, Role.OPERATOR), "employee_number")
        .join(remarks, "note_number")
        .mutate(
            action=ibis.cases(
                (_.action_number == 0, "START_BATCH"),
                (_.action_number == 1, "ADJUST_PARAMS"),
                (_.action_number == 2, "MONITOR"),  # noqa: PLR2004 - one of four actions
                else_="END_BATCH",
            ),
            notes=_.before.concat(ibis.ifelse(_.names_batch, _.batch_id, ""), _.after),
        )
        .select(
            "log_id",
            "batch_id",
            "machine_id",
            "production_date",
            "event_day",
            "batch_number",
            "machine_position",
            "machine_random_key",
            "log_seconds",
            "employee_id",
            "employee_name",
            "action",
            "notes",
        )
    )


def _plan_of_the_day(
    machines: ir.Table, days: ir.Table, counters: ir.Table, scenario: Scenario
) -> ir.Table:
    """One row per planned batch: when it would begin and end, in minutes of the day."""
    calendar, stream = scenario.calendar, _streams(scenario, "production")
    gap, count = calendar.gap_minutes, calendar.batches_per_day
    keys = (_.machine_random_key, _.event_day, _.number)
    planned = (
        machines.cross_join(days)
        .mutate(
            planned_count=stream("count").integer(
                count.low, count.high, _.machine_random_key, _.event_day
            )
        )
        .cross_join(counters)
        .filter(_.number < _.planned_count)
        .mutate(
            extra_minutes=stream("minutes").integer(
                0, _.longest_minutes - _.shortest_minutes, *keys
            ),
            least_gap=ibis.ifelse(_.number == 0, 0, gap.low).cast("int64"),
            extra_gap=ibis.ifelse(
                _.number == 0, 0, stream("gap").integer(0, gap.high - gap.low, *keys)
            ),
            is_certain=_.number < count.low,
        )
    )
    of_the_day = ibis.window(group_by=["machine_id", "event_day"])
    spare = (
        calendar.minutes_open - count.low * _.shortest_minutes - (count.low - 1) * gap.low
    ).cast("int64")
    so_far = ibis.cumulative_window(group_by=["machine_id", "event_day"], order_by="number")
    return (
        planned.mutate(
            spare=spare,
            extra=ibis.ifelse(_.is_certain, _.extra_minutes + _.extra_gap, 0)
            .sum()
            .over(of_the_day),
        )
        .mutate(is_tight=_.is_certain & (_.extra > _.spare))
        .mutate(
            minutes=_.shortest_minutes + _shortened(_.extra_minutes),
            gap=_.least_gap + _shortened(_.extra_gap),
        )
        .mutate(elapsed=(_.gap + _.minutes).sum().over(so_far).cast("int64"))
        .mutate(end_minute=calendar.opens_at_minute + _.elapsed)
        .mutate(start_minute=_.end_minute - _.minutes)
    )


def _shortened(extra: Deferred) -> Deferred:
    """Return what is left of a duration's random part on a day that is too short for all of it."""
    return ibis.ifelse(_.is_tight, (extra * _.spare) // _.extra, extra).cast("int64")


def _with_efficiency(batches: ir.Table, scenario: Scenario) -> ir.Table:
    """Add a batch's efficiency: the machine's, less its decay since the start, give or take."""
    process, stream = scenario.process, _streams(scenario, "production")
    noise = basis_points(process.efficiency_noise)
    day_number = _.event_day - epoch_day(scenario.calendar.start_date)
    drawn = stream("efficiency").integer(-noise, noise, *_batch_keys("number"))
    efficiency = _.base_efficiency_bp - _.efficiency_loss_bp * day_number + drawn
    return batches.mutate(
        efficiency_bp=ibis.greatest(efficiency, basis_points(process.efficiency_floor)).cast(
            "int64"
        )
    )


def _units() -> Deferred:
    """Return the units of a batch, rounded to the nearest."""
    ideal = _.milli_units_per_hour * _.minutes * _.efficiency_bp
    return ((ideal + _MINUTES_PER_HOUR_MILLI_BP // 2) // _MINUTES_PER_HOUR_MILLI_BP).cast("int64")


def _units_defective(scenario: Scenario) -> Deferred:
    """Return the defective units of a batch, rounded up or down by chance.

    Cutting the fraction off instead would lose two fifths of all defects at these batch sizes.
    """
    process, stream = scenario.process, _streams(scenario, "production")
    low = max(0, basis_points(process.defect_rate) - basis_points(process.defect_rate_noise))
    high = min(
        BASIS_POINTS, basis_points(process.defect_rate) + basis_points(process.defect_rate_noise)
    )
    keys = _batch_keys("number")
    rate = stream("defect_rate").integer(low, high, *keys)
    chance = stream("defects").integer(0, BASIS_POINTS - 1, *keys)
    return ((_.units_produced * rate + chance) // BASIS_POINTS).cast("int64")


def _batch_keys(number: str = "batch_number") -> tuple[Deferred, Deferred, Deferred]:
    return _.machine_random_key, _.event_day, _[number]


def _streams(scenario: Scenario, entity: str) -> Callable[[str], Stream]:
    """Return a function that gives a random stream of the scenario for each purpose."""
    return lambda purpose: Stream(scenario.seed, f"{entity}.{purpose}")


def _event_id(prefix: Deferred, event_day: Deferred, number: Deferred) -> Deferred:
    """Return an id that no other machine, day or batch has, such as ``SMELTER-01_20251201_007``."""
    day = time.timestamp_of(event_day * time.SECONDS_PER_DAY).strftime("%Y%m%d")
    return prefix.concat("_", day, "_", number.cast("string").lpad(3, "0"))


def _people(employees: ir.Table, role: Role) -> ir.Table:
    return employees.filter(_.role == role.value).select(
        "employee_number", "employee_id", "employee_name"
    )
