"""Every node compiles to the SQL of engines on which the project is not run.

None of these engines is there. Nodes get unbound tables: of the types that datasets load, where
these read files, and else of the types that the node before returned.
"""

from collections.abc import Iterator
from typing import Any, get_type_hints

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest
import sqlglot
from kedro.framework.project import pipelines
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.io import CatalogProtocol
from kedro.pipeline.node import Node

from factory_simulation.schemas.contract import contract_of
from tests.conftest import FOREIGN_DAY, PROJECT, make_workspace

DIALECTS = ["bigquery", "snowflake", "databricks", "trino", "clickhouse"]
RECORDS = ("ingested_files", "file_columns", "bronze_partitions")
READ_FROM_FILES = ("landing_", "reference_", "truth_files", "truth_ledger_")

Expressions = dict[str, list[ir.Expr]]


def nodes() -> list[Node]:
    """Return all nodes, each after those whose outputs it takes; serving only hands on."""
    bootstrap_project(PROJECT)
    return (pipelines["__default__"] - pipelines["serving"]).nodes


def makes_rows_in_python(node: Node) -> bool:
    return get_type_hints(node.func)["return"] is pa.Table


COMPILED = [node for node in nodes() if not makes_rows_in_python(node)]


def unbound(name: str, schema: Any) -> ir.Table:
    return ibis.table(ibis.schema(schema), name=name)


def record(table: str) -> ir.Table:
    """Return a record that the landing datasets write, unbound."""
    columns = contract_of("ops", table).columns
    return unbound(f"ops_{table}", {name: column.dtype.type for name, column in columns.items()})


def inputs_of_the_project(catalog: CatalogProtocol) -> dict[str, Any]:
    """Return what no node makes, and files as they are read, which is not as they are written."""
    inputs: dict[str, Any] = {f"ops_{table}": record(table) for table in RECORDS}
    for name in pipelines["__default__"].datasets():
        if name in {"reference_state", "scenario"} or name.startswith("params:"):
            inputs[name] = catalog.load(name)
        elif name.startswith("before_ops_"):
            inputs[name] = record(name.removeprefix("before_ops_"))
        elif name.startswith(READ_FROM_FILES):
            inputs[name] = unbound(name, catalog.load(name).schema())
    return inputs


def expressions_in(output: Any) -> Iterator[ir.Expr]:
    match output:
        case ir.Expr():
            yield output
        case dict():
            for part in output.values():
                yield from expressions_in(part)


@pytest.fixture(scope="module")
def expressions(tmp_path_factory: pytest.TempPathFactory) -> Expressions:
    """What each node returns, by its name."""
    workspace = make_workspace(
        tmp_path_factory.mktemp("compiled"),
        landing_dir=str(FOREIGN_DAY / "raw_data"),
        truth_dir=str(FOREIGN_DAY / "ground_truth"),
    )
    with KedroSession.create(PROJECT, runtime_params=workspace.parameters) as session:
        data = inputs_of_the_project(session.load_context().catalog)
    made = {}
    for node in nodes():
        outputs = node.run({name: data[name] for name in node.inputs})
        made[node.name] = list(expressions_in(outputs))
        for name, output in outputs.items():
            match output:
                case ir.Table():
                    data.setdefault(name, unbound(name, output.schema()))
                case pa.Table():
                    data.setdefault(name, unbound(name, output.schema))
    return made


@pytest.mark.parametrize("node", COMPILED, ids=lambda node: node.name.split("__")[0])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_node_compiles(dialect: str, node: Node, expressions: Expressions):
    assert expressions[node.name]
    for expression in expressions[node.name]:
        sql = ibis.to_sql(expression, dialect=dialect)
        assert isinstance(sqlglot.parse_one(sql, read=dialect), sqlglot.exp.Query)


def test_only_rows_made_in_python_are_not_compiled(expressions: Expressions):
    left_out = {node.name for node in nodes()} - {node.name for node in COMPILED}
    assert left_out == {name for name, made in expressions.items() if not made}
    assert len(COMPILED) >= 67
