"""The house rules that hold for every dataset and every node."""

import ast
import inspect
from collections.abc import Iterator
from graphlib import TopologicalSorter
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
LAYERS = ["generation", "bronze", "silver", "gold", "validation", "serving"]
OF_ITS_OWN_WORK = ("work", "before", "linked", "ops")
"""What a layer notes down of the dates that it works: see `docs/incremental.md`."""
READS = {
    "generation": {"params", "scenario", "truth", "reference"},
    "bronze": {"params", "landing", "bronze", "ops"},
    "silver": {"params", "bronze", "silver", "reference", *OF_ITS_OWN_WORK},
    "gold": {"params", "silver", "gold", "reference", *OF_ITS_OWN_WORK},
    "validation": {
        *("params", "landing", "bronze", "silver", "gold", "ops"),
        *("truth", "reference", "report"),
    },
    "serving": {"silver", "gold", "ops", "report"},
}
WRITES = {
    "generation": {"scenario", "truth", "landing", "reference"},
    "bronze": {"bronze", "ops", "report"},
    "silver": {"silver", "work", "linked", "ops"},
    "gold": {"gold", "work", "linked", "ops"},
    "validation": {"ops", "report"},
    "serving": {"serving"},
}
PLACES = {
    "gold_fault_scores": "reports",
    "report": "reports",
    **dict.fromkeys(OF_ITS_OWN_WORK),
}
"""The layers of the lineage graph that are not the first word of a dataset's name."""
WRITTEN_BY_ANOTHER_LAYER = {"gold_fault_scores": "validation"}
"""For people to look at, like gold; made of the truth, unlike it."""
RECORDS_OF_FILES = {"ops_ingested_files", "ops_file_columns", "ops_bronze_partitions"}
"""Written by the datasets of bronze, which no node saves."""
TRUE_FILES = {"truth_files", "truth_ledger_files", "truth_ledger_dates"}
VERBS = {
    "generation": (
        *("describe_", "simulate_", "inject_", "summarise_"),
        *("record_", "export_", "land_"),
    ),
    "bronze": ("ingest_", "summarise_", "report_"),
    "silver": ("match_", "locate_", "assess_", "identify_", "find_", "clean_", "collect_"),
    "gold": ("build_", "summarise_"),
    "validation": ("restore_", "compare_", "report_"),
    "serving": ("publish_",),
}
FAULTS = PACKAGE / "faults"
PURE = [
    path
    for folder in ("pipelines", "expressions", "faults")
    for path in sorted((PACKAGE / folder).rglob("*.py"))
]
NOT_OF_NODES = {"machine.py"}
"""This has a formula of statistics over Python's own numbers, which divide as they should."""
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


def place_of(name: str) -> str | None:
    """Return a dataset's layer in the lineage graph; None where it has none."""
    return PLACES.get(name, PLACES.get(prefix(name), prefix(name)))


def tables() -> list[str]:
    bootstrap_project(PROJECT)
    names = pipelines["__default__"].datasets() - TRUE_FILES
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
        if name in RECORDS_OF_FILES:
            continue
        catalog.get(name)
        spec = catalog.validator_specs[name]
        assert spec.class_path == "factory_simulation.schemas.contract.Contract", name
        assert spec.on == ("save",)
        assert spec.severity == "error"


@pytest.mark.parametrize(("layer", "node"), list(nodes()), ids=lambda part: str(part)[:40])
def test_layers_read_downwards_and_write_their_own(layer: str, node: Node):
    assert {prefix(name) for name in node.inputs} <= READS[layer]
    written = [n for n in node.outputs if WRITTEN_BY_ANOTHER_LAYER.get(n) != layer]
    assert {prefix(name) for name in written} <= WRITES[layer]


def test_what_another_layer_writes_is_read_by_that_layer_and_published_alone():
    for name, writer in WRITTEN_BY_ANOTHER_LAYER.items():
        assert [layer for layer, node in nodes() if name in node.outputs] == [writer]
        assert {layer for layer, node in nodes() if name in node.inputs} <= {writer, "serving"}


@pytest.mark.parametrize("layer", ["bronze", "silver", "gold"])
def test_no_layer_before_validation_knows_what_is_true_but_from_what_landed(layer: str):
    """Follow each node back to all that it is made from, up to the files that landed."""
    made_by = {name: node for _, node in nodes() for name in node.outputs}
    delivered = {"landing", "reference"}
    wanted, seen = {name for node in pipelines[layer].nodes for name in node.inputs}, set()
    while wanted:
        name = wanted.pop()
        seen.add(name)
        if name in made_by and prefix(name) not in delivered:
            wanted |= set(made_by[name].inputs) - seen
    assert {prefix(name) for name in seen} >= {"landing"}
    followed = {name for name in seen if prefix(name) in OF_ITS_OWN_WORK and name in made_by}
    followed |= {name for name in seen if name.removeprefix("before_") in made_by}
    assert {prefix(name) for name in seen - RECORDS_OF_FILES - followed} <= {
        *("params", "landing", "bronze", "silver", "gold", "reference")
    }
    assert not pipelines[layer].datasets() & TRUE_FILES


def test_what_is_delivered_for_reference_is_made_of_the_scenario_alone():
    """Else it could tell silver what fell where."""
    delivered = [node for _, node in nodes() if {prefix(n) for n in node.outputs} == {"reference"}]
    assert len(delivered) >= 6
    assert {name for node in delivered for name in node.inputs} == {"scenario"}


def test_only_validation_reads_the_ledger_and_what_was_true():
    ledger = {"truth_fault_ledger", "truth_ledger_files", "truth_ledger_dates"}
    for layer, node in nodes():
        if layer not in {"generation", "validation"}:
            assert not {n for n in node.inputs if prefix(n) in {"truth", "scenario"}}, node.name
        if layer == "validation":
            assert {n for n in node.inputs if prefix(n) == "truth"} <= TRUE_FILES, node.name
        if layer == "generation":
            assert not set(node.inputs) & (ledger - {"truth_fault_ledger"}), node.name


def imports(path: Path) -> set[str]:
    """Return what a module imports: modules, and names from them."""
    found = set()
    for part in ast.walk(ast.parse(path.read_text())):
        if isinstance(part, ast.Import):
            found |= {alias.name for alias in part.names}
        if isinstance(part, ast.ImportFrom):
            found |= {part.module} | {f"{part.module}.{alias.name}" for alias in part.names}
    return found


@pytest.mark.parametrize("path", sorted(FAULTS.glob("*.py")), ids=lambda path: path.stem)
def test_a_kind_of_fault_knows_no_pipeline(path: Path):
    allowed = ("domain", "expressions", "faults")
    own = {name for name in imports(path) if name.startswith("factory_simulation")}
    assert all(name.split(".")[1] in allowed for name in own)


def find_functions() -> Iterator[tuple[Path, ast.FunctionDef]]:
    for path in sorted(FAULTS.glob("*.py")):
        for part in ast.parse(path.read_text()).body:
            if isinstance(part, ast.FunctionDef) and part.name.startswith("find"):
                yield path, part


@pytest.mark.parametrize(
    ("path", "function"),
    list(find_functions()),
    ids=lambda part: getattr(part, "stem", getattr(part, "name", "")),
)
def test_what_finds_a_fault_knows_no_rate_and_no_random_number(path: Path, function: ast.AST):
    names = {part.id for part in ast.walk(function) if isinstance(part, ast.Name)}
    assert not {name for name in names if "ettings" in name}
    assert not names & {"Stream", "CellFault", "Scenario", "seed", "rate", "fault", "faults"}


@pytest.mark.parametrize("layer", ["bronze", "silver", "gold", "validation"])
def test_no_settings_and_no_scenario_are_imported_where_faults_are_found(layer: str):
    paths = list((PACKAGE / "pipelines" / layer).rglob("*.py"))
    assert paths
    for path in paths:
        for name in imports(path):
            assert "generation" not in name, path.name
            assert not name.split(".")[-1].endswith("Settings"), path.name
            assert not name.startswith("factory_simulation.faults.settings"), path.name
            assert not name.startswith("factory_simulation.faults.cells"), path.name
            assert not name.startswith("factory_simulation.expressions.random"), path.name
        used = {
            part.attr
            for part in ast.walk(ast.parse(path.read_text()))
            if isinstance(part, ast.Attribute)
        }
        assert not {name for name in used if name.endswith("Settings")}, path.name


@pytest.mark.parametrize(("layer", "node"), list(nodes()), ids=lambda part: str(part)[:40])
def test_nodes_are_named_by_a_verb_of_their_layer_and_state_their_grain(layer: str, node: Node):
    assert node.func.__name__.startswith(VERBS[layer])
    documentation = inspect.getdoc(node.func) or ""
    assert documentation.startswith(("One row per", "Build", "Count"))


@pytest.mark.parametrize(
    "path",
    PURE,
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
    "path",
    [path for path in PURE if path.name not in NOT_OF_NODES and path.parent.name != "expressions"],
    ids=lambda path: path.relative_to(PACKAGE).as_posix(),
)
def test_no_node_divides_by_itself(path: Path):
    """Not every engine divides integers as numbers: `expressions.numbers.ratio` does."""
    divided = [
        part.lineno
        for part in ast.walk(ast.parse(path.read_text()))
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Div)
    ]
    assert divided == []


@pytest.mark.parametrize(
    "path",
    sorted(PACKAGE.rglob("*.py")),
    ids=lambda path: path.relative_to(PACKAGE).as_posix(),
)
def test_conditions_are_compared_by_their_own_function(path: Path):
    """Else without brackets, which engines put elsewhere: `rules.both_or_neither` has them."""
    compared = [
        part.lineno
        for part in ast.walk(ast.parse(path.read_text()))
        if isinstance(part, ast.Compare) and isinstance(part.ops[0], ast.Eq | ast.NotEq)
        for side in (part.left, *part.comparators)
        if isinstance(side, ast.Call)
        and isinstance(side.func, ast.Attribute)
        and side.func.attr in {"isin", "notin", "isnull", "notnull", "between"}
    ]
    assert compared == []


def test_every_ibis_node_is_typed():
    for _, node in nodes():
        hints = inspect.get_annotations(node.func)
        assert "return" in hints, node.func.__name__
        assert set(inspect.signature(node.func).parameters) <= set(hints), node.func.__name__


def test_layers_have_their_place_in_the_lineage_graph():
    """Records have none: every layer reads and writes them, and no circle can be drawn in order."""
    with KedroSession.create(PROJECT) as session:
        catalog = session.load_context().catalog
    for name in pipelines["__default__"].datasets():
        if name.startswith("params:") or name == "scenario":
            continue
        layer = ((catalog.get(name).metadata or {}).get("kedro-viz") or {}).get("layer")
        assert layer == place_of(name), name


def test_no_two_layers_of_the_lineage_graph_come_before_each_other():
    """Follow the nodes between datasets with a place, through those without."""
    made_by = {name: node for _, node in nodes() for name in node.outputs}
    before: dict[str, set[str]] = {}

    def places_before(name: str, seen: set[str]) -> set[str]:
        found = set()
        for source in made_by[name].inputs if name in made_by else ():
            if source in seen or source.startswith("param"):
                continue
            seen.add(source)
            found |= {place_of(source)} if place_of(source) else places_before(source, seen)
        return found

    for name in made_by:
        if place := place_of(name):
            before.setdefault(place, set()).update(places_before(name, set()) - {place})
    TopologicalSorter(before).prepare()  # raises CycleError
