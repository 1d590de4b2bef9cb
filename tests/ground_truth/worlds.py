"""Worlds that tests look at: seeds of scenarios, each run through the whole loop once.

`SEEDS` says how many of each scenario; a test of several files sees the same run.
"""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from factory_simulation.domain import FactoryError
from tests.conftest import Workspace, make_workspace

SEEDS = range(int(os.environ.get("SEEDS", "10")))
SIZES: dict[str, dict[str, Any]] = {
    "classic": {},
    "clean": {"days": 3},
    "storm": {},
    "campus": {"start_date": "2025-10-22", "days": 6},
    "scale": {"machines": 20, "days": 3},
}
"""What is run of each scenario, to fit into minutes; the campus with its folded hour."""


@dataclass
class World:
    """What came of one run: its error, its files and its warehouse."""

    scenario: str
    seed: int
    workspace: Workspace
    error: str | None

    @cached_property
    def scores(self) -> list[dict[str, Any]]:
        return self.workspace.report("fault_scores")

    @cached_property
    def validation(self) -> dict[str, Any]:
        return self.workspace.report("validation")

    @cached_property
    def conservation(self) -> dict[str, dict[str, int]]:
        return self.workspace.report("conservation")


def run_world(scenario: str, seed: int, folder: Path) -> World:
    made = make_workspace(folder, scenario=scenario, seed=seed, **SIZES[scenario])
    error = None
    try:
        made.run()
    except FactoryError as failed:
        error = str(failed)
    return World(scenario, seed, made, error)


def worlds(*scenarios: str) -> pytest.MarkDecorator:
    """Give a test the world of each seed of some scenarios; see `tests.scheduling`."""
    given = [
        pytest.param((scenario, seed), id=f"{scenario} seed {seed}")
        for scenario in scenarios
        for seed in SEEDS
    ]
    return pytest.mark.parametrize("world", given, indirect=True)
