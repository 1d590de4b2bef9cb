"""What the columns of landing files are called: there, and in bronze."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from factory_simulation.datasets.engines.files.tables import RejectedFileError
from factory_simulation.domain import LandedTable

_LONGEST_NAME = 63
"""Bytes of a column's name: what PostgreSQL keeps of one."""
_ENGINES_OWN_NAMES = {"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"}
"""Columns that PostgreSQL has in every table."""


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


@dataclass
class LandedColumns:
    """The columns of landing files of one table. All names here are normalised.

    Attributes:
        contract: What the files must hold.
        renamed: Our name by the one under which a column lands, where that is another one.
        by_path: For each file that was looked at, our names by those that stand in it.
    """

    contract: LandedTable
    renamed: Mapping[str, str]
    by_path: dict[Path, dict[str, str]] = field(default_factory=dict)

    def ours(self, landed: str) -> str:
        """Return our name of a column."""
        return self.renamed.get(landed, landed)

    def take_keys(self, path: Path, landed: Iterable[str]) -> None:
        """Note the columns of a file whose rows name them, so that several may mean one.

        Raises:
            RejectedFileError: If a column of the contract is missing.
        """
        names = {name: self.ours(name) for name in landed}
        ours = set(names.values())
        missing = [name for name in self.contract.columns if name not in ours]
        if missing:
            raise RejectedFileError(f"missing column {', '.join(missing)}")
        self.by_path[path] = names

    def take_header(self, path: Path, landed: Sequence[str]) -> tuple[str, ...]:
        """Note the columns of a file that names them once; return our names in its order.

        Raises:
            RejectedFileError: If a column of the contract is missing, or one is there twice.
        """
        self.take_keys(path, landed)
        ours = tuple(self.ours(name) for name in landed)
        twice = sorted({name for name in ours if ours.count(name) > 1})
        if twice:
            told = ", ".join(self._told(name, landed) for name in twice)
            raise RejectedFileError(f"column {told} stands twice in the header")
        return ours

    def _told(self, name: str, landed: Iterable[str]) -> str:
        """Return a column, with the names that stand for it where these are several."""
        spelled = sorted({other for other in landed if self.ours(other) == name})
        return name if len(spelled) == 1 else f"{name} ({' and '.join(spelled)})"
