"""The data dictionary says what the contracts say."""

from importlib import import_module

import pytest

from factory_simulation import data_dictionary
from factory_simulation.domain import Schema
from factory_simulation.schemas import description
from tests.conftest import PROJECT

TABLES = [
    (str(schema), table)
    for schema in Schema
    if schema != Schema.TRUTH  # made by the generator, for tests alone
    for table in import_module(f"factory_simulation.schemas.{schema}").CONTRACTS
]


def test_it_is_up_to_date():
    written = (PROJECT / data_dictionary.PATH).read_text(encoding="utf-8")
    assert written == data_dictionary.render(), "run: kedro dictionary"


@pytest.mark.parametrize(("schema", "table"), TABLES)
def test_every_table_says_first_what_a_row_of_it_is(schema: str, table: str):
    assert description.grain_of(schema, table).startswith("One row per ")


def test_it_says_key_types_rules_and_units():
    said = data_dictionary.render()
    start = said.index("### gold.daily_stock\n")
    of_table = said[start : said.index("### ", start + 4)]
    assert "Key: `production_date`, `factory_id`, `product_name`." in of_table
    assert "| `units_made` | int64 |  | ≥ 0 |  |" in of_table
    assert "| `precision` | float64 |  | may be null; ≥ 0; ≤ 1 |  |" in said
    assert "| `result` | string |  | `FAIL`, `PASS` |  |" in said
    assert "like `^[A-Z]+-[0-9]+$`" in said
    assert "Each row: Only units that were made can be defective." in said
    assert "| `oee` | OEE | share |" in said
    assert said.index("### gold.") < said.index("### silver.") < said.index("### ops.")


@pytest.mark.parametrize(
    ("column", "unit"),
    [
        ("energy_kwh", "kWh"),
        ("kwh_per_unit", "kWh/unit"),
        ("temperature_c", "°C"),
        ("pressure_bar", "bar"),
        ("efficiency_percent_imputed", "%"),
        ("defect_rate", "share"),
        ("oee", "share"),
        ("run_seconds", "s"),
        ("machine_id", ""),
        ("units_per_hour", "units/h"),
    ],
)
def test_a_unit_is_in_the_name(column: str, unit: str):
    assert description.unit_of(column) == unit
