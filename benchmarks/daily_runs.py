"""What a daily run costs as the days go by.

A scenario is generated once. Then its dates arrive one by one, files and truth, and after each
comes a run of bronze, silver, gold, validation and serving, all in one process:

    .venv/bin/python benchmarks/daily_runs.py --days 365 --csv daily_runs.csv

With ``--ends 10`` only the first and the last ten dates arrive one by one, and those between them
at once: what the last days cost, in minutes rather than in hours.

Prints seconds and memory of some of the days, beside the seventh. Times on a shared machine vary:
the median of a day and its neighbours (two on either side) counts. Processor time leaves out what
other processes take.
"""

import argparse
import csv
import io
import resource
import shutil
import statistics
import tempfile
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter, process_time

from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.runner import SequentialRunner

PROJECT = Path(__file__).parents[1]
START = date(2025, 12, 1)
LAYERS = ["bronze", "silver", "gold", "validation", "serving"]
MARKS = (7, 14, 30, 60, 90, 120, 180, 240, 300, 365)
NEIGHBOURS = 2


@dataclass(frozen=True)
class Run:
    """One daily run: wall and processor seconds, and the most memory that was taken so far."""

    number: int
    wall_seconds: float
    cpu_seconds: float
    peak_mib: int


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--days", type=int, default=60)
    options.add_argument("--scenario", default="classic")
    options.add_argument("--ends", type=int, help="only so many at either end arrive one by one")
    options.add_argument("--csv", type=Path, help="write every run here")
    given = options.parse_args()
    bootstrap_project(PROJECT)
    with tempfile.TemporaryDirectory() as folder:
        runs = measure(Path(folder), given.scenario, given.days, given.ends)
    if given.csv:
        write(given.csv, runs)
    print(table(runs))


def measure(folder: Path, scenario: str, days: int, ends: int | None = None) -> list[Run]:
    """Generate a scenario and run each of its days as it arrives."""
    made, came = folder / "made", folder / "came"
    world = {"scenario": scenario, "days": days, "start_date": str(START)}
    run(["generation"], parameters(made, **world))
    shutil.copytree(made / "landing" / "reference", came / "landing" / "reference")
    runs = []
    for first, last in arrivals(days, ends or days):
        between = [str(START + timedelta(days=number - 1)) for number in range(first, last + 1)]
        for day in between:
            for kind in ("landing", "truth"):
                shutil.copytree(made / kind / day, came / kind / day)
        wall, cpu = perf_counter(), process_time()
        run(LAYERS, parameters(came, date=f"{between[0]}..{between[-1]}"))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        if first == last:
            runs.append(Run(last, perf_counter() - wall, process_time() - cpu, peak))
    return runs


def arrivals(days: int, ends: int) -> list[tuple[int, int]]:
    """Return the first and the last day of each run."""
    if days <= 2 * ends:
        return [(number, number) for number in range(1, days + 1)]
    first, last = range(1, ends + 1), range(days - ends + 1, days + 1)
    return [(n, n) for n in first] + [(ends + 1, days - ends)] + [(n, n) for n in last]


def parameters(folder: Path, **more: str | int) -> dict[str, str | int]:
    """Return the parameters of a run whose files are all below a folder."""
    paths = {
        f"{kind}_dir": str(folder / kind) for kind in ("landing", "truth", "report", "serving")
    }
    return {**paths, "warehouse": str(folder / "warehouse.duckdb"), **more}


def run(layers: list[str], given: dict[str, str | int]) -> None:
    """Run layers of the project, silently."""
    with (
        redirect_stdout(io.StringIO()),
        KedroSession.create(PROJECT, runtime_params=given) as session,
    ):
        session.run(pipeline_names=layers, runner=SequentialRunner())


def table(runs: list[Run]) -> str:
    """Return a line per mark."""
    seventh = around(runs, MARKS[0])
    lines = ["run   wall s   CPU s   CPU / 7th   peak MiB"]
    peaks = {run.number: run.peak_mib for run in runs}
    for mark in [mark for mark in MARKS if mark in peaks]:
        wall, cpu = around(runs, mark)
        peak = peaks[mark]
        lines.append(f"{mark:>3} {wall:>8.2f} {cpu:>7.2f} {cpu / seventh[1]:>11.2f} {peak:>10,}")
    return "\n".join(lines)


def around(runs: list[Run], number: int) -> tuple[float, float]:
    """Return the median wall and processor seconds of a run and its neighbours."""
    near = [run for run in runs if abs(run.number - number) <= NEIGHBOURS]
    return (
        statistics.median(run.wall_seconds for run in near),
        statistics.median(run.cpu_seconds for run in near),
    )


def write(path: Path, runs: list[Run]) -> None:
    """Write every run as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.DictWriter(file, fieldnames=list(asdict(runs[0])))
        rows.writeheader()
        rows.writerows(asdict(run) for run in runs)


if __name__ == "__main__":
    main()
