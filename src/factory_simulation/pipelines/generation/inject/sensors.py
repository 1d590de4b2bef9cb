"""Sensor readings, as they land."""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import SENSOR_LOGS, FaultType
from factory_simulation.expressions import text, time
from factory_simulation.expressions.random import Stream
from factory_simulation.faults import (
    clock_drift,
    decimal_comma,
    meter_drift,
    missing,
    percent_as_share,
    spelling,
    spike,
    stuck_sensor,
    swapped,
    unit_mixup,
)
from factory_simulation.faults.cells import CellFault, hurt_cells
from factory_simulation.faults.measures import PRESSURE, TEMPERATURE, Measure
from factory_simulation.pipelines.generation.inject.landed import (
    count_instances,
    duplicate_fault,
    is_batch_lost,
    number_rows,
    place,
    redeliver_files,
)
from factory_simulation.pipelines.generation.scenario import Scenario, epoch_day
from factory_simulation.pipelines.generation.spellings import MACHINE_SPELLING_COUNT
from factory_simulation.pipelines.generation.streams import batch_keys

_VALUES = SENSOR_LOGS.numbers
CELLS = ("timestamp", "machine_id", *_VALUES)
_KEYS = (_.machine_random_key, _.event_day, _.reading_key)
_ORDER = ["machine_position", "timestamp", *_VALUES, "reading_key"]
_HOT = 4
"""Hot is the upper quarter of what a machine sees."""


def inject_sensor_faults(
    readings: ir.Table,
    machines: ir.Table,
    spellings: ir.Table,
    counters: ir.Table,
    scenario: Scenario,
) -> ir.Table:
    """One row per reading that lands, copies included."""
    hurt = hurt_cells(_written(readings, machines, spellings, scenario), _faults(scenario))
    judged = (
        hurt.pipe(missing.judge)
        .pipe(stuck_sensor.judge)
        .pipe(meter_drift.judge)
        .pipe(clock_drift.judge, _ORDER)
    )
    landed = (
        judged.mutate(arrival_day=_.event_day, is_landed=ibis.literal(True))
        .pipe(redeliver_files, SENSOR_LOGS, counters, scenario)
        .pipe(number_rows, SENSOR_LOGS, _ORDER, scenario)
        .pipe(count_instances, ["machine_random_key", "event_day", "reading_key"])
        .mutate(**duplicate_fault())
    )
    return place(landed, SENSOR_LOGS, CELLS, "reading_id")


def _written(
    readings: ir.Table, machines: ir.Table, spellings: ir.Table, scenario: Scenario
) -> ir.Table:
    """Write readings as text, beside the numbers and the ranges that faults are made of."""
    ranges = machines.select(
        "machine_id",
        "lowest_centi_celsius",
        "highest_centi_celsius",
        "highest_milli_bar",
        "centi_celsius_limit",
        "milli_bar_limit",
    )
    number = spelling.spelling_number(
        scenario.chaos.machine_id_variant.elsewhere,
        MACHINE_SPELLING_COUNT,
        Stream(scenario.seed, "fault.machine_id.reading"),
        *_KEYS,
    )
    return (
        readings.join(ranges, "machine_id")
        .pipe(
            spelling.with_spelling,
            spellings,
            name="machine_id",
            spelling="machine_spelling",
            number=number,
        )
        .mutate(
            timestamp=time.iso_text(_.read_seconds),
            temperature=text.short_decimal(_.centi_celsius, 2),
            pressure=text.short_decimal(_.milli_bar, 3),
            energy_kwh=text.short_decimal(_.energy_e4_kwh, 4),
            efficiency_percent=text.short_decimal(_.efficiency_bp, 2),
            reading_id=_.batch_id.concat("/", _.reading_number.cast("string")),
            is_batch_lost=is_batch_lost(scenario),
        )
    )


def _faults(scenario: Scenario) -> dict[str, list[CellFault]]:
    """Return what may fall on each column; where several would, the first does."""
    chaos, seed = scenario.chaos, scenario.seed
    first_day = epoch_day(scenario.calendar.start_date)
    drift = [clock_drift.fault(chaos.clock_drift, seed, *_KEYS)]
    meter = [meter_drift.fault(chaos.meter_drift, first_day, seed)]
    shares = [percent_as_share.fault(chaos.percent_as_share.rate, seed, *_KEYS)]
    return {
        "timestamp": drift if chaos.clock_drift.rate else [],
        "machine_id": [
            spelling.fault(FaultType.MACHINE_ID_VARIANT, "machine_id", "machine_spelling")
        ],
        "temperature": [*_of_limited(scenario, TEMPERATURE), *_of_value(scenario, "temperature")],
        "pressure": [*_of_limited(scenario, PRESSURE), *_of_value(scenario, "pressure")],
        "energy_kwh": [
            *(meter if chaos.meter_drift.rate else []),
            *_of_value(scenario, "energy_kwh"),
        ],
        "efficiency_percent": [
            *(shares if chaos.percent_as_share.rate else []),
            *_of_value(scenario, "efficiency_percent"),
        ],
    }


def _of_limited(scenario: Scenario, measure: Measure) -> list[CellFault]:
    """Return what may fall on a temperature or a pressure alone."""
    chaos, seed = scenario.chaos, scenario.seed
    faults = []
    if chaos.swapped_columns.rate:
        faults.append(swapped.fault(chaos.swapped_columns.rate, measure, seed, *_KEYS))
    if chaos.stuck_sensor.rate and measure is TEMPERATURE:
        faults.append(stuck_sensor.fault(chaos.stuck_sensor.rate, seed, *batch_keys()))
    if chaos.unit_mixup.rate:
        faults.append(unit_mixup.fault(chaos.unit_mixup.rate, measure, seed, *_KEYS))
    if chaos.spike.rate:
        faults.append(spike.fault(chaos.spike, measure, seed, *_KEYS))
    return faults


def _of_value(scenario: Scenario, column: str) -> list[CellFault]:
    """Return what may fall on any of a reading's values."""
    chaos, seed = scenario.chaos, scenario.seed
    faults = missing.faults(chaos.missing_value, column, _is_hot(), seed, *_KEYS)
    if chaos.decimal_comma.rate:
        faults.insert(0, decimal_comma.fault(chaos.decimal_comma.rate, column, seed, *_KEYS))
    return faults


def _is_hot() -> Deferred:
    width = _.highest_centi_celsius - _.lowest_centi_celsius
    return (_.highest_centi_celsius - _.centi_celsius) * _HOT <= width
