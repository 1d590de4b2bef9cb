"""What tests share: tables of literal rows, and runs of the whole project."""

import gc
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro_datasets._utils import ConnectionMixin

PROJECT = Path(__file__).parents[1]
SEED_DUMP = PROJECT.parent / "shared" / "seed_dump"
FOREIGN_DAY = PROJECT / "tests" / "data" / "foreign_day"

Rows = list[dict[str, Any]]


@pytest.fixture
def con() -> ibis.BaseBackend:
    """An engine in memory."""
    return ibis.duckdb.connect()


@pytest.fixture
def table(con: ibis.BaseBackend) -> Callable[..., ir.Table]:
    """Make a table of the engine from literal rows; columns that are not given are null.

    Call it as `table({"a": "int64", "b": "string"}, [{"a": 1}, {"a": 2, "b": "x"}])`.
    """

    def make(schema: dict[str, str], rows: Rows) -> ir.Table:
        full = [{name: row.get(name) for name in schema} for row in rows]
        name = ibis.util.gen_name("test")
        if not full:
            return con.create_table(name, schema=ibis.schema(schema))
        return con.create_table(name, ibis.memtable(full, schema=schema))

    return make


@pytest.fixture
def rows() -> Callable[[ir.Table], Rows]:
    """Compute a table and return its rows as dictionaries, in a fixed order."""

    def compute(expression: ir.Table) -> Rows:
        return expression.order_by(expression.columns).to_pyarrow().to_pylist()

    return compute


@dataclass
class Workspace:
    """Folders of one test, and runs of the project in them."""

    folder: Path
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def landing(self) -> Path:
        return Path(self.parameters["landing_dir"])

    @property
    def truth(self) -> Path:
        return Path(self.parameters["truth_dir"])

    def run(self, *pipelines: str, **parameters: Any) -> None:
        """Run pipelines (all by default) with parameters beside the workspace's own."""
        given = {**self.parameters, **parameters}
        with KedroSession.create(PROJECT, runtime_params=given) as session:
            session.run(pipeline_names=list(pipelines) or None)

    def report(self, name: str) -> Any:
        return json.loads((Path(self.parameters["report_dir"]) / f"{name}.json").read_text())

    def query(self, sql: str) -> Rows:
        """Ask the warehouse; the connection that the runs use is shared."""
        connection = ibis.duckdb.connect(self.parameters["warehouse"])
        return connection.raw_sql(sql).to_arrow_table().to_pylist()

    def table(self, name: str) -> Rows:
        """Return all rows of `schema.table`, in a fixed order."""
        return self.query(f"SELECT * FROM {name} ORDER BY ALL")


def make_workspace(folder: Path, **parameters: Any) -> Workspace:
    """Return a workspace with all its paths below a folder."""
    bootstrap_project(PROJECT)
    paths = {
        "landing_dir": str(folder / "landing"),
        "truth_dir": str(folder / "truth"),
        "report_dir": str(folder / "reports"),
        "warehouse": str(folder / "warehouse.duckdb"),
    }
    return Workspace(folder, {**paths, **parameters})


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace of this test alone."""
    yield make_workspace(tmp_path)
    close_warehouses()


@pytest.fixture(scope="session")
def classic_week(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The classic week, generated, repaired and validated once; do not run anything in it."""
    made = make_workspace(tmp_path_factory.mktemp("classic"))
    made.run()
    return made


@pytest.fixture(scope="session")
def seed_week(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The week of another generator, repaired and validated once; do not run anything in it."""
    if not SEED_DUMP.is_dir():
        pytest.skip(f"the other generator's week is not at {SEED_DUMP}")
    made = make_workspace(
        tmp_path_factory.mktemp("seed"),
        landing_dir=str(SEED_DUMP / "raw_data"),
        truth_dir=str(SEED_DUMP / "ground_truth"),
    )
    made.run("bronze", "silver", "gold", "validation")
    return made


@pytest.fixture(scope="session")
def foreign_day(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The first day of that week, which is in the project; do not run anything in it."""
    made = make_workspace(
        tmp_path_factory.mktemp("foreign"),
        landing_dir=str(FOREIGN_DAY / "raw_data"),
        truth_dir=str(FOREIGN_DAY / "ground_truth"),
    )
    made.run("bronze", "silver", "gold", "validation")
    return made


def close_warehouses() -> None:
    """Forget the connections that datasets share, so that files can be opened anew."""
    gc.collect()  # temporary tables are dropped while there is a connection to drop them in
    for connection in ConnectionMixin._connections.values():
        connection.disconnect()
    ConnectionMixin._connections.clear()
