"""Small tables that come from files or from Python: reference data and parts of a scenario."""

from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.csv as pacsv
from kedro.io import AbstractDataset
from kedro.validation.exceptions import DataValidationError

from factory_simulation.datasets.connected import Connected
from factory_simulation.domain import FactoryError
from factory_simulation.schemas.contract import Contract


class ReferenceTable(Connected, AbstractDataset[None, ir.Table]):
    """A CSV file of master data, such as the machines that a factory has.

    Args:
        filepath: The file; its stem names its contract in ``schemas.reference``.
        types: Arrow type by column, where it is not text.
        connected: See ``Connected``.
    """

    def __init__(
        self, *, filepath: str, types: dict[str, str] | None = None, **connected: Any
    ) -> None:
        super().__init__(**connected)
        self._path = Path(filepath)
        self._contract = Contract("reference", self._path.stem)
        self._types = types or {}

    def check(self) -> None:
        """Make sure that the file is there.

        Raises:
            FactoryError: If it is not.
        """
        if not self._path.is_file():
            raise FactoryError(f"reference file {self._path} does not exist: put it there")

    def load(self) -> ir.Table:
        """Return the file as a table; columns without a declared type are text.

        Raises:
            FactoryError: If it is missing, cannot be read, or is not as its contract says.
        """
        self.check()
        with self._path.open(encoding="utf-8") as lines:
            header = lines.readline().strip().split(",")
        types = {name: pa.string() for name in header} | {
            name: pa.type_for_alias(alias) for name, alias in self._types.items()
        }
        try:
            options = pacsv.ConvertOptions(column_types=types, strings_can_be_null=True)
            rows = self.engine.small_table(pacsv.read_csv(self._path, convert_options=options))
            return self._contract.validate(rows)
        except (pa.ArrowInvalid, DataValidationError) as error:
            raise FactoryError(f"reference file {self._path}: {error}") from error

    def save(self, _data: None) -> None:
        """Refuse: reference data is written by people."""
        raise FactoryError(f"reference file {self._path} is not written by the pipeline")

    def _exists(self) -> bool:
        return self._path.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._path)}


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
