"""What is published is whole, the same whoever computed it, and never anybody else's."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from kedro.io import DatasetError

from factory_simulation.datasets import published
from factory_simulation.datasets.engines import Engine
from factory_simulation.datasets.published import PublishedFolder
from factory_simulation.schemas import gold
from tests.conftest import Rows

DAYS = {"production_date": "date", "factory_id": "string", "product_name": "string"}
UNITS = {"units_made": "int64", "units_used": "int64", "units_in_stock": "int64"}
NAME = "gold.daily_stock"


def stock(day: int = 1, product: str = "bolt", made: int = 5) -> dict:
    return {
        "production_date": f"2025-12-{day:02}",
        "factory_id": "F-1",
        "product_name": product,
        "units_made": made,
        "units_used": 0,
        "units_in_stock": made,
    }


@pytest.fixture
def publish(tmp_path: Path, table, engine: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(PublishedFolder, "engine", engine)

    def run(run_id: str, rows: Rows, **reports: object) -> dict:
        folder = PublishedFolder(
            serving_dir=str(tmp_path / "serving"),
            run_id=run_id,
            started_at="2026-01-01 00:00:00",
            connection={"backend": "duckdb"},
        )
        text = table({**dict.fromkeys(DAYS, "string"), **UNITS}, rows)
        typed = text.mutate(production_date=text.production_date.cast("date"))
        reported = {f"report.{name}": content for name, content in reports.items()}
        folder.save({NAME: typed.select(*reversed(typed.columns)), **reported})
        return folder.load()

    return run


@pytest.fixture
def serving(tmp_path: Path) -> Path:
    return tmp_path / "serving"


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_manifest_describes_the_files(publish, serving):
    manifest = publish("r1", [stock(2), stock(1)], validation={"status": "passed"})
    about = manifest["tables"][NAME]
    assert about["rows"] == 2
    assert about["grain"].startswith("One row per ")
    assert "\n" not in about["grain"]
    assert about["key"] == ["production_date", "factory_id", "product_name"]
    assert {each["name"]: each["type"] for each in about["columns"][:2]} == {
        "production_date": "date32[day]",
        "factory_id": "string",
    }
    assert not any(each["nullable"] for each in about["columns"])
    path = serving / about["file"]
    assert path.stat().st_size == about["bytes"]
    assert path.name == f"{NAME}.{about['sha256'][:16]}.parquet"
    days = pq.read_table(path)["production_date"].to_pylist()
    assert [day.day for day in days] == [1, 2]
    report = serving / manifest["reports"]["validation"]["file"]
    assert json.loads(report.read_text()) == {"status": "passed"}
    assert manifest["run_id"] == "r1"
    assert manifest["started_at"] == "2026-01-01T00:00:00Z"
    assert json.loads((serving / "manifests" / "r1.json").read_text()) == manifest


def test_rows_in_another_order_make_the_same_file_which_is_left_alone(publish, serving):
    rows = [stock(1), stock(2, "Bolt"), stock(2, "bolt"), stock(2, "äxle")]
    first = publish("r1", rows)["tables"][NAME]
    before = (serving / first["file"]).stat()
    assert publish("r2", rows[::-1])["tables"][NAME] == first
    after = (serving / first["file"]).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_table_without_rows_has_its_columns(publish, serving):
    about = publish("r1", [])["tables"][NAME]
    empty = pq.read_table(serving / about["file"])
    assert empty.num_rows == about["rows"] == 0
    assert empty.column_names == list(gold.DailyStock.to_schema().columns)


def test_files_of_the_last_three_runs_are_kept(publish, serving):
    files = [publish(f"r{n}", [stock(made=n)])["tables"][NAME]["file"] for n in range(1, 6)]
    assert {p.name for p in serving.glob("*.parquet")} == set(files[2:])
    assert {p.name for p in (serving / "manifests").iterdir()} == {"r3.json", "r4.json", "r5.json"}
    assert publish("r5", [stock(made=5)])["versions"] == ["r5", "r4", "r3"]


class Killed(BaseException):
    """The end of a run, at any moment."""


@pytest.mark.parametrize("moment", range(12))
def test_a_run_that_is_killed_leaves_what_was_published(publish, serving, moment: int):
    first = publish("r1", [stock()], validation=[1])
    before = content(serving)
    steps = iter(range(100))
    with pytest.MonkeyPatch.context() as patch:

        def counted(function):
            def step(*args, **kwargs):
                if next(steps) == moment:
                    raise Killed
                return function(*args, **kwargs)

            return step

        for owner, name in [
            *((Path, name) for name in ("replace", "unlink", "write_text")),
            (published.pq, "write_table"),
            (published, "_put"),
        ]:
            patch.setattr(owner, name, counted(getattr(owner, name)))
        try:
            publish("r2", [stock(made=6)], validation=[2])
        except Killed:
            killed = True
        else:
            killed = False
    assert killed
    left = content(serving)
    manifest = json.loads(left["manifest.json"])
    assert manifest["run_id"] in {"r1", "r2"}
    if manifest["run_id"] == "r1":
        assert {n: left[n] for n in before if n != published.LIST} == {
            n: c for n, c in before.items() if n != published.LIST
        }
    publish("r3", [stock(made=7)], validation=[3])
    publish("r4", [stock(made=8)], validation=[4])
    publish("r5", [stock(made=9)], validation=[5])
    whole = content(serving)
    assert {n for n in whole if n.endswith(".partial")} == set()
    assert len(whole) == 2 + 3 * 3
    assert first["tables"][NAME]["file"] not in whole


def test_files_of_somebody_else_are_safe(publish, serving):
    publish("r1", [stock()])
    foreign = [serving / "notes.txt", serving / "gold.daily_stock.0123456789abcdef.parquet"]
    for path in foreign:
        path.write_text("mine")
    for n in range(2, 7):
        publish(f"r{n}", [stock(made=n)])
    assert [path.read_text() for path in foreign] == ["mine", "mine"]


def test_a_folder_of_somebody_else_is_refused(publish, serving):
    serving.mkdir()
    (serving / ".gitkeep").touch()
    publish("r1", [stock()])
    (serving / published.LIST).unlink()
    before = content(serving)
    with pytest.raises(DatasetError, match="were not published here, such as gold"):
        publish("r2", [stock(made=6)])
    assert content(serving) == before


def test_a_folder_that_cannot_be_written_is_refused(publish, serving):
    serving.write_text("a file")
    with pytest.raises(DatasetError, match="cannot write in"):
        publish("r1", [stock()])


@pytest.mark.parametrize("name", ["manifest.json", published.LIST])
def test_a_damaged_record_is_told_in_one_line(publish, serving, name: str):
    publish("r1", [stock()])
    (serving / name).write_text("{")
    with pytest.raises(DatasetError, match=r"is damaged.*remove"):
        publish("r2", [stock()])


def test_a_damaged_file_is_written_anew(publish, serving):
    path = serving / publish("r1", [stock()])["tables"][NAME]["file"]
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    publish("r2", [stock()])
    assert path.read_bytes() == whole


@pytest.mark.parametrize("damage", ["missing", "damaged"])
def test_a_kept_version_that_cannot_be_read_names_nothing(publish, serving, damage: str):
    publish("r1", [stock()])
    version = serving / "manifests" / "r1.json"
    version.unlink() if damage == "missing" else version.write_text("{")
    manifest = publish("r2", [stock(made=6)])
    assert [p.name for p in serving.glob("*.parquet")] == [manifest["tables"][NAME]["file"]]
