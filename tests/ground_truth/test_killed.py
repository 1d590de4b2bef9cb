"""A run that is killed at any moment: the next one ends as if nothing had been.

`KILLS` says how often; the moments are spread over a whole run. Every other one has a warehouse
with an arrival date in it, so that what is killed there adds to what was.
"""

import os
import random
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import pytest

from factory_simulation.table_comparison import all_tables, differences, digests
from tests.conftest import PROJECT, Workspace, close_warehouses, make_workspace

KILLS = int(os.environ.get("KILLS", "4"))
DAYS = 3
FIRST_DATE = "2025-10-20"


def whole_run(workspace: Workspace, **more: str) -> subprocess.Popen:
    given = {**workspace.parameters, "scenario": "storm", "days": DAYS, **more}
    params = ",".join(f"{name}={value}" for name, value in given.items())
    command = [sys.executable, "-m", "kedro", "run", "--params", params]
    return subprocess.Popen(
        command, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, float]:
    """A run that nobody killed, and how many seconds it took."""
    workspace = make_workspace(tmp_path_factory.mktemp("undisturbed"))
    started = perf_counter()
    assert whole_run(workspace).wait() == 0
    return workspace, perf_counter() - started


def state(workspace: Workspace) -> dict:
    return {
        name: rows
        for name, rows in all_tables(workspace.warehouse()).items()
        if name.split(".")[0] in {"truth", "bronze", "silver", "gold"}
    }


@pytest.mark.parametrize("number", range(KILLS))
def test_the_run_after_one_that_was_killed_ends_the_same(
    number: int, undisturbed: tuple[Workspace, float], tmp_path: Path
):
    expected, seconds = undisturbed
    workspace = make_workspace(tmp_path)
    if number % 2:
        assert whole_run(workspace, date=FIRST_DATE).wait() == 0
    running = whole_run(workspace)
    within = random.Random(number).random()  # noqa: S311 - a moment, not a secret
    moment = seconds * (number + within) / KILLS
    try:
        running.wait(timeout=moment)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()
    assert whole_run(workspace).wait() == 0
    assert digests(workspace.landing) == digests(expected.landing)
    assert digests(workspace.truth) == digests(expected.truth)
    assert differences(state(workspace), state(expected)) == []
    close_warehouses()
