"""What the datasets need of an engine, beyond what Ibis does alike everywhere."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from factory_simulation.domain import Schema


class Engine(ABC):
    """An engine with an open connection."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    @classmethod
    @abstractmethod
    def connect(cls, **arguments: Any) -> Any:
        """Open an Ibis connection.

        Raises:
            FactoryError: If that fails for a reason that the user can mend.
        """

    @classmethod
    @abstractmethod
    def may_hold_tables(cls, **arguments: Any) -> bool:
        """Tell, without opening or creating anything, whether a warehouse can hold tables yet."""

    @abstractmethod
    def create_schemas(self, schemas: Sequence[Schema]) -> None:
        """Create the schemas that do not exist yet; filled ones are left alone."""

    @abstractmethod
    def small_table(self, rows: pa.Table) -> ir.Table:
        """Bring a small table into the engine, nulls and types kept."""

    @abstractmethod
    def replace_rows(
        self, table: str, schema: Schema, rows: ir.Table, *, key: str, keys: Sequence[str]
    ) -> None:
        """Replace, in one transaction, the rows whose ``key`` is one of ``keys`` with ``rows``.

        The table is created where it is missing, and gets the columns of ``rows`` that it lacks;
        a column that ``rows`` lack becomes null. Done twice, it is as if done once.
        """

    @abstractmethod
    def read_landing(self, table: str, files: Sequence[Path]) -> "LandingRead":
        """Read landing files of one table, all values as text, in their order."""


class LandingRead:
    """What came of reading landing files.

    Attributes:
        rows: One row per landed row: the file's columns as text, ``_path`` (as given),
            ``_source_row`` (1 is the first row of data) and what bronze says of malformed rows.
        row_counts: Number of rows by path, for each file that was read.
        rejected: Reason by path, for each file that could not be read.
    """

    def __init__(
        self, rows: ir.Table, row_counts: dict[Path, int], rejected: dict[Path, str]
    ) -> None:
        self.rows = rows
        self.row_counts = row_counts
        self.rejected = rejected
