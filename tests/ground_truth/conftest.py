"""What tests of whole runs share."""

import shutil
from collections.abc import Callable, Iterator

import pytest

from tests.conftest import close_warehouses
from tests.ground_truth.worlds import World, run_world


@pytest.fixture(scope="session")
def run_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, int], World]]:
    """Run a world when it is asked for; the one before it is gone then."""
    latest: list[World] = []

    def leave() -> None:
        close_warehouses()
        for world in latest:
            shutil.rmtree(world.workspace.folder)
        latest.clear()

    def once(scenario: str, seed: int) -> World:
        if not latest or (latest[0].scenario, latest[0].seed) != (scenario, seed):
            leave()
            folder = tmp_path_factory.mktemp(f"{scenario}_{seed}")
            latest.append(run_world(scenario, seed, folder))
        return latest[0]

    yield once
    leave()


@pytest.fixture
def world(request: pytest.FixtureRequest, run_once: Callable[[str, int], World]) -> World:
    return run_once(*request.param)
