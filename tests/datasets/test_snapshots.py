"""Tables as Parquet files: one state is the table, whole, and no other is left."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest

from factory_simulation.datasets.engines.snapshots import Snapshots
from factory_simulation.domain import FactoryError, Schema

SCHEMA = Schema.BRONZE


@pytest.fixture
def snapshots(tmp_path: Path) -> Snapshots:
    return Snapshots(str(tmp_path / "warehouse"))


@pytest.fixture
def states(tmp_path: Path) -> Callable[[], list[str]]:
    """The states of the table that are on disk, whole or not."""
    folder = tmp_path / "warehouse" / SCHEMA / "t"
    return lambda: sorted(path.name for path in folder.iterdir())


def write(snapshots: Snapshots, *, fails: bool = False) -> None:
    with snapshots.replacing(SCHEMA, "t") as folder:
        Path(folder).mkdir(parents=True)
        (Path(folder) / "part.parquet").touch()
        if fails:
            raise InterruptedError


def current(snapshots: Snapshots) -> str | None:
    folder = snapshots.current(SCHEMA, "t")
    return folder and Path(folder).name


def test_an_older_state_is_gone_after_a_replacement(snapshots, states):
    assert current(snapshots) is None
    for number in ("00000001", "00000002", "00000003"):
        write(snapshots)
        assert current(snapshots) == number
        assert states() == [number]


def test_a_state_that_is_not_whole_is_not_seen_and_removed_at_the_next_replacement(
    snapshots, states
):
    with pytest.raises(InterruptedError):
        write(snapshots, fails=True)
    assert current(snapshots) is None
    write(snapshots)
    with pytest.raises(InterruptedError):
        write(snapshots, fails=True)
    assert current(snapshots) == "00000002"
    assert states() == ["00000002", "00000003"]
    write(snapshots)
    assert current(snapshots) == "00000004"
    assert states() == ["00000004"]


def test_of_two_whole_states_the_newer_one_is_seen(snapshots, states, tmp_path):
    write(snapshots)
    newer = tmp_path / "warehouse" / SCHEMA / "t" / "00000002"
    newer.mkdir()
    (newer / "_SUCCESS").touch()
    assert current(snapshots) == "00000002"
    write(snapshots)
    assert states() == ["00000003"]


def test_the_tenth_state_is_newer_than_the_ninth(snapshots, states):
    for _time in range(11):
        write(snapshots)
    assert states() == ["00000011"]


def test_scratch_of_a_run_that_was_broken_off_is_swept_away(snapshots, tmp_path):
    left = tmp_path / "warehouse" / "_scratch" / "left"
    left.mkdir(parents=True)
    with snapshots.scratch():
        assert not left.exists()


def test_scratch_is_gone_after_use(snapshots):
    with contextlib.suppress(InterruptedError), snapshots.scratch() as folder:
        Path(folder).mkdir(parents=True)
        raise InterruptedError
    assert not Path(folder).exists()


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_file_in_the_place_of_a_warehouse_is_told(tmp_path, place):
    (tmp_path / "file").touch()
    with pytest.raises(FactoryError, match="cannot be opened") as told:
        Snapshots(str(tmp_path / place))
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("warehouse", ["nowhere://bucket/x", "", None])
def test_a_warehouse_that_is_no_folder_is_told(warehouse):
    with pytest.raises(FactoryError, match="warehouse"):
        Snapshots(warehouse)
