"""Files arrive in any order, split into any runs, twice, replayed: silver and gold end the same.

How many examples are tried, `ORDER_EXAMPLES` says.
"""

import os
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from factory_simulation.table_comparison import Tables, all_tables, differences
from tests.conftest import PROJECT, Workspace, close_warehouses, make_workspace

LAYERS = ("bronze", "silver", "gold")
COMPARED = ("silver.", "gold.")
DAYS = 4
SCENARIO: dict[str, Any] = {
    "unordered": {
        "based_on": "storm",
        "calendar": {"days": DAYS},
        "registry": {
            "changes": 12,
            "late": 0.25,
            "corrected": 0.25,
            "days": {"low": 1, "high": 3},
        },
    }
}
"""Every kind of fault, and machines whose history is told late and corrected."""
EXAMPLES = {"duckdb": 4, "datafusion": 2}

MakeFolder = Callable[[], Path]


@dataclass(frozen=True)
class Arrivals:
    """In what order files come, and what is done once more.

    Attributes:
        seed: Shuffles the files.
        cuts: After which share of the files there is a run.
        is_by_date: Whether files of an arrival date stay together.
        torn: Which of the files came before all others, with the first half of their rows.
        repeated: Which of the files are touched again before the last run.
        replayed: Which arrival date is read again.
        is_refreshed: Whether all is read again at the end.
    """

    seed: int
    cuts: list[float]
    is_by_date: bool
    torn: list[float]
    repeated: list[float]
    replayed: float | None
    is_refreshed: bool

    def runs(self, files: list[Path]) -> list[list[Path]]:
        """Return the files of each run."""
        groups = [[file] for file in files]
        if self.is_by_date:
            dates = sorted({file.parent for file in files})
            groups = [[file for file in files if file.parent == date] for date in dates]
        random.Random(self.seed).shuffle(groups)  # noqa: S311 - an order, not a secret
        ends = sorted({round(cut * len(groups)) for cut in self.cuts} | {len(groups)})
        starts = [0, *ends[:-1]]
        bounds = zip(starts, ends, strict=True)
        return [list(chain(*groups[a:b])) for a, b in bounds if a < b]


SHARES = st.floats(0, 1, allow_nan=False)
ARRIVALS = st.builds(
    Arrivals,
    seed=st.integers(0, 10**6),
    cuts=st.lists(SHARES, min_size=1, max_size=2),
    is_by_date=st.booleans(),
    torn=st.lists(SHARES, max_size=3),
    repeated=st.lists(SHARES, max_size=2),
    replayed=st.none() | SHARES,
    is_refreshed=st.booleans(),
)


@dataclass(frozen=True)
class World:
    """Landing files of a few days, and what one run makes of them.

    Attributes:
        landing: The files.
        tables: Silver and gold after one run.
    """

    landing: Path
    tables: Tables

    @property
    def files(self) -> list[Path]:
        return sorted(path.relative_to(self.landing) for path in self.landing.glob("20*/*.*"))


def compared(workspace: Workspace) -> Tables:
    tables = all_tables(workspace.warehouse())
    return {name: rows for name, rows in tables.items() if name.startswith(COMPARED)}


@pytest.fixture(scope="module", params=EXAMPLES)
def engine_name(request, require_engine) -> str:
    require_engine(request.param)
    return request.param


@pytest.fixture(scope="module")
def world(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    made = make_workspace(tmp_path_factory.mktemp("world"), engine_name)
    made.conf = Path(shutil.copytree(PROJECT / "conf", made.folder / "conf"))
    (made.conf / "base" / "scenarios" / "unordered.yml").write_text(yaml.safe_dump(SCENARIO))
    made.run("generation", scenario="unordered")
    made.run(*LAYERS)
    return World(made.landing, compared(made))


def test_there_is_what_can_be_told_in_another_order(world: World):
    """Late batches, corrections, versions that were cut anew: else order would be no question."""
    batches = world.tables["silver.production_batches"].to_pylist()
    assert any(row["is_late"] for row in batches)
    registry = world.tables["silver.machine_registry"].to_pylist()
    assert any(row["is_late"] for row in registry)
    versions = world.tables["gold.dim_machine"].to_pylist()
    assert len(versions) > len({row["machine_id"] for row in versions})
    kinds = {row["fault_type"] for row in world.tables["silver.repairs"].to_pylist()}
    assert {"conflicting_copy", "duplicate", "late_arrival"} <= kinds
    facts = world.tables["gold.fact_production"].to_pylist()
    pointed = {row["machine_key"] for row in facts}
    assert any(not key.endswith("1900-01-01") for key in pointed)


def test_order_splits_and_repetitions_change_nothing(
    engine_name: str, world: World, tmp_path_factory: pytest.TempPathFactory
):
    examples = int(os.environ.get("ORDER_EXAMPLES", EXAMPLES[engine_name]))

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],  # an example takes long; a smaller one would tell no more
        suppress_health_check=list(HealthCheck),
    )
    @given(ARRIVALS)
    def ends_the_same(arrivals: Arrivals):
        workspace = make_workspace(tmp_path_factory.mktemp("order"), engine_name)
        load(workspace, world, arrivals)
        assert differences(compared(workspace), world.tables) == []
        close_warehouses()

    ends_the_same()


def load(workspace: Workspace, world: World, arrivals: Arrivals) -> None:
    shutil.copytree(world.landing / "reference", workspace.landing / "reference")
    torn = [chosen(share, world.files) for share in arrivals.torn]
    if torn:
        deliver(torn, world, workspace)
        for file in torn:
            tear(workspace.landing / file)
        workspace.run(*LAYERS)
    *firsts, last = arrivals.runs(world.files)
    for files in firsts:
        deliver(files, world, workspace)
        workspace.run(*LAYERS)
    deliver(last, world, workspace)
    deliver([chosen(share, world.files) for share in arrivals.repeated], world, workspace)
    workspace.run(*LAYERS)
    if arrivals.replayed is not None:
        replayed = chosen(arrivals.replayed, world.files).parent.name
        workspace.run(*LAYERS, date=replayed, full_refresh=True)
    if arrivals.is_refreshed:
        workspace.run(*LAYERS, full_refresh=True)


def deliver(files: list[Path], world: World, workspace: Workspace) -> None:
    for file in files:
        (workspace.landing / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(world.landing / file, workspace.landing / file)


def tear(file: Path) -> None:
    """Leave the first half of a file's lines, each of which is a row."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(lines[: len(lines) // 2]), encoding="utf-8")


def chosen(share: float, files: list[Path]) -> Path:
    return files[min(int(share * len(files)), len(files) - 1)]
