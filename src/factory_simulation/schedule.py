"""A day of the factory whenever a cron fires: generated, loaded, modelled, validated, published."""

import gc
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event
from time import perf_counter

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from factory_simulation.cron import fire_times
from factory_simulation.datasets.firings import last_firing, record_firing
from factory_simulation.expressions.dates import DateRange
from factory_simulation.loading import Loader
from factory_simulation.plain_errors import told_plainly
from factory_simulation.stopping import stop_signals

_LOG = logging.getLogger(__name__)
_DAY = timedelta(days=1)


def utc_now() -> datetime:
    """Return what the clock shows."""
    return datetime.now(UTC)


class Schedule:
    """What a firing has to do, whoever calls it: the firings that passed, a date for each.

    The nth date is the nth of the scenario; the first firing ever takes the date after the last
    that is in bronze. Which firings were served is on record in ``ops.firings``: those that passed
    while nothing ran, or failed, are made up for by the next.

    Args:
        loader: What loads the dates.
        trigger: When the schedule fires.
        catch_up: Make up for so many firings at most; older ones are let go.
        stop: Set once the schedule has to stop.
        clock: Tells the time.
    """

    def __init__(
        self,
        loader: Loader,
        trigger: CronTrigger,
        catch_up: int,
        stop: Event,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._loader = loader
        self._trigger = trigger
        self._catch_up = catch_up
        self._stop = stop
        self._clock = clock
        self._began_at = clock()

    def due_firings(self) -> list[datetime]:
        """Return the firings that have passed and were not served, the last ones at most."""
        last = last_firing(self._loader.engine)
        after = last[0] if last else self._began_at
        return list(fire_times(self._trigger, after, self._clock()))[-self._catch_up :]

    def is_behind(self) -> bool:
        """Tell whether there is anything to do before the next firing."""
        return bool(self.due_firings()) or not self._loader.is_modelled()

    def next_date(self) -> date:
        """Return the arrival date of the next firing: the one after the last that was loaded."""
        firing, read = last_firing(self._loader.engine), self._loader.last_read_date()
        known = [day for day in (firing and firing[1], read) if day]
        return max(known) + _DAY if known else self._loader.scenario.calendar.start_date

    def next_run(self) -> str:
        """Return a line that says when the next firing is, and what it loads."""
        time = self._trigger.get_next_fire_time(None, self._clock())
        return f"next run {time:%Y-%m-%d %H:%M:%S %Z}: loads {self.next_date()}"

    def fire(self) -> None:
        """Serve all firings that have passed; a failure is told, and left to the next firing."""
        try:
            while not self._stop.is_set() and (due := self.due_firings()):
                self._serve(due)
            if not self._stop.is_set() and not self._loader.is_modelled():
                self._loader.model(silently=True)
        except Exception as error:
            told = told_plainly(error)
            _LOG.error("failed: %s", told or repr(error), exc_info=told is None)
        finally:
            gc.collect()
        if not self._stop.is_set():
            _LOG.info(self.next_run())

    def _serve(self, due: list[datetime]) -> None:
        started = perf_counter()
        first = self.next_date()
        firings = {first + i * _DAY: time for i, time in enumerate(due)}
        left = self._prepare(DateRange(first, max(firings)))
        for day in sorted({*left, *firings}):
            if self._stop.is_set():
                return
            rows = sum(found.rows for found in self._loader.ingest(DateRange(day, day)))
            if day in firings:
                record_firing(self._loader.engine, firings[day], day)
            _LOG.info("loaded %s: %s rows", day, f"{rows:,}")
        self._loader.model(silently=True)
        _LOG.info("modelled and validated: %.1f s in all", perf_counter() - started)

    def _prepare(self, dates: DateRange) -> list[date]:
        """Generate what is missing up to the dates, and return what there is to load."""
        begin = min(self._loader.scenario.calendar.start_date, dates.first)
        unmade = self._loader.unmade_dates(DateRange(begin, dates.last))
        if unmade is None:
            return self._loader.unread_dates(dates)
        self._loader.generate(unmade)
        return self._loader.unread_dates(DateRange(min(unmade.first, dates.first), dates.last))


def run_schedule(loader: Loader, trigger: CronTrigger, catch_up: int, log_file: Path) -> None:
    """Serve the firings of a schedule until a signal asks to stop; the current date is finished.

    Args:
        loader: What loads the dates.
        trigger: When the schedule fires.
        catch_up: Make up for so many missed firings at most.
        log_file: Where what happens is told too, beside standard error.
    """
    with _logging_to(log_file):
        loader.open()
        with stop_signals() as stop:
            schedule = Schedule(loader, trigger, catch_up, stop)
            logging.getLogger("apscheduler").setLevel(logging.ERROR)  # what it skips is made up for
            scheduler = BackgroundScheduler(timezone=trigger.timezone)
            job = scheduler.add_job(
                schedule.fire, trigger, coalesce=True, max_instances=1, misfire_grace_time=None
            )
            if schedule.is_behind():
                job.modify(next_run_time=utc_now())
            else:
                _LOG.info(schedule.next_run())
            scheduler.start()
            stop.wait()
            _LOG.info("stopping")
            scheduler.shutdown(wait=True)
        _LOG.info("stopped; the same command goes on from here")


@contextmanager
def _logging_to(path: Path) -> Iterator[None]:
    """Write what is logged to a file too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()
