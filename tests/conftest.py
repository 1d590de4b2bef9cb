"""What tests share: tables of literal rows, and runs of the whole project."""

import contextlib
import gc
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import compress
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro_datasets._utils import ConnectionMixin

from factory_simulation.datasets.engines import Engine, open_engine
from factory_simulation.domain import FactoryError
from factory_simulation.engine_comparison import (
    ENVIRONMENTS,
    REFERENCE,
    open_warehouse,
    server_for,
    warehouse_of,
)
from tests.scheduling import GroupScheduling, group_of

PROJECT = Path(__file__).parents[1]
SEED_DUMP = PROJECT.parent / "shared" / "seed_dump"
FOREIGN_DAY = PROJECT / "tests" / "data" / "foreign_day"

Rows = list[dict[str, Any]]
OTHER_ENGINES = [engine for engine in ENVIRONMENTS if engine != REFERENCE]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--promise-engines",
        action="store_true",
        help="fail where an engine or a browser is not there, instead of skipping its tests",
    )


def pytest_configure() -> None:
    """Let Spark start the way that is fast for tests, in this process and those it starts."""
    os.environ.setdefault("SPARK_CONF_DIR", str(PROJECT / "tests" / "spark"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, and keep together what shares a run."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    is_of_world = ["world" in getattr(item, "fixturenames", ()) for item in items]
    of_worlds = sorted(compress(items, is_of_world), key=lambda item: group_of(item.nodeid))
    in_order = iter(of_worlds)
    items[:] = [next(in_order) if x else item for item, x in zip(items, is_of_world, strict=True)]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> GroupScheduling:
    return GroupScheduling(config, log)


@pytest.fixture
def engine() -> Engine:
    """An engine in memory."""
    return open_engine({"backend": REFERENCE})


@pytest.fixture
def con(engine: Engine) -> ibis.BaseBackend:
    """The connection of that engine."""
    return engine.connection


@pytest.fixture
def table(engine: Engine) -> Callable[..., ir.Table]:
    """Make a table of the engine from literal rows; columns that are not given are null.

    Call it as `table({"a": "int64", "b": "string"}, [{"a": 1}, {"a": 2, "b": "x"}])`.
    """

    def make(schema: dict[str, str], rows: Rows) -> ir.Table:
        types = ibis.schema(schema).to_pyarrow()
        return engine.small_table(pa.Table.from_pylist(rows, schema=types))

    return make


@pytest.fixture
def rows(engine: Engine) -> Callable[[ir.Table], Rows]:
    """Compute a table and return its rows as dictionaries, in a fixed order."""

    def compute(expression: ir.Table) -> Rows:
        return engine.fetch(expression.order_by(expression.columns)).to_pylist()

    return compute


@dataclass
class Workspace:
    """Folders of one test, and runs of the project in them."""

    folder: Path
    parameters: dict[str, Any] = field(default_factory=dict)
    engine: str = REFERENCE
    conf: Path | None = None

    @property
    def landing(self) -> Path:
        return Path(self.parameters["landing_dir"])

    @property
    def truth(self) -> Path:
        return Path(self.parameters["truth_dir"])

    def run(self, *pipelines: str, **parameters: Any) -> None:
        """Run pipelines (all by default) with parameters beside the workspace's own."""
        given = {**self.parameters, **parameters}
        env = ENVIRONMENTS[self.engine]
        conf = str(self.conf) if self.conf else None
        with KedroSession.create(
            PROJECT, env=env, runtime_params=given, conf_source=conf
        ) as session:
            session.run(pipeline_names=list(pipelines) or None)

    def report(self, name: str) -> Any:
        return json.loads((Path(self.parameters["report_dir"]) / f"{name}.json").read_text())

    def warehouse(self) -> Engine:
        """The warehouse, by the connection that the runs use."""
        return open_warehouse(PROJECT, self.engine, self.parameters)

    def query(self, sql: str) -> Rows:
        """Ask the warehouse; for workspaces on DuckDB."""
        return self.warehouse().connection.raw_sql(sql).to_arrow_table().to_pylist()

    def table(self, name: str) -> Rows:
        """Return all rows of `schema.table`, in a fixed order."""
        return self.query(f"SELECT * FROM {name} ORDER BY ALL")


def make_workspace(folder: Path, engine: str = REFERENCE, **parameters: Any) -> Workspace:
    """Return a workspace with all its paths below a folder, and a warehouse of its own."""
    bootstrap_project(PROJECT)
    paths = {
        "landing_dir": str(folder / "landing"),
        "truth_dir": str(folder / "truth"),
        "report_dir": str(folder / "reports"),
        "serving_dir": str(folder / "serving"),
        "warehouse": warehouse_of(engine, folder),
    }
    return Workspace(folder, {**paths, **parameters}, engine)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace of this test alone."""
    yield make_workspace(tmp_path)
    close_warehouses()


@pytest.fixture(scope="session")
def classic_week(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The classic week, from generation to serving; do not run anything in it."""
    made = make_workspace(tmp_path_factory.mktemp("classic"))
    made.run()
    return made


@pytest.fixture(scope="session")
def seed_week(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The week of another generator, from bronze to serving; do not run anything in it."""
    if not SEED_DUMP.is_dir():
        pytest.skip(f"the other generator's week is not at {SEED_DUMP}")
    made = make_workspace(
        tmp_path_factory.mktemp("seed"),
        landing_dir=str(SEED_DUMP / "raw_data"),
        truth_dir=str(SEED_DUMP / "ground_truth"),
    )
    made.run("bronze", "silver", "gold", "validation", "serving")
    return made


@pytest.fixture(scope="session")
def foreign_day(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The first day of that week, which is in the project; do not run anything in it."""
    made = make_workspace(
        tmp_path_factory.mktemp("foreign"),
        landing_dir=str(FOREIGN_DAY / "raw_data"),
        truth_dir=str(FOREIGN_DAY / "ground_truth"),
    )
    made.run("bronze", "silver", "gold", "validation", "serving")
    return made


def close_warehouses() -> None:
    """Forget the connections that datasets share, so that files can be opened anew."""
    gc.collect()  # temporary tables are dropped while there is a connection to drop them in
    for key, engine in list(ConnectionMixin._connections.items()):
        if engine.connection.name == REFERENCE:
            engine.close()
            del ConnectionMixin._connections[key]


# --- engines -------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def require_engine(pytestconfig: pytest.Config) -> Iterator[Callable[[str], None]]:
    """See to it that an engine is there; skip where it is not, or fail where it is promised."""
    bootstrap_project(PROJECT)
    problems: dict[str, str | None] = {REFERENCE: None}
    with contextlib.ExitStack() as running, pytest.MonkeyPatch.context() as patch:

        def problem_with(engine: str) -> str | None:
            # not among pytest's folders: each start of pytest closes these to all other users, and
            # a PostgreSQL server does not run as root
            folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
            try:
                for name, value in running.enter_context(server_for(engine, folder)).items():
                    patch.setenv(name, value)
                probe = {"warehouse": warehouse_of(engine, folder)}
                open_warehouse(PROJECT, engine, probe).drop()
            except FactoryError as error:
                return str(error)
            return None

        def require(engine: str) -> None:
            if engine not in problems:
                problems[engine] = problem_with(engine)
            if problems[engine] is None:
                return
            if pytestconfig.getoption("--promise-engines"):
                pytest.fail(f"{engine} is promised: {problems[engine]}")
            pytest.skip(f"{engine}: {problems[engine]}")

        yield require


@pytest.fixture(scope="session", params=ENVIRONMENTS)
def each_engine(
    request: pytest.FixtureRequest,
    require_engine: Callable[[str], None],
    tmp_path_factory: pytest.TempPathFactory,
) -> Engine:
    """Each engine in turn, with an empty warehouse."""
    require_engine(request.param)
    folder = tmp_path_factory.mktemp(f"each_{request.param}")
    return open_warehouse(
        PROJECT, request.param, {"warehouse": warehouse_of(request.param, folder)}
    )
