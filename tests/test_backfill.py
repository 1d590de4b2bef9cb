"""Backfill: what is left to do, how it is stopped, where it goes on, and what it ends as."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from io import StringIO
from pathlib import Path
from threading import Event

import pytest
from rich.console import Console

from factory_simulation import backfill as module
from factory_simulation.backfill import Pace, backfill, read_range
from factory_simulation.domain import FactoryError
from factory_simulation.expressions.dates import DateRange
from factory_simulation.loading import LoadedDate, Loader
from factory_simulation.stopping import stop_signals
from tests.conftest import PROJECT, Workspace, close_warehouses
from tests.ground_truth.files import write_day
from tests.ground_truth.test_arrivals import CONTENT, content

FIRST, LAST = "2025-12-01", "2025-12-03"
DATES = DateRange(date(2025, 12, 1), date(2025, 12, 3))


def days(*numbers: int) -> list[date]:
    return [date(2025, 12, number) for number in numbers]


class Account:
    """Stands for a loader: keeps account of what was asked of it."""

    def __init__(self, left: list[date], unmade: DateRange | None = None) -> None:
        self.left = left
        self.unmade = unmade
        self.did: list[str] = []
        self.stop: Event | None = None
        self.modelled = False

    def open(self) -> None:
        self.did.append("open")

    def unmade_dates(self, dates: DateRange) -> DateRange | None:
        assert dates == DATES
        return self.unmade

    def generate(self, dates: DateRange) -> None:
        self.did.append(f"generate {dates}")

    def unread_dates(self, dates: DateRange) -> list[date]:
        return [day for day in self.left if day in dates]

    def ingest(self, dates: DateRange) -> list[LoadedDate]:
        self.did.append(f"ingest {dates}")
        if self.stop:
            self.stop.set()
        return [LoadedDate(day, 10, ["x.csv: torn"] if day.day == 2 else []) for day in dates]

    def is_modelled(self) -> bool:
        return self.modelled

    def model(self) -> None:
        self.did.append("model")


def told(loader: Account, dates: DateRange = DATES) -> list[str]:
    """Backfill dates and return the lines that are printed."""
    out = StringIO()
    backfill(loader, dates, Console(file=out, width=200))
    return out.getvalue().splitlines()


@pytest.fixture
def stop(monkeypatch: pytest.MonkeyPatch) -> Event:
    event = Event()

    @contextmanager
    def signals() -> Iterator[Event]:
        yield event

    monkeypatch.setattr(module, "stop_signals", signals)
    return event


def test_dates_are_generated_at_once_loaded_by_date_and_modelled_once():
    loader = Account(days(1, 2, 3), unmade=DATES)
    assert told(loader) == [
        "generating 2025-12-01..2025-12-03",
        "loaded 2025-12-01: 10 rows",
        "loaded 2025-12-02: 10 rows",
        "rejected x.csv: torn",
        "loaded 2025-12-03: 10 rows",
        "repairing, modelling, validating, publishing",
    ]
    assert loader.did == [
        "open",
        "generate 2025-12-01..2025-12-03",
        "ingest 2025-12-01",
        "ingest 2025-12-02..2025-12-03",
        "model",
    ]


def test_dates_that_are_loaded_are_passed_over():
    loader = Account(days(3))
    told(loader)
    assert loader.did == ["open", "ingest 2025-12-03", "model"]


def test_what_is_loaded_and_not_modelled_is_modelled():
    loader = Account([])
    told(loader)
    assert loader.did == ["open", "model"]


def test_where_nothing_is_left_nothing_is_done():
    loader = Account([])
    loader.modelled = True
    assert told(loader) == ["nothing to do: 2025-12-01..2025-12-03 is loaded and modelled"]
    assert loader.did == ["open"]


def test_a_stop_lets_the_date_finish_and_says_how_to_go_on(stop: Event):
    loader = Account(days(1, 2, 3))
    loader.stop = stop
    assert told(loader)[-1] == (
        "stopped: 1 of 3 dates are loaded, 2025-12-02 is next; silver and gold are as they were; "
        "the same command goes on from here"
    )
    assert loader.did == ["open", "ingest 2025-12-01"]


def test_a_stop_while_generating_loads_nothing(stop: Event):
    stop.set()
    loader = Account(days(1, 2, 3), unmade=DATES)
    assert "nothing of it is loaded" in told(loader)[-1]
    assert loader.did == ["open", "generate 2025-12-01..2025-12-03"]


def test_small_dates_are_loaded_together_and_large_ones_alone():
    assert sizes(lambda dates: 1 + dates / 100, runs=6) == [1, 2, 4, 8, 16, 32]
    # the same on a machine that is busy
    assert sizes(lambda dates: 10 + dates / 10, runs=6) == [1, 2, 4, 8, 16, 32]
    assert sizes(lambda dates: 1 + dates / 2, runs=6) == [1, 2, 4, 4, 4, 4]
    assert sizes(lambda dates: 60 * dates, runs=6) == [1, 2, 1, 1, 1, 1]


def sizes(seconds: Callable[[int], float], runs: int) -> list[int]:
    """Return how many dates are loaded at a time, if loading so many takes so long."""
    pace, told = Pace(), []
    for _run in range(runs):
        told.append(pace.size)
        pace.take(seconds(pace.size))
    return told


def test_the_first_signal_asks_to_stop_and_the_second_is_as_usual():
    before = signal.getsignal(signal.SIGINT)
    with stop_signals() as asked:
        assert not asked.is_set()
        os.kill(os.getpid(), signal.SIGINT)
        assert asked.wait(timeout=5)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        ("2025-12-1", LAST, "--from 2025-12-1: must be a date, YYYY-MM-DD"),
        (FIRST, "2025-02-30", "--to 2025-02-30: must be a date, YYYY-MM-DD"),
        (LAST, FIRST, "--from 2025-12-03 --to 2025-12-01: the range ends before it begins"),
    ],
)
def test_what_is_no_range_is_refused(first: str, last: str, message: str):
    with pytest.raises(FactoryError) as refused:
        read_range(first, last)
    assert str(refused.value) == message


# --- in a project ------------------------------------------------------------------------------


def command(workspace: Workspace, name: str, *options: str) -> list[str]:
    params = ",".join(f"{key}={value}" for key, value in workspace.parameters.items())
    return [sys.executable, "-m", "kedro", name, *options, "--params", params]


def stopped_after(line: str, arguments: list[str], number: signal.Signals) -> tuple[int, str]:
    """Start a command, send a signal once it prints a line, and return how it ends."""
    with subprocess.Popen(
        arguments, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        output = ""
        for printed in process.stdout or []:
            output += printed
            if line in printed:
                process.send_signal(number)
    return process.returncode, output


def test_a_backfill_that_was_stopped_goes_on_and_ends_as_one_run(
    workspace: Workspace, tmp_path: Path
):
    asked = DateRange(*days(1, 6))
    arguments = command(workspace, "backfill", "--from", FIRST, "--to", "2025-12-06")
    code, output = stopped_after(f"loaded {FIRST}", arguments, signal.SIGTERM)
    assert code == 0
    told = re.search(r"stopped: (\d) of 6 dates are loaded, (\S+) is next", output)
    assert told, output
    read = workspace.query("SELECT DISTINCT arrival_date FROM ops.ingested_files ORDER BY ALL")
    assert [row["arrival_date"] for row in read] == list(asked)[: int(told[1])]
    assert told[2] == list(asked)[int(told[1])].isoformat()
    close_warehouses()
    backfill(Loader(PROJECT, None, workspace.parameters), asked)
    loaded = {name: content(workspace, name) for name in CONTENT}

    at_once = Workspace(
        tmp_path, {**workspace.parameters, "warehouse": str(tmp_path / "other.duckdb")}
    )
    at_once.run(date=str(asked))
    for name in CONTENT:
        assert content(at_once, name) == loaded[name], name


def test_what_a_generation_that_was_killed_left_is_made_again(workspace: Workspace):
    loader = Loader(PROJECT, None, workspace.parameters)
    loader.generate(DATES)
    assert loader.unmade_dates(DATES) is None
    (workspace.landing / ".generated" / "unfinished").write_text("2025-12-02..2025-12-03")
    assert loader.unmade_dates(DATES) == DateRange(*days(2, 3))


def test_files_of_somebody_else_are_loaded_and_nothing_is_generated(workspace: Workspace):
    write_day(workspace.landing, workspace.truth)
    loader = Loader(PROJECT, None, workspace.parameters)
    assert loader.unmade_dates(DATES) is None
    loader.open()
    assert loader.unread_dates(DATES) == days(1)
    assert [found.rows for found in loader.ingest(DATES)] == [10]
    assert loader.unread_dates(DATES) == []


def test_a_factory_works_on_where_dates_after_its_scenario_are_asked_for(workspace: Workspace):
    loader = Loader(PROJECT, None, {**workspace.parameters, "machines": 1})
    after = DateRange(date(2025, 12, 9), date(2025, 12, 10))
    loader.generate(after)
    assert loader.unmade_dates(after) is None
    assert (workspace.truth / "2025-12-10" / "truth.json").is_file()


def test_a_range_amid_a_scenario_is_valid_without_the_days_before(workspace: Workspace):
    workspace.run(date="2025-12-03..2025-12-05")
    comparisons = workspace.report("validation")["comparisons"]
    assert {row["date"] for row in comparisons} == {"2025-12-03", "2025-12-04", "2025-12-05"}
    assert {row["level"] for row in comparisons} == {"factory", "site", "machine", "product"}
    assert {row["relative_error"] for row in comparisons if row["settled"]} == {0.0}


def test_dates_that_a_given_number_of_days_leaves_out_are_refused(workspace: Workspace):
    loader = Loader(PROJECT, None, {**workspace.parameters, "days": 7})
    with pytest.raises(FactoryError, match="classic arrives from 2025-12-01 to 2025-12-09"):
        loader.unmade_dates(DateRange(date(2025, 12, 9), date(2025, 12, 10)))
    assert not workspace.landing.exists()


def test_which_dates_are_loaded_is_not_a_parameter(workspace: Workspace):
    with pytest.raises(FactoryError, match="parameter date"):
        Loader(PROJECT, None, {**workspace.parameters, "date": FIRST})


def test_a_schedule_stops_cleanly_on_a_signal_and_tells_its_next_run(workspace: Workspace):
    log = workspace.folder / "logs" / "schedule.log"
    arguments = command(workspace, "schedule", "--cron", "0 9 29 2 *", "--log-file", str(log))
    code, output = stopped_after("next run", arguments, signal.SIGTERM)
    assert code == 0
    told = log.read_text().splitlines()
    assert "-02-29 09:00:00" in told[0]
    assert told[0].endswith("loads 2025-12-01")
    assert told[-1].endswith("stopped; the same command goes on from here")
    assert len(output.splitlines()) == len(told)
