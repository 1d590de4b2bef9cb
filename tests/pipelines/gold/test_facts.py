"""Facts: what happened, with measures that are exact and keys that dimensions know."""

from collections.abc import Callable
from datetime import date

import ibis.expr.types as ir
import pytest

from factory_simulation.pipelines.gold.facts import (
    build_fact_machine_event,
    build_fact_operator_event,
    build_fact_production,
    build_fact_quality_check,
    build_fact_sensor_reading,
)
from tests.conftest import Rows
from tests.pipelines.silver.landed import DAY, Compute, MakeTable, Row, at, only

PLACE = {
    "_row_id": "string",
    "_event_date": "date",
    "factory_id": "string",
    "machine_id": "string",
    "batch_id": "string",
}
BATCHES = PLACE | {
    "product_name": "string",
    "production_date": "date",
    "start_at": "timestamp",
    "end_at": "timestamp",
    "duration_seconds": "int64",
    "units_produced": "int64",
    "units_defective": "int64",
    "arrival_date": "date",
    "is_late": "boolean",
    "is_id_reused": "boolean",
}
READINGS = PLACE | {
    "batch_date": "date",
    "read_at": "timestamp",
    "reading_date": "date",
    "temperature_c": "float64",
    "pressure_bar": "float64",
    "energy_kwh": "float64",
    "energy_kwh_imputed": "float64",
    "efficiency_percent": "float64",
    "efficiency_percent_imputed": "float64",
    "is_batch_ambiguous": "boolean",
    "is_clock_repaired": "boolean",
    "is_temperature_stuck": "boolean",
    "is_meter_drifting": "boolean",
}
CHECKS = PLACE | {
    "batch_date": "date",
    "check_id": "string",
    "check_at": "timestamp",
    "check_date": "date",
    "inspector_id": "string",
    "inspector_name": "string",
    "result": "string",
    "defect_notes": "string",
    "is_local_time": "boolean",
    "is_time_ambiguous": "boolean",
    "is_time_estimated": "boolean",
}
ENTRIES = PLACE | {
    "batch_date": "date",
    "log_id": "string",
    "log_at": "timestamp",
    "log_date": "date",
    "operator_id": "string",
    "operator_name": "string",
    "action": "string",
    "notes": "string",
    "is_local_time": "boolean",
    "is_time_ambiguous": "boolean",
}
EVENTS = PLACE | {
    "event_id": "string",
    "event_type": "string",
    "reason": "string",
    "start_at": "timestamp",
    "end_at": "timestamp",
    "event_date": "date",
    "duration_seconds": "int64",
}
VERSIONS = {
    "machine_id": "string",
    "valid_from": "date",
    "valid_to": "date",
    "kwh_per_unit": "float64",
}
SHIFTS = {
    "factory_id": "string",
    "shift_name": "string",
    "start_minute": "int64",
    "end_minute": "int64",
}
ON_SMELTER = {
    "_row_id": "2025-12-01/file.csv:1",
    "_event_date": DAY,
    "factory_id": "alpha",
    "machine_id": "SMELTER-01",
    "batch_id": "B1",
}
IN_BATCH = {**ON_SMELTER, "batch_date": DAY}
OUTSIDE = {**ON_SMELTER, "batch_id": None, "batch_date": None}
NEXT_DAY = date(2025, 12, 2)

Produce = Callable[..., Rows]
Versions = Callable[..., ir.Table]
Shifts = Callable[[], ir.Table]


@pytest.fixture
def versions(table: MakeTable) -> Versions:
    """Make a table of versions; without any, of one machine that has two."""
    default = (version("SMELTER-01", to=NEXT_DAY), version("SMELTER-01", since=NEXT_DAY))
    return lambda *known: table(VERSIONS, known or default)


def version(machine_id: str, since=date(1900, 1, 1), to=None, kwh_per_unit=0.12) -> Row:
    """A version of a machine, valid on and after one day and before another."""
    return {
        "machine_id": machine_id,
        "valid_from": since,
        "valid_to": to,
        "kwh_per_unit": kwh_per_unit,
    }


@pytest.fixture
def shifts(table: MakeTable) -> Shifts:
    """Make a table of shifts: a morning, and a night that ends in the morning."""
    listed = [("alpha", "early", 360, 840), ("alpha", "night", 1320, 1800)]
    return lambda: table(SHIFTS, [dict(zip(SHIFTS, shift, strict=True)) for shift in listed])


@pytest.fixture
def fact_production(table: MakeTable, rows: Compute, versions: Versions, shifts: Shifts) -> Produce:
    def run(*batches: Row, kwh_per_unit: float = 0.12) -> Rows:
        plates = versions(
            version("SMELTER-01", to=NEXT_DAY, kwh_per_unit=kwh_per_unit),
            version("SMELTER-01", since=NEXT_DAY, kwh_per_unit=0.2),
            version("SMELTER-02", kwh_per_unit=0.11),
        )
        return rows(build_fact_production(table(BATCHES, batches), plates, shifts()))

    return run


def batch(**different) -> Row:
    """An hour and a half of iron plates, as silver keeps it."""
    return {
        **ON_SMELTER,
        "product_name": "Iron Plate",
        "production_date": DAY,
        "start_at": at("08:00"),
        "end_at": at("09:30"),
        "duration_seconds": 5400,
        "units_produced": 73,
        "units_defective": 1,
        "arrival_date": NEXT_DAY,
        "is_late": True,
        "is_id_reused": False,
        **different,
    }


def test_a_batch_is_told_in_full(fact_production: Produce):
    assert fact_production(batch()) == [
        {
            "_event_date": DAY,
            "batch_id": "B1",
            "factory_id": "alpha",
            "start_at": at("08:00"),
            "end_at": at("09:30"),
            "units_produced": 73,
            "units_defective": 1,
            "arrival_date": NEXT_DAY,
            "is_late": True,
            "is_id_reused": False,
            "batch_key": "SMELTER-01|2025-12-01|B1",
            "date_key": 20251201,
            "machine_key": "SMELTER-01|1900-01-01",
            "shift_key": "alpha|early",
            "product_key": "ironplate",
            "duration_minutes": 90.0,
            "units_good": 72,
            "energy_kwh": 8.76,
        }
    ]


def test_ids_may_repeat_across_machines_and_dates(fact_production: Produce):
    found = fact_production(
        batch(), batch(machine_id="SMELTER-02"), batch(production_date=NEXT_DAY)
    )
    assert sorted(only(found, "batch_key", "date_key", "machine_key")) == [
        ("SMELTER-01|2025-12-01|B1", 20251201, "SMELTER-01|1900-01-01"),
        ("SMELTER-01|2025-12-02|B1", 20251202, "SMELTER-01|2025-12-02"),
        ("SMELTER-02|2025-12-01|B1", 20251201, "SMELTER-02|1900-01-01"),
    ]


def test_energy_is_what_the_own_machines_plate_says(fact_production: Produce):
    found = fact_production(batch(), batch(machine_id="SMELTER-02"))
    assert dict(only(found, "machine_key", "energy_kwh")) == {
        "SMELTER-01|1900-01-01": 8.76,
        "SMELTER-02|1900-01-01": 8.03,
    }


def test_a_batch_is_of_the_version_of_its_day(fact_production: Produce):
    found = fact_production(batch(), batch(production_date=NEXT_DAY))
    assert dict(only(found, "machine_key", "energy_kwh")) == {
        "SMELTER-01|1900-01-01": 8.76,
        "SMELTER-01|2025-12-02": 14.6,
    }


def test_energy_is_computed_in_whole_millionths(fact_production: Produce):
    assert 3 * 0.1 != 0.3
    (three_tenths,) = fact_production(batch(units_produced=3), kwh_per_unit=0.1)
    (rounded,) = fact_production(batch(units_produced=3), kwh_per_unit=0.1000004)
    (rounded_up,) = fact_production(batch(units_produced=3), kwh_per_unit=0.1000006)
    assert three_tenths["energy_kwh"] == 0.3
    assert rounded["energy_kwh"] == 0.3
    assert rounded_up["energy_kwh"] == 0.300003


def test_a_batch_may_be_short_and_have_made_nothing(fact_production: Produce):
    nothing = {"units_produced": 0, "units_defective": 0}
    found = fact_production(batch(duration_seconds=90), batch(duration_seconds=0, **nothing))
    measures = only(found, "duration_minutes", "units_good", "energy_kwh")
    assert sorted(measures) == [(0.0, 0, 0.0), (1.5, 72, 8.76)]


def test_a_reading_is_told_in_full(
    table: MakeTable, rows: Compute, versions: Versions, shifts: Shifts
):
    measured = {
        "read_at": at("08:30"),
        "temperature_c": 1250.5,
        "pressure_bar": None,
        "energy_kwh": None,
        "energy_kwh_imputed": 2.5,
        "efficiency_percent": 97.5,
        "efficiency_percent_imputed": None,
        "is_batch_ambiguous": True,
        "is_clock_repaired": False,
        "is_temperature_stuck": True,
        "is_meter_drifting": False,
    }
    readings = table(READINGS, [{**IN_BATCH, **measured, "reading_date": DAY}])
    assert rows(build_fact_sensor_reading(readings, versions(), shifts())) == [
        {
            **measured,
            "_event_date": DAY,
            "factory_id": "alpha",
            "reading_key": "2025-12-01/file.csv:1",
            "date_key": 20251201,
            "machine_key": "SMELTER-01|1900-01-01",
            "shift_key": "alpha|early",
            "batch_key": "SMELTER-01|2025-12-01|B1",
        }
    ]


def test_a_reading_after_midnight_is_of_its_own_day_and_of_its_batchs_key(
    table: MakeTable, rows: Compute, versions: Versions, shifts: Shifts
):
    readings = table(READINGS, [{**IN_BATCH, "reading_date": NEXT_DAY}])
    (found,) = rows(build_fact_sensor_reading(readings, versions(), shifts()))
    assert (found["date_key"], found["batch_key"]) == (20251202, "SMELTER-01|2025-12-01|B1")


def test_a_check_is_told_in_full(
    table: MakeTable, rows: Compute, versions: Versions, shifts: Shifts
):
    told = {
        "check_id": "QC-1",
        "check_at": at("00:10"),
        "result": "FAIL",
        "defect_notes": "dented",
        "is_local_time": True,
        "is_time_ambiguous": False,
        "is_time_estimated": True,
    }
    person = {"inspector_id": "7", "inspector_name": "Ada Byron"}
    checks = table(CHECKS, [{**IN_BATCH, **told, **person, "check_date": NEXT_DAY}])
    assert rows(build_fact_quality_check(checks, versions(), shifts())) == [
        {
            **told,
            "_event_date": DAY,
            "factory_id": "alpha",
            "check_key": "2025-12-01/file.csv:1",
            "date_key": 20251202,
            "machine_key": "SMELTER-01|2025-12-02",
            "shift_key": "alpha|night",
            "batch_key": "SMELTER-01|2025-12-01|B1",
            "employee_key": "inspector|7",
        }
    ]


def test_an_entry_is_told_in_full(
    table: MakeTable, rows: Compute, versions: Versions, shifts: Shifts
):
    told = {
        "log_id": "LOG-1",
        "log_at": at("08:00"),
        "action": "START_BATCH",
        "notes": "All quiet",
        "is_local_time": False,
        "is_time_ambiguous": True,
    }
    person = {"operator_id": "7", "operator_name": "Bo Diddley"}
    entries = table(ENTRIES, [{**IN_BATCH, **told, **person, "log_date": DAY}])
    assert rows(build_fact_operator_event(entries, versions(), shifts())) == [
        {
            **told,
            "_event_date": DAY,
            "factory_id": "alpha",
            "event_key": "2025-12-01/file.csv:1",
            "date_key": 20251201,
            "machine_key": "SMELTER-01|1900-01-01",
            "shift_key": "alpha|early",
            "batch_key": "SMELTER-01|2025-12-01|B1",
            "employee_key": "operator|7",
        }
    ]


def test_a_stop_is_told_in_full(
    table: MakeTable, rows: Compute, versions: Versions, shifts: Shifts
):
    told = {
        "event_id": "EV-1",
        "event_type": "STOP",
        "start_at": at("23:50"),
        "end_at": at("2025-12-02T00:20:30"),
    }
    reason = {"reason": "POWER_LOSS"}
    stop = {**ON_SMELTER, **told, **reason, "event_date": DAY, "duration_seconds": 1830}
    reasonless = {**stop, "event_id": "EV-2", "reason": None, "duration_seconds": 0}
    other = {**stop, "event_id": "EV-3", "event_type": "MAINTENANCE", "reason": " power loss"}
    found = rows(
        build_fact_machine_event(table(EVENTS, [stop, reasonless, other]), versions(), shifts())
    )
    assert found[0] == {
        **told,
        "_event_date": DAY,
        "factory_id": "alpha",
        "event_key": "2025-12-01/file.csv:1",
        "date_key": 20251201,
        "machine_key": "SMELTER-01|1900-01-01",
        "stop_reason_key": "STOP|powerlos",
        "shift_key": "alpha|night",
        "duration_minutes": 30.5,
    }
    assert only(found, "stop_reason_key", "duration_minutes")[1:] == [
        ("unknown", 0.0),
        ("MAINTENANCE|powerlos", 30.5),
    ]


def test_outside_of_batches_there_is_no_batch(
    table: MakeTable, rows: Compute, versions: Versions, shifts: Shifts
):
    (reading,) = rows(
        build_fact_sensor_reading(
            table(READINGS, [{**OUTSIDE, "reading_date": DAY}]), versions(), shifts()
        )
    )
    (event,) = rows(
        build_fact_operator_event(
            table(ENTRIES, [{**OUTSIDE, "log_date": DAY}]), versions(), shifts()
        )
    )
    keys = {"batch_key": "not_applicable", "machine_key": "SMELTER-01|1900-01-01"}
    assert keys.items() <= reading.items()
    assert keys.items() <= event.items()


def test_what_nobody_signed_is_of_the_unknown_person(
    table: MakeTable, rows: Compute, versions: Versions, shifts: Shifts
):
    (check,) = rows(
        build_fact_quality_check(
            table(CHECKS, [{**IN_BATCH, "check_date": DAY}]), versions(), shifts()
        )
    )
    (event,) = rows(
        build_fact_operator_event(
            table(ENTRIES, [{**IN_BATCH, "log_date": DAY}]), versions(), shifts()
        )
    )
    assert (check["employee_key"], event["employee_key"]) == ("unknown", "unknown")


def test_nothing_kept_is_no_fact(
    fact_production: Produce,
    table: MakeTable,
    rows: Compute,
    versions: Versions,
    shifts: Shifts,
):
    assert fact_production() == []
    assert rows(build_fact_sensor_reading(table(READINGS, []), versions(), shifts())) == []
    assert rows(build_fact_quality_check(table(CHECKS, []), versions(), shifts())) == []
    assert rows(build_fact_operator_event(table(ENTRIES, []), versions(), shifts())) == []
    assert rows(build_fact_machine_event(table(EVENTS, []), versions(), shifts())) == []
