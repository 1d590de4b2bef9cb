"""What files held is on record load by load, and what a delivery replaced."""

from datetime import date, datetime

import pyarrow as pa
import pytest
from ibis import _

from factory_simulation.datasets.engines import Engine
from factory_simulation.datasets.file_loads import record_loads
from factory_simulation.domain import QC_CHECKS, FileStatus, Schema
from factory_simulation.schemas.contract import contract_of

Content = tuple[str, int]
Replaced = tuple[str, int, str]


@pytest.fixture
def engine(each_engine: Engine) -> Engine:
    each_engine.create_schemas([Schema.OPS])
    if each_engine.has_table(Schema.OPS, "file_loads"):
        stored = each_engine.table(Schema.OPS, "file_loads")
        each_engine.replace_table("file_loads", Schema.OPS, stored.limit(0).cache())
    return each_engine


def load(engine: Engine, run_id: str, **content: Content | None) -> None:
    """Record that a run took in files: stem, what it holds and how many rows; None took it out."""
    columns = contract_of(Schema.OPS, "file_loads").columns
    types = {name: column.dtype.type.to_pyarrow() for name, column in columns.items()}
    rows = [
        {
            "source_file": f"{stem}.csv",
            "run_id": run_id,
            "table_name": QC_CHECKS.name,
            "arrival_date": date(2025, 12, 1),
            "size_bytes": 1,
            "sha256": held[0] if held else None,
            "row_count": held[1] if held else 0,
            "status": FileStatus.INGESTED if held else FileStatus.WITHDRAWN,
            "loaded_at": datetime(2025, 12, 9),
        }
        for stem, held in content.items()
    ]
    record_loads(engine, engine.small_table(pa.Table.from_pylist(rows, schema=pa.schema(types))))


def replaced(engine: Engine, stem: str) -> dict[str, Replaced | None]:
    """Return what each load of a file replaced, by its run."""
    loads = engine.table(Schema.OPS, "file_loads").filter(_.source_file == f"{stem}.csv")
    return {
        row["run_id"]: row["replaced_sha256"]
        and (row["replaced_sha256"], row["replaced_row_count"], row["replaced_run_id"])
        for row in engine.fetch(loads.order_by("run_id")).to_pylist()
    }


def test_a_file_that_lands_again_with_other_content_says_what_it_replaced(engine):
    load(engine, "r1", a=("one", 5), b=("two", 7))
    load(engine, "r2", a=("three", 4))
    load(engine, "r3", a=("one", 5))
    assert replaced(engine, "a") == {"r1": None, "r2": ("one", 5, "r1"), "r3": ("three", 4, "r2")}
    assert replaced(engine, "b") == {"r1": None}


def test_a_file_that_is_read_again_replaced_nothing(engine):
    load(engine, "r1", a=("one", 5))
    load(engine, "r2", a=("one", 5))
    assert replaced(engine, "a") == {"r1": None, "r2": None}


def test_a_file_that_is_gone_was_something_before(engine):
    load(engine, "r1", a=("one", 5))
    load(engine, "r2", a=None)
    load(engine, "r3", a=("two", 6))
    assert replaced(engine, "a") == {"r1": None, "r2": ("one", 5, "r1"), "r3": None}


def test_a_run_that_records_its_files_table_by_table_leaves_what_it_recorded(engine):
    load(engine, "r1", a=("one", 5))
    load(engine, "r2", a=("two", 6))
    load(engine, "r2", b=("three", 1))
    assert replaced(engine, "a") == {"r1": None, "r2": ("one", 5, "r1")}
    assert replaced(engine, "b") == {"r2": None}
