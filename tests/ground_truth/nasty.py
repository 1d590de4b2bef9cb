"""Three days on which everything is wrong that a file, a row or a cell can be."""

import csv
import io
import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from factory_simulation.domain import LANDED_TABLES
from tests.ground_truth.files import append, reading, write_day
from tests.ground_truth.nasty_events import write_machine_events
from tests.ground_truth.nasty_registry import write_machine_registry
from tests.ground_truth.test_bad_input import BAD_BATCHES, BAD_CHECKS, BAD_ENTRIES, BAD_READINGS

FIRST, SECOND, THIRD = "2025-12-01", "2025-12-02", "2025-12-03"
LONG = "long_" * 13  # longer than PostgreSQL lets a name be
EXTRA = ["Shift", 'in "quotes"', " with blanks ", "_row_id", "_path", "a'b", "a`b", "a\\b"]
EXTRA += ["a.b", "a:b", "100%s", "{x}", "$1", "ÄÖ ß", "🏭", "two\nlines", "order", "", "", "xmin"]
EXTRA += ["rowid", f"{LONG}1", f"{LONG}2", "\u017fhift"]  # the last is shift where case is ignored

WHITE = [" ", "\t", "\n", "\r", "\r\n", "\f", "\v", "\x1c", "\x1f", "\x85", "\u00a0", "\u1680"]
WHITE += ["\u2003", "\u2009", "\u200b", "\u2028", "\u202f", "\u3000", "\ufeff"]
MARKS = ["f", "v", "s", "\\", "\\\\", '"', '""', "'", "_", "#", "%", "$1", "\\1", "\\N", "\\.", "ß"]
MARKS += [
    "\u1e9e",
    "\u0130",
    "\u0131",
    "\u03c2",
    "\u03a3",
    "\u212a",
    "e\u0301",
    "🏭",
    "\uff11",
    "\0",
]
MARKS += ["\1", "\b", "\x1b", "\x7f", "\n\\.\n", "NULL", "null", ",", ";", "]}", "[", "(", "*", "?"]
ODD = WHITE + MARKS
NAMES = ["iron plates", "IRON-PLATE", "\u0130ron Plate", "\u0131ron plate", "I r o n P l a t e s"]
NAMES += ["Iron\0Plate", "Iron Plateß", "gear wheels", "gearwheelss", "Gear Wheel\u03a3", "Eisen"]
MACHINES = ["smelter 1", "Smelter #001", "sm-1", "smltr1", "asm 01", "assmblr\u00a01", "SMELTER-03"]
MACHINES += [
    "s1",
    "smelter-0",
    "SMELTER-\uff10\uff11",
    "\u017fmelter-1",
    "smelter1\u2028",
    "asse_1",
]
MACHINES += ["SMELTER-01 02", "01-SMELTER", "smelter", "1", "smelter99999999999999999999"]
RESULTS = [
    "pass",
    "Fail",
    "\tPASS\u00a0",
    "passf",
    "pa\u00df",
    "FA\u0130L",
    "PA\u017fS",
    "pass\u2028",
]
RESULTS += ["P\0SS", "\0", "true", "\v"]

CLOCKS = ["06:30", "06:30:00", "06:30:00.5", "06:30:00.50 \n", "06:30:00,500", "06:30:00.123456789"]
CLOCKS += ["06:30:00Z", "06:30:00z", "06:30:00+00:00", "12:00+05:30", "12:00+0530", "00:30-06"]
CLOCKS += ["24:00", "23:59:60", "06:60", "6:30", "06:30:00.", "06:30\u2028", "06:30\x85", "06:30\0"]
CLOCKS += ["06:30 UTC", "06:30+15:00", "06:30:00.1234567890", "06:30\u00a0", "\uff10\uff16:30", ""]
TIMES = [f"{SECOND}T{clock}" for clock in CLOCKS] + [f"{SECOND} 06:30", f"{SECOND}t06:30", SECOND]
TIMES += ["2024-02-29T06:00", "2025-02-29T06:00", "2025-02-31T06:00", "2100-02-29T06:00"]
TIMES += ["2000-02-29T06:00", "1969-12-31T23:59:59", "1970-01-01T00:00+14:00", "0000-01-01T00:00"]
TIMES += [
    "2261-12-31T23:59:59-14:00",
    "2262-01-01T00:00",
    "9999-12-31T23:59:59",
    "2025-13-01T00:00",
]
TIMES += ["2025-00-10T00:00", "2025-12-00T00:00", "10000-01-01T00:00", "1764570600", "\v", "\0"]

COUNTS = ["73.0", "73.", "73.00", "73.5", "1e3", "+5", "007", "-0", "-7", "999999999", "1234567890"]
COUNTS += [
    "1234567890123",
    "12345678901234567890",
    "000000000073",
    " 73\t",
    "\u00a073",
    "73\v",
    "7 3",
]
COUNTS += ["1,000", "1_000", "0x10", "\uff17\uff13", "73\u2028", "73\0", "NaN", "", "\\N", "true"]
NUMBERS = [
    "0",
    "-0.0",
    "0.5",
    ".5",
    "5.",
    "+.5e-3",
    "1.5e+2",
    "1E2",
    "1e-99",
    "1e99",
    "1e999",
    "-1",
]
NUMBERS += [
    "2.5e-6",
    "2.6e-6",
    "-2.5e-6",
    "0.0000005",
    "1.0000005",
    "2.0000005",
    "999999999999.9999",
]
NUMBERS += ["1e12", "-1e12", "123456789012345678901234567890", "0" * 31 + "1", "0.1" + "0" * 400]
NUMBERS += [
    "NaN",
    "nan",
    "inf",
    "-Infinity",
    "1_0",
    "0x1p3",
    "1d",
    "1f",
    "1,5",
    "1e",
    "e1",
    ".",
    "+",
]
NUMBERS += [" 1.5\n", "1.5\u2028", "1.5\0", "\uff11.5", "true", "null", "{}", "", "\v"]
HALVES = [
    [2.5e-6, 2.6e-6],
    [3.5e-6, 3.4e-6],
    [2.0000005, 2.0000015],
    [-2.5e-6, -2.5e-6],
    [1e11, 1e11],
]


def write_nasty_days(landing: Path, truth: Path) -> None:
    """Write three arrival dates full of trouble, and folders beside them that are no dates."""
    first = write_day(landing, truth, FIRST)
    second, third = (landing / day for day in (SECOND, THIRD))
    for folder in (second, third, landing / "20251201", landing / "undated", landing / "_hidden"):
        folder.mkdir()
    for folder in (landing / "20251201", landing / "undated"):
        (folder / "qc_checks.csv").write_bytes((first / "qc_checks.csv").read_bytes())
    _write_first(first)
    write_machine_events(first)
    write_machine_registry(landing)
    _write_second(second)
    _write_third(third)


def _write_first(folder: Path) -> None:
    """Rows that do not fit their header, quotes that are broken, and rows of JSON that are none."""
    append(folder / "production_batches.csv", *BAD_BATCHES, *_broken_quotes(7))
    append(folder / "qc_checks.csv", *BAD_CHECKS, *_broken_quotes(6))
    append(folder / "operator_logs.csv", *BAD_ENTRIES, *_broken_quotes(6), "", "   ", ",,,,,")
    whole = json.loads((folder / "sensor_logs.json").read_text())
    bad = [*map(json.loads, BAD_READINGS), None, True, "text", [], [whole[0]], {}, {"": 1}]
    (folder / "sensor_logs.json").write_text(json.dumps([*whole, *whole, *bad]))
    (folder / "sensor_logs.csv").write_bytes(b"")
    (folder / "sensor_logs.parquet").write_bytes(b"no Parquet at all")
    (folder / "qc_checks.json").write_text('[{"check_id": "C1", "batch')
    (folder / "operator_logs.json").write_text('[{"log_id": "L1"},')
    (folder / "operator_logs.parquet").write_bytes(b"")
    (folder / "production_batches.json").write_text('{"batch_id": NaN}\n{"batch_id": "J\n')
    _write_parquet(folder / "qc_checks.parquet", {"check_id": [1], "batch_id": ["B1"]})


def _broken_quotes(width: int) -> list[str]:
    after = "," * (width - 1)
    return [f'"Q1"tail{after}', f'"Q2{after}', f'Q"3{after}', f'"Q""4"{after}', f'"Q5,"{after},""']


def _write_second(folder: Path) -> None:
    """Columns that no contract knows, cells of every spelling, and a mark at the beginning."""
    (folder / "production_batches.csv").write_bytes(
        b"\xef\xbb\xbf" + _csv("production_batches", _batches(), EXTRA).encode()
    )
    _write_csv(folder / "qc_checks.csv", _checks(), ["inspector_name", *EXTRA[:4]])
    _write_csv(folder / "operator_logs.csv", _entries(), ["operator_name", LONG, "Shift"])
    lines = [json.dumps(row) for row in _readings()]
    lines[5:5] = ["", "not JSON", '{"cut', "17", "null", '{"machine_id": "\\ud800"}', '{"a": NaN}']
    (folder / "sensor_logs.json").write_text("\ufeff" + "\n".join(lines) + "\n")
    _write_csv(folder / "sensor_logs.csv", [_plain(row) for row in _readings()[:40]], ["Shift"])
    _write_parquet(folder / "production_batches.parquet", _typed_batches())
    _write_parquet(folder / "sensor_logs.parquet", _typed_readings())


def _write_third(folder: Path) -> None:
    """Copies of what has landed, orphans, and files that cannot be read."""
    _write_csv(folder / "production_batches.csv", _copies_of_batches(), ["xmin", "Shift"])
    objects = _objects("production_batches", _batches())
    strange = [{**row, key: n} for n, (row, key) in enumerate(zip(objects, _keys(), strict=False))]
    (folder / "production_batches.json").write_text(json.dumps([*strange, *_untyped_batches()]))
    (folder / "production_batches.parquet").write_bytes(b"PAR1" + bytes(40) + b"PAR1")
    (folder / "operator_logs.csv").write_bytes(
        _csv("operator_logs", _entries()).encode() + b"L,SMELTER-01,OP,2025-12-01,\xff\xfe,\n"
    )
    entries = _objects("operator_logs", _entries())
    (folder / "operator_logs.json").write_text("\r\n".join(map(json.dumps, entries)))
    header = ["Check_ID", *LANDED_TABLES["qc_checks"].columns]
    (folder / "qc_checks.csv").write_text(",".join(header) + "\n")
    checks = _objects("qc_checks", _checks())
    (folder / "qc_checks.json").write_text("\n".join(map(json.dumps, checks)))
    (folder / "sensor_logs.csv").write_text('"machine_id"x,timestamp\n')
    (folder / "sensor_logs.json").write_text(
        json.dumps([*_readings(), *_readings()[::-1]], indent=1)
    )


# --- cells -----------------------------------------------------------------------------------


def _batches() -> list[list[str]]:
    """One batch for each strange cell: spelling, machine, time, count."""
    rows = [_batch(n, product=f"{odd}Iron Plate{odd}") for n, odd in enumerate(ODD)]
    rows += [_batch(100 + n, product=name) for n, name in enumerate(NAMES)]
    rows += [_batch(200 + n, machine=f"{odd}Smelter{odd}2{odd}") for n, odd in enumerate(ODD)]
    rows += [_batch(300 + n, machine=name) for n, name in enumerate(MACHINES)]
    rows += [_batch(400 + n, start=at, end="2261-12-31T00:00") for n, at in enumerate(TIMES)]
    rows += [_batch(500 + n, end=at) for n, at in enumerate(TIMES)]
    rows += [_batch(600 + n, units=count, defects="0") for n, count in enumerate(COUNTS)]
    rows += [_batch(700 + n, defects=count) for n, count in enumerate(COUNTS)]
    rows += [_batch(800 + n, batch_id=f"{odd}ID{n}{odd}") for n, odd in enumerate(ODD)]
    rows += [_batch(0, batch_id=odd) for odd in ODD]
    for n in range(len(HALVES)):
        start = f"{SECOND}T{10 + n}:00"
        rows.append(
            _batch(0, f"H{n}", "ASSEMBLER-01", "Gear Wheel", start, f"{SECOND}T{10 + n}:30")
        )
    return rows


def _batch(  # noqa: PLR0913, PLR0917 - a batch has that many parts
    number: int,
    batch_id: str | None = None,
    machine: str = "SMELTER-01",
    product: str = "Iron Plate",
    start: str = f"{SECOND}T06:00",
    end: str = f"{SECOND}T07:00",
    units: str = "70",
    defects: str = "1",
) -> list[str]:
    named = f"N{number:06}" if batch_id is None else batch_id
    return [named, machine, product, start, end, units, defects]


def _checks() -> list[list[str]]:
    """Checks of known batches and of none, in UTC and in local time."""
    rows = [["C", "B2", at, "QC-1", "PASS", at] for at in TIMES]
    rows += [["C", "B2", f"{FIRST}T08:30:00", "QC-1", result, ""] for result in RESULTS]
    rows += [
        ["C", f"{odd}ID{n}{odd}", f"{SECOND}T07:10", odd, "PASS", odd] for n, odd in enumerate(ODD)
    ]
    rows += [
        [odd, "B1", f"{FIRST}T07:50", "QC-1", f"{odd}fail{odd}", f"{odd}bent{odd}"] for odd in ODD
    ]
    clocks = ["00:10", "00:10Z", "07:10", "07:10+00:00", "07:10-07:00", "08:00", "08:01", "06:59"]
    rows += [["C", "N000000", f"{SECOND}T{clock}", "QC-1", "FAIL", ""] for clock in clocks]
    people = ["Zoë", "zoe", "\uff5e", "🏭", "Ärger", "a b", "a-b", "ab", "\v", "\0", "", "\u0130"]
    return rows + [["C", "B1", f"{FIRST}T08:00", "QC-9", "PASS", "", name] for name in people]


def _entries() -> list[list[str]]:
    """Entries near starts and far from any, which name batches in many ways."""
    rows = [["L", "SMELTER-01", "OP", at, "MONITOR", at] for at in TIMES]
    rows += [["L", name, "OP", f"{SECOND}T06:03", "MONITOR", ""] for name in MACHINES]
    rows += [[odd, "asm1", odd, f"{SECOND}T10:03", odd, f"{odd}H0{odd}"] for odd in ODD]
    rows += [["L", f"{odd}smelter 1{odd}", "OP", f"{SECOND}T06:03", "x", odd * 3] for odd in ODD]
    notes = [
        "N000017",
        "n-000 017",
        "see 000017.",
        "N\uff10\uff10\uff10\uff10\uff11\uff17",
        "N000017\0",
    ]
    notes += [
        "two\nlines\r\nand\n\\.\nmore",
        'said "stop", twice',
        "x" * 200_000,
        "\u212a1 ID30 ID31",
    ]
    rows += [["L", "sm1", "OP-1", f"{SECOND}T06:03", "NOTE", note] for note in notes]
    return rows + [["L", "sm1", "OP-1", f"{SECOND}T05:57", "x", "", f"{odd}Zoë"] for odd in ODD]


def _readings() -> list[dict[str, Any]]:
    """Readings of every number and time, twice or in another spelling, typed and as text."""
    at = f"{SECOND}T06:30:00"
    rows = [reading("SMELTER-01", at, number, number, number, number) for number in NUMBERS]
    rows += [reading("SMELTER-01", time) for time in TIMES]
    rows += [reading(name, at, 7) for name in MACHINES]
    rows += [reading(f"{odd}asm 1{odd}", at, odd) for odd in ODD]
    rows += [
        reading("SMELTER-02", at, zero, 0, zero, 0) for zero in (0, "0", "-0", -0.0, "0e5", 0.0)
    ]
    strange = [
        10**30,
        1e300,
        2**63,
        -(2**63),
        0.1 + 0.2,
        1e-7,
        True,
        False,
        [],
        [1, "\0"],
        {"a": {}},
    ]
    rows += [reading("SMELTER-02", at, value) for value in strange]
    rows += [reading(value, at) for value in (1, True, ["SMELTER-01"], {"machine": 1})]
    for n, values in enumerate(HALVES):
        for minute, value in enumerate([*values, None, "", "\v"]):
            rows.append(reading("asm-1", f"{SECOND}T{10 + n}:0{minute}", 1, 1, value, value))
    rows += [{**reading("sm2", at), name: name} for name in EXTRA]
    return [*rows, {"MACHINE_ID": "sm2", "machine_id": None, "timestamp": at, "Timestamp": "no"}]


def _copies_of_batches() -> list[list[str]]:
    """Copies of batches that landed before: exact, spelled differently, and conflicting ones."""
    rows = _batches()
    respelled = [[f" {b}\t", "sm #1", "iron_plates", *rest] for b, _m, _p, *rest in rows[:100]]
    conflicting = [_batch(n, units=str(n), defects="0") for n in range(0, 100, 3)]
    return [*rows[:40], *respelled, *conflicting, *rows[:20], *conflicting[::-1]]


# --- values that have types ------------------------------------------------------------------


def _untyped_batches() -> list[dict[str, Any]]:
    values = [73, 73.0, 1e3, 1.5, 10**30, -1, True, None, "73", [73], {"n": 73}, float(2**53)]
    rows = [_batch(900 + n) for n in range(len(values))]
    return [
        {**row, "units_produced": value, "batch_id": n}
        for n, (row, value) in enumerate(
            zip(_objects("production_batches", rows), values, strict=True)
        )
    ] + [{"Batch_ID": "both", " batch_id ": "blank", "nested": {"a\0": ["\0", None]}}]


def _keys() -> Iterable[str]:
    return [*EXTRA, "/", "~", "a/b~c", "units produced", "BATCH_ID", " Batch_Id", "null", "true"]


def _typed_batches() -> dict[str, Any]:
    start = datetime(2025, 12, 2, 15, tzinfo=UTC)
    return {
        "batch_id": pa.array([1, 2, None, 4], pa.int64()),
        "Machine_ID": ["sm\0elter 1", "SMELTER-01", "SMELTER-02", "asm 1"],
        "product_name": pa.array(
            ["iron plate", None, "Iron\tPlates", "gear\u00a0wheel"]
        ).dictionary_encode(),
        "start_time": pa.array([start] * 4, pa.timestamp("us", "UTC")),
        "end_time": pa.array([start.replace(tzinfo=None)] * 4, pa.timestamp("ns")),
        "units_produced": pa.array([73.0, 73.5, float("nan"), 10.0], pa.float32()),
        "units_defective": pa.array([Decimal("1.00"), None, Decimal("0.50"), Decimal(0)]),
        "Xmax": [b"\0\xff", b"", None, b"text"],
        "list": [[1, None], [], None, [2]],
        "struct": [{"a": "\0"}, {"a": None}, None, {"a": "x"}],
    }


def _typed_readings() -> dict[str, Any]:
    return {
        "machine_id": ["SMELTER-02"] * 4,
        "timestamp": [datetime(2025, 12, 2, 6, n, 0, 5, tzinfo=None) for n in range(4)],
        "temperature": [1.5, float("nan"), float("inf"), -0.0],
        "pressure": pa.array([1, 2**62, None, -1], pa.int64()),
        "energy_kwh": [True, False, None, True],
        "efficiency_percent": [date(2025, 12, 2)] * 4,
        "Shift": [timedelta(seconds=1), None, timedelta(days=-1), timedelta(0)],
        f"{LONG}2": [1, 2, 3, 4],
    }


# --- files -----------------------------------------------------------------------------------


def _csv(table: str, rows: Iterable[list[Any]], extra: Iterable[str] = ()) -> str:
    """Return a CSV file with line ends of Windows; rows get a cell for every extra column."""
    header = [*LANDED_TABLES[table].columns, *extra]
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\r\n")
    writer.writerow(header)
    for number, row in enumerate(rows):
        cells = [ODD[(number + n) % len(ODD)] for n in range(len(row), len(header))]
        writer.writerow([*row, *cells][: len(header)])
    return sink.getvalue()


def _write_csv(path: Path, rows: Iterable[list[Any]], extra: Iterable[str] = ()) -> None:
    path.write_bytes(_csv(path.stem, rows, extra).encode())


def _write_parquet(path: Path, columns: dict[str, Any]) -> None:
    pq.write_table(pa.table(columns), path)


def _objects(table: str, rows: Iterable[list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(LANDED_TABLES[table].columns, row, strict=False)) for row in rows]


def _plain(row: dict[str, Any]) -> list[str]:
    return [str(row[name]) for name in LANDED_TABLES["sensor_logs"].columns]
