"""Every engine makes the same of the worst that can land."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from factory_simulation.table_comparison import all_tables, differences
from tests.conftest import OTHER_ENGINES, Workspace, close_warehouses, make_workspace
from tests.ground_truth.nasty import SECOND, write_nasty_days

LAYERS = ("bronze", "silver", "gold", "validation")


def run_on(engine: str, folder: Path, landing: Path, truth: Path) -> Workspace:
    """Run one date, then all: columns are added to tables that are there."""
    made = make_workspace(folder, engine, landing_dir=str(landing), truth_dir=str(truth))
    made.run("bronze", date=SECOND)
    made.run(*LAYERS)
    return made


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The landing and truth folders, which all engines read."""
    folder = tmp_path_factory.mktemp("nasty")
    write_nasty_days(folder / "landing", folder / "truth")
    return folder / "landing", folder / "truth"


@pytest.fixture(scope="module")
def reference(
    days: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Workspace]:
    """The nasty days on DuckDB."""
    yield run_on("duckdb", tmp_path_factory.mktemp("duckdb"), *days)
    close_warehouses()


def test_the_days_are_nasty_indeed(reference: Workspace):
    reasons = reference.query(
        "SELECT DISTINCT unnest(string_split(reasons, ', ')) AS reason FROM silver.quarantine"
    )
    assert len(reasons) >= 35
    rejected = reference.query(
        "SELECT DISTINCT reason FROM ops.ingested_files WHERE status = 'rejected'"
    )
    assert len(rejected) >= 10
    faults = reference.query("SELECT DISTINCT table_name, fault_type, method FROM silver.repairs")
    assert len(faults) >= 14
    for counts in reference.report("conservation").values():
        assert min(counts.values()) >= 5
        assert counts["landed"] == counts["kept"] + counts["duplicate"] + counts["quarantined"]


@pytest.mark.parametrize("engine", OTHER_ENGINES)
def test_every_engine_makes_the_same_of_nasty_days(
    engine: str,
    reference: Workspace,
    days: tuple[Path, Path],
    require_engine: Callable[[str], None],
    tmp_path: Path,
):
    require_engine(engine)
    made = run_on(engine, tmp_path, *days)
    assert differences(all_tables(reference.warehouse()), all_tables(made.warehouse())) == []
    for name in ("conservation", "validation"):
        assert made.report(name) == reference.report(name)
