"""Machine time and OEE of whole worlds, against minutes that are counted from the truth."""

from fractions import Fraction

import pytest

from factory_simulation.domain import OverOne
from tests.conftest import Rows, Workspace
from tests.ground_truth.worlds import World, worlds
from tests.pipelines.gold.minutes import Batch, Event, Machine, Plant, Shift
from tests.pipelines.gold.oee_rows import assert_cells, assert_levels
from tests.pipelines.gold.plant import assert_minutes, minute_of

_MILLI_SECONDS_PER_HOUR = 3_600_000


def plant_of_truth(workspace: Workspace) -> Plant:
    """Return the plant as it truly was: batches, events and plates out of the simulation."""
    rates = {
        row["machine_id"]: Fraction(_MILLI_SECONDS_PER_HOUR, row["milli_units_per_hour"])
        for row in workspace.table("truth.machine_versions")
    }
    batches = [
        Batch(
            row["batch_id"],
            row["machine_id"],
            row["start_seconds"] // 60,
            row["end_seconds"] // 60,
            row["units_produced"] - row["units_defective"],
            row["units_defective"],
            rates[row["machine_id"]],
        )
        for row in workspace.table("truth.production_batches")
    ]
    events = [
        Event(
            row["machine_id"],
            row["event_type"],
            row["start_seconds"] // 60,
            row["end_seconds"] // 60,
            f"{row['event_type']}|{key_of(row['reason'])}",
        )
        for row in workspace.table("truth.machine_events")
    ]
    return Plant(machines_of(workspace), shifts_of(workspace), batches, events)


def plant_of_silver(workspace: Workspace) -> Plant:
    """Return the plant as another generator's files tell it, by way of silver."""
    rates = {
        row["machine_id"]: 3600 / Fraction(row["units_per_hour"])
        for row in workspace.table("silver.machine_versions")
    }
    batches = [
        Batch(
            f"{row['machine_id']}|{row['production_date']}|{row['batch_id']}",
            row["machine_id"],
            minute_of(row["start_at"]),
            minute_of(row["end_at"]),
            row["units_produced"] - row["units_defective"],
            row["units_defective"],
            rates[row["machine_id"]],
        )
        for row in workspace.table("silver.production_batches")
    ]
    return Plant(machines_of(workspace), shifts_of(workspace), batches)


def key_of(reason: str) -> str:
    return reason.lower().replace("_", "").removesuffix("s")


def machines_of(workspace: Workspace) -> list[Machine]:
    rows = workspace.query(
        "SELECT DISTINCT machine_id, factory_id, product_name, date_diff('day', DATE '1970-01-01',"
        " installed_on) AS installed FROM gold.dim_machine"
    )
    return [
        Machine(
            row["machine_id"],
            row["factory_id"],
            row["product_name"].lower().replace(" ", ""),
            row["installed"],
        )
        for row in rows
    ]


def shifts_of(workspace: Workspace) -> list[Shift]:
    listed = workspace.query("SELECT * FROM gold.dim_shift WHERE start_minute IS NOT NULL")
    return [
        Shift(row["factory_id"], row["shift_name"], row["start_minute"], row["end_minute"])
        for row in listed
    ]


def assert_all(plant: Plant, workspace: Workspace) -> Rows:
    oee = workspace.table("gold.oee_daily")
    assert_minutes(plant, workspace.table("gold.fact_machine_time"))
    assert_cells(plant, oee)
    assert_levels(plant, oee)
    return oee


@pytest.mark.slow
@worlds("classic", "campus")
def test_machine_time_and_oee_are_what_was_true(world: World):
    workspace = world.workspace
    oee = assert_all(plant_of_truth(workspace), workspace)
    # a machine may be a percent above its plate, but no batch overlaps another
    assert {row["over_one_reason"] for row in oee} <= {None, OverOne.FASTER_THAN_PLATE}
    assert all(0 < row["oee"] < 1 for row in oee if row["level"] == "factory")
    made = {
        (row["date"], row["machine"]): tuple(row["units"])
        for row in workspace.query(
            "SELECT production_date AS date, machine_id AS machine,"
            " [sum(batches), sum(units_produced), sum(units_defective)] AS units"
            " FROM gold.daily_production GROUP BY ALL"
        )
    }
    assert made == {
        (row["production_date"], row["machine_id"]): (
            row["batches"],
            row["units_produced"],
            row["units_defective"],
        )
        for row in oee
        if row["level"] == "machine" and row["has_production"]
    }


@pytest.mark.slow
@worlds("classic", "campus")
def test_every_fact_is_of_the_shift_in_which_it_happened(world: World):
    for fact, at in {
        "fact_production": "start_at",
        "fact_sensor_reading": "read_at",
        "fact_quality_check": "check_at",
        "fact_operator_event": "log_at",
        "fact_machine_event": "start_at",
    }.items():
        plant = Plant([], shifts_of(world.workspace), [])
        rows = world.workspace.query(f"SELECT factory_id, shift_key, {at} AS at FROM gold.{fact}")
        for row in rows:
            expected = plant.occurrence(row["factory_id"], minute_of(row["at"]))[0]
            assert row["shift_key"] == expected
    known = {row["shift_key"] for row in world.workspace.table("gold.dim_shift")}
    used = world.workspace.query(
        "SELECT DISTINCT shift_key FROM gold.fact_machine_time"
        " UNION SELECT shift_key FROM gold.oee_daily"
    )
    assert {row["shift_key"] for row in used} <= known


def test_a_week_without_events_is_what_its_batches_are(seed_week: Workspace):
    oee = assert_all(plant_of_silver(seed_week), seed_week)
    assert all(row["equipment_failure_seconds"] == 0 for row in oee)
    factory = [row for row in oee if row["level"] == "factory"]
    assert len(factory) == 7
    assert sum(row["units_produced"] for row in factory) == 14483
