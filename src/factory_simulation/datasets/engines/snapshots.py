"""Tables as Parquet files, for engines that keep none themselves.

``<warehouse>/<schema>/<table>/<number>/*.parquet`` is one state of a table. The marker ``_SUCCESS``
is written last, so a state is there whole or not at all on any storage, also where nothing can be
renamed. The highest number with the marker is the table; what is older is removed when it is
replaced, and so is what a run that was broken off left behind.
"""

import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from fsspec.core import url_to_fs

from factory_simulation.domain import FactoryError, Schema

_MARKER = "_SUCCESS"
_SCRATCH = "_scratch"


class Snapshots:
    """The tables of a warehouse that is a folder.

    Args:
        warehouse: The folder: a path, or the address of one on any storage that fsspec knows. It
            is made where there is none.

    Raises:
        FactoryError: If it cannot be made, or is no folder.
    """

    def __init__(self, warehouse: str | None) -> None:
        if not warehouse:
            raise FactoryError("this engine keeps its tables in a folder: name one by warehouse=…")
        try:
            self.files, self.root = url_to_fs(warehouse)
            self.files.makedirs(self.root, exist_ok=True)
        except (OSError, ImportError, ValueError) as error:
            raise FactoryError(f"warehouse {warehouse} cannot be opened: {error}") from error

    @staticmethod
    def exist(warehouse: str | None) -> bool:
        """Tell whether there is such a folder, without making it."""
        files, root = url_to_fs(warehouse or "")
        return bool(files.isdir(root))

    def address(self, folder: str) -> str:
        """Return a folder as engines want it: with the protocol of its storage."""
        address: str = self.files.unstrip_protocol(folder)
        return address

    def current(self, schema: Schema, table: str) -> str | None:
        """Return the folder of a table's current state; None where there is no table."""
        whole = [
            folder
            for folder in self._states(schema, table)
            if self.files.exists(posixpath.join(folder, _MARKER))
        ]
        return max(whole, default=None)

    @contextmanager
    def replacing(self, schema: Schema, table: str) -> Iterator[str]:
        """Hand out a folder for a table's next state; it counts once this ends without an error."""
        before = self._states(schema, table)
        number = 1 + max((int(posixpath.basename(folder)) for folder in before), default=0)
        folder = posixpath.join(self.root, schema, table, f"{number:08}")
        yield folder
        self.files.touch(posixpath.join(folder, _MARKER))
        for old in before:
            self.files.rm(old, recursive=True)

    @contextmanager
    def scratch(self) -> Iterator[str]:
        """Hand out a folder for files that are read once; a broken-off run's are swept away."""
        scratch = posixpath.join(self.root, _SCRATCH)
        try:
            self._remove(scratch)
            yield posixpath.join(scratch, uuid4().hex)
        finally:
            self._remove(scratch)

    def remove(self) -> None:
        """Remove all tables and the folder that they are in."""
        self._remove(self.root)

    def parquet_files(self, folder: str) -> list[str]:
        """Return the files of a folder, in the order of their names."""
        files: list[str] = sorted(self.files.glob(posixpath.join(folder, "*.parquet")))
        return files

    def _remove(self, folder: str) -> None:
        if self.files.exists(folder):
            self.files.rm(folder, recursive=True)

    def _states(self, schema: Schema, table: str) -> list[str]:
        folder = posixpath.join(self.root, schema, table)
        self.files.invalidate_cache(folder)
        if not self.files.exists(folder):
            return []
        names: list[str] = self.files.ls(folder, detail=False)
        return sorted(name.rstrip("/") for name in names if posixpath.basename(name).isdigit())
