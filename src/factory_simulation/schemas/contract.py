"""How a table is held against its contract, through the catalog's native validators."""

from collections.abc import Iterator
from functools import reduce
from importlib import import_module
from operator import and_, or_
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _
from kedro.validation.exceptions import DataValidationError
from pandera.api.checks import Check
from pandera.api.ibis.types import IbisData
from pandera.config import ValidationDepth, config_context
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
    model = _model(schema, table)
    return model if isinstance(model, DataFrameSchema) else model.to_schema()


def partition_of(schema: str, table: str) -> dict[str, str] | None:
    """Return how a table is partitioned, as ``schemas.partitions`` says it; None where it is not.

    Pandera leaves a model's metadata behind when it makes a schema of it.
    """
    config = getattr(_model(schema, table), "__config__", None)
    return getattr(config, "metadata", None)


def _model(schema: str, table: str) -> Any:
    module = import_module(f"factory_simulation.schemas.{schema}")
    try:
        return module.CONTRACTS[table]
    except KeyError as error:
        raise LookupError(f"no contract for {schema}.{table} in {module.__name__}") from error


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
        """Let Pandera judge the columns, then the rows: one by one only if one is not as it must.

        Pandera asks the engine once or twice for each rule, and on most engines joins the table
        to itself each time; its own rules can be asked all at once.
        """
        table = _comparable(computed)
        with config_context(validation_depth=ValidationDepth.SCHEMA_ONLY):
            self._contract.validate(table, lazy=True)
        if _count_broken(self._contract, table):
            self._contract.validate(table, lazy=True)
            raise DataValidationError(f"{self._name} breaks a rule that Pandera does not name")

    def _describe(self, error: SchemaErrors) -> str:
        broken = [_describe_failure(failure) for failure in error.schema_errors]
        return f"{self._name} breaks its contract: {'; '.join(broken)}"


def _comparable(table: ir.Table) -> ir.Table:
    """Return the table with timestamps of no stated precision, which engines state differently."""
    times = {name: "timestamp" for name, type_ in table.schema().items() if type_.is_timestamp()}
    return table.cast(times) if times else table


def _count_broken(contract: DataFrameSchema, table: ir.Table) -> int:
    """Count the rows that break a rule, and the keys that stand for several rows."""
    rules = reduce(or_, _breaches(contract, table), ibis.literal(False))
    # a column first, because a rule may look at other rows, and not every engine filters by those
    judged = table.mutate(is_broken=rules.fill_null(False))
    rows = judged.filter(_.is_broken).aggregate(rows=_.count())
    per_key = table.group_by(contract.unique or []).aggregate(rows=_.count())
    keys = per_key.filter(_.rows > 1).aggregate(keys=_.count())
    counted = rows.cross_join(keys) if contract.unique else rows
    return sum(counted.to_pyarrow().to_pylist()[0].values())


def _breaches(contract: DataFrameSchema, table: ir.Table) -> Iterator[ir.BooleanValue]:
    """Yield, for each rule on rows, whether a row breaks it; null counts as kept."""
    for name, column in contract.columns.items():
        if name not in table.columns:
            continue
        if not column.nullable:
            yield table[name].isnull()
        yield from (~_outcome(check, table, name) for check in column.checks)
    yield from (~_outcome(check, table, None) for check in contract.checks)


def _outcome(check: Check, table: ir.Table, column: str | None) -> ir.BooleanValue:
    """Return what a check of Pandera says of each row; some say it column by column."""
    name = getattr(check._check_fn, "__name__", "")  # as Pandera itself does
    function = check.get_builtin_check_fn(name) if check.is_builtin_check(name) else check._check_fn
    said = function(IbisData(table, column), **check._check_kwargs)
    if not isinstance(said, ir.Table):
        return said
    return reduce(and_, (value.to_expr() for value in said.op().values.values()))


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
