"""Temporary tables of a DuckDB connection, and what the formats have in common."""

import glob
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import count
from pathlib import Path

import duckdb

from factory_simulation.domain import LandedTable

_NUMBERS = count()
_LONGEST_NAME = 63
"""Bytes of a column's name: what PostgreSQL keeps of one."""
_ENGINES_OWN_NAMES = {"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"}
"""Columns that PostgreSQL has in every table."""
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


def normalised(column: str) -> str:
    """Return a column's name as bronze has it.

    A leading underscore is bronze's own, some names are an engine's own. A name that is too long
    for some engine is cut, and ends in what tells it from others that begin alike.
    """
    name = column.strip().lower().replace("\0", "\ufffd")
    if name.startswith("_"):
        name = f"landed{name}"
    elif name in _ENGINES_OWN_NAMES:
        name = f"landed_{name}"
    if len(name.encode()) <= _LONGEST_NAME:
        return name
    digest = blake2b(name.encode(), digest_size=4).hexdigest()
    kept = name.encode()[: _LONGEST_NAME - len(digest) - 1].decode(errors="ignore")
    return f"{kept}_{digest}"


def check_columns(names: Collection[str], contract: LandedTable) -> None:
    """Reject a file that lacks a column or has one twice."""
    missing = [name for name in contract.columns if name not in names]
    if missing:
        raise RejectedFileError(f"missing column {', '.join(missing)}")
    listed = list(names)
    twice = sorted({name for name in listed if listed.count(name) > 1})
    if twice:
        raise RejectedFileError(f"column {', '.join(twice)} stands twice in the header")


def literal_path(path: Path) -> str:
    """Return a path in which DuckDB sees no pattern."""
    return glob.escape(str(path))


def quoted(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
