"""Every engine gives what DuckDB gives: the same files, the same tables, the same verdict."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from factory_simulation.engine_comparison import LAYERS
from factory_simulation.table_comparison import all_tables, differences, digests
from tests.conftest import OTHER_ENGINES, SEED_DUMP, Workspace, make_workspace
from tests.ground_truth.files import append, write_day

REPAIR = LAYERS[1:]


@pytest.fixture(scope="module", params=OTHER_ENGINES)
def engine(request: pytest.FixtureRequest, require_engine: Callable[[str], None]) -> str:
    require_engine(request.param)
    return request.param


@pytest.fixture(scope="module")
def storm(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Every kind of fault, generated and repaired on the reference."""
    made = make_workspace(tmp_path_factory.mktemp("storm"), scenario="storm")
    made.run()
    return made


@pytest.fixture(scope="module")
def classic_there(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The classic week, generated and repaired on another engine."""
    made = make_workspace(tmp_path_factory.mktemp(f"classic_{engine}"), engine)
    made.run()
    return made


def test_another_engine_generates_the_same_bytes(classic_there, classic_week):
    landed = digests(classic_week.landing)
    assert len(landed) > 4 * 7
    assert digests(classic_there.landing) == landed
    assert digests(classic_there.truth) == digests(classic_week.truth)


def test_the_classic_week_is_exact_there_too(classic_there, classic_week):
    report = classic_there.report("validation")
    assert report["settled_comparisons"] == report["exact_comparisons"] == 210
    assert report == classic_week.report("validation")
    assert classic_there.report("fault_scores") == classic_week.report("fault_scores")
    assert classic_there.report("conservation") == classic_week.report("conservation")


def test_every_table_of_every_layer_is_the_same(classic_there, classic_week):
    ours = all_tables(classic_week.warehouse())
    assert {name.split(".")[0] for name in ours} == {"truth", "bronze", "silver", "gold", "ops"}
    assert differences(ours, all_tables(classic_there.warehouse())) == []


@pytest.mark.slow
def test_a_storm_is_the_same_there(engine, storm, tmp_path):
    if engine == "spark":
        pytest.skip("Spark compiles a storm for minutes: make engines SCENARIO=storm")
    there = make_workspace(tmp_path, engine, scenario="storm")
    there.run()
    assert digests(there.landing) == digests(storm.landing)
    assert digests(there.truth) == digests(storm.truth)
    assert there.report("fault_scores") == storm.report("fault_scores")
    assert differences(all_tables(storm.warehouse()), all_tables(there.warehouse())) == []


@pytest.mark.skipif(not SEED_DUMP.is_dir(), reason=f"no week of another generator at {SEED_DUMP}")
def test_a_week_of_another_generator_is_the_same(engine, seed_week, tmp_path):
    there = make_workspace(
        tmp_path,
        engine,
        landing_dir=str(seed_week.landing),
        truth_dir=str(seed_week.truth),
    )
    there.run(*REPAIR)
    assert there.report("validation") == seed_week.report("validation")
    assert there.report("conservation") == seed_week.report("conservation")
    assert differences(all_tables(seed_week.warehouse()), all_tables(there.warehouse())) == []


@pytest.mark.parametrize(("first", "then"), [("postgres", "spark")])
def test_files_of_one_engine_are_repaired_by_another(
    first: str,
    then: str,
    require_engine: Callable[[str], None],
    classic_week: Workspace,
    tmp_path: Path,
):
    require_engine(first)
    require_engine(then)
    made = make_workspace(tmp_path / "made", first)
    made.run("generation")
    folders = {"landing_dir": str(made.landing), "truth_dir": str(made.truth)}
    repaired = make_workspace(tmp_path / "repaired", then, **folders)
    repaired.run(*REPAIR)
    assert repaired.report("validation") == classic_week.report("validation")
    ours = {
        name: table
        for name, table in all_tables(classic_week.warehouse()).items()
        if not name.startswith("truth.")
    }
    assert differences(ours, all_tables(repaired.warehouse())) == []


def test_files_that_change_come_or_go_end_the_same(engine, workspace, tmp_path):
    """Twice the same, a corrected file with a new column, a day without it, a loss, a refresh."""
    there = make_workspace(tmp_path / "there", engine)
    for made in (workspace, there):
        first = write_day(made.landing, made.truth)
        made.run(*REPAIR)
        made.run("bronze")
        batches = (first / "production_batches.csv").read_text().splitlines()
        corrected = [f"{batches[0]},remark", *(f"{line},again" for line in batches[1:])]
        (first / "production_batches.csv").write_text("\n".join(corrected))
        append(first / "qc_checks.csv", "C3,B1,2025-12-01T07:20:00,QC-001,PASS,")
        second = Path(shutil.copytree(first, made.landing / "2025-12-02"))
        (second / "production_batches.csv").write_text("\n".join(batches))
        made.run("bronze")
        (second / "operator_logs.csv").unlink()
        made.run(*REPAIR, full_refresh=True)
    ours = all_tables(workspace.warehouse())
    assert ours["ops.ingested_files"].num_rows == 8
    (change,) = ours["ops.schema_changes"].to_pylist()
    assert (change["column_name"], change["change"]) == ("remark", "missing")
    assert differences(ours, all_tables(there.warehouse())) == []
    assert there.report("validation") == workspace.report("validation")
    assert there.warehouse().table("ops", "runs").count().to_pyarrow().as_py() == 4
