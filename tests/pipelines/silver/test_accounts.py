"""What silver says that it did: every landed row is accounted for, every repair is claimed."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import ibis.expr.types as ir
import pytest

from factory_simulation.domain import LANDED_TABLES
from factory_simulation.pipelines.silver.parameters import SilverParameters
from factory_simulation.pipelines.silver.pipeline import create_pipeline
from factory_simulation.schemas.ops import WorkedVersions
from factory_simulation.schemas.partitions import (
    BronzePartitions,
    SilverPartitions,
    WorkedBatches,
)
from tests.conftest import Rows
from tests.pipelines.silver.landed import (
    DAY,
    Compute,
    MakeTable,
    Row,
    Save,
    batch,
    check,
    entry,
    event,
    land,
    only,
    reading,
    snapshot,
)

Account = Callable[..., dict[str, Rows]]

LATER = {"_arrival_date": date(2025, 12, 3)}
KEPT = {
    "production_batches": "silver_production_batches",
    "sensor_logs": "silver_sensor_readings",
    "qc_checks": "silver_qc_checks",
    "operator_logs": "silver_operator_logs",
    "machine_events": "silver_machine_events",
    "machine_registry": "silver_machine_registry",
}
KEY = ("table_name", "_row_id", "column_name", "fault_type", "lost_event_id")
GIVEN_UP = ("duplicate", "conflicting_copy")
MESS = {
    "production_batches": [
        batch(),
        batch(product_name="IRON-PLATE", **LATER),
        batch(units_produced="74", **LATER),
        batch(batch_id="B2", product_name="Copper Wire", machine_id="asm 1"),
        batch(batch_id="", end_time="yesterday"),
        {"batch_id": "torn", "_parse_error": "too_few_fields", "_surplus_fields": None},
        batch(batch_id="B3", start_time="2025-12-02T08:00:00", end_time="2025-12-02T09:00:00"),
    ],
    "sensor_logs": [
        reading(),
        reading(),
        reading(machine_id="SMELTER#1", energy_kwh=None),
        reading(timestamp="2025-12-01T20:00:00"),
        reading(timestamp="2025-02-30T08:00:00"),
        {"_parse_error": "not_an_object", "_surplus_fields": "[1, 2]"},
    ],
    "qc_checks": [check(), check(), check("MAYBE"), check(batch_id="B2"), check(check_id="Q2")],
    "operator_logs": [entry(), entry(**LATER), entry(machine_id="CRUSHER-09"), entry(notes="!")],
    "machine_events": [event(), event(**LATER), event(event_type="PAUSE"), event(reason="")],
    "machine_registry": [
        snapshot(),
        snapshot(machine_id="SMELTER#1"),
        snapshot(owner="Ada", snapshot_date="2025-12-01", **LATER),
        snapshot(kwh_per_unit="0"),
    ],
}


@pytest.fixture
def account(  # noqa: PLR0913, PLR0917 - all that silver knows beforehand
    table: MakeTable,
    save: Save,
    rows: Compute,
    products: ir.Table,
    machines: ir.Table,
    factories: ir.Table,
    clocks: ir.Table,
    phrases: ir.Table,
    parameters: SilverParameters,
) -> Account:
    """Run silver on what landed in some tables and nothing in the others; return its tables."""

    def run(**landed: list[Row]) -> dict[str, Rows]:
        tables = {
            "reference_products": products,
            "reference_machines": machines,
            "reference_factories": factories,
            "reference_time_zones": clocks,
            "reference_phrases": phrases,
            "params:silver": parameters,
        }
        for name, contract in LANDED_TABLES.items():
            tables[f"bronze_{name}"] = land(table, contract, *landed.get(name, []))
        tables |= records(table, landed)
        made = []
        for node in create_pipeline().nodes:
            outputs = node.run({name: tables[name] for name in node.inputs})
            made += outputs
            tables |= {name: save(output) for name, output in outputs.items()}
        return {name: rows(tables[name]) for name in made}

    return run


def records(table: MakeTable, landed: dict[str, list[Row]]) -> dict[str, Any]:
    """What a first run finds on record: which dates landed, and that nothing was worked yet."""
    dates = [
        {"table_name": name, "event_date": DAY, "bronze_run_id": "first"}
        for name, rows in landed.items()
        if rows
    ]
    worked = {
        "silver_partitions": SilverPartitions,
        "worked_batches": WorkedBatches,
        "worked_versions": WorkedVersions,
    }
    return {
        "ops_bronze_partitions": table(types_of(BronzePartitions), dates),
        "reference_state": "as it is",
        "params:run_id": "first",
        "params:rebuild": False,
        **{f"before_ops_{name}": table(types_of(model), []) for name, model in worked.items()},
    }


def types_of(model: Any) -> dict[str, str]:
    return {name: str(column.dtype) for name, column in model.to_schema().columns.items()}


def claims(accounts: dict[str, Rows], table: str, *columns: str) -> list:
    """Return these columns of what is claimed about a landed table."""
    repairs = [row for row in accounts["silver_repairs"] if row["table_name"] == table]
    return only(repairs, *columns)


def test_a_day_in_order_needs_no_account(account: Account):
    accounts = account(
        production_batches=[batch()],
        sensor_logs=[reading()],
        qc_checks=[check()],
        operator_logs=[entry()],
    )
    assert [len(accounts[name]) for name in KEPT.values()] == [1, 1, 1, 1, 0, 0]
    assert (accounts["silver_quarantine"], accounts["silver_repairs"]) == ([], [])


def test_every_landed_row_is_kept_or_given_up_or_in_quarantine(account: Account):
    accounts = account(**MESS)
    for name, kept in KEPT.items():
        duplicates = [
            row_id
            for row_id, fault in claims(accounts, name, "_row_id", "fault_type")
            if fault in GIVEN_UP
        ]
        refused = [row for row in accounts["silver_quarantine"] if row["table_name"] == name]
        found = only(accounts[kept], "_row_id") + duplicates + only(refused, "_row_id")
        assert sorted(found) == [f"{n:03}" for n in range(1, len(MESS[name]) + 1)]
        assert min(len(accounts[kept]), len(duplicates), len(refused)) > 0
    found = only(accounts["silver_repairs"], *KEY)
    assert len(set(found)) == len(found) > 10


def test_quarantine_holds_the_raw_row_and_every_reason(account: Account):
    quarantine = account(**MESS)["silver_quarantine"]
    assert sorted(only(quarantine, "table_name", "_row_id", "reasons")) == [
        ("machine_events", "003", "invalid_type"),
        ("machine_registry", "004", "out_of_range:kwh_per_unit"),
        ("operator_logs", "003", "unknown_machine"),
        ("production_batches", "004", "unknown_product"),
        ("production_batches", "005", "empty:batch_id, not_a_time:end_time"),
        ("production_batches", "006", "too_few_fields"),
        ("qc_checks", "003", "invalid_result"),
        ("qc_checks", "004", "unknown_batch"),
        ("sensor_logs", "005", "not_a_time:timestamp"),
        ("sensor_logs", "006", "not_an_object"),
    ]
    raw = {(row["table_name"], row["_row_id"]): json.loads(row["raw_row"]) for row in quarantine}
    assert raw["qc_checks", "003"] == {**check("MAYBE"), "_surplus_fields": None}
    assert raw["sensor_logs", "006"] == {
        **dict.fromkeys(reading()),
        "_surplus_fields": "[1, 2]",
    }
    assert set(only(quarantine, "arrival_date")) == {DAY}


def test_of_a_row_in_quarantine_nothing_is_said_to_be_repaired(account: Account):
    """What its note and its clock show is claimed all the same, and that its batch is unknown."""
    checks = [
        check(batch_id="NOBODYS"),
        check(batch_id="NOBODYS", check_timestamp=RESET),
        check("MAYBE", check_timestamp=RESET, defect_notes="Bnet"),
        check("MAYBE", check_timestamp="2025-12-01T02:10:00"),
    ]
    accounts = account(
        **{
            **MESS,
            "production_batches": [*MESS["production_batches"], batch()],
            "qc_checks": checks,
            "operator_logs": [entry(machine_id="CRUSHER-09", notes="Bnet")],
        }
    )
    refused = set(only(accounts["silver_quarantine"], "table_name", "_row_id"))
    of_refused = [
        row for row in accounts["silver_repairs"] if (row["table_name"], row["_row_id"]) in refused
    ]
    named = ("table_name", "_row_id", "column_name", "fault_type", "repaired_value", "method")
    assert sorted(only(of_refused, *named), key=str) == [
        ("operator_logs", "001", "notes", "note_typo", "Bent", "phrase"),
        ("qc_checks", "001", "*", "orphan", None, "quarantined"),
        ("qc_checks", "002", "*", "orphan", None, "quarantined"),
        ("qc_checks", "002", "check_timestamp", "clock_reset", None, "quarantined"),
        ("qc_checks", "003", "check_timestamp", "clock_reset", None, "quarantined"),
        ("qc_checks", "003", "defect_notes", "note_typo", "Bent", "phrase"),
    ]


def test_renamed_late_and_doubled_batches_are_claimed(account: Account):
    """Of a row that repeats another the row as a whole is claimed, and none of its cells."""
    landed = [
        batch(machine_id="SMELTER 1"),
        batch(machine_id="SMELTER 1", product_name="iron-plates", **LATER),
        batch(units_produced="74", machine_id="SMELTER-1", product_name="Iron_Plate", **LATER),
    ]
    accounts = account(production_batches=landed)
    named = ("_row_id", "column_name", "fault_type", "raw_value", "repaired_value", "method")
    found = claims(accounts, "production_batches", *named)
    raw = [row["raw_row"] for row in accounts["silver_assessed_production_batches"]]
    assert found == [
        ("001", "*", "conflicting_copy", raw[0], None, "superseded"),
        ("002", "*", "duplicate", raw[1], None, "copy"),
        ("003", "_arrival_date", "late_arrival", "2025-12-03", "2025-12-01", "own_time"),
        ("003", "machine_id", "machine_id_variant", "SMELTER-1", "SMELTER-01", "name_key"),
        ("003", "product_name", "product_name_variant", "Iron_Plate", "Iron Plate", "name_key"),
    ]
    assert set(claims(accounts, "production_batches", "confidence")) == {1.0}
    assert set(claims(accounts, "production_batches", "lost_event_id")) == {None}


def counted(*numbers: int) -> list[Row]:
    """Batches, one an hour, whose ids have these numbers."""
    return [
        batch(
            batch_id=f"SMELTER-01_20251201_{number:03}",
            start_time=f"2025-12-01T{hour:02}:00:00",
            end_time=f"2025-12-01T{hour:02}:50:00",
        )
        for hour, number in enumerate(numbers, start=6)
    ]


IDS = ("_row_id", "column_name", "fault_type", "raw_value", "repaired_value", "method")


def test_reused_ids_are_claimed_as_repaired_or_flagged(account: Account):
    one, three, four = (f"SMELTER-01_20251201_00{number}" for number in (1, 3, 4))
    repaired = account(production_batches=counted(1, 2, 3, 1, 5))
    assert claims(repaired, "production_batches", *IDS) == [
        ("004", "batch_id", "reused_id", one, four, "sequence")
    ]
    flagged = account(production_batches=counted(1, 2, 3, 1, 6))
    assert claims(flagged, "production_batches", *IDS) == [
        ("004", "batch_id", "reused_id", one, None, "flagged")
    ]
    assert three in only(flagged["silver_production_batches"], "batch_id")


def test_lost_batches_are_claimed_at_the_row_after_them(account: Account):
    accounts = account(production_batches=counted(1, 2, 5))
    named = (*IDS, "lost_event_id", "confidence")
    assert sorted(claims(accounts, "production_batches", *named)) == [
        ("003", "*", "lost_row", None, None, "flagged", f"SMELTER-01_20251201_00{number}", 1.0)
        for number in (3, 4)
    ]


def test_missing_values_of_sensors_are_claimed_as_imputed_or_flagged(account: Account):
    landed = [
        reading(temperature=None, energy_kwh=None),
        reading(timestamp="2025-12-01T08:40:00", pressure="", efficiency_percent="50"),
        reading(timestamp="2025-12-01T08:50:00", efficiency_percent=None),
        reading(timestamp="2025-12-01T09:40:00", efficiency_percent=None),
        reading(timestamp="2025-12-01T09:50:00", efficiency_percent="97.0"),
    ]
    later = {"start_time": "2025-12-01T09:10:00", "end_time": "2025-12-01T10:10:00"}
    accounts = account(
        production_batches=[batch(), batch(batch_id="B2", **later)], sensor_logs=landed
    )
    assert set(claims(accounts, "sensor_logs", "fault_type")) == {"missing_value"}
    assert claims(
        accounts, "sensor_logs", "_row_id", "column_name", "repaired_value", "method"
    ) == [
        ("001", "energy_kwh", "2.5", "estimated"),
        ("001", "temperature", None, "flagged"),
        ("002", "pressure", None, "flagged"),
        ("003", "efficiency_percent", None, "flagged"),
        ("004", "efficiency_percent", "97.0", "siblings"),
    ]


def test_misread_values_are_claimed_with_what_landed_and_what_it_means(account: Account):
    landed = [
        reading(temperature="1250,5"),
        reading(temperature="2282.9", pressure="30.458"),
        reading(temperature="2.1", pressure="1250.5"),
        reading(pressure="1500", energy_kwh="2,5", efficiency_percent="97,25"),
        reading(temperature="2282.9"),
    ]
    for number, row in enumerate(landed):
        row["timestamp"] = f"2025-12-01T2{min(number, 3)}:00:00"
    landed[4] = {**landed[1]}
    found = claims(account(sensor_logs=landed), "sensor_logs", *IDS)
    assert [row for row in found if row[0] != "005"] == [
        ("001", "temperature", "decimal_comma", "1250,5", "1250.5", "plate"),
        ("002", "pressure", "unit_mixup", "30.458", "2.1", "plate"),
        ("002", "temperature", "unit_mixup", "2282.9", "1250.5", "plate"),
        ("003", "pressure", "swapped_columns", "1250.5", "2.1", "plate"),
        ("003", "temperature", "swapped_columns", "2.1", "1250.5", "plate"),
        ("004", "efficiency_percent", "decimal_comma", "97,25", "97.25", "plate"),
        ("004", "energy_kwh", "decimal_comma", "2,5", "2.5", "plate"),
        ("004", "pressure", "spike", "1500", None, "flagged"),
    ]
    assert [row[1:3] for row in found if row[0] == "005"] == [("*", "duplicate")]


def test_shares_are_claimed_as_percentages(account: Account):
    found = claims(account(sensor_logs=[reading(efficiency_percent="0.9722")]), "sensor_logs", *IDS)
    assert found == [("001", "efficiency_percent", "percent_as_share", "0.9722", "97.22", "plate")]


def test_stuck_temperatures_and_drifting_meters_are_claimed(account: Account):
    landed = [
        reading(timestamp=f"2025-12-01T08:1{n}:00", temperature="1300.50", energy_kwh="3")
        for n in range(3)
    ]
    accounts = account(production_batches=[batch()], sensor_logs=landed)
    assert claims(accounts, "sensor_logs", *IDS) == [
        claim
        for row_id in ("001", "002", "003")
        for claim in (
            (row_id, "energy_kwh", "meter_drift", "3.0", "2.920276", "estimated"),
            (row_id, "temperature", "stuck_sensor", "1300.50", None, "flagged"),
        )
    ]


def test_of_a_missing_reading_on_a_day_of_drift_only_that_it_is_missing_is_claimed(
    account: Account,
):
    later = {"start_time": "2025-12-01T09:10:00", "end_time": "2025-12-01T10:10:00"}
    landed = [
        *[reading(timestamp=f"2025-12-01T08:1{n}:00", energy_kwh="3") for n in range(3)],
        reading(timestamp="2025-12-01T09:50:00", energy_kwh=None),
    ]
    for n, row in enumerate(landed):
        row["temperature"] = str(1300 + n)
    accounts = account(
        production_batches=[batch(), batch(batch_id="B2", **later)], sensor_logs=landed
    )
    found = claims(accounts, "sensor_logs", "_row_id", "column_name", "fault_type")
    assert [row for row in found if row[0] == "004"] == [("004", "energy_kwh", "missing_value")]


def test_readings_off_their_slots_or_just_outside_of_a_batch_are_claimed_to_drift(
    account: Account,
):
    """Those of the first batch fit its slots; those of the others do not."""
    batches = [
        batch(start_time="2025-12-01T07:00:00", end_time="2025-12-01T07:40:00"),
        batch(batch_id="B2", start_time="2025-12-02T08:00:00", end_time="2025-12-02T09:00:00"),
        batch(batch_id="B3", start_time="2025-12-02T09:08:00", end_time="2025-12-02T10:00:00"),
    ]
    times = ["2025-12-01T06:58:00", "2025-12-01T07:13:00", "2025-12-01T07:20:00"]
    times += ["2025-12-01 00:28:00-07:00"]
    times += ["2025-12-02T07:59:00", "2025-12-02T08:50:00", "2025-12-02T09:04:00"]
    times += ["2025-12-02T09:55:00", "2025-12-02T11:00:00"]
    landed = [reading(timestamp=told, pressure=f"2.{n}") for n, told in enumerate(times)]
    for n, row in enumerate(landed):
        row |= {"temperature": str(1300 + n), "energy_kwh": "2.19"}
    accounts = account(production_batches=batches, sensor_logs=landed)
    repaired = ["2025-12-01T07:00:00", "2025-12-01T07:10:00", None, "2025-12-01T07:30:00"]
    named = (*IDS, "confidence")
    assert claims(accounts, "sensor_logs", *named) == [
        *[
            (f"00{n}", "timestamp", "clock_drift", times[n - 1], repaired[n - 1], method, 1.0)
            for n, method in ((1, "even_intervals"), (2, "even_intervals"), (4, "even_intervals"))
        ],
        ("005", "timestamp", "clock_drift", times[4], None, "flagged", 1.0),
        ("007", "timestamp", "clock_drift", times[6], None, "flagged", 0.5),
    ]


RESET = "1970-01-01T05:06:07"


def test_reset_clocks_and_misspelled_notes_of_checks_are_claimed(account: Account):
    """Of a row that landed again, that it did; of an orphan, that it is one."""
    landed = [
        check(check_timestamp=RESET, defect_notes="Bnet"),
        check(check_timestamp=RESET, defect_notes="Bnet", **LATER),
        check(check_id="QC-2", batch_id="NOBODYS"),
    ]
    accounts = account(production_batches=[batch()], qc_checks=landed)
    raw = [row["raw_row"] for row in accounts["silver_assessed_qc_checks"]]
    assert claims(accounts, "qc_checks", *IDS) == [
        ("001", "check_timestamp", "clock_reset", RESET, "2025-12-01T09:30:00", "estimated"),
        ("001", "defect_notes", "note_typo", "Bnet", "Bent", "phrase"),
        ("002", "*", "duplicate", raw[1], None, "copy"),
        ("003", "*", "orphan", raw[2], None, "quarantined"),
    ]


def test_what_befell_machines_is_claimed_as_reported(account: Account):
    landed = [
        event(),
        event(event_type="maintenance", reason=" SCHEDULED ", machine_id="SMELTER 1"),
        event(**LATER),
    ]
    accounts = account(machine_events=landed)
    assert claims(accounts, "machine_events", *IDS[:3], "repaired_value", "method") == [
        ("001", "reason", "machine_stop", "POWER_LOSS", "reported"),
        ("002", "machine_id", "machine_id_variant", "SMELTER-01", "name_key"),
        ("002", "reason", "maintenance", "SCHEDULED", "reported"),
        ("003", "*", "duplicate", None, "copy"),
    ]


def test_local_times_are_claimed_with_the_time_in_utc(account: Account):
    landed = {
        "qc_checks": [
            check(check_timestamp="2025-12-01 02:10"),
            check(check_timestamp="2025-12-01T03:30:00"),
        ],
        "operator_logs": [entry(log_timestamp="2025-12-01T01:05:00")],
    }
    accounts = account(production_batches=[batch()], **landed)
    named = ("column_name", "raw_value", "repaired_value", "method", "confidence")
    assert claims(accounts, "qc_checks", *named) == [
        ("check_timestamp", "2025-12-01 02:10", "2025-12-01T09:10:00", "batch_end", 1.0),
        ("check_timestamp", "2025-12-01T03:30:00", "2025-12-01T10:30:00", "batch_end", 0.5),
    ]
    assert claims(accounts, "operator_logs", *named) == [
        ("log_timestamp", "2025-12-01T01:05:00", "2025-12-01T08:05:00", "batch_start", 1.0)
    ]
    assert set(only(accounts["silver_repairs"], "fault_type")) == {"local_time"}


def test_nothing_landed_is_nothing_to_account_for(account: Account):
    accounts = account()
    assert len(accounts.pop("silver_clocks")) == 5
    for name in ("silver_machine_versions", "linked_worked_versions", "ops_worked_versions"):
        assert len(accounts.pop(name)) == 5
    assert accounts == {name: [] for name in accounts}
