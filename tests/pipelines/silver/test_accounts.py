"""What silver says that it did: every landed row is accounted for, every repair is claimed."""

import json
from collections.abc import Callable
from datetime import date

import ibis.expr.types as ir
import pytest

from factory_simulation.domain import LANDED_TABLES
from factory_simulation.pipelines.silver.parameters import SilverParameters
from factory_simulation.pipelines.silver.pipeline import create_pipeline
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
    land,
    only,
    reading,
)

Account = Callable[..., dict[str, Rows]]

LATER = {"_arrival_date": date(2025, 12, 3)}
KEPT = {
    "production_batches": "silver_production_batches",
    "sensor_logs": "silver_sensor_readings",
    "qc_checks": "silver_qc_checks",
    "operator_logs": "silver_operator_logs",
}
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
}


@pytest.fixture
def account(
    table: MakeTable,
    save: Save,
    rows: Compute,
    products: ir.Table,
    machines: ir.Table,
    factories: ir.Table,
    parameters: SilverParameters,
) -> Account:
    """Run silver on what landed in some tables and nothing in the others; return its tables."""

    def run(**landed: list[Row]) -> dict[str, Rows]:
        tables = {
            "reference_products": products,
            "reference_machines": machines,
            "reference_factories": factories,
            "params:silver": parameters,
        }
        for name, contract in LANDED_TABLES.items():
            tables[f"bronze_{name}"] = land(table, contract, *landed.get(name, []))
        made = []
        for node in create_pipeline().nodes:
            outputs = node.run({name: tables[name] for name in node.inputs})
            made += outputs
            tables |= {name: save(output) for name, output in outputs.items()}
        return {name: rows(tables[name]) for name in made}

    return run


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
    assert [len(accounts[name]) for name in KEPT.values()] == [1, 1, 1, 1]
    assert (accounts["silver_quarantine"], accounts["silver_repairs"]) == ([], [])


def test_every_landed_row_is_kept_or_a_duplicate_or_in_quarantine(account: Account):
    accounts = account(**MESS)
    for name, kept in KEPT.items():
        duplicates = [
            row_id
            for row_id, fault in claims(accounts, name, "_row_id", "fault_type")
            if fault == "duplicate"
        ]
        refused = [row for row in accounts["silver_quarantine"] if row["table_name"] == name]
        found = only(accounts[kept], "_row_id") + duplicates + only(refused, "_row_id")
        assert sorted(found) == [f"{n:03}" for n in range(1, len(MESS[name]) + 1)]
        assert min(len(accounts[kept]), len(duplicates), len(refused)) > 0


def test_quarantine_holds_the_raw_row_and_every_reason(account: Account):
    quarantine = account(**MESS)["silver_quarantine"]
    assert sorted(only(quarantine, "table_name", "_row_id", "reasons")) == [
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


def test_no_repair_is_claimed_of_a_row_in_quarantine(account: Account):
    accounts = account(**MESS)
    refused = set(only(accounts["silver_quarantine"], "table_name", "_row_id"))
    assert not refused & set(only(accounts["silver_repairs"], "table_name", "_row_id"))


def test_renamed_late_and_doubled_batches_are_claimed(account: Account):
    landed = [
        batch(),
        batch(machine_id="SMELTER 1", product_name="iron-plates", **LATER),
        batch(units_produced="74", **LATER),
    ]
    accounts = account(production_batches=landed)
    named = ("_row_id", "column_name", "fault_type", "raw_value", "repaired_value", "method")
    found = claims(accounts, "production_batches", *named)
    raw = [row["raw_row"] for row in accounts["silver_assessed_production_batches"]]
    assert found == [
        ("001", "*", "duplicate", raw[0], None, "superseded"),
        ("002", "*", "duplicate", raw[1], None, "copy"),
        ("002", "machine_id", "machine_id_variant", "SMELTER 1", "SMELTER-01", "name_key"),
        ("002", "product_name", "product_name_variant", "iron-plates", "Iron Plate", "name_key"),
        ("003", "production_date", "late_arrival", "2025-12-03", "2025-12-01", "start_time"),
    ]
    assert set(claims(accounts, "production_batches", "confidence")) == {1.0}


def test_missing_values_of_sensors_are_claimed_as_imputed_or_flagged(account: Account):
    landed = [
        reading(temperature=None, energy_kwh=None),
        reading(timestamp="2025-12-01T08:40:00", pressure="", efficiency_percent="50"),
        reading(timestamp="2025-12-01T08:50:00", efficiency_percent=None),
    ]
    accounts = account(production_batches=[batch()], sensor_logs=landed)
    assert set(claims(accounts, "sensor_logs", "fault_type")) == {"missing_value"}
    assert claims(
        accounts, "sensor_logs", "_row_id", "column_name", "repaired_value", "method"
    ) == [
        ("001", "energy_kwh", "2.5", "batch_mean"),
        ("001", "temperature", None, "flagged"),
        ("002", "pressure", None, "flagged"),
        ("003", "efficiency_percent", None, "flagged"),
    ]


def test_readings_just_outside_of_a_batch_are_claimed_to_drift(account: Account):
    batches = [
        batch(),
        batch(batch_id="B2", start_time="2025-12-01T09:08:00", end_time="2025-12-01T10:00:00"),
    ]
    times = ["2025-12-01T09:01:00", "2025-12-01T09:04:00", "2025-12-01T11:00:00"]
    landed = [reading(timestamp=told) for told in times]
    found = claims(
        account(production_batches=batches, sensor_logs=landed),
        "sensor_logs",
        *("_row_id", "column_name", "fault_type", "raw_value", "method", "confidence"),
    )
    assert found == [
        ("001", "timestamp", "clock_drift", "2025-12-01T09:01:00", "nearest_batch", 1.0),
        ("002", "timestamp", "clock_drift", "2025-12-01T09:04:00", "nearest_batch", 0.5),
    ]


def test_the_raw_value_of_a_drifting_time_is_what_landed(account: Account):
    told = "2025-12-01 02:01:00-07:00"
    accounts = account(production_batches=[batch()], sensor_logs=[reading(timestamp=told)])
    assert claims(accounts, "sensor_logs", "raw_value") == [told]


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
    assert len(accounts.pop("silver_clocks")) == 4
    assert accounts == {name: [] for name in accounts}
