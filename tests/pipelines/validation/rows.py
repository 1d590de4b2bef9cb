"""Rows of what validation reads, as literals: daily production and landing files."""

from datetime import date
from typing import Any

from tests.conftest import Rows
from tests.pipelines.silver.landed import Row

D1, D2, D3, D4, D5 = (date(2025, 12, day) for day in range(1, 6))
DAILY = {
    "production_date": "date",
    "factory_id": "string",
    "machine_id": "string",
    "product_name": "string",
    "batches": "int64",
    "units_produced": "int64",
    "units_defective": "int64",
    "energy_kwh": "float64",
}
STOCK = {
    "production_date": "date",
    "factory_id": "string",
    "product_name": "string",
    "units_made": "int64",
    "units_used": "int64",
    "units_in_stock": "int64",
}
PRODUCTS = {"product_name": "string", "made_from": "string", "input_per_unit": "int64"}
OPENING = {"factory_id": "string", "product_name": "string", "units": "int64"}
LEDGER = {
    "fault_id": "string",
    "fault_type": "string",
    "mechanism": "string",
    "table_name": "string",
    "source_file": "string",
    "source_row": "int64",
    "column_name": "string",
    "clean_value": "string",
    "dirty_value": "string",
    "event_date": "date",
    "arrival_date": "date",
    "recoverability": "string",
    "event_id": "string",
    "factory_id": "string",
    "detection_chance": "float64",
    "repair_chance": "float64",
}
FILES = {
    "source_file": "string",
    "arrival_date": "date",
    "status": "string",
    "reason": "string",
}


def gold(units: int, machine_id: str = "SMELTER-01", **different: Any) -> Row:
    """What gold says that one machine made of one product on the first day."""
    return {
        "production_date": D1,
        "factory_id": "alpha",
        "machine_id": machine_id,
        "product_name": "Iron Plate",
        "batches": 1,
        "units_produced": units,
        "units_defective": 0,
        "energy_kwh": 0.0,
        **different,
    }


def stocked(units: int, **different: Any) -> Row:
    """What gold says that is in stock of one product at the first day's end."""
    return {
        "production_date": D1,
        "factory_id": "alpha",
        "product_name": "Iron Plate",
        "units_in_stock": units,
        **different,
    }


def files(*arrival_dates: date | None, status: str = "ingested") -> Rows:
    """Files that were seen, with what became of them."""
    return [
        {"source_file": f"{day}/qc_checks.csv", "arrival_date": day, "status": status}
        for day in arrival_dates
    ]
