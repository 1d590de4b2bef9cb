"""The kinds of faults, as the domain tells them to people."""

from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
from kedro.io import AbstractDataset

from factory_simulation.datasets.connected import Connected
from factory_simulation.domain import FactoryError
from factory_simulation.fault_kinds import FAULT_KINDS

_TYPES = pa.schema(
    {
        "fault_type_key": pa.string(),
        "title": pa.string(),
        "meaning": pa.string(),
        "severity": pa.string(),
        "is_data_error": pa.bool_(),
    }
)


class FaultKinds(Connected, AbstractDataset[None, ir.Table]):
    """``domain.FAULT_KINDS`` as a table: nodes know no engine, and make no rows of their own.

    Args:
        connected: See ``Connected``.
    """

    def __init__(self, **connected: Any) -> None:
        super().__init__(**connected)

    def load(self) -> ir.Table:
        """Return one row per kind of fault."""
        kinds = [
            {"fault_type_key": str(key), **vars(kind), "severity": kind.severity.value}
            for key, kind in FAULT_KINDS.items()
        ]
        return self.engine.small_table(pa.Table.from_pylist(kinds, schema=_TYPES))

    def save(self, _data: None) -> None:
        """Refuse: the kinds are those of the domain."""
        raise FactoryError("kinds of faults are not written by the pipeline")

    def _describe(self) -> dict[str, Any]:
        return {}
