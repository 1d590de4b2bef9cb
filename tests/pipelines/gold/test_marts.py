"""Marts: what the facts of a day add up to."""

from collections.abc import Callable
from datetime import date

import pytest

from factory_simulation.pipelines.gold.marts import summarise_daily_production
from tests.conftest import Rows
from tests.pipelines.silver.landed import DAY, Compute, MakeTable, Row, only

PRODUCTION = {
    "date_key": "int64",
    "factory_id": "string",
    "machine_key": "string",
    "product_key": "string",
    "units_produced": "int64",
    "units_defective": "int64",
    "energy_kwh": "float64",
}
NEXT_DAY = date(2025, 12, 2)

Summarise = Callable[..., Rows]


@pytest.fixture
def summarise(table: MakeTable, rows: Compute) -> Summarise:
    """Add up batches; dimensions know two days, machines and products."""
    dates = [{"date_key": 20251201, "date": DAY}, {"date_key": 20251202, "date": NEXT_DAY}]
    machines = [
        {"machine_key": key, "machine_id": machine_id}
        for key, machine_id in [("s1", "SMELTER-01"), ("s2", "SMELTER-02")]
    ]
    products = [
        {"product_key": key, "product_name": name}
        for key, name in [("ironplate", "Iron Plate"), ("gearwheel", "Gear Wheel")]
    ]

    def run(*batches: Row) -> Rows:
        return rows(
            summarise_daily_production(
                table(PRODUCTION, batches),
                table({"date_key": "int64", "date": "date"}, dates),
                table({"machine_key": "string", "machine_id": "string"}, machines),
                table({"product_key": "string", "product_name": "string"}, products),
            )
        )

    return run


def made(**different) -> Row:
    """A batch of iron plates."""
    return {
        "date_key": 20251201,
        "factory_id": "alpha",
        "machine_key": "s1",
        "product_key": "ironplate",
        "units_produced": 10,
        "units_defective": 1,
        "energy_kwh": 0.1,
        **different,
    }


def test_batches_of_a_day_a_machine_and_a_product_are_one_row(summarise: Summarise):
    found = summarise(made(), made(), made(units_produced=5, units_defective=0, energy_kwh=0.25))
    assert found == [
        {
            "production_date": DAY,
            "factory_id": "alpha",
            "machine_id": "SMELTER-01",
            "product_name": "Iron Plate",
            "batches": 3,
            "units_produced": 25,
            "units_defective": 2,
            "energy_kwh": 0.45,
        }
    ]


def test_other_days_machines_and_products_are_rows_of_their_own(summarise: Summarise):
    found = summarise(
        made(),
        made(product_key="gearwheel", units_produced=20),
        made(machine_key="s2", units_produced=30),
        made(date_key=20251202, units_produced=40),
    )
    named = ("production_date", "machine_id", "product_name", "batches", "units_produced")
    assert only(found, *named) == [
        (DAY, "SMELTER-01", "Gear Wheel", 1, 20),
        (DAY, "SMELTER-01", "Iron Plate", 1, 10),
        (DAY, "SMELTER-02", "Iron Plate", 1, 30),
        (NEXT_DAY, "SMELTER-01", "Iron Plate", 1, 40),
    ]


def test_energy_is_added_up_in_whole_millionths(summarise: Summarise):
    assert 0.1 + 0.2 != 0.3
    assert only(summarise(made(), made(energy_kwh=0.2)), "energy_kwh") == [0.3]
    below_a_millionth = [made(energy_kwh=0.0000004)] * 3
    assert only(summarise(*below_a_millionth), "energy_kwh") == [0.0]


def test_a_batch_that_made_nothing_is_still_a_batch(summarise: Summarise):
    nothing = {"units_produced": 0, "units_defective": 0, "energy_kwh": 0.0}
    measures = ("batches", "units_produced", "units_defective", "energy_kwh")
    assert only(summarise(made(**nothing)), *measures) == [(1, 0, 0, 0.0)]


def test_a_day_without_a_batch_has_no_row(summarise: Summarise):
    assert only(summarise(made(date_key=20251202)), "production_date") == [NEXT_DAY]
    assert summarise() == []
