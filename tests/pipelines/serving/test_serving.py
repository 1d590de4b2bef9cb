"""Publishing as a part of whole runs."""

import json
from pathlib import Path

import pytest
from kedro.framework.project import pipelines

from factory_simulation.dashboard.published import Published
from factory_simulation.pipelines.serving.publish import publish_tables
from factory_simulation.schemas import gold
from tests.conftest import FOREIGN_DAY, Workspace, make_workspace


def serving(workspace: Workspace) -> Path:
    return Path(workspace.parameters["serving_dir"])


def files(workspace: Workspace) -> dict[str, str]:
    manifest = json.loads((serving(workspace) / "manifest.json").read_text())
    return {name: about["file"] for name, about in manifest["tables"].items()}


@pytest.fixture(scope="module")
def modelled(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A day of which gold was made and published, but that nobody validated."""
    made = make_workspace(
        tmp_path_factory.mktemp("modelled"),
        landing_dir=str(FOREIGN_DAY / "raw_data"),
        truth_dir=str(FOREIGN_DAY / "ground_truth"),
    )
    made.run("bronze", "silver")
    made.run("gold", "serving")
    return made


def test_names_are_those_of_the_warehouse_and_what_is_not_there_is_left_out():
    given = {"gold_dim_date": 1, "report_fault_scores": None, "report_validation": 2}
    assert publish_tables(**given) == {"gold.dim_date": 1, "report.validation": 2}


def test_publishing_comes_after_all_that_it_publishes(classic_week):
    order = [node.name for node in pipelines["__default__"].nodes]
    assert order[-1].startswith("publish_tables")


def test_all_of_gold_is_published_as_it_is_in_the_warehouse(classic_week):
    opened = Published(serving(classic_week))
    assert {f"gold.{table}" for table in gold.CONTRACTS} <= set(opened.tables)
    for name in opened.tables:
        there = opened.table(name)
        ours = classic_week.table(name)
        assert there.count().to_pyarrow().as_py() == len(ours), name
    day = opened.table("gold.daily_production").to_pyarrow().to_pylist()
    key = gold.DailyProduction.to_schema().unique
    stored = classic_week.table("gold.daily_production")
    assert day == sorted(stored, key=lambda row: [row[name] for name in key])
    assert opened.report("validation") == classic_week.report("validation")
    assert opened.report("fault_scores") == classic_week.report("fault_scores")


def test_what_validation_adds_is_empty_before_it_ran(modelled):
    opened = Published(serving(modelled))
    for name in ("gold.fault_scores", "ops.comparisons", "ops.nowcast_comparisons"):
        assert opened.table(name).count().to_pyarrow().as_py() == 0
    assert opened.table("gold.daily_production").count().to_pyarrow().as_py() > 0
    assert opened.report("validation") is None


def test_the_same_again_is_not_written_again(modelled):
    before = files(modelled)
    first = Published(serving(modelled))
    modelled.run("serving")
    assert files(modelled) == before
    assert first.is_outdated()


@pytest.mark.parametrize("engine", ["datafusion", "postgres"])
def test_another_engine_publishes_the_same_bytes(engine, require_engine, modelled, tmp_path):
    require_engine(engine)
    paths = {name: modelled.parameters[name] for name in ("landing_dir", "truth_dir")}
    there = make_workspace(tmp_path, engine, **paths)
    there.run("bronze", "silver", "gold", "serving")
    of_run = {"ops.ingested_files"}  # when a file was taken in is its own
    ours, theirs = files(modelled), files(there)
    assert {n for n in ours if ours[n] != theirs[n]} <= of_run
