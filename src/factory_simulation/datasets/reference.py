"""Small tables that come from files or from Python: reference data and parts of a scenario."""

import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
from kedro.io import AbstractDataset
from kedro.validation.exceptions import DataValidationError

from factory_simulation.datasets.connected import Connected
from factory_simulation.datasets.reference_file import SCHEMA, ReferenceFile
from factory_simulation.domain import FactoryError
from factory_simulation.schemas.contract import Contract
from factory_simulation.schemas.reference import CONTRACTS

PACKAGE = "factory-simulation"


class ReferenceTable(Connected, AbstractDataset[pa.Table, ir.Table]):
    """A CSV file of master data, such as the machines that a factory has.

    A file that was delivered with the landing files counts; where there is none, the one that
    people keep. Saving delivers one.

    Args:
        filepath: Where people keep it; its stem names its contract in ``schemas.reference``.
        landing_dir: The folder with whose files it may be delivered, as ``reference/<name>.csv``.
        types: Arrow type by column, where it is not text.
        optional: Whether there may be no such file; it is then an empty table.
        connected: See ``Connected``.
    """

    def __init__(
        self,
        *,
        filepath: str,
        landing_dir: str | None = None,
        types: dict[str, str] | None = None,
        optional: bool = False,
        **connected: Any,
    ) -> None:
        super().__init__(**connected)
        self._filepath = Path(filepath)
        self._contract = Contract(SCHEMA, self._filepath.stem)
        self._file = ReferenceFile(
            self._filepath,
            Path(landing_dir) if landing_dir else None,
            types or {},
            is_optional=optional,
        )

    def check(self) -> None:
        """Make sure that the file is there if it must be.

        Raises:
            FactoryError: If it is not.
        """
        self._file.check()

    def load(self) -> ir.Table:
        """Return the file as a table of all columns of its contract; see ``ReferenceFile.read``.

        Raises:
            FactoryError: If it is missing, cannot be read, or is not as its contract says.
        """
        rows = self.engine.small_table(self._file.read())
        try:
            return self._contract.validate(rows)
        except DataValidationError as error:
            raise FactoryError(f"reference file {self._file.path}: {error}") from error

    def check_target(self) -> None:
        """Refuse to deliver over a file that the generator did not make."""
        self._file.check_target()

    def save(self, data: pa.Table) -> None:
        """Deliver the file with the landing files; see ``ReferenceFile.write``."""
        self._file.write(data)

    def _exists(self) -> bool:
        return self._file.path.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}


class ReferenceState(AbstractDataset[None, str]):
    """A digest of all that silver and gold know beforehand: master data, and how they work.

    Args:
        reference_dir: Where people keep the files of master data.
        landing_dir: The folder with whose files they may be delivered.
        metadata: For kedro-viz.
    """

    def __init__(
        self, *, reference_dir: str, landing_dir: str, metadata: dict[str, Any] | None = None
    ) -> None:
        self._reference_dir = Path(reference_dir)
        self._landing_dir = Path(landing_dir)
        self.metadata = metadata

    def load(self) -> str:
        """Return the digest: another one wherever anything is not as it was."""
        digest = hashlib.sha256(version(PACKAGE).encode())
        for name in sorted(CONTRACTS):
            file = self._reference_dir / f"{name}.csv"
            path = ReferenceFile(file, self._landing_dir, {}, is_optional=True).path
            content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "none"
            digest.update(f"{name} {content}".encode())
        return digest.hexdigest()

    def save(self, _data: None) -> None:
        """Refuse: it is what the files make it."""
        raise FactoryError("the state of the master data is not written by the pipeline")

    def _describe(self) -> dict[str, Any]:
        return {"reference_dir": str(self._reference_dir)}


class SmallTable(Connected, AbstractDataset[pa.Table, ir.Table]):
    """An Arrow table that a node made from a scenario, handed on as a table of the engine.

    Args:
        connected: See ``Connected``.
    """

    def __init__(self, **connected: Any) -> None:
        super().__init__(**connected)
        self._rows: pa.Table | None = None

    def save(self, data: pa.Table) -> None:
        """Keep the rows for the rest of the run."""
        self._rows = data

    def load(self) -> ir.Table:
        """Return the rows as a table of the engine."""
        if self._rows is None:
            raise FactoryError(
                "a table of the scenario is missing: run the generation pipeline whole"
            )
        return self.engine.small_table(self._rows)

    def _exists(self) -> bool:
        return self._rows is not None

    def _describe(self) -> dict[str, Any]:
        return {}
