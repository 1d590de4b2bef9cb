"""What dirt costs: each kind of fault in hand-made rows."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from factory_simulation.pipelines.gold.dirt import (
    build_dirt_measures,
    summarise_dirt_costs,
    summarise_inspection_dirt,
    summarise_metering_dirt,
    summarise_production_dirt,
)
from tests.conftest import Rows
from tests.pipelines.silver.landed import DAY, Compute, MakeTable, Row

NEXT = DAY + timedelta(days=1)
LANDED = {
    "_row_id": "string",
    "_arrival_date": "date",
    "_source_file": "string",
    "_source_row": "int64",
    "reasons": "string",
    "duplicate_kind": "string",
    "machine_id": "string",
    "landed_machine_id": "string",
}
LANDED_BATCHES = {
    **LANDED,
    "batch_id": "string",
    "occurrence": "int64",
    "production_date": "date",
    "units_produced": "int64",
    "units_defective": "int64",
}
BATCHES = {
    "_row_id": "string",
    "batch_id": "string",
    "factory_id": "string",
    "machine_id": "string",
    "production_date": "date",
    "units_produced": "int64",
    "units_defective": "int64",
    "is_product_renamed": "boolean",
    "is_machine_renamed": "boolean",
    "is_id_reused": "boolean",
    "is_late": "boolean",
}
CHECKS = {
    "_row_id": "string",
    "check_id": "string",
    "factory_id": "string",
    "machine_id": "string",
    "batch_id": "string",
    "batch_date": "date",
    "check_at": "timestamp(6)",
    "check_date": "date",
    "result": "string",
    "is_local_time": "boolean",
}
LANDED_CHECKS = {
    **LANDED,
    "check_timestamp": "string",
    "check_seconds": "int64",
    "is_clock_reset": "boolean",
    "result": "string",
}
VERSIONS = {
    "machine_id": "string",
    "valid_from": "date",
    "valid_to": "date",
    "kwh_per_unit": "float64",
}
FAULTS = {
    f"{name}_fault": "string"
    for name in ("temperature", "pressure", "energy_kwh", "efficiency_percent")
}
LANDED_READINGS = {**LANDED, **FAULTS, "told_seconds": "int64", "energy_kwh": "float64"}
READINGS = {
    "_row_id": "string",
    "factory_id": "string",
    "machine_id": "string",
    "reading_date": "date",
    "energy_kwh": "float64",
    "energy_kwh_imputed": "float64",
    "is_energy_missing": "boolean",
    "is_meter_drifting": "boolean",
    "is_clock_repaired": "boolean",
}
MACHINES = {"machine_id": "string", "factory_id": "string"}
MIDNIGHT = int(datetime.fromisoformat(f"{NEXT}T00:00:00+00:00").timestamp())
FIRST, SECOND = "SMELTER-01_20251201_001", "SMELTER-01_20251201_002"

Costs = Callable[..., dict[tuple[date, str], Row]]


@pytest.fixture
def measured(table: MakeTable, rows: Compute) -> Costs:
    """Measures by date and kind of fault.

    Two batches of 100 units and of 50, with 4 defective ones and 1, at 0.5 kWh; each has a reading
    and a check: the first failed and passed later, the second passed.
    """

    def run(
        batches: dict[str, Row] | None = None,
        landed: Rows | None = None,
        readings: dict[str, Row] | None = None,
        landed_readings: Rows | None = None,
        checks: dict[str, Row] | None = None,
        landed_checks: Rows | None = None,
    ) -> dict[tuple[date, str], Row]:
        batches, readings, checks = batches or {}, readings or {}, checks or {}
        standing = [
            batch(FIRST, **batches.get("1", {})),
            batch(SECOND, 50, 1, **batches.get("2", {})),
        ]
        metered = [
            reading("r1", 40.0, **readings.get("1", {})),
            reading("r2", 20.5, **readings.get("2", {})),
        ]
        checked = [
            check("c1", FIRST, "FAIL", **checks.get("1", {})),
            check("c2", FIRST, "PASS", **checks.get("2", {})),
            check("c3", SECOND, "PASS", **checks.get("3", {})),
        ]
        machines = table(MACHINES, [{"machine_id": "SMELTER-01", "factory_id": "alpha"}])
        versions = table(
            VERSIONS,
            [{"machine_id": "SMELTER-01", "valid_from": date(1900, 1, 1), "kwh_per_unit": 0.5}],
        )
        silver_checks = table(CHECKS, [only(row, CHECKS) for row in checked])
        production = summarise_production_dirt(
            table(LANDED_BATCHES, [only(r, LANDED_BATCHES) for r in [*standing, *(landed or [])]]),
            table(BATCHES, [only(row, BATCHES) | {"batch_id": row["own_id"]} for row in standing]),
            silver_checks,
            versions,
        )
        metering = summarise_metering_dirt(
            table(
                LANDED_READINGS,
                [only(r, LANDED_READINGS) for r in [*metered, *(landed_readings or [])]],
            ),
            table(READINGS, [only(row, READINGS) for row in metered]),
            machines,
        )
        inspection = summarise_inspection_dirt(
            table(
                LANDED_CHECKS, [only(r, LANDED_CHECKS) for r in [*checked, *(landed_checks or [])]]
            ),
            silver_checks,
            machines,
        )
        measures = build_dirt_measures(production, metering, inspection)
        costs = rows(summarise_dirt_costs(measures))
        for row in costs:
            if row["difference"] is not None:
                assert row["value_unrepaired"] - row["value"] == row["difference"]
        return {
            (row["event_date"], row["fault_type"]): row
            for row in rows(measures)
            if row["factory_id"] == "alpha" or row["fault_type"] == "orphan"
        }

    return run


def only(row: Row, schema: dict[str, str]) -> Row:
    return {name: row[name] for name in schema if name in row}


def row_of(row_id: str, **other: object) -> Row:
    lineage = {"_row_id": row_id, "_arrival_date": DAY, "_source_file": "f", "_source_row": 1}
    machine = {"machine_id": "SMELTER-01", "landed_machine_id": "SMELTER-01", "factory_id": "alpha"}
    return {**lineage, "reasons": "", **machine, **other}


def batch(batch_id: str, units: int = 100, defects: int = 4, /, **other: object) -> Row:
    flags = ("is_product_renamed", "is_machine_renamed", "is_id_reused", "is_late")
    told = {
        "batch_id": batch_id,
        "own_id": batch_id,
        "occurrence": 0,
        "production_date": DAY,
        "units_produced": units,
        "units_defective": defects,
        **dict.fromkeys(flags, False),
    }
    return row_of(batch_id, **{**told, **other})


def reading(row_id: str, energy: float | None, **other: object) -> Row:
    flags = ("is_energy_missing", "is_meter_drifting", "is_clock_repaired")
    told = {
        "reading_date": DAY,
        "told_seconds": MIDNIGHT - 60,
        "energy_kwh": energy,
        **dict.fromkeys(flags, False),
    }
    return row_of(row_id, **{**told, **other})


def check(row_id: str, batch_id: str, result: str, **other: object) -> Row:
    hour = int(row_id[1:])
    told = {
        "check_id": row_id,
        "batch_id": batch_id,
        "batch_date": DAY,
        "check_at": datetime(2025, 12, 1, 12 + hour),
        "check_date": DAY,
        "check_timestamp": f"2025-12-01T{12 + hour}:00:00",
        "check_seconds": MIDNIGHT - 3600,
        "result": result,
        "is_local_time": False,
        "is_clock_reset": False,
    }
    return row_of(row_id, **{**told, **other})


def figures(row: Row, *names: str) -> tuple:
    return tuple(row[name] for name in names)


MADE = ("batches", "units_produced", "units_defective", "units_good", "energy_kwh")
SEEN = ("batches_inspected", "batches_passed_first", "units_escaped")


def test_what_is_published(measured):
    found = measured()
    assert found.keys() == {(DAY, "not_applicable")}
    row = found[DAY, "not_applicable"]
    assert figures(row, *MADE) == (2, 150, 5, 145, 75.0)
    assert figures(row, *SEEN) == (2, 1, 1)
    assert figures(row, "metered_kwh", "checks", "checks_failed") == (60.5, 3, 1)
    assert row["rows_affected"] == 0


def test_copies_and_what_was_corrected_would_count_again(measured):
    copy = batch(SECOND, 50, 1, duplicate_kind="copy")
    old = batch(FIRST, 90, 0, duplicate_kind="superseded")
    found = measured(landed=[copy, copy, old, batch(FIRST, reasons="negative:units_produced")])
    assert figures(found[DAY, "duplicate"], *MADE) == (4, 250, 7, 243, 125.0)
    assert figures(found[DAY, "duplicate"], *SEEN) == (4, 3, 3)
    assert found[DAY, "duplicate"]["rows_affected"] == 2
    assert figures(found[DAY, "conflicting_copy"], *MADE) == (3, 240, 5, 235, 120.0)


@pytest.mark.parametrize(
    ("flag", "fault"),
    [
        ("is_product_renamed", "product_name_variant"),
        ("is_machine_renamed", "machine_id_variant"),
        ("is_id_reused", "reused_id"),
        ("is_late", "late_arrival"),
    ],
)
def test_batches_would_be_missing(measured, flag: str, fault: str):
    found = measured(batches={"1": {flag: True}})
    assert found.keys() == {(DAY, "not_applicable"), (DAY, fault)}
    assert figures(found[DAY, fault], *MADE) == (1, 50, 1, 49, 25.0)
    assert figures(found[DAY, fault], *SEEN) == (1, 1, 1)
    assert found[DAY, fault]["metered_kwh"] == 60.5


def test_what_a_late_correction_corrects_would_stand(measured):
    old = [
        batch(FIRST, 80, 0, duplicate_kind="superseded", _source_row=7),
        batch(FIRST, 90, 0, duplicate_kind="superseded", _source_row=8),
        batch(FIRST, 95, 0, duplicate_kind="superseded", _arrival_date=NEXT),
    ]
    late = {"is_late": True, "_arrival_date": NEXT + timedelta(days=1)}
    found = measured(batches={"1": late}, landed=old)
    assert figures(found[DAY, "late_arrival"], *MADE) == (2, 140, 1, 139, 70.0)
    assert found[DAY, "late_arrival"]["rows_affected"] == 1


def test_a_batch_is_checked_under_its_own_id(measured):
    found = measured(batches={"1": {"batch_id": SECOND, "occurrence": 1, "is_id_reused": True}})
    assert figures(found[DAY, "not_applicable"], *SEEN) == (2, 1, 1)
    assert figures(found[DAY, "reused_id"], *MADE) == (1, 50, 1, 49, 25.0)


@pytest.mark.parametrize(
    ("fault", "first", "metered"),
    [
        ("missing_value", {"is_energy_missing": True, "energy_kwh": None}, 20.5),
        ("machine_id_variant", {"landed_machine_id": "smelter 1"}, 20.5),
        ("decimal_comma", {"pressure_fault": "decimal_comma"}, 20.5),
        ("decimal_comma", {"energy_kwh_fault": "decimal_comma"}, 20.5),
        ("meter_drift", {"is_meter_drifting": True}, 60.5),
    ],
)
def test_readings_that_are_not_repaired(measured, fault: str, first: Row, metered: float):
    found = measured(readings={"1": {"energy_kwh_imputed": 39.0, **first}})
    published = found[DAY, "not_applicable"]["metered_kwh"]
    assert published == (59.5 if fault in {"missing_value", "meter_drift"} else 60.5)
    assert found.keys() == {(DAY, "not_applicable"), (DAY, fault)}
    assert found[DAY, fault]["metered_kwh"] == metered


def test_a_value_of_which_nothing_is_known_counts_as_nothing(measured):
    found = measured(readings={"1": {"is_energy_missing": True, "energy_kwh": None}})
    assert found[DAY, "not_applicable"]["metered_kwh"] == 20.5
    assert found[DAY, "missing_value"]["metered_kwh"] == 20.5


def test_copies_of_readings_would_count_again(measured):
    copies = [
        reading(name, energy, duplicate_kind="copy")
        for name, energy in (("r3", 20.5), ("r4", None))
    ]
    found = measured(landed_readings=copies)
    assert found[DAY, "duplicate"]["metered_kwh"] == 81.0
    assert found[DAY, "duplicate"]["rows_affected"] == 2


def test_other_faults_of_readings_cost_nothing(measured):
    found = measured(readings={"1": {"temperature_fault": "unit_mixup"}})
    assert found.keys() == {(DAY, "not_applicable")}


def test_a_drifting_clock_would_carry_a_reading_over_midnight(measured):
    drifted = {"is_clock_repaired": True, "told_seconds": MIDNIGHT + 60}
    found = measured(readings={"1": drifted, "2": {"is_clock_repaired": True}})
    assert found[DAY, "clock_drift"]["metered_kwh"] == 20.5
    assert found[NEXT, "clock_drift"]["metered_kwh"] == 40.0
    assert found[NEXT, "not_applicable"]["metered_kwh"] == 0.0


def test_checks_that_are_not_repaired(measured):
    found = measured(
        checks={
            "1": {"is_local_time": True, "check_timestamp": "2025-12-02T01:00:00"},
            "2": {"is_local_time": True},
            "3": {"is_clock_reset": True, "check_timestamp": "1970-01-01T00:00:00"},
        },
        landed_checks=[
            check("c4", SECOND, "FAIL", duplicate_kind="copy"),
            check("c5", "NONE", "FAIL", machine_id=None, reasons="unknown_batch"),
            check("c6", "NONE", "FAIL", machine_id=None, reasons="unknown_batch, invalid_result"),
        ],
    )
    counts = ("checks", "checks_failed")
    assert {key: figures(row, *counts) for key, row in found.items()} == {
        (DAY, "not_applicable"): (3, 1),
        (DAY, "local_time"): (2, 0),
        (NEXT, "local_time"): (1, 1),
        (NEXT, "not_applicable"): (0, 0),
        (DAY, "clock_reset"): (2, 1),
        (DAY, "duplicate"): (4, 2),
        (DAY, "orphan"): (1, 1),
    }


def test_relative_differences_need_a_base(table: MakeTable, rows: Compute):
    names = [*MADE, *SEEN, "checks", "checks_failed", "nameplate_kwh", "metered_kwh"]
    types = {name: "float64" if name.endswith("kwh") else "int64" for name in names}
    key = {"event_date": "date", "factory_id": "string", "fault_type": "string"}
    of_day = {"event_date": DAY, "factory_id": "alpha", "rows_affected": 1}
    zero = dict.fromkeys(names, 0)
    made = zero | {"units_produced": 50, "nameplate_kwh": 10.0, "metered_kwh": 11.0}
    wrong = made | {"units_produced": 55, "checks": 2, "metered_kwh": 9.0}
    measures = table(
        {**key, "rows_affected": "int64", **types},
        [
            {**of_day, "fault_type": "not_applicable", **made},
            {**of_day, "fault_type": "duplicate", **wrong},
        ],
    )
    costs = {row["kpi"]: row for row in rows(summarise_dirt_costs(measures))}
    told = ("value", "value_unrepaired", "difference", "relative_difference")
    assert figures(costs["units_produced"], *told) == (50.0, 55.0, 5.0, 0.1)
    assert figures(costs["checks"], *told) == (0.0, 2.0, 2.0, None)
    assert figures(costs["first_pass_yield"], *told) == (None, None, None, None)
    assert figures(costs["fail_rate"], *told) == (None, 0.0, None, None)
    assert costs["energy_variance"]["difference"] == pytest.approx(-0.2)
    assert costs["energy_variance"]["relative_difference"] is None


def test_nothing_landed(table: MakeTable, rows: Compute):
    none = summarise_inspection_dirt(
        table(LANDED_CHECKS, []), table(CHECKS, []), table(MACHINES, [])
    )
    production = summarise_production_dirt(
        table(LANDED_BATCHES, []), table(BATCHES, []), table(CHECKS, []), table(VERSIONS, [])
    )
    metering = summarise_metering_dirt(
        table(LANDED_READINGS, []), table(READINGS, []), table(MACHINES, [])
    )
    measures = build_dirt_measures(production, metering, none)
    assert rows(measures) == []
    assert rows(summarise_dirt_costs(measures)) == []
