"""Machine time, against minutes that are counted one by one in Python."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factory_simulation.datasets.engines import Engine
from tests.conftest import Rows
from tests.pipelines.gold.minutes import DAY, Batch, Event, Machine, Plant, Shift
from tests.pipelines.gold.plant import PlantTables, assert_minutes, moment, stretches
from tests.pipelines.silver.landed import Compute, MakeTable

D = 20_000
"""A day; its number since 1970-01-01."""
NONE, STOP, SERVICE = "not_applicable", "STOP|jam", "MAINTENANCE|scheduled"
EARLY, LATE = Shift("alpha", "early", 360, 840), Shift("alpha", "late", 840, 1320)
NIGHT, MORNING = Shift("omega", "night", 1320, 1800), Shift("omega", "morning", 400, 900)
ALPHA, BETA = Machine("A-1", "alpha"), Machine("A-2", "alpha")
OMEGA = Machine("O-1", "omega")

Told = Callable[[Plant], Rows]


@pytest.fixture
def told(table: MakeTable, rows: Compute) -> Told:
    """Compute machine time, which must be what the minutes are."""

    def run(plant: Plant) -> Rows:
        found = rows(PlantTables(plant, table).machine_time())
        assert_minutes(plant, found)
        return found

    return run


def at(clock: str, day: int = D) -> int:
    hour, minute = clock.split(":")
    return day * DAY + int(hour) * 60 + int(minute)


def ran(start: str, end: str, machine: str = "A-1", day: int = D, later: int = 0) -> Batch:
    name = f"{machine}{day}{start}{end}"
    return Batch(name, machine, at(start, day), at(end, day + later))


def of_day(found: Rows, machine: str = "A-1", day: int = D) -> list[tuple]:
    """Return (from, to, shift, state, reason), times by the clock."""
    return [
        (f"{moment(start):%H:%M}", f"{moment(end):%H:%M}", *rest)
        for name, start, end, *rest in stretches(found)
        if name == machine and start // DAY == day
    ]


def test_a_day_by_hand(told: Told):
    batches = [ran("06:00", "07:00"), ran("07:05", "08:00"), ran("08:20", "09:00")]
    batches += [ran("09:21", "10:00"), ran("11:30", "13:50"), ran("14:05", "15:00")]
    events = [
        Event("A-1", "STOP", at("10:00"), at("11:10"), STOP),
        Event("A-1", "MAINTENANCE", at("15:00"), at("16:00"), SERVICE),
    ]
    assert of_day(told(Plant([ALPHA], [EARLY, LATE], batches, events))) == [
        ("06:00", "07:00", "early", "RUN", NONE),
        ("07:00", "07:05", "early", "MINOR_STOP", NONE),
        ("07:05", "08:00", "early", "RUN", NONE),
        ("08:00", "08:20", "early", "CHANGEOVER", NONE),
        ("08:20", "09:00", "early", "RUN", NONE),
        ("09:00", "09:21", "early", "IDLE", NONE),
        ("09:21", "10:00", "early", "RUN", NONE),
        ("10:00", "11:10", "early", "STOP", STOP),
        ("11:10", "11:30", "early", "CHANGEOVER", NONE),
        ("11:30", "13:50", "early", "RUN", NONE),
        ("13:50", "14:00", "early", "IDLE", NONE),
        ("14:00", "14:05", "late", "IDLE", NONE),
        ("14:05", "15:00", "late", "RUN", NONE),
        ("15:00", "16:00", "late", "MAINTENANCE", SERVICE),
        ("16:00", "22:00", "late", "IDLE", NONE),
    ]


def test_what_overlaps_is_told_once_by_what_counts_most(told: Told):
    batches = [ran("06:00", "08:00"), ran("07:00", "09:00"), ran("07:10", "07:20")]
    events = [
        Event("A-1", "STOP", at("08:30"), at("10:00"), STOP),
        Event("A-1", "STOP", at("09:30"), at("10:30"), "unknown"),
        Event("A-1", "MAINTENANCE", at("09:15"), at("09:45"), SERVICE),
    ]
    assert of_day(told(Plant([ALPHA], [EARLY], batches, events))) == [
        ("06:00", "09:00", "early", "RUN", NONE),
        ("09:00", "09:15", "early", "STOP", STOP),
        ("09:15", "09:45", "early", "MAINTENANCE", SERVICE),
        ("09:45", "10:00", "early", "STOP", STOP),
        ("10:00", "10:30", "early", "STOP", "unknown"),
        ("10:30", "14:00", "early", "IDLE", NONE),
    ]


def test_a_machine_that_does_nothing_is_idle_where_its_factory_works(told: Told):
    later, new = Machine("A-3", "alpha", installed=D + 1), Machine("A-4", "alpha", installed=D)
    found = told(Plant([ALPHA, BETA, later, new, OMEGA], [EARLY, MORNING], [ran("07:00", "08:00")]))
    all_day = [("06:00", "14:00", "early", "IDLE", NONE)]
    assert of_day(found, "A-2") == of_day(found, "A-4") == all_day
    assert of_day(found, "A-3") == of_day(found, "O-1") == []


def test_an_event_makes_a_day_of_its_machine_alone(told: Told):
    stop = Event("A-1", "STOP", at("05:00"), at("07:00"), STOP)
    found = told(Plant([ALPHA, BETA], [EARLY], [], [stop]))
    assert of_day(found) == [
        ("05:00", "06:00", "off_shift", "STOP", STOP),
        ("06:00", "07:00", "early", "STOP", STOP),
        ("07:00", "14:00", "early", "IDLE", NONE),
    ]
    assert of_day(found, "A-2") == []


def test_stretches_end_at_midnight_and_where_a_shift_does(told: Told):
    plant = Plant([ALPHA], [EARLY, LATE], [ran("13:00", "01:30", later=1)])
    found = told(plant)
    assert of_day(found)[1:] == [
        ("13:00", "14:00", "early", "RUN", NONE),
        ("14:00", "22:00", "late", "RUN", NONE),
        ("22:00", "00:00", "off_shift", "RUN", NONE),
    ]
    # a batch that began the day before makes no day
    assert of_day(found, day=D + 1) == [("00:00", "01:30", "off_shift", "RUN", NONE)]


def test_a_night_shift_is_of_the_day_on_which_it_begins(told: Told):
    batches = [ran("22:00", "23:55", "O-1"), ran("00:05", "05:00", "O-1", D + 1)]
    found = told(Plant([OMEGA], [NIGHT, MORNING], batches))
    assert of_day(found, "O-1") == [
        ("06:40", "15:00", "morning", "IDLE", NONE),
        ("22:00", "23:55", "night", "RUN", NONE),
        ("23:55", "00:00", "night", "CHANGEOVER", NONE),  # ten minutes, over midnight
    ]
    assert of_day(found, "O-1", D + 1) == [
        ("00:00", "00:05", "night", "CHANGEOVER", NONE),
        ("00:05", "05:00", "night", "RUN", NONE),
        ("05:00", "06:00", "night", "IDLE", NONE),
    ]


def test_a_factory_without_shifts_has_time_outside_of_them_alone(told: Told):
    found = told(Plant([ALPHA, BETA, OMEGA], [NIGHT], [ran("06:00", "07:00")]))
    assert of_day(found) == [("06:00", "07:00", "off_shift", "RUN", NONE)]
    assert len(found) == 1


def test_gaps_are_judged_by_the_parameters(told: Told):
    batches = [ran("06:00", "07:00"), ran("07:05", "08:00"), ran("08:20", "09:00")]
    found = told(Plant([ALPHA], [EARLY], batches, minor_stop=0, changeover=5))
    assert [row[3] for row in of_day(found)] == [
        *("RUN", "CHANGEOVER", "RUN", "IDLE", "RUN"),
        "IDLE",
    ]


def test_batches_without_length_run_for_no_time(told: Told):
    batches = [ran("06:00", "07:00"), ran("07:10", "07:10"), ran("07:20", "08:00")]
    assert of_day(told(Plant([ALPHA], [EARLY], batches)))[:3] == [
        ("06:00", "07:00", "early", "RUN", NONE),
        ("07:00", "07:20", "early", "CHANGEOVER", NONE),
        ("07:20", "08:00", "early", "RUN", NONE),
    ]
    alone = told(Plant([ALPHA], [EARLY], [ran("07:10", "07:10")]))
    assert of_day(alone) == [("06:00", "14:00", "early", "IDLE", NONE)]


def test_what_lasts_longer_than_is_believed_is_cut_off(table: MakeTable, rows: Compute):
    plant = Plant([ALPHA], [EARLY], [Batch("B", "A-1", at("12:00"), at("12:00") + 4000 * DAY)])
    found = rows(PlantTables(plant, table).machine_time())
    assert sum(row["seconds"] for row in found if row["state"] == "RUN") == 35 * 86400


def test_seconds_count(table: MakeTable, rows: Compute):
    half = Batch("B", "A-1", at("06:00") + 0.5, at("07:00"))
    later = Batch("C", "A-1", at("07:05") + 0.25, at("07:30"))
    found = rows(PlantTables(Plant([ALPHA], [EARLY], [half, later]), table).machine_time())
    assert sorted((row["state"], row["seconds"]) for row in found)[:3] == [
        ("CHANGEOVER", 315),  # a quarter of a minute more than a minor stop
        ("IDLE", 30),
        ("IDLE", 6 * 3600 + 1800),
    ]


def test_nothing_told_is_no_time(told: Told):
    assert told(Plant([ALPHA], [EARLY], [])) == []
    assert told(Plant([], [], [])) == []


# --- any plant -----------------------------------------------------------------------------

MINUTE = st.integers(D * DAY, (D + 2) * DAY)
LENGTH = st.one_of(st.integers(0, 30), st.integers(0, 2000))
NAMES = st.sampled_from(["A-1", "A-2", "O-1"])
SPANS = st.tuples(NAMES, MINUTE, LENGTH)
PLANTS = st.builds(
    lambda batches, events, shifts: Plant(
        [ALPHA, Machine("A-2", "alpha", installed=D + 1), OMEGA],
        shifts,
        [
            Batch(f"{number:02}", name, start, start + length, 10 * length // 7, length % 4)
            for number, (name, start, length) in enumerate(batches)
        ],
        [
            Event(name, type_, start, start + length, reason)
            for (name, start, length), (type_, reason) in events
        ],
    ),
    st.lists(SPANS, max_size=8),
    st.lists(
        st.tuples(SPANS, st.sampled_from([("STOP", STOP), ("MAINTENANCE", SERVICE)])), max_size=4
    ),
    st.sampled_from([[], [EARLY, LATE, NIGHT, MORNING], [EARLY, NIGHT], [LATE, MORNING]]),
)
often = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@often
@given(plant=PLANTS)
def test_any_machine_time_is_what_its_minutes_are(
    engine: Engine, table: MakeTable, rows: Compute, plant: Plant
):
    assert_minutes(plant, rows(PlantTables(plant, table).machine_time()))
