"""Landing files as they come: every row is read as it stands, or said to be malformed."""

import csv
import datetime
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from factory_simulation.datasets.engines import Engine
from factory_simulation.domain import OPERATOR_LOGS, PARSE_ERROR, SENSOR_LOGS, SURPLUS

HEADER = ",".join(OPERATOR_LOGS.columns)
ROW = "L1,SMELTER-01,OP-101,2025-12-01T06:04:00,MONITOR,"


@pytest.fixture
def engine(each_engine: Engine) -> Engine:
    return each_engine


@pytest.fixture
def read(engine: Engine, tmp_path: Path):
    """Read one file of operator logs (CSV) or sensor logs (JSON); return rows and its rejection."""

    def read_file(name: str, content: bytes | str, folder: str = "2025-12-01") -> tuple[Any, Any]:
        path = tmp_path / folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_path(path)

    def read_path(path: Path) -> tuple[Any, Any]:
        table = OPERATOR_LOGS.name if path.suffix == ".csv" else SENSOR_LOGS.name
        done = engine.read_landing(table, [path])
        rows = engine.fetch(done.rows.order_by("_source_row")).to_pylist()
        assert done.row_counts.get(path, 0) == len(rows)
        assert all(row["_path"] == str(path) for row in rows)
        assert [row["_source_row"] for row in rows] == list(range(1, len(rows) + 1))
        return rows, done.rejected.get(path)

    read_file.path = read_path
    return read_file


def notes(rows: list[dict]) -> list[tuple]:
    return [(row["log_id"], row["notes"], row[PARSE_ERROR], row[SURPLUS]) for row in rows]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_lines_may_end_in_any_way_and_begin_with_a_mark(read, end, mark):
    text = f"{HEADER}\n{ROW}all well\n{ROW}fine\n".replace("\n", end)
    rows, rejected = read("operator_logs.csv", mark + text.encode())
    assert rejected is None
    assert [row["notes"] for row in rows] == ["all well", "fine"]


def test_fields_are_read_as_any_csv_reader_reads_them(read):
    written = ["plain", "", "a,b", 'say ""x""'.replace('""', '"'), "two\nlines", "  kept  ", "ü, ß"]
    text = HEADER + "\n" + "".join(f"{ROW}{_quoted(value)}\n" for value in written)
    rows, _ = read("operator_logs.csv", text)
    expected = [record[-1] for record in csv.reader(text.splitlines(keepends=True))][1:]
    assert [row["notes"] for row in rows] == expected == written


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


@pytest.mark.parametrize(
    "broken", ['L2,S,O,T,A,"abc"def', 'L2,S,O,T,A,"a\\"b"', 'L2,S,O,T,A,"never closed']
)
def test_a_line_with_broken_quotes_takes_no_other_with_it(read, broken):
    rows, rejected = read("operator_logs.csv", f'{HEADER}\n{ROW}"a, b"\n{broken}\n{ROW}fine\n')
    assert rejected is None
    assert notes(rows) == [
        ("L1", "a, b", None, None),
        (None, None, "malformed_quotes", broken),
        ("L1", "fine", None, None),
    ]


def test_rows_that_do_not_fit_their_header_say_so_and_keep_all_their_fields(read):
    many = ",".join(f"x{i}" for i in range(300))
    rows, _ = read("operator_logs.csv", f"{HEADER}\nL1,S\n{ROW}fine\n{ROW}n,{many}\n")
    assert notes(rows) == [
        ("L1", None, "too_few_fields", None),
        ("L1", "fine", None, None),
        ("L1", "n", "too_many_fields", many),
    ]


def test_a_long_field_is_read_whole(read):
    rows, rejected = read("operator_logs.csv", f"{HEADER}\n{ROW}{'x' * 5_000_000}\n")
    assert rejected is None
    assert len(rows[0]["notes"]) == 5_000_000


@pytest.mark.parametrize("blank", ["", "\n", "  \n", "\ufeff", f"{HEADER}\n"])
def test_a_file_without_rows_is_a_day_on_which_nothing_arrived(read, blank):
    assert read("operator_logs.csv", blank) == ([], None)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (HEADER.replace(",notes", ""), "missing column notes"),
        (HEADER.replace(",", ";"), "missing column log_id"),
        (f"{HEADER},NOTES", "column notes stands twice in the header"),
        (f"{HEADER}\n{ROW}caf\xe9\n".encode("latin-1"), "not UTF-8 text"),
        (f"{HEADER}\n{ROW}caf\xe9\n".encode("utf-16"), "not UTF-8 text"),
        ('"' + "x" * 200_000, "malformed header"),
    ],
)
def test_a_csv_file_that_cannot_be_read_is_rejected(read, content, reason):
    rows, rejected = read("operator_logs.csv", content)
    assert rows == []
    assert reason in rejected
    assert "\n" not in rejected


def test_columns_of_any_name_are_kept_beside_the_contract(read):
    extra = ["_row_id", "_path", "path", "select", "is_full", 'q"t', "n", " Shift "]
    header = ",".join([HEADER, *(_quoted(name) for name in extra)])
    values = ",".join(str(i) for i in range(len(extra)))
    (row,), rejected = read("operator_logs.csv", f"{header}\n{ROW}fine,{values}\n")
    assert rejected is None
    names = ["landed_row_id", "landed_path", "path", "select", "is_full", 'q"t', "n", "shift"]
    assert [row[name] for name in names] == [str(i) for i in range(len(extra))]


def reading(**values: Any) -> dict[str, Any]:
    return {name: values.get(name) for name in SENSOR_LOGS.columns} | values


READINGS = [reading(machine_id="SMELTER-01", timestamp=f"t{i}", pressure=i) for i in range(3)]
ARRAY = json.dumps(READINGS, indent=2)
LINES = "".join(json.dumps(row) + "\n" for row in READINGS)


@pytest.mark.parametrize("content", [ARRAY, LINES, LINES.rstrip("\n"), "\ufeff" + ARRAY])
def test_json_is_an_array_or_one_object_per_line(read, content):
    rows, rejected = read("sensor_logs.json", content)
    assert rejected is None
    assert [(row["timestamp"], row["pressure"], row["temperature"]) for row in rows] == [
        ("t0", "0", None),
        ("t1", "1", None),
        ("t2", "2", None),
    ]


@pytest.mark.parametrize("end", range(1, len(ARRAY), 7))
def test_an_array_that_is_cut_off_anywhere_is_rejected(read, end):
    rows, rejected = read("sensor_logs.json", ARRAY[:end])
    assert rows == []
    assert rejected.startswith("malformed JSON")


def test_an_array_that_is_cut_off_after_a_comma_is_rejected(read):
    rows, rejected = read("sensor_logs.json", ARRAY[: ARRAY.index("},") + 2])
    assert rows == []
    assert rejected == "malformed JSON: the array is cut off"


def test_a_line_that_is_no_json_takes_no_other_with_it(read):
    first, second, third = LINES.splitlines()
    rows, rejected = read("sensor_logs.json", f"{first}\n{second[:20]}\n\n{third}\n")
    assert rejected is None
    assert [(row["timestamp"], row[PARSE_ERROR], row[SURPLUS]) for row in rows] == [
        ("t0", None, None),
        (None, "malformed_json", second[:20]),
        ("t2", None, None),
    ]


def test_lines_that_end_within_an_object_are_rejected(read):
    rows, rejected = read("sensor_logs.json", LINES[:-9])
    assert rows == []
    assert rejected.lower().startswith("malformed json")


def test_elements_that_are_no_objects_say_so(read):
    rows, _ = read("sensor_logs.json", json.dumps([READINGS[0], 17, None, ["x"]]))
    assert [(row[PARSE_ERROR], row[SURPLUS]) for row in rows] == [
        (None, None),
        ("not_an_object", "17"),
        ("not_an_object", "null"),
        ("not_an_object", '["x"]'),
    ]


def test_keys_of_any_name_and_nested_values_are_kept_as_text(read):
    odd = reading(machine_id="M", timestamp="t", json={"a": [1]}, _other=1, **{"it's": 2, "": 3})
    (row,), rejected = read("sensor_logs.json", json.dumps([odd]))
    assert rejected is None
    assert (row["json"], row["landed_other"], row["it's"], row["unnamed"]) == (
        '{"a":[1]}',
        "1",
        "2",
        "3",
    )


def test_typed_parquet_is_read_as_text(read, tmp_path):
    moment = datetime.datetime(2025, 12, 1, 6, tzinfo=datetime.UTC)
    path = tmp_path / "sensor_logs.parquet"
    columns = {name: [None, "x"] for name in SENSOR_LOGS.columns}
    columns |= {
        "timestamp": pa.array([moment, moment], pa.timestamp("us", "UTC")),
        "pressure": [1.5, None],
    }
    pq.write_table(pa.table(columns), path)
    rows, rejected = read.path(path)
    assert rejected is None
    assert [row["timestamp"] for row in rows] == ["2025-12-01 06:00:00+00"] * 2
    assert [row["pressure"] for row in rows] == ["1.5", None]


def test_patterns_in_a_path_are_no_patterns(read, tmp_path):
    read("operator_logs.csv", f"{HEADER}\n{ROW}of the sibling\n", folder="s1")
    rows, _ = read("operator_logs.csv", f"{HEADER}\n{ROW}its own\n", folder="s[1]")
    assert [row["notes"] for row in rows] == ["its own"]


def test_a_bad_file_among_good_ones_is_rejected_alone(engine, tmp_path):
    paths = []
    for number, content in enumerate(
        [f"{HEADER}\n{ROW}a\n", "x\n1\n", f"{HEADER},more\n{ROW}b,c\n"]
    ):
        path = tmp_path / str(number) / "operator_logs.csv"
        path.parent.mkdir()
        path.write_text(content)
        paths.append(path)
    done = engine.read_landing(OPERATOR_LOGS.name, paths)
    assert set(done.rejected) == {paths[1]}
    assert done.row_counts == {paths[0]: 1, paths[2]: 1}
    found = engine.fetch(done.rows.select("notes", "more").order_by("notes")).to_pylist()
    assert found == [{"notes": "a", "more": None}, {"notes": "b", "more": "c"}]


# --- columns ---------------------------------------------------------------------------------


@pytest.fixture
def land(engine: Engine, tmp_path: Path):
    """Read one file with columns renamed; return its rows, its columns and its rejection."""

    def land_file(name: str, content: str | pa.Table, **renamed: str) -> tuple[Any, ...]:
        path = tmp_path / name
        if isinstance(content, str):
            path.write_text(content)
        else:
            pq.write_table(content, path)
        done = engine.read_landing(path.stem, [path], renamed)
        rows = engine.fetch(done.rows.order_by("_source_row")).to_pylist()
        return rows, done.columns.get(path), done.rejected.get(path)

    return land_file


AS_NAMED = {name: name for name in OPERATOR_LOGS.columns}
RENAMED = {name: name for name in OPERATOR_LOGS.columns if name != "notes"} | {"remark": "notes"}


def test_the_columns_of_a_file_are_told_though_it_has_no_row(land):
    assert land("operator_logs.csv", f"{HEADER}, Shift ,\n") == (
        [],
        {**AS_NAMED, "shift": "shift", "column_8": "column_8"},
        None,
    )


@pytest.mark.parametrize("content", ["", "[]"])
def test_an_empty_file_names_no_column(land, content):
    suffix = ".json" if content else ".csv"
    rows, columns, rejected = land(f"operator_logs{suffix}", content)
    assert rows == []
    assert not columns
    assert rejected is None


def test_a_column_may_land_under_another_name(land):
    values = dict.fromkeys(OPERATOR_LOGS.columns[:-1], "x") | {" Remark ": "fine"}
    header, fields = ",".join(values), ",".join(values.values())
    for name, content in {
        "operator_logs.csv": f"{header}\n{fields}\n",
        "operator_logs.json": json.dumps([values]),
        "operator_logs.parquet": pa.Table.from_pylist([values]),
    }.items():
        (row,), columns, rejected = land(name, content, remark="notes")
        assert (row["notes"], columns, rejected) == ("fine", RENAMED, None), name
        assert "remark" not in row
        assert land(name, content) == ([], None, "missing column notes"), name


def test_a_name_that_is_mapped_may_be_missing(land):
    (row,), columns, rejected = land("operator_logs.csv", f"{HEADER}\n{ROW}fine\n", remark="notes")
    assert (row["notes"], columns, rejected) == ("fine", AS_NAMED, None)


def test_a_header_with_both_names_of_a_column_is_rejected(land):
    rows, columns, rejected = land(
        "operator_logs.csv", f"{HEADER},remark\n{ROW}a,b\n", remark="notes"
    )
    assert (rows, columns) == ([], None)
    assert rejected == "column notes (notes and remark) stands twice in the header"


def test_a_name_may_change_within_a_file_of_objects_but_no_value_is_lost(land):
    one, other = (
        dict.fromkeys(OPERATOR_LOGS.columns[:-1], "x") | {name: name}
        for name in ("notes", "remark")
    )
    rows, columns, _ = land("operator_logs.json", json.dumps([one, other]), remark="notes")
    assert [row["notes"] for row in rows] == ["notes", "remark"]
    assert columns == AS_NAMED | RENAMED
    _, _, rejected = land("operator_logs.json", json.dumps([one | other]), remark="notes")
    assert rejected == "column notes has two values in one object (notes and remark)"


def test_a_column_of_another_type_lands_as_text(land):
    """Numbers as text and text as numbers, dates, lists, objects: each cell is for silver."""
    typed = {
        "log_id": pa.array([1, 2], pa.uint32()),
        "machine_id": pa.array([["a", "b"], None]),
        "operator_id": pa.array([{"id": 7}, None]),
        "log_timestamp": pa.array([datetime.date(2025, 12, 1), None]),
        "action": pa.array([True, False]).dictionary_encode(),
        "notes": pa.array([b"raw", None], pa.binary()),
    }
    rows, _, rejected = land("operator_logs.parquet", pa.table(typed))
    assert rejected is None
    assert tuple(rows[0][name] for name in OPERATOR_LOGS.columns) == (
        *("1", "[a, b]", "{'id': 7}", "2025-12-01", "true", "raw"),
    )
    cells = {"temperature": {"value": 3}, "pressure": [2.1], "energy_kwh": "4,2"}
    readings = [
        reading(machine_id=1, timestamp=1764568800, efficiency_percent=True, **cells),
        READINGS[1],
    ]
    rows, _, rejected = land("sensor_logs.json", json.dumps(readings))
    assert rejected is None
    assert tuple(rows[0][name] for name in SENSOR_LOGS.columns) == (
        *("1", "1764568800", '{"value":3}', "[2.1]", "4,2", "true"),
    )
    assert rows[1]["pressure"] == "1"
