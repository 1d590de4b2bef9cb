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

REFERENCE_FOLDER = "reference"
"""Where reference data lies that is delivered with landing files; nothing in it has landed."""

LISTS = ".generated"

Folder = date | str
"""What a folder is named by: a date, or the name itself."""


def date_of_folder(folder: Path) -> date | None:
    """Return the date in a folder's name; None where the name is none, or not as YYYY-MM-DD."""
    try:
        day = date.fromisoformat(folder.name)
    except ValueError:
        return None
    return day if day.isoformat() == folder.name else None


def dated_folders(folder: Path) -> tuple[dict[date, Path], list[Path]]:
    """Return the folders whose name is a date, and those whose name is none.

    Hidden folders belong to tools and are passed over, and so is the one of reference data.
    """
    dated, others = {}, []
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "_")) or path.name == REFERENCE_FOLDER or not path.is_dir():
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


def is_generated(folder: Path) -> bool:
    """Tell whether the generator ever wrote into a folder."""
    return (folder / LISTS).is_dir()


class GeneratedFiles:
    """The files of one name, one per date, that the generator made in a folder.

    Files of the same stem and another suffix (``qc_checks.csv``, ``qc_checks.parquet``) are of one
    family: the generator made what is on any of its lists.

    Args:
        folder: The folder that holds the dated folders.
        name: The file's name, such as ``qc_checks.csv``.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._list = folder / LISTS / f"{name}.json"
        known = json.loads(self._list.read_text()) if self._list.exists() else {}
        self.made: set[str] = set(known.get("made", []))
        self.withdrawn: set[str] = set(known.get("withdrawn", []))

    def in_other_formats(self) -> list["GeneratedFiles"]:
        """Return the rest of the family, as far as the generator ever made any of it."""
        lists = sorted(self._list.parent.glob(f"{Path(self._name).stem}.*.json"))
        names = [path.name.removesuffix(".json") for path in lists]
        return [GeneratedFiles(self._folder, name) for name in names if name != self._name]

    def check(self, within: str | None = None) -> None:
        """Refuse a folder that cannot be written, or in which somebody else's such files are.

        Args:
            within: Look into the folder of this name alone; into all but the one of reference
                data where it is not given.

        Raises:
            FactoryError: If that is so; generating beside other files would mix two worlds.
        """
        check_writable(self._folder)
        made = self.made.union(*(files.made for files in self.in_other_formats()))
        for path in sorted(self._folder.glob(f"*/{Path(self._name).stem}.*")):
            place = path.parent.name
            is_meant = place == within if within else place not in {LISTS, REFERENCE_FOLDER}
            if is_meant and self._relative(path) not in made:
                raise FactoryError(
                    f"{path} was not made by the generator and is left as it is: "
                    "name another folder with landing_dir=… (or truth_dir=…)"
                )

    def claim(self, folders: Iterable[Folder]) -> None:
        """Put files on the list, before they are written: a run may be broken off in between."""
        names = self._names(folders)
        if not names <= self.made:
            self.made |= names
            self.withdrawn -= names
            self._save()

    def write(self, folder: Folder, write: Callable[[Path], None]) -> None:
        """Write a file that is claimed: whole, or not at all."""
        path = self._folder / f"{folder}" / self._name
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.partial")
        write(partial)
        partial.replace(path)

    def keep_only(self, folders: Iterable[Folder]) -> None:
        """Remove the files of other dates that the generator made, and say that they are gone."""
        self._remove(self.made - self._names(folders))

    def remove(self, folders: Iterable[Folder]) -> None:
        """Remove the files of dates, where the generator made them, and say that they are gone."""
        self._remove(self.made & self._names(folders))

    def _names(self, folders: Iterable[Folder]) -> set[str]:
        return {f"{folder}/{self._name}" for folder in folders}

    def _remove(self, gone: set[str]) -> None:
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
