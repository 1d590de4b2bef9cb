"""Folders of dated files: who wrote what in them.

The generator writes into folders that a user may have filled too. It keeps a list of the files that
it made, so that it never overwrites a file of somebody else, and so that files of an earlier world
(another seed, fewer days) go when a new one is written.
"""

import json
import os
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

from factory_simulation.domain import FactoryError

_LISTS = ".generated"


def date_of_folder(folder: Path) -> date | None:
    """Return the date in a folder's name; None where the name is none, or not as YYYY-MM-DD."""
    try:
        day = date.fromisoformat(folder.name)
    except ValueError:
        return None
    return day if day.isoformat() == folder.name else None


def dated_folders(folder: Path) -> tuple[dict[date, Path], list[Path]]:
    """Return the folders whose name is a date, and those whose name is none.

    Hidden folders belong to tools and are passed over.
    """
    dated, others = {}, []
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "_")) or not path.is_dir():
            continue
        day = date_of_folder(path)
        if day is None:
            others.append(path)
        else:
            dated[day] = path
    return dated, others


def check_writable(folder: Path) -> None:
    """Make sure that a folder is there to write in, or can be made.

    Raises:
        FactoryError: If neither is so.
    """
    nearest = next(path for path in [folder, *folder.absolute().parents] if path.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        raise FactoryError(
            f"cannot write in {folder}: {nearest} is no folder that you may write in"
        )


class GeneratedFiles:
    """The files of one name, one per date, that the generator made in a folder.

    Args:
        folder: The folder that holds the dated folders.
        name: The file's name, such as ``qc_checks.csv``.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._list = folder / _LISTS / f"{name}.json"
        known = json.loads(self._list.read_text()) if self._list.exists() else {}
        self.made: set[str] = set(known.get("made", []))
        self.withdrawn: set[str] = set(known.get("withdrawn", []))

    def check(self) -> None:
        """Refuse a folder that cannot be written, or in which somebody else's such files are.

        Raises:
            FactoryError: If that is so; generating beside other files would mix two worlds.
        """
        check_writable(self._folder)
        for path in sorted(self._folder.glob(f"*/{Path(self._name).stem}.*")):
            if path.parent.name != _LISTS and self._relative(path) not in self.made:
                raise FactoryError(
                    f"{path} was not made by the generator and is left as it is: "
                    "name another folder with landing_dir=… (or truth_dir=…)"
                )

    def claim(self, days: Iterable[date]) -> None:
        """Put files on the list, before they are written: a run may be broken off in between."""
        names = {f"{day.isoformat()}/{self._name}" for day in days}
        if not names <= self.made:
            self.made |= names
            self.withdrawn -= names
            self._save()

    def write(self, day: date, write: Callable[[Path], None]) -> None:
        """Write the file of a date that is claimed: whole, or not at all."""
        path = self._folder / day.isoformat() / self._name
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.partial")
        write(partial)
        partial.replace(path)

    def keep_only(self, days: Iterable[date]) -> None:
        """Remove the files of other dates that the generator made, and say that they are gone."""
        wanted = {f"{day.isoformat()}/{self._name}" for day in days}
        gone = self.made - wanted
        if not gone:
            return
        self.withdrawn |= gone
        self.made -= gone
        self._save()
        for name in sorted(gone):
            path = self._folder / name
            path.unlink(missing_ok=True)
            if path.parent.exists() and not any(path.parent.iterdir()):
                path.parent.rmdir()

    def _relative(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()

    def _save(self) -> None:
        self._list.parent.mkdir(parents=True, exist_ok=True)
        partial = self._list.with_suffix(".partial")
        partial.write_text(
            json.dumps({"made": sorted(self.made), "withdrawn": sorted(self.withdrawn)}, indent=1)
        )
        partial.replace(self._list)
