"""How a table is held against its contract, through the catalog's native validators."""

from copy import deepcopy
from importlib import import_module
from typing import Any

import ibis.expr.types as ir
from kedro.validation.exceptions import DataValidationError
from pandera.errors import SchemaErrors
from pandera.ibis import DataFrameSchema

_MOST_EXAMPLES = 3


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
        checked = _comparable(computed)
        try:
            if computed.count().to_pyarrow().as_py():
                self._contract.validate(checked, lazy=True)
            else:
                _without_rows(self._contract).validate(checked, lazy=True)
        except SchemaErrors as error:
            raise DataValidationError(self._describe(error)) from error
        return computed

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
    column = getattr(failure.schema, "name", None) or "row"
    rule = str(failure.check)
    cases = failure.failure_cases
    count = _count(cases)
    examples = ", ".join(repr(case) for case in _examples(cases))
    rows = f" in {count} row{'s' if count != 1 else ''}" if count else ""
    return f"{column}: {rule}{rows}{f' (e.g. {examples})' if examples else ''}"


def _count(cases: Any) -> int:
    if isinstance(cases, ir.Table):
        return int(cases.count().to_pyarrow().as_py())
    return 0 if cases is None or isinstance(cases, str) else len(cases)


def _examples(cases: Any) -> list[Any]:
    if isinstance(cases, ir.Table):
        rows = cases.limit(_MOST_EXAMPLES).to_pyarrow().to_pylist()
    elif cases is None or isinstance(cases, str):
        return [] if cases is None else [cases]
    else:
        rows = cases.head(_MOST_EXAMPLES).to_dict("records")
    return [next(iter(row.values())) if len(row) == 1 else row for row in rows]
