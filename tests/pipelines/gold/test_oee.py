"""OEE: planned time, what it was used for, and where the rest of it went."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings

from factory_simulation.datasets.engines import Engine
from factory_simulation.schemas.contract import Contract
from tests.conftest import Rows
from tests.pipelines.gold.minutes import DAY, NONE, Batch, Event, Machine, Plant, Shift
from tests.pipelines.gold.oee_rows import assert_cells, assert_levels
from tests.pipelines.gold.plant import PlantTables
from tests.pipelines.gold.test_machine_time import PLANTS
from tests.pipelines.silver.landed import Compute, MakeTable

D = 20_000
EARLY, LATE = Shift("alpha", "early", 360, 840), Shift("alpha", "late", 840, 1320)
ALPHA, BETA = Machine("A-1", "alpha"), Machine("A-2", "alpha", "gearwheel")
OMEGA = Machine("O-1", "omega")
HOUR = 3600

Told = Callable[[Plant], Rows]


def compute(plant: Plant, table: MakeTable, rows: Compute, engine: Engine) -> Rows:
    """Compute OEE, which must keep its contract and be what the minutes are."""
    tables = PlantTables(plant, table)
    machine_time = engine.connection.create_table(
        "machine_time", tables.machine_time(), temp=True, overwrite=True
    )
    oee = Contract("gold", "oee_daily").validate(tables.oee(machine_time))
    found = rows(oee)
    assert_cells(plant, found)
    assert_levels(plant, found)
    return found


@pytest.fixture
def told(table: MakeTable, rows: Compute, engine: Engine) -> Told:
    return lambda plant: compute(plant, table, rows, engine)


def ran(start: int, end: int, good: int, defective: int = 0, machine: str = "A-1") -> Batch:
    """A batch between two minutes of the day; a unit takes a minute."""
    begun = D * DAY + start
    return Batch(f"{machine}|{start}", machine, begun, D * DAY + end, good, defective, Fraction(60))


def at_level(found: Rows, level: str, **keys: str) -> dict:
    (row,) = (
        row
        for row in found
        if row["level"] == level and all(row[name] == value for name, value in keys.items())
    )
    return row


def measures(row: dict, *names: str) -> tuple:
    return tuple(row[name] for name in names)


LOSSES = (
    "equipment_failure_seconds",
    "setup_and_adjustment_seconds",
    "minor_stops_seconds",
    "idle_seconds",
    "reduced_speed_seconds",
    "process_defects_seconds",
    "startup_rejects_seconds",
    "faster_than_plate_seconds",
)
SHARES = ("availability", "effectiveness", "quality_ratio", "oee")


def test_a_shift_by_hand(told: Told):
    batches = [
        *[ran(360, 420, 50, 2), ran(425, 480, 52, 1), ran(500, 560, 54, 3)],
        *[ran(620, 700, 70, 4), ran(705, 800, 90)],
    ]
    events = [
        Event("A-1", "STOP", D * DAY + 560, D * DAY + 620),
        Event("A-1", "MAINTENANCE", D * DAY + 800, D * DAY + 830),
    ]
    row = at_level(told(Plant([ALPHA], [EARLY], batches, events)), "machine_shift")
    assert measures(row, "planned_seconds", "run_seconds", "ideal_seconds") == (
        *(450 * 60, 350 * 60),
        326 * 60.0,
    )
    assert measures(row, "batches", "units_produced", "units_good") == (5, 326, 316)
    # the first batch and the one after the stop start up
    assert measures(row, *LOSSES) == (
        *(60 * 60, 20 * 60, 10 * 60, 10 * 60),
        *(24 * 60.0, 4 * 60.0, 6 * 60.0, 0.0),
    )
    assert measures(row, *SHARES) == pytest.approx(
        (350 / 450, 326 / 350, 316 / 326, 316 / 450), abs=1e-12
    )
    assert (row["has_production"], row["over_one_reason"]) == (True, None)


def test_a_batch_is_in_both_shifts_by_its_time(told: Told):
    found = told(Plant([ALPHA], [EARLY, LATE], [ran(810, 930, 100, 7)]))
    early, late = (
        at_level(found, "shift", shift_key=f"alpha|{name}") for name in ("early", "late")
    )
    assert measures(early, "run_seconds", "units_good", "batches") == (1800, 25, 1)
    assert measures(late, "run_seconds", "units_good", "batches") == (5400, 75, 0)
    # one defective unit of 7 x 1/4, six of the rest; its time is shared exactly
    assert measures(early, "units_defective", "startup_rejects_seconds") == (1, 105.0)
    assert measures(late, "units_defective", "startup_rejects_seconds") == (6, 315.0)


def test_a_day_without_production_has_no_rate(told: Told):
    found = told(Plant([ALPHA, BETA], [EARLY], [ran(360, 420, 60)]))
    idle = at_level(found, "machine", machine_id="A-2")
    assert measures(idle, "has_production", "planned_seconds", "idle_seconds") == (
        *(False, 8 * HOUR),
        8 * HOUR,
    )
    assert measures(idle, *SHARES) == (0.0, None, None, None)
    line = at_level(found, "line", product_key="gearwheel")
    assert measures(line, "has_production", "oee") == (False, None)
    assert at_level(found, "factory")["availability"] == 1 / 16


def test_run_time_beside_the_plan_is_added_to_it(told: Told):
    service = Event("A-1", "MAINTENANCE", D * DAY + 360, D * DAY + 420)
    found = told(Plant([ALPHA], [EARLY], [ran(400, 420, 20), ran(830, 900, 60)], [service]))
    early = at_level(found, "machine_shift", shift_key="alpha|early")
    assert measures(early, "planned_seconds", "run_seconds") == (440 * 60, 30 * 60)
    off = at_level(found, "machine_shift", shift_key="off_shift")
    assert measures(off, "planned_seconds", "run_seconds", "availability") == (HOUR, HOUR, 1.0)
    assert at_level(found, "machine")["planned_seconds"] == 500 * 60


def test_a_stop_outside_of_shifts_costs_nothing(told: Told):
    stop = Event("A-1", "STOP", D * DAY + 900, D * DAY + 1000)
    found = told(Plant([ALPHA], [EARLY], [ran(360, 840, 480)], [stop]))
    off = at_level(found, "machine_shift", shift_key="off_shift")
    assert measures(off, "planned_seconds", "equipment_failure_seconds") == (0, 0)
    assert measures(off, *SHARES) == (None, None, None, None)
    assert at_level(found, "machine")["oee"] == 1.0


@pytest.mark.parametrize(
    ("batches", "reason", "effectiveness", "faster"),
    [
        ([ran(360, 420, 61)], "faster_than_plate", 61 / 60, 60.0),
        ([ran(360, 420, 50), ran(360, 420, 30)], "overlapping_batches", 80 / 60, 1200.0),
        ([ran(360, 420, 50), ran(420, 420, 30)], "units_without_run_time", 80 / 60, 1200.0),
        ([ran(420, 420, 30)], "units_without_run_time", None, 1800.0),
        ([ran(360, 420, 60), ran(420, 420, 0)], None, 1.0, 0.0),
    ],
)
def test_more_than_the_plate_allows_is_told_why(
    told: Told, batches: list[Batch], reason: str, effectiveness: float, faster: float
):
    named = [replace(batch, key=f"{number}") for number, batch in enumerate(batches)]
    row = at_level(told(Plant([ALPHA], [EARLY], named)), "machine")
    assert row["over_one_reason"] == reason
    assert row["effectiveness"] == (effectiveness and pytest.approx(effectiveness))
    assert row["faster_than_plate_seconds"] == faster
    assert row["has_production"]


def test_without_shifts_all_that_ran_was_planned(told: Told):
    row = at_level(told(Plant([OMEGA], [EARLY], [ran(360, 420, 54, 6, "O-1")])), "factory")
    assert measures(row, "planned_seconds", *SHARES) == (HOUR, 1.0, 1.0, 0.9, 0.9)
    # outside of shifts none begins, so that nothing starts up
    assert row["process_defects_seconds"] == 360.0


def test_keys_that_a_level_does_not_tell_apart_do_not_apply(told: Told):
    found = told(Plant([ALPHA, BETA], [EARLY, LATE], [ran(360, 420, 60)]))
    keys = {
        (row["level"], *(row[name] == NONE for name in ("machine_id", "shift_key", "product_key")))
        for row in found
    }
    assert keys == {
        ("machine_shift", False, False, False),
        ("machine", False, True, False),
        ("shift", True, False, True),
        ("line", True, True, False),
        ("factory", True, True, True),
    }
    assert {row["factory_id"] for row in found} == {"alpha"}


def test_units_beyond_all_measure_fit(table: MakeTable, rows: Compute):
    huge = replace(ran(360, 420, 10**12), seconds_per_unit=Fraction(3600))
    tables = PlantTables(Plant([ALPHA], [EARLY], [huge]), table)
    row = at_level(rows(tables.oee(tables.machine_time())), "machine")
    assert measures(row, "ideal_seconds", "units_good") == (1e9, 10**12)


def test_nothing_told_has_no_oee(told: Told):
    assert told(Plant([ALPHA], [EARLY], [])) == []


often = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@often
@given(plant=PLANTS)
def test_any_oee_is_what_its_minutes_are(
    engine: Engine, table: MakeTable, rows: Compute, plant: Plant
):
    compute(plant, table, rows, engine)
