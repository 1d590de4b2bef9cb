"""The comparison of engines finds what differs, be it one cell."""

from datetime import date, datetime
from io import StringIO

import pyarrow as pa
import pytest
from rich.console import Console

from factory_simulation import engine_comparison
from factory_simulation.domain import FactoryError
from factory_simulation.engine_comparison import LAYERS, Week, compare_engines, week_differences
from factory_simulation.table_comparison import differences, table_differences
from tests.conftest import PROJECT

SCHEMA = pa.schema(
    {
        "id": pa.int64(),
        "name": pa.string(),
        "share": pa.float64(),
        "day": pa.date32(),
        "at": pa.timestamp("us"),
        "is_late": pa.bool_(),
        "run_id": pa.string(),
    }
)
FULL = {
    "id": 1,
    "name": "a",
    "share": 0.1,
    "day": date(2025, 12, 1),
    "at": datetime(2025, 12, 1, 6, 30),
    "is_late": True,
    "run_id": "one",
}
EMPTY = dict.fromkeys(FULL) | {"id": 2}


def of(*rows: dict) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=SCHEMA)


def test_the_order_of_columns_is_no_difference():
    assert table_differences(of(FULL), of(FULL).select(SCHEMA.names[::-1]), ["id"]) == []


def test_the_order_of_rows_the_width_of_types_and_the_run_are_no_difference():
    wide = of(EMPTY, FULL | {"run_id": "two"})
    narrow = wide.cast(
        wide.schema.set(0, pa.field("id", pa.int32()))
        .set(1, pa.field("name", pa.string_view()))
        .set(4, pa.field("at", pa.timestamp("ns")))
    )
    assert table_differences(of(FULL, EMPTY), narrow, ["id"]) == []


@pytest.mark.parametrize(
    ("column", "other"),
    [
        ("name", "b"),
        ("name", "a "),
        ("name", None),
        ("share", 0.1 + 1e-9),
        ("share", None),
        ("day", date(2025, 12, 2)),
        ("at", datetime(2025, 12, 1, 6, 30, 0, 1)),
        ("at", None),
        ("is_late", False),
        ("is_late", None),
    ],
)
def test_one_cell_that_differs_is_found(column, other):
    found = table_differences(of(FULL, EMPTY), of(FULL | {column: other}, EMPTY), ["id"])
    assert len(found) == 1
    assert found[0].startswith(f"{column}: 1 cells, such as ")
    assert found[0].endswith(" at 1")


def test_a_value_in_the_place_of_a_null_is_found():
    for column in ("name", "share", "day", "at", "is_late"):
        filled = EMPTY | {column: FULL[column]}
        assert len(table_differences(of(FULL, EMPTY), of(FULL, filled), ["id"])) == 1


def test_floats_may_differ_in_their_last_digits_alone():
    close = of(FULL | {"share": 0.1 + 1e-11})
    assert table_differences(of(FULL), close, ["id"]) == []


def test_other_keys_rows_columns_and_kinds_are_found():
    assert table_differences(of(FULL), of(FULL | {"id": 3}), ["id"])[0].startswith("id: 1 cells")
    assert table_differences(of(FULL), of(FULL, EMPTY), ["id"]) == ["1 and 2 rows"]
    assert table_differences(of(FULL), of(FULL).drop(["name"]), ["id"]) == [
        "only one of the two has column name"
    ]
    as_text = of(FULL).cast(SCHEMA.set(0, pa.field("id", pa.string())))
    assert table_differences(of(FULL), as_text, ["id"]) == ["id: int64 and string"]


def test_a_table_that_only_one_has_is_found():
    name = "silver.machine_spellings"
    assert differences({name: of(FULL)}, {}) == [f"{name}: only one of the two has it"]


def test_a_landing_file_that_differs_is_found():
    ours = Week({}, {}, {"2025-12-01/a.csv": "1", "2025-12-01/b.csv": "1"})
    theirs = Week({}, {}, {"2025-12-01/a.csv": "2"})
    assert week_differences(ours, theirs) == [
        "landing file 2025-12-01/a.csv",
        "landing file 2025-12-01/b.csv",
    ]


def test_an_engine_that_differs_or_is_not_there_is_named(monkeypatch):
    def week(_project, engine: str, _scenario: str) -> Week:
        if engine == "spark":
            raise FactoryError("no Java")
        landing = {"2025-12-01/a.csv": "2" if engine == "datafusion" else "1"}
        return Week(dict.fromkeys(("opening", *LAYERS), 0.5), {}, landing)

    monkeypatch.setattr(engine_comparison, "_week_and_gone", week)
    printed = StringIO()
    with pytest.raises(FactoryError, match="other answers than duckdb: datafusion"):
        compare_engines(PROJECT, "classic", Console(file=printed, width=160))
    lines = printed.getvalue().splitlines()
    assert "spark was not run: no Java" in lines
    assert "datafusion: landing file 2025-12-01/a.csv" in lines
    assert [line.split()[-1] for line in lines if " 0.5 " in line] == ["yes", "yes", "no"]
