"""Temporary tables of a DuckDB connection, and what the formats have in common."""

import glob
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import duckdb

_NUMBERS = count()
LONGEST_LINE = 16 * 2**20
"""Bytes of a line of text."""


class RejectedFileError(Exception):
    """A landing file that cannot be read; the message says why."""


@dataclass
class TemporaryTables:
    """Makes temporary tables and remembers them.

    Attributes:
        connection: An open DuckDB connection.
        names: The tables that were made and not dropped since.
    """

    connection: duckdb.DuckDBPyConnection
    names: list[str] = field(default_factory=list)

    def make(self, query: str, parameters: Mapping[str, object] | None = None) -> str:
        """Store the result of a query; return the table's name."""
        name = f"landing_{next(_NUMBERS)}"
        self.connection.execute(f"CREATE TEMP TABLE {name} AS {query}", dict(parameters or {}))
        self.names.append(name)
        return name

    def drop(self, name: str) -> None:
        """Drop a table."""
        self.connection.execute(f"DROP TABLE {name}")
        self.names.remove(name)


def literal_path(path: Path) -> str:
    """Return a path in which DuckDB sees no pattern."""
    return glob.escape(str(path))


def quoted(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
