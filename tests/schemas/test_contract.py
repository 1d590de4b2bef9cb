"""A table that breaks its contract is stopped: table, column, rule, how many rows, examples."""

import re
from copy import deepcopy
from datetime import date

import pandera.ibis as pa
import pytest
from kedro.validation.exceptions import DataValidationError

from factory_simulation.schemas import gold
from factory_simulation.schemas.contract import Contract, contract_of
from tests.conftest import Workspace

SCHEMA = {
    "production_date": "date",
    "factory_id": "string",
    "machine_id": "string",
    "product_name": "string",
    "batches": "int64",
    "units_produced": "int64",
    "units_defective": "int64",
    "energy_kwh": "float64",
}


def day(number: int, **values: object) -> dict[str, object]:
    return {
        "production_date": date(2025, 12, number),
        "factory_id": "alpha",
        "machine_id": "SMELTER-01",
        "product_name": "Iron Plate",
        "batches": 9,
        "units_produced": 700,
        "units_defective": 7,
        "energy_kwh": 84.0,
        **values,
    }


@pytest.fixture
def contract() -> Contract:
    return Contract("gold", "daily_production")


def test_a_table_that_keeps_its_contract_is_handed_on_computed(contract, table, rows):
    kept = table(SCHEMA, [day(1), day(2)])
    assert rows(contract.validate(kept.filter(kept.batches > 0))) == rows(kept)


def test_an_empty_table_keeps_its_contract(contract, table):
    assert contract.validate(table(SCHEMA, [])).count().to_pyarrow().as_py() == 0


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ({"units_produced": -1}, "units_produced: greater_than_or_equal_to(0) in 2 rows (e.g. -1"),
        ({"machine_id": None}, "machine_id: not_nullable in 2 rows"),
        ({"energy_kwh": -0.5}, "energy_kwh: greater_than_or_equal_to(0) in 2 rows (e.g. -0.5"),
    ],
)
def test_a_broken_rule_is_told_with_column_count_and_examples(contract, table, bad, told):
    broken = table(SCHEMA, [day(1), day(2, **bad), day(3, **bad)])
    with pytest.raises(DataValidationError) as error:
        contract.validate(broken)
    assert error.value.message.startswith("gold.daily_production breaks its contract: ")
    assert told in error.value.message


def test_a_repeated_key_is_told(contract, table):
    with pytest.raises(DataValidationError) as error:
        contract.validate(table(SCHEMA, [day(1), day(1, batches=8)]))
    assert "production_date" in error.value.message
    assert "2 rows" in error.value.message


@pytest.mark.parametrize("rows_given", [[], [1]])
def test_a_column_too_few_too_many_or_of_another_type_is_told(contract, table, rows_given):
    numbers = rows_given
    content = [day(number) for number in numbers]
    kept = table(SCHEMA, content)
    with pytest.raises(DataValidationError, match="colour: column that the contract does not have"):
        contract.validate(kept.mutate(colour=kept.machine_id))
    with pytest.raises(DataValidationError, match="energy_kwh: column is missing"):
        contract.validate(kept.drop("energy_kwh"))
    with pytest.raises(DataValidationError, match="batches"):
        contract.validate(kept.mutate(batches=kept.batches.cast("float64")))


def test_a_table_without_a_contract_is_refused():
    with pytest.raises(LookupError, match=r"no contract for gold\.nothing"):
        contract_of("gold", "nothing")


def test_a_broken_contract_stops_the_run_and_leaves_the_table_as_it_was(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    workspace.run("generation", "bronze", "silver", "gold")
    before = workspace.table("gold.daily_production")
    harder = deepcopy(contract_of("gold", "daily_production"))
    harder.columns["batches"].checks = [pa.Check.ge(12)]
    monkeypatch.setitem(gold.CONTRACTS, "daily_production", harder)
    told = r"gold\.daily_production breaks its contract: batches: greater_than_or_equal_to\(12\)"
    with pytest.raises(DataValidationError) as error:
        workspace.run("bronze", "silver", "gold", full_refresh=True)
    assert re.match(told, error.value.message)
    assert workspace.table("gold.daily_production") == before
    assert workspace.query("SELECT status FROM ops.runs ORDER BY started_at")[-1] == {
        "status": "failed"
    }
