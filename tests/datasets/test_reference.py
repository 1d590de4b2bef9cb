"""Reference files: delivered or kept, whole or with columns missing, right or wrong."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.io import DatasetError

from factory_simulation.datasets.engines import Engine
from factory_simulation.datasets.reference import ReferenceTable
from factory_simulation.domain import FactoryError
from tests.conftest import PROJECT

CONNECTION = {"backend": "duckdb", "warehouse": ":memory:", "settings": {}}
LIMITS = ["temperature_low_c", "temperature_high_c", "pressure_low_bar", "pressure_high_bar"]
TYPES = {
    "machines": {"units_per_hour": "float64", "kwh_per_unit": "float64", "installed_on": "date32"}
    | dict.fromkeys(LIMITS, "float64"),
    "opening_stock": {"units": "int64"},
    "shifts": {"start_minute": "int64", "end_minute": "int64"},
    "factories": {"utc_offset_minutes": "int64"},
}
OLD = "machine_id,factory_id,machine_kind,product_name,units_per_hour,kwh_per_unit,installed_on\n"
MACHINE = "SMELTER-01,alpha,smelter,Iron Plate,75,0.12,2024-01-15\n"


@pytest.fixture
def table(tmp_path: Path):
    def make(name: str, **parameters: bool) -> ReferenceTable:
        return ReferenceTable(
            filepath=str(tmp_path / "kept" / f"{name}.csv"),
            landing_dir=str(tmp_path / "landing"),
            types=TYPES.get(name),
            connection=CONNECTION,
            **parameters,
        )

    (tmp_path / "kept").mkdir()
    return make


def rows_of(dataset: ReferenceTable) -> list[dict]:
    return dataset.engine.fetch(dataset.load()).to_pylist()


def keep(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / "kept" / f"{name}.csv").write_text(content)


def machine(**values: object) -> pa.Table:
    row = {
        "machine_id": "MILL-1",
        "factory_id": "b",
        "machine_kind": "mill",
        "product_name": 'Plate, "thin"',
        "units_per_hour": 0.1 + 0.2,
        "kwh_per_unit": 1e-7,
        "installed_on": date(2024, 2, 29),
        "temperature_low_c": 1.5,
        "temperature_high_c": 2.0,
        "pressure_low_bar": None,
        "pressure_high_bar": None,
    }
    types = dict.fromkeys(row, pa.string()) | dict.fromkeys(
        ["units_per_hour", "kwh_per_unit", *LIMITS], pa.float64()
    )
    return pa.Table.from_pylist([row | values], pa.schema(types | {"installed_on": pa.date32()}))


def test_what_is_delivered_counts_before_what_is_kept(table, tmp_path):
    keep(tmp_path, "machines", OLD + MACHINE)
    machines = table("machines")
    assert [row["machine_id"] for row in rows_of(machines)] == ["SMELTER-01"]
    machines.save(machine())
    assert rows_of(machines) == machine().to_pylist()
    (tmp_path / "landing" / "reference" / "machines.csv").unlink()
    assert [row["machine_id"] for row in rows_of(machines)] == ["SMELTER-01"]


def test_a_delivered_file_has_the_same_bytes_each_time_and_follows_the_world(table, tmp_path):
    path = tmp_path / "landing" / "reference" / "machines.csv"
    table("machines").save(machine())
    before = path.read_text()
    assert before.splitlines()[1] == (
        'MILL-1,b,mill,"Plate, ""thin""",0.30000000000000004,1e-7,2024-02-29,1.5,2,,'
    )
    table("machines").save(machine(machine_id="MILL-2"))
    assert [row["machine_id"] for row in rows_of(table("machines"))] == ["MILL-2"]
    table("machines").save(machine())
    assert path.read_text() == before


def test_a_file_that_somebody_else_delivered_is_left(table, tmp_path):
    theirs = tmp_path / "landing" / "reference" / "machines.csv"
    theirs.parent.mkdir(parents=True)
    theirs.write_text(OLD + MACHINE)
    for act in (table("machines").check_target, lambda: table("machines").save(machine())):
        with pytest.raises((FactoryError, DatasetError), match="was not made by the generator"):
            act()
    assert theirs.read_text() == OLD + MACHINE


def test_limits_that_a_file_does_not_have_are_null(table, tmp_path):
    keep(tmp_path, "machines", OLD + MACHINE)
    (row,) = rows_of(table("machines"))
    assert [row[name] for name in LIMITS] == [None] * 4
    keep(tmp_path, "machines", f"pressure_low_bar,{OLD}1,{MACHINE}")
    (row,) = rows_of(table("machines"))
    assert [row[name] for name in LIMITS] == [None, None, 1.0, None]


def test_a_file_that_may_be_missing_is_an_empty_table(table):
    stock = table("opening_stock", optional=True)
    stock.check()
    rows = stock.load()
    assert {name: str(type_) for name, type_ in rows.schema().items()} == {
        "factory_id": "string",
        "product_name": "string",
        "units": "int64",
    }
    assert rows_of(stock) == []


def test_an_empty_table_can_be_delivered(table):
    types = {"phrase": pa.string(), "topic": pa.string()}
    phrases = table("phrases", optional=True)
    phrases.save(pa.Table.from_pylist([{"phrase": "two\nlines", "topic": "NA"}], pa.schema(types)))
    assert rows_of(phrases) == [{"phrase": "two\nlines", "topic": "NA"}]
    phrases.save(pa.schema(types).empty_table())
    assert rows_of(phrases) == []


@pytest.mark.parametrize("name", ["machines", "phrases"])
def test_a_file_that_must_be_there_is_missed(table, name):
    with pytest.raises(FactoryError, match=f"{name}.csv does not exist: put it there"):
        table(name).check()
    with pytest.raises((FactoryError, DatasetError), match="does not exist"):
        table(name).load()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("machines", OLD + MACHINE.replace("75", "many"), "'many'"),
        ("machines", OLD + MACHINE.replace("75", "NaN"), "units_per_hour has a value that is no"),
        ("machines", OLD + MACHINE.replace("75", "-1"), "units_per_hour"),
        ("machines", OLD + MACHINE + MACHINE, "machine_id"),
        ("machines", OLD.replace("factory_id,", "") + MACHINE.replace("alpha,", ""), "factory_id"),
        ("machines", OLD.replace("\n", ",colour\n") + MACHINE.replace("\n", ",red\n"), "colour"),
        ("machines", "", "machines.csv"),
        ("opening_stock", "factory_id,product_name,units\na,Plate,-1\n", "units"),
        ("opening_stock", "factory_id,product_name,units\na,P,1\na,P,2\n", "product_name"),
        ("phrases", "phrase,topic\nx,y\nx,z\n", "phrase"),
    ],
)
def test_a_bad_file_is_told_in_one_line(table, tmp_path, name, content, told):
    keep(tmp_path, name, content)
    with pytest.raises((FactoryError, DatasetError), match=told) as error:
        table(name).load()
    assert f"reference file {tmp_path}/kept/{name}.csv: " in str(error.value)
    cause = error.value if isinstance(error.value, FactoryError) else error.value.__cause__
    assert isinstance(cause, FactoryError)
    assert "\n" not in str(cause)


SHIFTS = "factory_id,shift_name,start_minute,end_minute\n"
OVERLAP = r"shifts\.csv: .*shifts of a factory must not overlap"


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("a,early,360,840\na,late,839,1320\n", OVERLAP),
        ("a,early,360,840\na,twin,360,840\n", OVERLAP),
        ("a,all,0,1440\na,late,840,1320\n", OVERLAP),
        ("a,early,300,840\na,night,1320,1801\n", OVERLAP),  # the night's end is in the morning
        ("a,all,300,1741\n", OVERLAP),
        ("a,early,360,360\n", "a shift must end after it begins"),
        ("a,early,-1,360\n", "start_minute"),
        ("a,early,1440,1500\n", "start_minute"),
        ("a,early,1400,2881\n", "end_minute"),
        ("a,early,1,2\na,early,3,4\n", "shift_name"),
    ],
)
def test_shifts_that_cannot_be_are_told_in_one_line(table, tmp_path, lines, told):
    keep(tmp_path, "shifts", SHIFTS + lines)
    with pytest.raises((FactoryError, DatasetError), match=told) as error:
        table("shifts").load()
    cause = error.value if isinstance(error.value, FactoryError) else error.value.__cause__
    assert "\n" not in str(cause)


def test_shifts_that_follow_each_other_are_taken(table, tmp_path):
    lines = "a,early,360,840\na,late,840,1320\na,night,1320,1800\nb,all,0,1440\nc,a,5,1445\n"
    keep(tmp_path, "shifts", SHIFTS + lines)
    assert len(rows_of(table("shifts"))) == 5
    assert rows_of(table("opening_stock", optional=True)) == []


def test_text_that_is_not_utf8_is_told(table, tmp_path):
    (tmp_path / "kept" / "phrases.csv").write_bytes(b"phrase,topic\ncaf\xe9,y\n")
    with pytest.raises((FactoryError, DatasetError), match=r"phrases\.csv: "):
        table("phrases").load()


def test_every_engine_takes_an_empty_table_and_missing_columns(each_engine: Engine, table):
    rows = each_engine.small_table(table("opening_stock", optional=True)._file.read())
    assert each_engine.fetch(rows).num_rows == 0


def test_all_reference_data_of_the_project_is_in_order(tmp_path):
    bootstrap_project(PROJECT)
    parameters = {"landing_dir": str(tmp_path), "warehouse": str(tmp_path / "w" / "f.duckdb")}
    with KedroSession.create(PROJECT, runtime_params=parameters) as session:
        catalog = session.load_context().catalog
        found = {
            name: catalog.load(f"reference_{name}").count().to_pyarrow().as_py()
            for name in (*TYPES, "products", "phrases", "time_zones")
        }
    assert found.pop("time_zones") == 292
    assert found == {
        "machines": 3,
        "opening_stock": 0,
        "shifts": 2,
        "factories": 1,
        "products": 2,
        "phrases": 0,
    }
