"""Every key of every fact points to something, in any table that is called as the house does.

``<x>_key`` is a key of ``dim_<x>``, also with a word before it (``end_date_key``); ``batch_key`` is
that of ``fact_production``, or stands for none. What is unique in a fact is its own key.
"""

from dataclasses import dataclass

import duckdb
import pytest

from factory_simulation.domain import Member
from factory_simulation.schemas.contract import contract_of
from factory_simulation.schemas.gold import CONTRACTS
from tests.conftest import Rows, Workspace
from tests.ground_truth.worlds import SEEDS, World

FACTS = sorted(name for name in CONTRACTS if name.startswith("fact_"))
ONE_SEED = next(iter(SEEDS))
ONE_OF_EACH = pytest.mark.parametrize(
    "world",
    [
        pytest.param((scenario, ONE_SEED), id=f"{scenario} seed {ONE_SEED}")
        for scenario in ("classic", "storm")
    ],
    indirect=True,
)


@dataclass(frozen=True)
class Reference:
    """A column of a fact, and where its values must be."""

    column: str
    table: str
    key: str


def reference(column: str, tables: set[str]) -> Reference | None:
    """Return where a column points; None where no table is called after it."""
    if column == "batch_key":
        return Reference(column, "fact_production", column)
    words = column.removesuffix("_key").split("_")
    for first in range(len(words)):
        name = "_".join(words[first:])
        if f"dim_{name}" in tables:
            return Reference(column, f"dim_{name}", f"{name}_key")
    return None


def breaches(ask, fact: str, columns: list[str], own: list[str], tables: set[str]) -> list[str]:
    """Say what is wrong with the keys of a fact; ``ask`` answers SQL with rows."""
    wrong = []
    keys = ", ".join(own)
    if ask(f"SELECT {keys} FROM gold.{fact} GROUP BY {keys} HAVING count(*) > 1"):
        wrong.append(f"{keys} is not unique")
    for column in (name for name in columns if name.endswith("_key")):
        if ask(f"SELECT 1 FROM gold.{fact} WHERE {column} IS NULL LIMIT 1"):
            wrong.append(f"{column} is null")
        if [column] == own:
            continue
        to = reference(column, tables)
        if to is None:
            wrong.append(f"{column} is the key of nothing")
            continue
        allowed = f"f.{column} = '{Member.NOT_APPLICABLE}'" if column == "batch_key" else "false"
        orphans = ask(
            f"""
            SELECT DISTINCT f.{column} AS orphan FROM gold.{fact} f
            WHERE f.{column} IS NOT NULL AND NOT ({allowed})
                AND NOT EXISTS (SELECT 1 FROM gold.{to.table} d WHERE d.{to.key} = f.{column})
            """
        )
        wrong += [f"{column} {row['orphan']} is not in {to.table}" for row in orphans]
    return wrong


def breaches_of(workspace: Workspace) -> dict[str, list[str]]:
    """Return what is wrong with the facts of a warehouse."""
    stored: dict[str, list[str]] = {}
    for row in workspace.query(
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = 'gold' ORDER BY ordinal_position"
    ):
        stored.setdefault(row["table_name"], []).append(row["column_name"])
    assert {name for name in stored if name.startswith("fact_")} >= set(FACTS)
    found = {
        fact: breaches(
            workspace.query, fact, stored[fact], contract_of("gold", fact).unique, stored.keys()
        )
        for fact in FACTS
    }
    return {fact: wrong for fact, wrong in found.items() if wrong}


@pytest.mark.slow
@ONE_OF_EACH
def test_every_key_of_a_world_points_to_something(world: World):
    assert breaches_of(world.workspace) == {}


def test_every_key_of_another_generators_week_points_to_something(seed_week: Workspace):
    assert breaches_of(seed_week) == {}


def test_every_key_of_another_generators_day_points_to_something(foreign_day: Workspace):
    assert breaches_of(foreign_day) == {}


@pytest.mark.slow
@ONE_OF_EACH
def test_members_are_used_where_there_is_nothing_to_point_to(world: World):
    """Else a test of members would pass for want of rows."""
    outside = world.workspace.query(
        "SELECT count(*) AS rows FROM gold.fact_sensor_reading WHERE batch_key = 'not_applicable'"
    )
    in_silver = world.workspace.query(
        "SELECT count(*) AS rows FROM silver.sensor_readings WHERE batch_id IS NULL"
    )
    assert outside == in_silver
    assert (outside[0]["rows"] > 0) == (world.scenario == "storm")


def test_facts_have_the_dates_of_a_calendar_without_gaps(classic_week: Workspace):
    days = [row["date"] for row in classic_week.table("gold.dim_date")]
    assert len(days) == (max(days) - min(days)).days + 1


# --- the check itself ----------------------------------------------------------------------

PRODUCTION = ("batch_key TEXT", "date_key INT", "product_key TEXT")
READINGS = (
    *("reading_key TEXT", "date_key INT", "batch_key TEXT"),
    *("fault_type_key TEXT", "end_date_key INT"),
)
PRODUCED = "('b1', 20251201, 'p')"
READ = "('r1', 20251201, 'b1', 'e')"


def check(produced: str = PRODUCED, read: str = READ, end_date_key: str = "20251201") -> list[str]:
    """Return what is wrong with two facts that are right but for what is given."""
    with duckdb.connect() as connection:

        def ask(sql: str) -> Rows:
            return connection.execute(sql).to_arrow_table().to_pylist()

        for statement in (
            "CREATE SCHEMA gold",
            "CREATE TABLE gold.dim_date AS SELECT 20251201 AS date_key",
            "CREATE TABLE gold.dim_fault_type AS SELECT 'e' AS fault_type_key",
            "CREATE TABLE gold.dim_product AS SELECT 'p' AS product_key",
            f"CREATE TABLE gold.fact_production ({', '.join(PRODUCTION)})",
            f"CREATE TABLE gold.fact_reading ({', '.join(READINGS)})",
            f"INSERT INTO gold.fact_production VALUES {produced}",
            f"INSERT INTO gold.fact_reading SELECT *, {end_date_key} FROM (VALUES {read})",
        ):
            connection.execute(statement)
        tables = {"dim_date", "dim_fault_type", "dim_product"}
        of_production, of_readings = (
            [column.split()[0] for column in columns] for columns in (PRODUCTION, READINGS)
        )
        return [
            *breaches(ask, "fact_production", of_production, ["batch_key"], tables),
            *breaches(ask, "fact_reading", of_readings, ["reading_key"], tables),
        ]


@pytest.mark.parametrize(
    ("different", "wrong"),
    [
        ({}, []),
        ({"read": "('r1', 20251201, 'not_applicable', 'e')"}, []),
        ({"read": "('r1', 20251202, 'b1', 'e')"}, ["date_key 20251202 is not in dim_date"]),
        ({"read": "('r1', 20251201, 'b2', 'e')"}, ["batch_key b2 is not in fact_production"]),
        ({"read": "('r1', 20251201, 'b1', 'x')"}, ["fault_type_key x is not in dim_fault_type"]),
        (
            {"read": "('r1', 20251201, 'b1', 'not_applicable')"},
            ["fault_type_key not_applicable is not in dim_fault_type"],
        ),
        ({"read": "('r1', 20251201, NULL, 'e')"}, ["batch_key is null"]),
        ({"read": f"{READ}, {READ}"}, ["reading_key is not unique"]),
        ({"end_date_key": "20251202"}, ["end_date_key 20251202 is not in dim_date"]),
        ({"produced": f"{PRODUCED}, {PRODUCED}"}, ["batch_key is not unique"]),
        ({"produced": "('b1', 20251201, 'q')"}, ["product_key q is not in dim_product"]),
    ],
)
def test_the_check_finds_what_is_wrong(different: dict[str, str], wrong: list[str]):
    assert check(**different) == wrong


def test_a_key_that_no_table_is_called_after_is_told():
    assert reference("shift_key", {"dim_date"}) is None
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA gold")
        connection.execute("CREATE TABLE gold.fact_x AS SELECT 'x' AS x_key, 'day' AS shift_key")

        def ask(sql: str) -> Rows:
            return connection.execute(sql).to_arrow_table().to_pylist()

        found = breaches(ask, "fact_x", ["x_key", "shift_key"], ["x_key"], set())
    assert found == ["shift_key is the key of nothing"]
