"""What DuckDB alone has to get right: a table is there whole, or as it was."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from factory_simulation.datasets.engines import Engine, open_engine
from factory_simulation.domain import Schema

BEFORE, AFTER = pa.table({"number": [1, 2]}), pa.table({"number": [3]})


@pytest.fixture
def filled(engine: Engine) -> Engine:
    engine.create_schemas([Schema.GOLD])
    engine.replace_table("things", Schema.GOLD, engine.small_table(BEFORE))
    return engine


def numbers(engine: Engine) -> list[int]:
    return engine.fetch(engine.table(Schema.GOLD, "things").order_by("number"))[0].to_pylist()


@pytest.mark.parametrize("statement", ["CREATE TABLE", "INSERT", "DROP TABLE", "ALTER TABLE"])
def test_a_replacement_that_is_broken_off_anywhere_leaves_the_table(
    filled: Engine, monkeypatch: pytest.MonkeyPatch, statement: str
):
    """Broken off after each of the statements in which Ibis exchanges a table."""
    broken_off = []

    class Cursor:
        def __init__(self, con: Any) -> None:
            self._con = con

        def __getattr__(self, name: str) -> Any:
            return getattr(self._con, name)

        def execute(self, query: str, *arguments: Any, **more: Any) -> Any:
            done = self._con.execute(query, *arguments, **more)
            if str(query).startswith(statement):
                broken_off.append(query)
                raise KeyboardInterrupt
            return self if str(query).startswith("CREATE TABLE") else done

    rows = filled.small_table(AFTER)
    with monkeypatch.context() as patch:
        patch.setattr(filled.connection, "con", Cursor(filled.connection.con))
        with pytest.raises(KeyboardInterrupt):
            filled.replace_table("things", Schema.GOLD, rows)
    assert broken_off
    assert numbers(filled) == [1, 2]
    assert filled.connection.list_tables(database=Schema.GOLD.value) == ["things"]
    filled.replace_table("things", Schema.GOLD, rows)
    assert numbers(filled) == [3]


def test_a_run_begins_with_a_connection_of_its_own_and_the_same_settings(tmp_path: Path):
    """The warehouse and how it was opened stay; what an earlier run brought in goes."""
    file = tmp_path / "factory.duckdb"
    warehouse = {"backend": "duckdb", "warehouse": str(file), "settings": {"threads": 1}}
    engine = open_engine(warehouse)
    engine.create_schemas([Schema.GOLD])
    engine.replace_table("things", Schema.GOLD, engine.small_table(BEFORE))
    before = engine.connection
    engine.forget_small_tables()
    assert engine.connection is not before
    assert numbers(engine) == [1, 2]
    assert engine.fetch(engine.connection.sql("SELECT current_setting('threads') AS n")) == (
        pa.table({"n": [1]})
    )
    assert engine.connection.list_tables(database=("temp", "main")) == []
    engine.close()
