"""What the datasets need of an engine, beyond what Ibis does alike everywhere."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import ibis.expr.types as ir
import pyarrow as pa

from factory_simulation.domain import Schema

AS_LANDED: Mapping[str, str] = MappingProxyType({})
"""No column lands under another name than ours."""


@dataclass(frozen=True)
class Fingerprint:
    """What a file holds.

    Attributes:
        size_bytes: Its size.
        sha256: The digest of its content; None where it cannot be read.
        problem: Why it cannot be read; None where it can.
    """

    size_bytes: int
    sha256: str | None
    problem: str | None = None

    @classmethod
    def of(cls, path: Path) -> "Fingerprint":
        """Read a file once and say what it holds."""
        size_bytes = 0
        try:
            size_bytes = path.stat().st_size
            with path.open("rb") as content:
                digest = hashlib.file_digest(content, "sha256").hexdigest()
        except OSError as error:
            return cls(size_bytes, None, f"cannot be read: {error.strerror}")
        return cls(size_bytes, digest)


@dataclass(frozen=True)
class LandingRead:
    """What came of reading landing files.

    Attributes:
        rows: One row per landed row: the file's columns as text, ``_path`` (as given),
            ``_source_row`` (1 is the first row of data) and what bronze says of malformed rows.
        row_counts: Number of rows by path, for each file that was read.
        rejected: Reason by path, for each file that could not be read.
        columns: For each file that was read and names columns: our names by those in the file.
    """

    rows: ir.Table
    row_counts: dict[Path, int]
    rejected: dict[Path, str]
    columns: dict[Path, dict[str, str]]


class Engine(ABC):
    """An engine with an open connection to one warehouse.

    Tables are replaced and rows exchanged whole or not at all: a run that is broken off leaves
    what was there before.

    Attributes:
        connection: The Ibis connection.
    """

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def close(self) -> None:
        """Close the connection; the tables stay."""
        self.connection.disconnect()

    @abstractmethod
    def drop(self) -> None:
        """Close the connection and remove the warehouse with all that is in it."""

    @classmethod
    @abstractmethod
    def open(
        cls, warehouse: str | None, settings: Mapping[str, Any], credentials: Mapping[str, Any]
    ) -> Self:
        """Open a warehouse, which is made where there is none yet.

        Args:
            warehouse: Where the tables are: a file, a folder or a database.
            settings: The engine's own settings, from ``conf/<engine>/globals.yml``.
            credentials: What ``credentials.yml`` says under the name of the Ibis backend.

        Raises:
            FactoryError: If that fails for a reason that the user can mend.
        """

    @classmethod
    def may_hold_tables(cls, warehouse: str | None) -> bool:  # noqa: ARG003
        """Tell, without opening or making anything, whether a warehouse can hold tables yet."""
        return True

    @classmethod
    def explain(cls, error: BaseException) -> str | None:  # noqa: ARG003
        """Return one line for an error of the engine that the user can mend; None for others."""
        return None

    @abstractmethod
    def create_schemas(self, schemas: Sequence[Schema]) -> None:
        """Create the schemas that do not exist yet; filled ones are left alone."""

    @abstractmethod
    def small_table(self, rows: pa.Table) -> ir.Table:
        """Bring a small table into the engine, nulls and types kept."""

    def forget_small_tables(self) -> None:  # noqa: B027 - most engines have nothing to do
        """Let go of what earlier runs brought in; where an engine holds nothing, there is none."""

    def small_keys(self, column: str, keys: Sequence[str]) -> ir.Table:
        """Return texts as a table of one column, for ``replace_rows``."""
        return self.small_table(pa.table({column: pa.array(keys, pa.string())}))

    def table(self, schema: Schema, table: str) -> ir.Table:
        """Return a table of the warehouse."""
        return self.connection.table(table, database=str(schema))

    def has_table(self, schema: Schema, table: str) -> bool:
        """Tell whether a table is in the warehouse."""
        return table in self.connection.list_tables(database=str(schema))

    @abstractmethod
    def replace_table(self, table: str, schema: Schema, rows: ir.Table) -> None:
        """Put ``rows`` in the place of a table, or make it where it is missing."""

    @abstractmethod
    def replace_rows(self, table: str, schema: Schema, rows: ir.Table, *, keys: ir.Table) -> None:
        """Replace the rows that agree with a row of ``keys`` in all its columns with ``rows``.

        The table is created where it is missing, and gets the columns of ``rows`` that it lacks;
        a column that ``rows`` lack becomes null. Done twice, it is as if done once.
        """

    @abstractmethod
    def read_landing(
        self, table: str, files: Sequence[Path], renamed: Mapping[str, str] = AS_LANDED
    ) -> LandingRead:
        """Read landing files of one table, all values as text, in their order.

        Args:
            table: The landed table.
            files: The files.
            renamed: Our name by the one under which a column lands, where that is another one.
        """

    def fingerprints(self, files: Sequence[Path]) -> list[Fingerprint]:
        """Return what each file holds."""
        return [Fingerprint.of(path) for path in files]

    def fetch(self, rows: ir.Table) -> pa.Table:
        """Return a small result, nulls and types kept."""
        return rows.to_pyarrow()

    def stream(self, rows: ir.Table, chunk_size: int) -> Iterator[pa.RecordBatch]:
        """Yield a large result in its order, a piece at a time."""
        for batch in rows.to_pyarrow_batches(chunk_size=chunk_size):
            for start in range(0, batch.num_rows, chunk_size):
                yield batch.slice(start, chunk_size)
