"""A reader sees one whole run, whatever is published meanwhile."""

import threading
from pathlib import Path

import pytest

from factory_simulation.dashboard.published import Published
from factory_simulation.datasets.engines import Engine
from factory_simulation.datasets.published import PublishedFolder
from factory_simulation.domain import FactoryError

NAMES = ("gold.dim_factory", "silver.note_spellings")


@pytest.fixture
def publish(tmp_path: Path, table, engine: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(PublishedFolder, "engine", engine)

    def run(number: int) -> None:
        factories = [
            {
                "factory_key": f"{i}",
                "factory_id": f"{number}",
                "factory_name": "x",
                "city": "y",
            }
            for i in range(number + 1)
        ]
        strings = dict.fromkeys([*factories[0], "timezone"], "string")
        notes = [{"landed_note": f"{number}", "phrase": "p"}]
        PublishedFolder(
            serving_dir=str(tmp_path),
            run_id=f"r{number:03}",
            started_at="2026-01-01 00:00:00",
            connection={"backend": "duckdb"},
        ).save(
            {
                NAMES[0]: table(strings, factories),
                NAMES[1]: table(dict.fromkeys(notes[0], "string"), notes),
                "report.validation": {"number": number},
            }
        )

    return run


def seen(folder: Path) -> set[str]:
    """Return the runs of which a reader sees anything."""
    opened = Published(folder)
    factories = opened.table(NAMES[0]).to_pyarrow().to_pylist()
    notes = opened.table(NAMES[1]).to_pyarrow().to_pylist()
    number = opened.report("validation")["number"]
    assert len(factories) == number + 1
    return {
        opened.run_id,
        f"r{number:03}",
        *(f"r{int(row['factory_id']):03}" for row in factories),
        *(f"r{int(row['landed_note']):03}" for row in notes),
    }


def test_a_reader_of_nothing_is_told_what_to_do(tmp_path: Path):
    with pytest.raises(FactoryError, match=r"nothing is published in .* yet: kedro run"):
        Published(tmp_path)


def test_a_damaged_manifest_is_told(tmp_path: Path):
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(FactoryError, match="is damaged: remove it"):
        Published(tmp_path)


def test_tables_and_reports_are_found_by_name(publish, tmp_path: Path):
    publish(1)
    opened = Published(tmp_path)
    assert opened.tables == list(NAMES)
    assert opened.table(NAMES[0]).count().to_pyarrow().as_py() == 2
    assert opened.report("validation") == {"number": 1}
    assert opened.report("fault_scores") is None
    with pytest.raises(FactoryError, match=r"gold\.nothing is not published"):
        opened.table("gold.nothing")


def test_what_is_open_stays_while_newer_runs_publish(publish, tmp_path: Path):
    publish(1)
    opened = Published(tmp_path)
    assert not opened.is_outdated()
    publish(2)
    publish(3)
    assert opened.is_outdated()
    assert opened.table(NAMES[0]).factory_id.max().to_pyarrow().as_py() == "1"
    publish(4)
    with pytest.raises(FactoryError, match=r"has gone: open .* anew"):
        opened.table(NAMES[1])


def test_a_reader_sees_whole_runs_alone(publish, tmp_path: Path):
    publish(0)
    found: list[set[str]] = []
    done = threading.Event()
    failures: list[Exception] = []

    def read() -> None:
        try:
            while not done.is_set():
                found.append(seen(tmp_path))
        except Exception as error:
            failures.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(1, 25):
        publish(number)
    done.set()
    reader.join()
    assert failures == []
    assert all(len(runs) == 1 for runs in found)
    assert len(set.union(*found)) > 3
