"""Which dates of a scenario the generator has made, as far as its files tell."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from factory_simulation.datasets.arrivals import landed_dates
from factory_simulation.datasets.folders import LISTS, dated_folders, is_generated
from factory_simulation.datasets.truth import FILE
from factory_simulation.expressions.dates import DateRange

_UNFINISHED = "unfinished"


class GeneratedDates:
    """The dates that the generator has made in a landing folder and a folder of truth.

    Files are written one after the other, so that a process that was killed in between leaves
    dates of which some are there. ``being_made`` puts on record which dates these can be.

    Args:
        landing_dir: Folder of the landing files.
        truth_dir: Folder of the truth files.
    """

    def __init__(self, landing_dir: Path, truth_dir: Path) -> None:
        self._landing_dir = landing_dir
        self._truth_dir = truth_dir
        self._unfinished = landing_dir / LISTS / _UNFINISHED

    def missing(self, dates: Iterable[date], event_dates: Collection[date]) -> list[date]:
        """Return the dates that are to be made; none where the files are those of somebody else.

        Args:
            dates: Arrival dates.
            event_dates: The scenario's working days: a date that is one of them and has no truth
                has at most what arrived late, of a scenario that ended before.
        """
        landed = set(landed_dates(self._landing_dir))
        if landed and not is_generated(self._landing_dir):
            return []
        made = landed - set(self._broken_off()) - (set(event_dates) - self._told())
        return [day for day in dates if day not in made]

    @contextmanager
    def being_made(self, dates: DateRange) -> Iterator[None]:
        """Keep on record that dates are being made, until they are."""
        self._unfinished.parent.mkdir(parents=True, exist_ok=True)
        self._unfinished.write_text(str(dates))
        yield
        self._unfinished.unlink()

    def _broken_off(self) -> Iterable[date]:
        if not self._unfinished.is_file():
            return []
        return DateRange.parse(self._unfinished.read_text())

    def _told(self) -> set[date]:
        """Return the event dates of which there is truth."""
        dated = dated_folders(self._truth_dir)[0] if self._truth_dir.is_dir() else {}
        return {day for day, folder in dated.items() if (folder / FILE).is_file()}
