"""How a table is held against its contract, through the catalog's native validators."""

from copy import deepcopy
from importlib import import_module
from typing import Any

import ibis.expr.types as ir
from kedro.validation.exceptions import DataValidationError
from pandera.errors import SchemaErrors
from pandera.ibis import DataFrameSchema

_MOST_EXAMPLES = 3
_WRONG_COLUMNS = {
    "column_in_schema": "column that the contract does not have",
    "column_in_dataframe": "column is missing",
}


def contract_of(schema: str, table: str) -> DataFrameSchema:
    """Return the contract of a table.

    Raises:
        LookupError: If the schema's module has none; every table must have one.
    """
    module = import_module(f"factory_simulation.schemas.{schema}")
    try:
        model = module.CONTRACTS[table]
    except KeyError as error:
        raise LookupError(f"no contract for {schema}.{table} in {module.__name__}") from error
    return model if isinstance(model, DataFrameSchema) else model.to_schema()


class Contract:
    """A validator for the catalog: computes the table once, checks it, hands on what it computed.

    Args:
        schema: The table's schema, and the module here that has its model.
        table: The table.
    """

    def __init__(self, schema: str, table: str) -> None:
        self._name = f"{schema}.{table}"
        self._contract = contract_of(schema, table)

    def validate(self, data: ir.Table) -> ir.Table:
        """Return the computed table.

        Raises:
            DataValidationError: If it breaks its contract: one line per rule, with the number of
                rows that break it and examples.
        """
        computed = data.cache()
        try:
            self._check(computed)
        except SchemaErrors as error:
            message = self._describe(error)
            computed.release()  # the error's traceback would keep it
            raise DataValidationError(message) from error
        return computed

    def _check(self, computed: ir.Table) -> None:
        has_rows = computed.count().to_pyarrow().as_py() > 0
        contract = self._contract if has_rows else _without_rows(self._contract)
        contract.validate(_comparable(computed), lazy=True)

    def _describe(self, error: SchemaErrors) -> str:
        broken = [_describe_failure(failure) for failure in error.schema_errors]
        return f"{self._name} breaks its contract: {'; '.join(broken)}"


def _comparable(table: ir.Table) -> ir.Table:
    """Return the table with timestamps of no stated precision, which engines state differently."""
    times = {name: "timestamp" for name, type_ in table.schema().items() if type_.is_timestamp()}
    return table.cast(times) if times else table


def _without_rows(contract: DataFrameSchema) -> DataFrameSchema:
    """Return what an empty table must fulfil: Pandera takes an empty column for one with nulls."""
    relaxed = deepcopy(contract)
    for column in relaxed.columns.values():
        column.nullable = True
        column.checks = []
    relaxed.checks = []
    relaxed.unique = None
    return relaxed


def _describe_failure(failure: Any) -> str:
    """Return one broken rule: its column, what it is, how many rows break it, examples."""
    examples = _examples(failure.failure_cases)
    if failure.check in _WRONG_COLUMNS:
        return f"{', '.join(map(str, examples))}: {_WRONG_COLUMNS[failure.check]}"
    is_of_column = not isinstance(failure.schema, DataFrameSchema)
    column = failure.schema.name if is_of_column else "row"
    rule = getattr(failure.check, "error", None) or getattr(failure.check, "name", failure.check)
    if not examples:
        return f"{column}: {rule}"
    shown = ", ".join(repr(example) for example in examples[:_MOST_EXAMPLES])
    return f"{column}: {rule} in {len(examples)} row{'s'[: len(examples) != 1]} (e.g. {shown})"


def _examples(cases: Any) -> list[Any]:
    """Return what broke a rule, as values; Pandera gives tables, data frames, texts or nothing."""
    if isinstance(cases, ir.Table):
        rows = cases.to_pyarrow().to_pylist()
    elif cases is None or isinstance(cases, str):
        return [cases] if cases else []
    else:
        rows = cases.to_dict("records")
    values = [row.get("failure_case", row) for row in rows]
    return [
        next(iter(value.values())) if isinstance(value, dict) and len(value) == 1 else value
        for value in values
    ]
