"""Every engine keeps tables alike: the very values, whole or not at all, from run to run."""

import hashlib
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest
from ibis import _
from kedro.framework.session import KedroSession

from factory_simulation.datasets.engines import Engine, may_hold_tables, open_engine
from factory_simulation.domain import FactoryError, Schema
from factory_simulation.engine_comparison import ENVIRONMENTS, warehouse_of
from tests.conftest import PROJECT

SCHEMA = Schema.BRONZE
TYPES = pa.schema(
    {
        "number": pa.int64(),
        "share": pa.float64(),
        "is_late": pa.bool_(),
        "name": pa.string(),
        "day": pa.date32(),
        "at": pa.timestamp("us"),
    }
)
FULL = {
    "number": 1,
    "share": 0.1,
    "is_late": True,
    "name": "a",
    "day": date(2025, 12, 1),
    "at": datetime(2025, 12, 1, 6, 30, 0, 123456),
}
NULL = dict.fromkeys(FULL)
TEXTS = [
    None,
    "",
    " ",
    "  kept  ",
    "NULL",
    "null",
    "\\N",
    "\\",
    "\\.",
    "one\n\\.\nthree",
    "back\\slash\\n",
    "a,b;c",
    'say "so"',
    '"',
    '""',
    "it's",
    "tab\there",
    "two\nlines",
    "two\r\nlines",
    "\r",
    "\n",
    "ü, ß, 漢字, 🏭, e\u0301",
    "\ufeffmark",
    "{}%s$1?:x--",
]


@pytest.fixture
def engine(each_engine: Engine) -> Engine:
    each_engine.create_schemas([SCHEMA])
    return each_engine


@pytest.fixture
def config(each_engine: Engine, request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    """What opens a warehouse of this test's own, which is not there yet."""
    name = request.node.callspec.params["each_engine"]
    given = {"warehouse": warehouse_of(name, tmp_path / "own")}
    with KedroSession.create(PROJECT, env=ENVIRONMENTS[name], runtime_params=given) as session:
        return dict(session.load_context().catalog.get("warehouse")._connection_config)


@pytest.fixture
def name() -> str:
    """A table that is not there yet."""
    return ibis.util.gen_name("table")


@pytest.fixture
def stored(engine: Engine, name: str) -> Callable[[], list[dict]]:
    """All rows of the table."""

    def rows() -> list[dict]:
        found = engine.table(SCHEMA, name)
        return engine.fetch(found.order_by(found.columns)).to_pylist()

    return rows


@pytest.fixture
def replace_rows(engine: Engine, name: str) -> Callable[..., None]:
    def replace(rows: ir.Table, *keys: str) -> None:
        engine.replace_rows(name, SCHEMA, rows, keys=engine.small_keys("file", keys))

    return replace


def of(*rows: dict, types: pa.Schema = TYPES) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=types)


def kinds(table: ir.Table) -> dict[str, Any]:
    """The types of columns; how many digits a second has is not known everywhere."""
    return {
        name: type_.copy(scale=None) if type_.is_timestamp() else type_
        for name, type_ in table.schema().items()
    }


# --- small tables --------------------------------------------------------------------------


def test_a_small_table_keeps_its_types_and_nulls(engine):
    rows = of(FULL, NULL, FULL | {"number": 2, "is_late": False, "name": ""})
    small = engine.small_table(rows)
    assert kinds(small) == kinds(ibis.table(ibis.Schema.from_pyarrow(TYPES)))
    assert sorted(engine.fetch(small).to_pylist(), key=str) == sorted(rows.to_pylist(), key=str)


@pytest.mark.parametrize("column", TYPES.names)
def test_a_column_of_nulls_alone_keeps_its_type(engine, column):
    types = pa.schema([TYPES.field(column)])
    fetched = engine.fetch(engine.small_table(of({}, {}, types=types)))
    assert fetched.to_pylist() == [{column: None}] * 2
    assert fetched.cast(types).schema == types


def test_a_small_table_may_be_empty(engine):
    small = engine.small_table(of())
    assert kinds(small) == kinds(ibis.table(ibis.Schema.from_pyarrow(TYPES)))
    fetched = engine.fetch(small)
    assert fetched.num_rows == 0
    assert fetched.column_names == TYPES.names


def test_small_tables_are_forgotten_and_those_of_the_warehouse_stay(engine, name, stored):
    small = engine.small_table(of(FULL))
    engine.replace_table(name, SCHEMA, small)
    engine.forget_small_tables()
    assert stored() == of(FULL).to_pylist()
    assert engine.fetch(engine.small_table(of(FULL))).num_rows == 1
    if engine.connection.name in {"duckdb", "postgres"}:
        assert small.get_name() not in engine.connection.list_tables()


@pytest.mark.parametrize(
    ("type_", "values"),
    [
        (pa.int64(), [0, -1, 2**53 + 1, -(2**62), 2**63 - 1, None]),
        (pa.float64(), [0.1, 0.1 + 0.2, 1 / 3, -1e300, 5e-324, 2.0**53, None]),
        (pa.date32(), [date(1969, 12, 31), date(2024, 2, 29), date(9999, 12, 31), None]),
        (
            pa.timestamp("us"),
            [datetime(1969, 12, 31, 23, 59, 59, 999999), datetime(2025, 3, 30, 2, 30), None],
        ),
    ],
)
def test_values_come_back_to_the_last_digit(engine, type_, values):
    rows = pa.table({"value": pa.array(values, type_)})
    fetched = engine.fetch(engine.small_table(rows))
    assert fetched["value"].cast(type_).to_pylist() == values


@pytest.mark.parametrize("more", [(), ("other",)])
def test_texts_come_back_as_they_are(engine, more):
    rows = pa.table(
        {"value": pa.array(TEXTS, pa.string())} | {n: pa.array(range(len(TEXTS))) for n in more}
    )
    small = engine.small_table(rows)
    assert engine.fetch(small)["value"].to_pylist() == TEXTS
    assert (
        engine.fetch(small.filter(_.value.isnull()).count().as_table()).to_pylist()
        == [{"CountStar()": 1}]
        or engine.fetch(small.filter(_.value.isnull())).num_rows == 1
    )


def test_texts_come_back_from_the_warehouse_as_they_are(engine, name, stored):
    rows = pa.table({"value": pa.array(TEXTS, pa.string())})
    engine.replace_table(name, SCHEMA, engine.small_table(rows))
    assert sorted(stored(), key=str) == sorted(rows.to_pylist(), key=str)


def test_small_tables_are_apart(engine):
    one, two = (engine.small_table(of(FULL | {"number": number})) for number in (1, 2))
    joined = one.select("name", one="number").join(two.select("name", two="number"), "name")
    assert engine.fetch(joined.select("one", "two")).to_pylist() == [{"one": 1, "two": 2}]


# --- replacing a table ---------------------------------------------------------------------


def test_a_table_is_made_then_replaced(engine, name, stored):
    assert not engine.has_table(SCHEMA, name)
    engine.replace_table(name, SCHEMA, engine.small_table(of(FULL, NULL)))
    assert engine.has_table(SCHEMA, name)
    assert sorted(stored(), key=str) == sorted([FULL, NULL], key=str)
    other = pa.table({"else": ["x"]})
    engine.replace_table(name, SCHEMA, engine.small_table(other))
    assert stored() == other.to_pylist()


def test_a_table_of_another_schema_is_another_table(engine, name):
    engine.create_schemas([Schema.SILVER])
    engine.replace_table(name, SCHEMA, engine.small_table(of(FULL)))
    assert not engine.has_table(Schema.SILVER, name)


def test_a_table_is_replaced_by_no_rows(engine, name, stored):
    engine.replace_table(name, SCHEMA, engine.small_table(of(FULL)))
    engine.replace_table(name, SCHEMA, engine.table(SCHEMA, name).filter(_.number < 0))
    assert stored() == []
    assert engine.table(SCHEMA, name).columns == tuple(TYPES.names)


def test_a_table_is_replaced_by_what_is_computed_from_it(engine, name, stored):
    engine.replace_table(name, SCHEMA, engine.small_table(of({"number": 1}, {"number": 2})))
    for _time in range(2):
        old = engine.table(SCHEMA, name)
        engine.replace_table(name, SCHEMA, old.select(number=old.number * 10))
    assert stored() == [{"number": 100}, {"number": 200}]


def close_to(value: Any) -> Any:
    return pytest.approx(value, rel=1e-12) if isinstance(value, float) else value


def test_numbers_are_stored_as_integers_and_floats(engine, name, stored):
    numbers = pa.table({"n": pa.array([7, 8], pa.int64()), "f": [2.5, None]})
    t = engine.small_table(numbers)
    computed = {
        "n": (t.n, [7, 8]),
        "sum": (t.n.sum().over().cast("int64"), [15, 15]),
        "quotient": (t.n // 2, [3, 4]),
        "remainder": (t.n % 4, [3, 0]),
        "chosen": ((t.n > 7).ifelse(t.n, 0), [0, 8]),
        "scaled": (t.n * 0.001, [0.007, 0.008]),
        "ratio": (t.n / 2.0, [3.5, 4.0]),
        "product": (t.f * t.n, [17.5, None]),
        "power": (t.f * 1.1 * 1.1, [3.025, None]),
        "mean": (t.n.mean().over(), [7.5, 7.5]),
        "filled": (t.f.coalesce(0.5), [2.5, 0.5]),
    }
    rows = t.select(**{column: value for column, (value, _expected) in computed.items()})
    engine.replace_table(name, SCHEMA, rows)
    for index, row in enumerate(stored()):
        for column, (_value, expected) in computed.items():
            assert row[column] == close_to(expected[index]), column
    types = engine.table(SCHEMA, name).schema()
    assert {column for column, type_ in types.items() if type_.is_integer()} == set(
        list(computed)[:5]
    )
    assert all(types[column].is_float64() for column in list(computed)[5:])
    assert types["n"].is_int64()
    assert types["sum"].is_int64()


def test_a_sum_beyond_two_to_the_53_is_exact(engine, name, stored):
    t = engine.small_table(pa.table({"n": [2**53, 1, 2]}))
    engine.replace_table(name, SCHEMA, t.aggregate(total=t.n.sum().cast("int64")))
    assert stored() == [{"total": 2**53 + 3}]


def test_a_replacement_that_fails_leaves_the_table(engine, name, stored):
    engine.replace_table(name, SCHEMA, engine.small_table(of(FULL)))
    broken = engine.small_table(pa.table({"name": ["1", "nonsense"]}))
    with pytest.raises(Exception, match="nonsense"):
        engine.replace_table(name, SCHEMA, broken.select(number=broken.name.cast("int64")))
    assert stored() == [FULL]
    engine.replace_table(name, SCHEMA, engine.small_table(of(FULL, FULL)))
    assert stored() == [FULL, FULL]


def test_a_table_that_cannot_be_made_is_not_there(engine, name):
    broken = engine.small_table(pa.table({"name": ["nonsense"]}))
    with pytest.raises(Exception, match="nonsense"):
        engine.replace_table(name, SCHEMA, broken.select(number=broken.name.cast("int64")))
    assert not engine.has_table(SCHEMA, name)


def test_a_table_that_is_missing_is_told(engine, name):
    assert not engine.has_table(SCHEMA, name)
    with pytest.raises(Exception, match=name):
        engine.table(SCHEMA, name)


# --- replacing rows ------------------------------------------------------------------------


def files(engine: Engine, **values: int | None) -> ir.Table:
    """One row for each file."""
    types = pa.schema({"file": pa.string(), "n": pa.int64()})
    rows = [{"file": file, "n": n} for file, n in values.items()]
    return engine.small_table(of(*rows, types=types))


def test_rows_make_a_table_that_is_missing(engine, replace_rows, stored):
    replace_rows(files(engine, a=1, b=None), "a", "b")
    assert stored() == [{"file": "a", "n": 1}, {"file": "b", "n": None}]


def test_rows_of_the_keys_are_replaced_and_others_left(engine, replace_rows, stored):
    replace_rows(files(engine, a=1, b=2, c=3), "a", "b", "c")
    replace_rows(files(engine, b=20, d=4), "b", "c", "d")
    assert [(row["file"], row["n"]) for row in stored()] == [("a", 1), ("b", 20), ("d", 4)]


def test_keys_are_values_whatever_is_in_them(engine, replace_rows, stored):
    odd = ["it's", 'a"b', "a\\b", "a%", "x, y", "ü", "", "{}"]
    for n in (1, 2):
        replace_rows(files(engine, **dict.fromkeys(odd, n)), *odd[:4])
    expected = [(file, n) for file in odd for n in ([2] if file in odd[:4] else [1, 2])]
    assert sorted((row["file"], row["n"]) for row in stored()) == sorted(expected)


def test_a_new_column_is_null_in_old_rows(engine, replace_rows, stored):
    replace_rows(files(engine, a=1), "a")
    for extra in ("select", 'q"t', "Shift"):
        replace_rows(files(engine, b=2).mutate(**{extra: ibis.literal("x")}), "b")
    assert stored() == [
        {"file": "a", "n": 1, "select": None, 'q"t': None, "Shift": None},
        {"file": "b", "n": 2, "select": None, 'q"t': None, "Shift": "x"},
    ]


def test_a_column_that_is_lacking_is_null_in_new_rows(engine, replace_rows, stored):
    replace_rows(files(engine, a=1), "a")
    replace_rows(files(engine, b=2).select("file"), "b")
    assert stored() == [{"file": "a", "n": 1}, {"file": "b", "n": None}]


def test_columns_are_found_by_name_in_any_order(engine, replace_rows, stored):
    replace_rows(files(engine, a=1), "a")
    replace_rows(files(engine, b=2).select("n", "file"), "b")
    assert stored() == [{"file": "a", "n": 1}, {"file": "b", "n": 2}]


def test_no_keys_and_no_rows_change_nothing(engine, name, replace_rows, stored):
    replace_rows(files(engine, a=1, b=2), "a", "b")
    before = engine.table(SCHEMA, name).schema()
    replace_rows(files(engine))
    assert stored() == [{"file": "a", "n": 1}, {"file": "b", "n": 2}]
    assert engine.table(SCHEMA, name).schema() == before


def test_keys_without_rows_take_rows_out(engine, replace_rows, stored):
    replace_rows(files(engine, a=1, b=2), "a", "b")
    replace_rows(files(engine), "a", "x")
    assert stored() == [{"file": "b", "n": 2}]


def test_rows_without_a_key_stay(engine, replace_rows, stored):
    types = pa.schema({"file": pa.string(), "n": pa.int64()})
    replace_rows(engine.small_table(of({"n": 1}, {"file": "a", "n": 2}, types=types)))
    replace_rows(files(engine, a=3), "a")
    assert sorted(row["n"] for row in stored()) == [1, 3]


def test_done_twice_is_as_once(engine, replace_rows, stored):
    replace_rows(files(engine, a=1, b=2), "a", "b")
    for _time in range(2):
        replace_rows(files(engine, b=3).mutate(more=ibis.literal(1.5)), "b")
    assert stored() == [{"file": "a", "n": 1, "more": None}, {"file": "b", "n": 3, "more": 1.5}]


def test_rows_may_be_computed_from_the_table_itself(engine, name, replace_rows, stored):
    replace_rows(files(engine, a=1, b=2), "a", "b")
    old = engine.table(SCHEMA, name)
    replace_rows(old.filter(_.file == "a").mutate(n=_.n * 10, file=ibis.literal("c")), "c")
    assert [(row["file"], row["n"]) for row in stored()] == [("a", 1), ("b", 2), ("c", 10)]


def test_rows_that_fail_leave_what_was_there(engine, name, replace_rows, stored):
    replace_rows(files(engine, a=1, b=2), "a", "b")
    broken = files(engine, a=9, nonsense=9).mutate(more=_.file.cast("int64"))
    with pytest.raises(Exception, match=r"nonsense|['\"]a['\"]"):
        replace_rows(broken, "a", "nonsense")
    assert stored() == [{"file": "a", "n": 1}, {"file": "b", "n": 2}]
    replace_rows(files(engine, a=3), "a")
    assert stored() == [{"file": "a", "n": 3}, {"file": "b", "n": 2}]


def test_rows_that_fail_make_no_table(engine, name, replace_rows):
    with pytest.raises(Exception, match="nonsense"):
        replace_rows(files(engine, nonsense=1).mutate(n=_.file.cast("int64")), "nonsense")
    assert not engine.has_table(SCHEMA, name)


# --- results and files ---------------------------------------------------------------------


def test_a_stream_comes_in_order_and_in_pieces(engine):
    numbers = [(n * 7919) % 30_000 for n in range(30_000)]
    t = engine.small_table(pa.table({"n": numbers, "text": [f"t{n}" for n in numbers]}))
    pieces = list(engine.stream(t.order_by(_.n.desc()), chunk_size=1000))
    assert len(pieces) > 1
    streamed = pa.Table.from_batches(pieces).to_pydict()
    assert streamed["n"] == list(reversed(range(30_000)))
    assert streamed["text"] == [f"t{n}" for n in streamed["n"]]


def test_a_stream_of_no_rows_yields_none(engine):
    pieces = list(engine.stream(engine.small_table(of()), chunk_size=10))
    assert sum(piece.num_rows for piece in pieces) == 0


def test_a_stream_may_be_broken_off(engine):
    t = engine.small_table(pa.table({"n": list(range(100))}))
    streaming = engine.stream(t.order_by("n"), chunk_size=10)
    assert next(streaming)["n"][0].as_py() == 0
    streaming.close()
    assert engine.fetch(t).num_rows == 100


def test_fingerprints_say_what_files_hold_and_which_cannot_be_read(engine, tmp_path):
    path, missing = tmp_path / "a b[1].csv", tmp_path / "missing.csv"
    path.write_bytes(b"a,b\n1,2\n")
    there, gone, again = engine.fingerprints([path, missing, path])
    assert (there.size_bytes, there.problem) == (8, None)
    assert there.sha256 == hashlib.sha256(b"a,b\n1,2\n").hexdigest()
    assert again == there
    assert (gone.size_bytes, gone.sha256) == (0, None)
    assert gone.problem == "cannot be read: No such file or directory"
    assert engine.fingerprints([]) == []


# --- warehouses ----------------------------------------------------------------------------


def test_tables_survive_their_connection(config):
    first = open_engine(config)
    first.create_schemas(list(Schema))
    first.replace_table("kept", SCHEMA, first.small_table(of(FULL, NULL)))
    first.close()
    second = open_engine(config)
    try:
        second.create_schemas(list(Schema))
        assert second.has_table(SCHEMA, "kept")
        found = second.fetch(second.table(SCHEMA, "kept").order_by("number")).to_pylist()
        assert sorted(found, key=str) == sorted([FULL, NULL], key=str)
        second.replace_table("kept", SCHEMA, second.small_table(of(NULL)))
        assert second.fetch(second.table(SCHEMA, "kept")).to_pylist() == [NULL]
    finally:
        second.drop()


def test_a_warehouse_that_is_dropped_is_gone(config):
    first = open_engine(config)
    first.create_schemas(list(Schema))
    first.replace_table("gone", SCHEMA, first.small_table(of(FULL)))
    first.drop()
    second = open_engine(config)
    try:
        second.create_schemas([SCHEMA])
        assert not second.has_table(SCHEMA, "gone")
    finally:
        second.drop()


def test_asking_for_tables_makes_no_warehouse(config, tmp_path):
    may_hold_tables(config)
    assert not (tmp_path / "own").exists()


def test_an_engine_that_is_not_known_is_told_in_one_line():
    with pytest.raises(FactoryError) as told:
        open_engine({"backend": "sqlite", "warehouse": "x"})
    assert str(told.value) == ("engine 'sqlite' is none of duckdb, postgres, pyspark, datafusion")


def test_an_engine_that_is_not_installed_says_how_to_install_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "datafusion", None)
    module = "factory_simulation.datasets.engines.datafusion"
    monkeypatch.delitem(sys.modules, module, raising=False)
    with pytest.raises(FactoryError) as told:
        open_engine({"backend": "datafusion", "warehouse": str(tmp_path / "warehouse")})
    assert str(told.value) == (
        "engine datafusion needs datafusion, which is not installed: "
        "pip install -e '.[datafusion]' in the project's folder"
    )


LOADING = f"""
import sys
packages = ["psycopg", "pyspark", "datafusion"]
sys.modules |= dict.fromkeys(packages if "without" in sys.argv else [])
from kedro.framework.project import pipelines
from kedro.framework.startup import bootstrap_project
bootstrap_project({str(PROJECT)!r})
assert dict(pipelines)
import factory_simulation.cli, factory_simulation.hooks, factory_simulation.pipeline_registry
loaded = [name for name in sys.modules if sys.modules[name]]
engines = "factory_simulation.datasets.engines."
print([name for name in ("psycopg", "datafusion") if name in loaded])
print([name for name in ("postgres", "pyspark", "datafusion") if engines + name in loaded])
"""


@pytest.mark.parametrize("packages", ["with", "without"])
def test_the_project_loads_no_engine_before_it_is_chosen(packages):
    """Pandera looks for pyspark by itself, so it is not among the packages that stay unloaded."""
    done = subprocess.run(
        [sys.executable, "-c", LOADING, packages],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-2:] == ["[]", "[]"]
