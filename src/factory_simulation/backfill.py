"""Many arrival dates in one process: bronze some dates at a time, all else at the end."""

import math
import sys
from datetime import date
from threading import Event
from time import perf_counter

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from factory_simulation.domain import FactoryError
from factory_simulation.expressions.dates import DateRange, parse_date
from factory_simulation.loading import LoadedDate, Loader
from factory_simulation.stopping import stop_signals

_GO_ON = "the same command goes on from here"
_LONG = 8.0
"""Seconds that a stop signal may wait, if loading a date alone does not take longer."""
_HARDLY_LONGER = 1.5
"""How many times longer than the shortest run one takes whose dates hardly count."""


def read_range(first: str, last: str) -> DateRange:
    """Read the dates that are asked for.

    Raises:
        FactoryError: If one is no date, or the last comes before the first.
    """
    asked = {}
    for option, text in (("--from", first), ("--to", last)):
        try:
            asked[option] = parse_date(text)
        except ValueError as error:
            raise FactoryError(f"{option} {text}: must be a date, YYYY-MM-DD") from error
    if asked["--to"] < asked["--from"]:
        raise FactoryError(f"--from {first} --to {last}: the range ends before it begins")
    return DateRange(*asked.values())


class Pace:
    """How many dates to load at a time.

    A run costs the same whatever it loads, on a busy machine more; and a stop signal waits for its
    end. So there are twice as many dates each time for as long as that takes hardly longer, and
    half as many, for good, once it takes long.
    """

    def __init__(self) -> None:
        self.size = 1
        self._most: float = math.inf
        self._shortest = math.inf

    def take(self, seconds: float) -> None:
        """Take note of how long it took to load so many."""
        self._shortest = min(self._shortest, seconds)
        hardly_longer = _HARDLY_LONGER * self._shortest
        if seconds > max(_LONG, hardly_longer):
            self.size = max(1, self.size // 2)
            self._most = self.size
        elif seconds <= hardly_longer:
            self.size = int(min(self.size * 2, self._most))


def backfill(loader: Loader, dates: DateRange, console: Console | None = None) -> None:
    """Load the arrival dates of a range of which anything is not in bronze yet.

    Dates whose landing files are not there are generated first, all of them at once. A stop signal
    lets the dates that are being loaded finish; what is left is told, and done by the next call.

    Args:
        loader: What loads the dates.
        dates: The arrival dates.
        console: Where to print; the terminal by default.

    Raises:
        FactoryError: If the dates cannot be generated, or the result is not valid.
    """
    # the terminal itself: while a run's own words are held back, the bar goes on
    out = console or Console(highlight=False, file=sys.stdout)
    unmade = loader.unmade_dates(dates)
    loader.open()
    with stop_signals() as stop:
        if unmade:
            out.print(f"generating {unmade}")
            loader.generate(unmade)
        if stop.is_set():
            out.print(f"stopped: {dates} is generated, nothing of it is loaded; {_GO_ON}")
            return
        if not _load(loader, dates, stop, out):
            return
        if loader.is_modelled():
            out.print(f"nothing to do: {dates} is loaded and modelled")
            return
        out.print("repairing, modelling, validating, publishing")
        loader.model()


def _load(loader: Loader, dates: DateRange, stop: Event, out: Console) -> bool:
    """Take in what is left of the dates; return whether all of it was."""
    left = loader.unread_dates(dates)
    done = rows = 0
    pace = Pace()
    with _progress(out) as progress:
        task = progress.add_task("", total=len(left), rows="0")
        while done < len(left) and not stop.is_set():
            some = DateRange(left[done], left[min(done + pace.size, len(left)) - 1])
            progress.update(task, description=f"loading {some}")
            started = perf_counter()
            loaded = [found for found in loader.ingest(some) if found.day in left]
            pace.take(perf_counter() - started)
            for found in loaded:
                _tell(out, found)
            rows += sum(found.rows for found in loaded)
            done += sum(day in some for day in left)
            progress.update(task, completed=done, rows=f"{rows:,}")
    if done == len(left):
        return True
    out.print(_stopped(left, done), soft_wrap=True)
    return False


def _stopped(left: list[date], done: int) -> str:
    return (
        f"stopped: {done} of {len(left)} dates are loaded, {left[done]} is next; "
        f"silver and gold are as they were; {_GO_ON}"
    )


def _progress(out: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("dates, {task.fields[rows]} rows, time left"),
        TimeRemainingColumn(),
        console=out,
        transient=True,
        disable=not out.is_terminal,
    )


def _tell(out: Console, loaded: LoadedDate) -> None:
    """Print what a bar cannot show, and in a log file, which shows no bar, a line per date."""
    if not out.is_terminal:
        out.print(f"loaded {loaded.day}: {loaded.rows:,} rows")
    for line in loaded.rejected:
        out.print(f"[red]rejected[/red] {escape(line)}", soft_wrap=True)
