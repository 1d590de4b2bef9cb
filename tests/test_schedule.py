"""What a schedule loads, with a clock of the test's own and a loader that only keeps account."""

from datetime import UTC, date, datetime, timedelta
from threading import Event
from types import SimpleNamespace

import pytest

from factory_simulation.cron import parse_cron
from factory_simulation.datasets.engines import Engine
from factory_simulation.datasets.firings import last_firing
from factory_simulation.domain import FactoryError, Schema
from factory_simulation.expressions.dates import DateRange
from factory_simulation.loading import LoadedDate
from factory_simulation.schedule import Schedule

START = date(2025, 12, 1)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def nothing(day: date) -> None:
    """Take no time and do not fail."""


class Account:
    """Keeps account of what a schedule has loaded; `work` is called with each date."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.scenario = SimpleNamespace(calendar=SimpleNamespace(start_date=START))
        self.made: set[date] = set()
        self.read: list[date] = []
        self.models = 0
        self.modelled = True
        self.work = nothing

    def unmade_dates(self, dates: DateRange) -> DateRange | None:
        missing = [day for day in dates if day not in self.made]
        return DateRange(missing[0], missing[-1]) if missing else None

    def generate(self, dates: DateRange) -> None:
        self.made |= set(dates)

    def unread_dates(self, dates: DateRange) -> list[date]:
        return [day for day in dates if day in self.made and day not in self.read]

    def last_read_date(self) -> date | None:
        return max(self.read, default=None)

    def ingest(self, dates: DateRange) -> list[LoadedDate]:
        for day in dates:
            self.work(day)
            self.read.append(day)
        self.modelled = False
        return [LoadedDate(day, 10, []) for day in dates]

    def is_modelled(self) -> bool:
        return self.modelled

    def model(self, *, silently: bool) -> None:
        assert silently
        self.modelled = True
        self.models += 1


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def loader(engine: Engine) -> Account:
    engine.create_schemas(list(Schema))
    return Account(engine)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def schedule(
    loader: Account, clock: Clock, catch_up: int = 31, stop: Event | None = None
) -> Schedule:
    """Return the schedule of a process that begins now."""
    daily = parse_cron("0 9 * * *", UTC, NOON)
    return Schedule(loader, daily, catch_up, stop or Event(), clock)


def days(*numbers: int) -> list[date]:
    return [START.replace(day=number) for number in numbers]


def test_nothing_is_due_before_the_first_firing(loader, clock):
    daily = schedule(loader, clock)
    assert not daily.is_behind()
    daily.fire()
    assert loader.read == []
    assert daily.next_run() == "next run 2026-11-24 09:00:00 UTC: loads 2025-12-01"


def test_each_firing_loads_the_date_after_the_last(loader, clock):
    daily = schedule(loader, clock)
    for number in (1, 2, 3):
        clock.now += DAY
        daily.fire()
        assert loader.read == days(*range(1, number + 1))
        assert loader.models == number
    daily.fire()
    assert len(loader.read) == 3


def test_what_was_loaded_before_is_not_loaded_again(loader, clock):
    loader.made = set(days(1, 2))
    loader.read = days(1, 2)
    clock.now -= DAY
    daily = schedule(loader, clock)
    clock.now += DAY
    daily.fire()
    assert loader.read == days(1, 2, 3)


def test_firings_that_were_missed_are_caught_up_with_and_modelled_once(loader, clock):
    daily = schedule(loader, clock)
    clock.now += DAY
    daily.fire()
    clock.now += 3 * DAY
    restarted = schedule(loader, clock)
    assert restarted.is_behind()
    restarted.fire()
    assert loader.read == days(1, 2, 3, 4)
    assert loader.models == 2
    assert last_firing(loader.engine) == (
        datetime(2026, 11, 27, 9, tzinfo=UTC),
        date(2025, 12, 4),
    )


def test_firings_that_pass_while_others_are_served_are_served_too(loader, clock):
    def take_two_days(day: date) -> None:
        clock.now += 2 * DAY if day == START else timedelta()

    loader.work = take_two_days
    daily = schedule(loader, clock)
    clock.now += DAY
    daily.fire()
    assert loader.read == days(1, 2, 3)


def test_no_more_firings_are_caught_up_with_than_is_allowed(loader, clock):
    daily = schedule(loader, clock, catch_up=2)
    clock.now += 10 * DAY
    daily.fire()
    assert loader.read == days(1, 2)
    assert not daily.is_behind()


def test_a_stop_finishes_the_date_and_what_is_left_is_done_after_a_restart(loader, clock):
    stop = Event()
    stopped = schedule(loader, clock, stop=stop)
    clock.now += 3 * DAY

    def ask_to_stop(day: date) -> None:
        stop.set()

    loader.work = ask_to_stop
    stopped.fire()
    assert loader.read == days(1)
    assert loader.models == 0
    loader.work = nothing
    restarted = schedule(loader, clock)
    restarted.fire()
    assert loader.read == days(1, 2, 3)
    assert loader.modelled


def test_what_was_loaded_and_not_modelled_is_modelled_at_the_start(loader, clock):
    loader.modelled = False
    daily = schedule(loader, clock)
    assert daily.is_behind()
    daily.fire()
    assert loader.models == 1
    assert not daily.is_behind()


def test_a_firing_that_fails_is_told_in_one_line_and_made_up_for_by_the_next(loader, clock, caplog):
    def fail(day: date) -> None:
        raise FactoryError("the disk is full")

    loader.work = fail
    daily = schedule(loader, clock)
    clock.now += DAY
    daily.fire()
    failures = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [record.getMessage() for record in failures] == ["failed: the disk is full"]
    assert loader.read == []
    loader.work = nothing
    clock.now += DAY
    daily.fire()
    assert loader.read == days(1, 2)


def test_dates_of_a_scenario_that_ended_are_made_anew_as_working_days(loader, clock):
    loader.read = days(1, 2, 3)
    loader.made = set(days(1, 2))
    daily = schedule(loader, clock)
    clock.now += DAY
    loader.read.remove(days(3)[0])  # its files change as they are made anew
    loader.last_read_date = lambda: days(3)[0]
    daily.fire()
    assert loader.read == days(1, 2, 3, 4)
