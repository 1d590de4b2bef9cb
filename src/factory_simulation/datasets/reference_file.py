"""Reference files: CSV files of master data, delivered with the landing files or kept beside."""

import csv
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from factory_simulation.datasets.folders import REFERENCE_FOLDER, GeneratedFiles
from factory_simulation.domain import FactoryError
from factory_simulation.schemas.contract import contract_of

SCHEMA = "reference"
_READING: dict[str, Any] = {
    "strings_can_be_null": True,
    "null_values": [""],  # NA may be a name
}


class ReferenceFile:
    """A CSV file of master data: what is delivered counts, what people keep where nothing is.

    Args:
        filepath: Where people keep it; its stem names its contract in ``schemas.reference``.
        landing_dir: The folder with whose files it may be delivered, as ``reference/<name>.csv``.
        types: Arrow type by column, where it is not text.
        is_optional: Whether there may be none.
    """

    def __init__(
        self, filepath: Path, landing_dir: Path | None, types: dict[str, str], *, is_optional: bool
    ) -> None:
        self._kept = filepath
        self._landing_dir = landing_dir
        self._is_optional = is_optional
        self._contract = contract_of(SCHEMA, filepath.stem)
        aliases = dict.fromkeys(self._contract.columns, "string") | types
        self._types = {name: pa.type_for_alias(alias) for name, alias in aliases.items()}

    @property
    def path(self) -> Path:
        """The file that counts."""
        if self._landing_dir is not None:
            delivered = self._landing_dir / REFERENCE_FOLDER / self._kept.name
            if delivered.is_file():
                return delivered
        return self._kept

    def check(self) -> None:
        """Make sure that the file is there if it must be.

        Raises:
            FactoryError: If it is not.
        """
        if not (self._is_optional or self.path.is_file()):
            raise FactoryError(f"reference file {self.path} does not exist: put it there")

    def read(self) -> pa.Table:
        """Return the contract's columns, then others that the file has, which are text.

        Columns that may be null may be missing too. A file that is optional and nowhere has no
        rows.

        Raises:
            FactoryError: If the file is missing, or a value is not of its column's type.
        """
        self.check()
        path = self.path
        if not path.is_file():
            return pa.schema(list(self._types.items())).empty_table()
        try:
            with path.open(encoding="utf-8-sig", newline="") as lines:
                header = next(csv.reader(lines), [])
            rows = pacsv.read_csv(
                path,
                parse_options=pacsv.ParseOptions(newlines_in_values=True),
                convert_options=pacsv.ConvertOptions(
                    column_types=dict.fromkeys(header, pa.string()) | self._types, **_READING
                ),
            )
        except (ValueError, OSError, csv.Error) as error:  # Arrow's errors are ValueErrors
            reason = str(error).split("\n", maxsplit=1)[0]
            raise FactoryError(f"reference file {path}: {reason}") from error
        self._refuse_infinite(rows, path)
        return self._with_all_columns(rows)

    def _refuse_infinite(self, rows: pa.Table, path: Path) -> None:
        for name in rows.column_names:
            column = rows[name]
            if (
                pa.types.is_floating(column.type)
                and pc.any(pc.invert(pc.is_finite(column))).as_py()
            ):
                raise FactoryError(f"reference file {path}: {name} has a value that is no number")

    def _with_all_columns(self, rows: pa.Table) -> pa.Table:
        for name, column in self._contract.columns.items():
            if column.nullable and name not in rows.column_names:
                rows = rows.append_column(name, pa.nulls(rows.num_rows, self._types[name]))
        known = [name for name in self._types if name in rows.column_names]
        return rows.select([*known, *(n for n in rows.column_names if n not in known)])

    def check_target(self) -> None:
        """Refuse to deliver over a file that the generator did not make.

        Raises:
            FactoryError: If there is one, or the folder cannot be written.
        """
        self._delivered().check(within=REFERENCE_FOLDER)

    def write(self, rows: pa.Table) -> None:
        """Deliver the file: whole, or not at all; the same rows make the same bytes.

        Raises:
            FactoryError: If somebody else delivered one, or there is nowhere to deliver to.
        """
        files = self._delivered()
        files.check(within=REFERENCE_FOLDER)
        files.claim([REFERENCE_FOLDER])
        files.write(REFERENCE_FOLDER, partial(_write_csv, rows=rows))

    def _delivered(self) -> GeneratedFiles:
        if self._landing_dir is None:
            raise FactoryError(f"reference file {self._kept} is not written by the pipeline")
        return GeneratedFiles(self._landing_dir, self._kept.name)


def _write_csv(path: Path, rows: pa.Table) -> None:
    columns = [column.cast(pa.string()).to_pylist() for column in rows.columns]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(rows.column_names)
        writer.writerows(zip(*columns, strict=True))
