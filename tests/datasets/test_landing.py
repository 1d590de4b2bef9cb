"""Landing files that are written: their bytes, and what bronze makes of them."""

import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from kedro.io import DatasetError

from factory_simulation.datasets.engines import Engine, open_engine
from factory_simulation.datasets.landing import LandingFiles
from factory_simulation.datasets.landing_writer import LandingWriter, _row_groups
from factory_simulation.domain import OPERATOR_LOGS, SENSOR_LOGS, FactoryError, LandedTable
from factory_simulation.engine_comparison import REFERENCE

DAYS = [date(2025, 12, 1), date(2025, 12, 2)]
NOTES = ["plain", 'says ""x""', "a, b", None, "two\nlines", "ü", "", " kept "]
NUMBERS = ["1.5", "12,5", "-3", "1e3", "007", ".5", "NaN", None, "", "1.5\n", "abc", 'q"t']


@pytest.fixture
def engine(each_engine: Engine) -> Engine:
    return each_engine


def rows_of(contract: LandedTable, column: str, values: list[str | None]) -> pa.Table:
    """Return these values on each of two days, not in their order, with a column too many."""
    names = (*contract.columns, *contract.optional)
    rows = [
        dict.fromkeys(names, f"{name} {number}")
        | {column: value, "_arrival_date": day, "_source_row": number, "_more": 1}
        for number, value in enumerate(values, start=1)
        for name, day in zip("ab", DAYS, strict=True)
    ]
    types = dict.fromkeys(names, pa.string())
    lineage = {"_arrival_date": pa.date32(), "_source_row": pa.int64(), "_more": pa.int64()}
    return pa.Table.from_pylist(rows[::-1], schema=pa.schema(types | lineage))


def write(engine: Engine, folder: Path, rows: pa.Table, file_format: str = "text") -> None:
    LandingWriter(OPERATOR_LOGS, folder, file_format).write(engine, engine.small_table(rows), None)


def files_in(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.glob("[!.]*/*"))


def read(engine: Engine, contract: LandedTable, path: Path) -> list[dict]:
    done = engine.read_landing(contract.name, [path])
    assert done.rejected == {}
    rows = engine.fetch(done.rows.order_by("_source_row")).to_pylist()
    assert [row["_source_row"] for row in rows] == list(range(1, len(rows) + 1))
    return [{name: row[name] for name in contract.columns} for row in rows]


def test_rows_keep_their_number_in_their_file(engine, tmp_path):
    write(engine, tmp_path, rows_of(OPERATOR_LOGS, "notes", NOTES))
    assert files_in(tmp_path) == [f"{day}/operator_logs.csv" for day in DAYS]
    landed = read(engine, OPERATOR_LOGS, tmp_path / "2025-12-02" / "operator_logs.csv")
    assert [row["notes"] for row in landed] == [note or "" for note in NOTES]
    assert {row["action"] for row in landed} == {f"b {i}" for i in range(1, len(NOTES) + 1)}


def test_parquet_brings_the_rows_that_text_brings(engine, tmp_path):
    rows = rows_of(OPERATOR_LOGS, "notes", NOTES)
    write(engine, tmp_path / "text", rows)
    write(engine, tmp_path / "parquet", rows, "parquet")
    for day in DAYS:
        text = tmp_path / "text" / f"{day}" / "operator_logs.csv"
        parquet = tmp_path / "parquet" / f"{day}" / "operator_logs.parquet"
        landed = read(engine, OPERATOR_LOGS, parquet)
        assert landed[3]["notes"] is None
        # CSV has no other way to say null
        filled = [{k: "" if v is None else v for k, v in row.items()} for row in landed]
        assert filled == read(engine, OPERATOR_LOGS, text)


def test_json_holds_numbers_raw_and_all_else_as_text(engine, tmp_path):
    rows = engine.small_table(rows_of(SENSOR_LOGS, "pressure", NUMBERS))
    LandingWriter(SENSOR_LOGS, tmp_path, "text").write(engine, rows, None)
    path = tmp_path / "2025-12-01" / "sensor_logs.json"
    written = [json.loads(line)["pressure"] for line in path.read_text().splitlines()]
    kept = ["007", ".5", "NaN", None, "", "1.5 ", "abc", 'q"t']
    assert written == [1.5, "12,5", -3, 1000.0, *kept]
    landed = [row["pressure"] for row in read(engine, SENSOR_LOGS, path)]
    assert landed[:3] == ["1.5", "12,5", "-3"]
    assert landed[4:] == kept
    LandingWriter(SENSOR_LOGS, tmp_path, "parquet").write(engine, rows, None)
    assert not path.exists()
    landed = read(engine, SENSOR_LOGS, path.with_suffix(".parquet"))
    assert [row["pressure"] for row in landed] == NUMBERS


@pytest.mark.parametrize("file_format", ["text", "parquet"])
def test_all_engines_write_the_same_bytes(engine, tmp_path, file_format):
    rows = rows_of(OPERATOR_LOGS, "notes", NOTES)
    write(engine, tmp_path / "one", rows, file_format)
    write(open_engine({"backend": REFERENCE}), tmp_path / "two", rows, file_format)
    assert files_in(tmp_path / "one") == files_in(tmp_path / "two")
    for name in files_in(tmp_path / "one"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


@pytest.mark.parametrize("type_", [pa.string(), pa.large_string(), pa.string_view()])
def test_how_a_stream_is_cut_does_not_show_in_parquet(tmp_path, type_):
    schema = pa.schema([("a", pa.string()), ("b", pa.string())])
    texts = pa.array([f"text {i % 977}" if i % 7 or i > 130_000 else None for i in range(230_000)])
    whole = pa.record_batch({"a": texts, "b": pa.array(["x"] * 230_000)})
    cast = pa.record_batch([c.cast(type_) for c in whole.columns], names=["a", "b"])
    contents = set()
    for size in (230_000, 100_000, 33_333):
        pieces = [cast.slice(start, size) for start in range(0, 230_000, size)]
        path = tmp_path / f"{size}.parquet"
        with pq.ParquetWriter(path, schema, compression="zstd") as file:
            for group in _row_groups(pieces, schema):
                file.write_table(group, row_group_size=100_000)
        contents.add(path.read_bytes())
    assert len(contents) == 1
    found = pq.ParquetFile(path)
    assert [found.metadata.row_group(i).num_rows for i in range(3)] == [100_000, 100_000, 30_000]
    assert found.read().equals(pa.table(whole))


# --- on the embedded engine alone --------------------------------------------------------------


def dataset(folder: Path, **parameters: str | None) -> LandingFiles:
    return LandingFiles(
        table="operator_logs",
        landing_dir=str(folder),
        run_id="r",
        loaded_at="2025-12-09 00:00:00",
        connection={"backend": "duckdb", "warehouse": ":memory:", "settings": {}},
        **parameters,
    )


@pytest.fixture
def rows() -> pa.Table:
    return rows_of(OPERATOR_LOGS, "notes", NOTES)


def save(folder: Path, rows: pa.Table, **parameters: str | None) -> LandingFiles:
    files = dataset(folder, **parameters)
    files.save(files.engine.small_table(rows))
    return files


def test_another_format_takes_the_files_of_the_first_away(tmp_path, rows):
    save(tmp_path, rows)
    texts = files_in(tmp_path)
    save(tmp_path, rows, file_format="parquet")
    parquet = [name.replace(".csv", ".parquet") for name in texts]
    assert files_in(tmp_path) == parquet
    # whoever reads does not know in which format it was generated
    assert dataset(tmp_path)._writer.withdrawn() == set(texts)
    assert dataset(tmp_path, file_format="parquet")._writer.withdrawn() == set(texts)
    save(tmp_path, rows)
    assert files_in(tmp_path) == texts
    assert dataset(tmp_path)._writer.withdrawn() == set(parquet)


def test_one_date_in_another_format_leaves_the_other_dates(tmp_path, rows):
    save(tmp_path, rows)
    first = rows.filter(pa.compute.field("_arrival_date") == DAYS[0])
    save(tmp_path, first, file_format="parquet", dates="2025-12-01")
    kept = ["2025-12-01/operator_logs.parquet", "2025-12-02/operator_logs.csv"]
    assert files_in(tmp_path) == kept
    save(tmp_path, rows.slice(0, 0), file_format="parquet", dates="2025-12-02")
    assert files_in(tmp_path) == kept[:1]


@pytest.mark.parametrize("file_format", ["text", "parquet"])
@pytest.mark.parametrize("suffix", [".csv", ".json", ".parquet"])
def test_files_of_somebody_else_are_left(tmp_path, rows, file_format, suffix):
    save(tmp_path, rows)
    theirs = tmp_path / "2025-12-05" / f"operator_logs{suffix}"
    theirs.parent.mkdir()
    theirs.write_text("theirs")
    before = files_in(tmp_path)
    with pytest.raises((FactoryError, DatasetError), match="was not made by the generator"):
        save(tmp_path, rows, file_format=file_format)
    assert files_in(tmp_path) == before
    assert theirs.read_text() == "theirs"


def test_a_format_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(FactoryError, match="landing_format = 'xml': allowed are text, parquet"):
        dataset(tmp_path, file_format="xml")


def test_nothing_in_the_folder_of_reference_data_has_landed(tmp_path, rows):
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "operator_logs.csv").write_text("not a landing file")
    files = save(tmp_path, rows)
    assert {path.parent.name for path in files.listed_files()} == {f"{day}" for day in DAYS}
