"""The house rules that hold for every dataset and every node."""

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from kedro.framework.project import pipelines
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.pipeline.node import Node
from pandera.ibis import DataFrameSchema

from factory_simulation.domain import Schema
from factory_simulation.schemas.contract import contract_of
from tests.conftest import PROJECT

PACKAGE = PROJECT / "src" / "factory_simulation"
LAYERS = ["generation", "bronze", "silver", "gold", "validation"]
READS = {
    "generation": {"params", "scenario", "truth"},
    "bronze": {"params", "landing"},
    "silver": {"params", "bronze", "silver", "reference"},
    "gold": {"params", "silver", "gold", "reference"},
    "validation": {"params", "landing", "bronze", "silver", "gold", "ops", "truth", "report"},
}
WRITES = {
    "generation": {"scenario", "truth", "landing"},
    "bronze": {"bronze"},
    "silver": {"silver"},
    "gold": {"gold"},
    "validation": {"ops", "report"},
}
VERBS = {
    "generation": ("describe_", "simulate_", "mark_", "inject_", "summarise_"),
    "bronze": ("ingest_",),
    "silver": ("match_", "locate_", "assess_", "clean_", "collect_"),
    "gold": ("build_", "summarise_"),
    "validation": ("compare_", "report_"),
}
FORBIDDEN_IN_NODES = {
    "cache",
    "compile",
    "create_table",
    "execute",
    "to_pandas",
    "to_polars",
    "to_pyarrow",
    "to_pyarrow_batches",
    "raw_sql",
    "sql",
    "to_sql",
    "udf",
    "connect",
    "now",
    "today",
    "random",
}
ENGINES = "factory_simulation.datasets"
FORBIDDEN_IMPORTS = {
    *("duckdb", "psycopg", "pyspark", "datafusion", "sqlite3", "sqlglot"),
    *("pandas", "polars", "logging", "random", "os"),
}


@pytest.fixture(scope="module", autouse=True)
def project():
    bootstrap_project(PROJECT)


def nodes() -> Iterator[tuple[str, Node]]:
    bootstrap_project(PROJECT)
    for layer in LAYERS:
        for node in pipelines[layer].nodes:
            yield layer, node


def prefix(name: str) -> str:
    return name.replace(":", "_").split("_")[0]


def tables() -> list[str]:
    bootstrap_project(PROJECT)
    names = pipelines["__default__"].datasets() - {"truth_files"}
    return sorted(name for name in names if prefix(name) in set(Schema))


def contracts() -> list[tuple[str, str]]:
    """Return every contract there is, and every table that needs one."""
    written = [
        (schema, table)
        for schema in [*Schema, "reference"]
        for table in import_module(f"factory_simulation.schemas.{schema}").CONTRACTS
    ]
    needed = [tuple(name.split("_", maxsplit=1)) for name in tables()]
    return sorted({*written, *needed})


@pytest.mark.parametrize(("schema", "table"), contracts())
def test_every_table_has_a_contract(schema: str, table: str):
    contract = contract_of(schema, table)
    assert isinstance(contract, DataFrameSchema)
    assert contract.columns
    if schema != "bronze":
        assert contract.strict
    assert contract.unique


def test_every_table_is_checked_when_it_is_saved():
    with KedroSession.create(PROJECT) as session:
        catalog = session.load_context().catalog
    for name in tables():
        if name == "ops_ingested_files":
            continue  # written by the landing datasets, which no node saves
        catalog.get(name)
        spec = catalog.validator_specs[name]
        assert spec.class_path == "factory_simulation.schemas.contract.Contract", name
        assert spec.on == ("save",)
        assert spec.severity == "error"


@pytest.mark.parametrize(("layer", "node"), list(nodes()), ids=lambda part: str(part)[:40])
def test_layers_read_downwards_and_write_their_own(layer: str, node: Node):
    assert {prefix(name) for name in node.inputs} <= READS[layer]
    assert {prefix(name) for name in node.outputs} <= WRITES[layer]


@pytest.mark.parametrize(("layer", "node"), list(nodes()), ids=lambda part: str(part)[:40])
def test_nodes_are_named_by_a_verb_of_their_layer_and_state_their_grain(layer: str, node: Node):
    assert node.func.__name__.startswith(VERBS[layer])
    documentation = inspect.getdoc(node.func) or ""
    assert documentation.startswith(("One row per", "Build", "Count"))


@pytest.mark.parametrize(
    "path",
    sorted([*(PACKAGE / "pipelines").rglob("*.py"), *(PACKAGE / "expressions").rglob("*.py")]),
    ids=lambda path: path.relative_to(PACKAGE).as_posix(),
)
def test_no_node_executes_or_knows_an_engine(path: Path):
    tree = ast.parse(path.read_text())
    for part in ast.walk(tree):
        if isinstance(part, ast.Attribute):
            assert part.attr not in FORBIDDEN_IN_NODES, f"line {part.lineno}: .{part.attr}"
        if isinstance(part, ast.Import):
            assert not {alias.name.split(".")[0] for alias in part.names} & FORBIDDEN_IMPORTS
        if isinstance(part, ast.ImportFrom):
            assert (part.module or "").split(".")[0] not in FORBIDDEN_IMPORTS
            assert not (part.module or "").startswith(("ibis.backends", ENGINES))


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "pipelines").rglob("*.py")), ids=lambda path: path.stem
)
def test_no_node_divides_by_itself(path: Path):
    """Not every engine divides integers as numbers: `expressions.numbers.ratio` does."""
    divided = [
        part.lineno
        for part in ast.walk(ast.parse(path.read_text()))
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Div)
    ]
    assert divided == []


def test_every_ibis_node_is_typed():
    for _, node in nodes():
        hints = inspect.get_annotations(node.func)
        assert "return" in hints, node.func.__name__
        assert set(inspect.signature(node.func).parameters) <= set(hints), node.func.__name__


def test_layers_have_their_place_in_the_lineage_graph():
    with KedroSession.create(PROJECT) as session:
        catalog = session.load_context().catalog
    for name in pipelines["__default__"].datasets():
        if name.startswith("params:") or name == "scenario":
            continue
        layer = catalog.get(name).metadata["kedro-viz"]["layer"]
        assert layer in {*Schema, "scenario", "landing", "reference", "reports"}
