"""Reports: JSON documents made from Ibis tables and values."""

import json
from datetime import date
from itertools import takewhile
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
from kedro.io import AbstractDataset

from factory_simulation.datasets.folders import check_writable


class JsonReport(AbstractDataset[Any, Any]):
    """A JSON file whose parts may be Ibis expressions; they are computed when it is saved.

    A table becomes a list of objects, a scalar its value.

    Args:
        filepath: The file; it is replaced whole or not at all.
        only_beside: A pattern of paths, such as ``truth/*/fault_ledger.json``. Where no file is
            like it, there is nothing to report: saving removes an earlier report.
        metadata: For kedro-viz.
    """

    def __init__(
        self,
        *,
        filepath: str,
        only_beside: str | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        self._path = Path(filepath)
        self._only_beside = only_beside
        self.metadata = metadata

    def check_target(self) -> None:
        """Refuse a folder that cannot be written."""
        check_writable(self._path.parent)

    def save(self, data: Any) -> None:
        """Compute the document and write it, or remove it where there is nothing to report."""
        if self._only_beside is not None and not _any_file(self._only_beside):
            self._path.unlink(missing_ok=True)
            return
        content = json.dumps(_computed(data), indent=2, ensure_ascii=False, allow_nan=False)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        partial = self._path.with_name(f".{self._path.name}.partial")
        partial.write_text(content + "\n", encoding="utf-8")
        partial.replace(self._path)

    def load(self) -> Any:
        """Return the document; None where nothing was reported."""
        if not self._path.exists():
            return None
        return json.loads(self._path.read_text(encoding="utf-8"))

    def _exists(self) -> bool:
        return self._path.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._path)}


def _any_file(pattern: str) -> bool:
    """Tell whether a file is like a pattern; of what stands before the first *, all is a name."""
    parts = Path(pattern).parts
    names = list(takewhile(lambda part: "*" not in part, parts))
    return any(path.is_file() for path in Path(*names).glob(str(Path(*parts[len(names) :]))))


def _computed(part: Any) -> Any:
    """Return a part of the document with its Ibis expressions computed."""
    match part:
        case dict():
            computed: Any = {key: _computed(value) for key, value in part.items()}
        case ir.Table():
            computed = [_computed(row) for row in part.to_pyarrow().to_pylist()]
        case ir.Scalar():
            computed = _computed(part.to_pyarrow().as_py())
        case date():
            computed = part.isoformat()
        case _:
            computed = part
    return computed
