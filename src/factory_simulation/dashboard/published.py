"""What a run published, as Ibis tables: one run, whole, whatever is published meanwhile."""

import json
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir

from factory_simulation.domain import MANIFEST, FactoryError

_REMEDY = "kedro run, or kedro run --pipelines serving where gold is made"


class Published:
    """The tables and reports that a manifest names.

    Files do not change once they are published, and those of the last runs are kept: what was
    opened can be read on while newer runs publish. ``is_outdated`` tells when one has.

    Args:
        folder: The serving folder.

    Raises:
        FactoryError: If nothing has been published there yet, or the manifest is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._manifest = _read(folder)
        self._connection = ibis.duckdb.connect()
        self._tables: dict[str, ir.Table] = {}

    @property
    def run_id(self) -> str:
        """The run that published this."""
        return self._manifest["run_id"]

    @property
    def published_at(self) -> str:
        """When it did, in UTC, as ISO 8601."""
        return self._manifest["published_at"]

    @property
    def tables(self) -> list[str]:
        """The names of the tables, such as ``gold.daily_production``."""
        return list(self._manifest["tables"])

    def about(self, name: str) -> dict[str, Any]:
        """Return what the manifest says of a table: ``rows``, ``grain``, ``key``, ``columns``.

        Raises:
            FactoryError: As ``table``.
        """
        self._file("tables", name)
        return self._manifest["tables"][name]

    def table(self, name: str) -> ir.Table:
        """Return a table.

        Raises:
            FactoryError: If it was not published, or has gone since: that happens to who reads on
                after several newer runs.
        """
        if name not in self._tables:
            file = self._file("tables", name)
            self._tables[name] = self._connection.read_parquet(file, table_name=name)
        return self._tables[name]

    def report(self, name: str) -> Any:
        """Return a report, such as ``validation``; None where the run had none."""
        if name not in self._manifest["reports"]:
            return None
        return json.loads(self._file("reports", name).read_text(encoding="utf-8"))

    def is_outdated(self) -> bool:
        """Tell whether another run has published since."""
        return _read(self._folder)["published_at"] != self.published_at

    def _file(self, kind: str, name: str) -> Path:
        known = self._manifest[kind]
        if name not in known:
            raise FactoryError(f"{name} is not published in {self._folder}: {', '.join(known)} are")
        path = self._folder / known[name]["file"]
        if not path.is_file():
            raise FactoryError(f"{path} has gone: open {self._folder} anew")
        return path


def _read(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise FactoryError(f"nothing is published in {folder} yet: {_REMEDY}") from error
    except ValueError as error:
        raise FactoryError(f"{path} is damaged: remove it, then {_REMEDY}") from error
    return manifest
