"""Arrival dates are generated, taken in and modelled: what backfill and schedule share."""

import io
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from ibis import _
from kedro.framework.project import pipelines
from kedro.framework.session import KedroSession
from kedro.io import CatalogProtocol
from kedro.runner import SequentialRunner

from factory_simulation import preflight
from factory_simulation.datasets.engines import Engine
from factory_simulation.datasets.generated_dates import GeneratedDates
from factory_simulation.datasets.runs import is_modelled
from factory_simulation.domain import LANDED_TABLES, FactoryError, FileStatus, Schema
from factory_simulation.expressions.dates import DateRange
from factory_simulation.pipelines.generation.scenario import Scenario

_RECORD = "ingested_files"


@dataclass(frozen=True)
class LoadedDate:
    """What an arrival date brought.

    Attributes:
        day: The date.
        rows: The landed rows that are in bronze.
        rejected: A line per file that could not be read: which, and why.
    """

    day: date
    rows: int
    rejected: list[str]


class Loader:
    """Loads arrival dates one by one, each step a run of the project in this process.

    A run stores tables and files whole or not at all, and bronze puts on record which files it has
    taken in: loading that was broken off anywhere goes on from there.

    Args:
        project: The project's folder.
        env: The Kedro environment.
        parameters: As for ``kedro run``; ``date`` is not among them.
        is_open_ended: Whether the factory works on after the scenario's last day. If not, it does
            so only where dates are asked for on which nothing of the scenario can arrive.
    """

    def __init__(
        self,
        project: Path,
        env: str | None,
        parameters: dict[str, Any],
        *,
        is_open_ended: bool = False,
    ) -> None:
        if "date" in parameters:
            raise FactoryError("parameter date: which dates are loaded is up to this command")
        self._project = project
        self._env = env
        self._parameters = parameters
        self._is_open_ended = is_open_ended
        self._whole = self._catalog()
        self.scenario: Scenario = self._whole.load("scenario")

    @property
    def engine(self) -> Engine:
        """The warehouse, with an open connection."""
        engine: Engine = self._whole.load("warehouse")
        return engine

    def open(self) -> None:
        """Open the warehouse, and make its schemas where they are missing."""
        self.engine.create_schemas(list(Schema))

    # --- what there is to do -------------------------------------------------------------

    def unmade_dates(self, dates: DateRange) -> DateRange | None:
        """Return from where to where the generator has dates to make; None where all are made.

        Raises:
            FactoryError: If nothing of the scenario can arrive then, or files of somebody else are
                in its way.
        """
        catalog = self._catalog(dates)
        event_dates = catalog.load("scenario").event_dates(dates)
        missing = _generated(catalog).missing(dates, event_dates)
        if not missing:
            return None
        unmade = DateRange(missing[0], missing[-1])
        catalog = self._catalog(unmade)
        preflight.check_date(pipelines["generation"], catalog)
        preflight.check_targets(pipelines["generation"], catalog)
        return unmade

    def unread_dates(self, dates: DateRange) -> list[date]:
        """Return the dates of which a file is not on record with its content, in order."""
        catalog = self._catalog(dates)
        unread = [catalog.get(f"landing_{table}").unread_dates() for table in LANDED_TABLES]  # type: ignore[union-attr]
        return sorted(set().union(*unread))

    def last_read_date(self) -> date | None:
        """Return the last arrival date of which files are on record; None where there are none."""
        if not self.engine.has_table(Schema.OPS, _RECORD):
            return None
        files = self.engine.table(Schema.OPS, _RECORD)
        present = files.filter(_.status != FileStatus.WITHDRAWN.value)
        last = self.engine.fetch(present.aggregate(last=_.arrival_date.max()))
        day: date | None = last["last"][0].as_py()
        return day

    # --- doing it ------------------------------------------------------------------------

    def generate(self, dates: DateRange) -> None:
        """Make the landing files and the truth of dates."""
        with _generated(self._whole).being_made(dates):
            self._run_silently(["generation"], dates)

    def ingest(self, dates: DateRange) -> list[LoadedDate]:
        """Take in the files of dates that are new or have changed; return what each date has."""
        self._run_silently(["bronze"], dates)
        files = self.engine.table(Schema.OPS, _RECORD).filter(dates.holds(_.arrival_date))
        records = self.engine.fetch(files.order_by("arrival_date", "source_file")).to_pylist()
        return [
            _loaded_date(day, list(of_day))
            for day, of_day in groupby(records, key=itemgetter("arrival_date"))
        ]

    def is_modelled(self) -> bool:
        """Tell whether silver and gold are of all files that are on record."""
        return is_modelled(self.engine)

    def model(self, *, silently: bool = False) -> None:
        """Repair, model, validate where there is truth, and publish all that was taken in.

        Raises:
            FactoryError: If the result is not valid.
        """
        has_truth = self._whole.get("truth_files").exists()  # type: ignore[union-attr]
        layers = ["silver", "gold", *(["validation"] if has_truth else []), "serving"]
        if silently:
            self._run_silently(layers)
        else:
            self._run(layers)

    # --- runs ----------------------------------------------------------------------------

    def _run_silently(self, layers: list[str], dates: DateRange | None = None) -> None:
        with redirect_stdout(io.StringIO()):
            self._run(layers, dates)

    def _run(self, layers: list[str], dates: DateRange | None = None) -> None:
        session = self._session(dates)
        with session:
            session.run(pipeline_names=layers, runner=SequentialRunner())

    def _catalog(self, dates: DateRange | None = None) -> CatalogProtocol:
        session = self._session(dates)
        with session:
            return session.load_context().catalog

    def _session(self, dates: DateRange | None) -> KedroSession:
        given = {**self._parameters, **(self._world_until(dates) if dates else {})}
        return KedroSession.create(self._project, env=self._env, runtime_params=given)

    def _world_until(self, dates: DateRange) -> dict[str, Any]:
        """Return the dates as a parameter, and ``days`` where the scenario ends before them."""
        start, days = self.scenario.calendar.start_date, self.scenario.calendar.days
        needed = (dates.last - start).days + 1
        last_arrival = self.scenario.arrival_dates()[1]
        goes_on = needed > days if self._is_open_ended else dates.last > last_arrival
        longer = {"days": needed} if goes_on and "days" not in self._parameters else {}
        return {"date": str(dates), **longer}


def _loaded_date(day: date, files: list[dict[str, Any]]) -> LoadedDate:
    return LoadedDate(
        day=day,
        rows=sum(file["row_count"] for file in files),
        rejected=[
            f"{file['source_file']}: {file['reason']}"
            for file in files
            if file["status"] == FileStatus.REJECTED
        ],
    )


def _generated(catalog: CatalogProtocol) -> GeneratedDates:
    landing, truth = catalog.get(f"landing_{next(iter(LANDED_TABLES))}"), catalog.get("truth_files")
    return GeneratedDates(landing.landing_dir, truth.truth_dir)  # type: ignore[union-attr]
