"""Cells: at most one fault falls on each, and the ledger's part of it stays beside the text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
from ibis import Deferred

from factory_simulation.domain import FaultType, Recoverability

CERTAIN, NEVER = 10_000, 0
"""Chances, in basis points: engines differ in the type of a literal fraction."""
PARTS = ("clean", "fault", "mechanism", "recoverability", "detection", "repair")
"""What is kept of a column beside its text, as ``<column>_<part>``."""


@dataclass(frozen=True)
class CellFault:
    """One way in which one column can be hurt.

    Attributes:
        fault_type: The kind.
        mechanism: How or why it falls.
        falls: Whether it falls on a row.
        dirty: The text that lands instead of the clean one.
        recoverability: What the landed files tell of the clean value.
        detection: Whether the best reader of the landed files finds it, in basis points.
        repair: Whether that reader finds the clean value, in basis points.
    """

    fault_type: FaultType
    mechanism: str
    falls: Deferred
    dirty: ir.Value | Deferred
    recoverability: Deferred | Recoverability = Recoverability.RECOVERABLE
    detection: Deferred | int = CERTAIN
    repair: Deferred | int = CERTAIN


def hurt_cells(rows: ir.Table, faults: Mapping[str, Sequence[CellFault]]) -> ir.Table:
    """Replace the text of cells on which a fault falls, and add the ``PARTS`` of each column.

    Of several faults that would fall on one cell the first in the sequence does.
    """
    which = {
        f"{column}_which": _first_of([fault.falls for fault in of_column])
        for column, of_column in faults.items()
    }
    chosen = rows.mutate(**which)
    parts: dict[str, ir.Value] = {}
    for column, of_column in faults.items():
        parts |= _parts(chosen, column, of_column)
    return chosen.mutate(**parts).drop(*which)


def _first_of(conditions: Sequence[Deferred]) -> ir.Value:
    numbered = [(condition, number) for number, condition in enumerate(conditions)]
    if not numbered:
        return ibis.literal(-1, "int64")
    return ibis.cases(*numbered, else_=-1).cast("int64")


def _parts(rows: ir.Table, column: str, faults: Sequence[CellFault]) -> dict[str, ir.Value]:
    def of_fault(values: Sequence[ir.Value], otherwise: ir.Value) -> ir.Value:
        if not values:
            return otherwise
        number = rows[f"{column}_which"]
        numbered = [(number == index, value) for index, value in enumerate(values)]
        return ibis.cases(*numbered, else_=otherwise)

    def bound(values: Sequence[ir.Value | Deferred | int | str], type_: str) -> list[ir.Value]:
        return [
            ibis.literal(value, type_)
            if isinstance(value, int | str)
            else rows.bind(value)[0].cast(type_)
            for value in values
        ]

    nothing = ibis.null("string")
    return {
        column: of_fault(bound([fault.dirty for fault in faults], "string"), rows[column]),
        f"{column}_clean": rows[column],
        f"{column}_fault": of_fault(
            bound([fault.fault_type.value for fault in faults], "string"), nothing
        ),
        f"{column}_mechanism": of_fault(
            bound([fault.mechanism for fault in faults], "string"), nothing
        ),
        f"{column}_recoverability": of_fault(
            bound([fault.recoverability for fault in faults], "string"), nothing
        ),
        f"{column}_detection": of_fault(
            bound([fault.detection for fault in faults], "int64"), ibis.null("int64")
        ),
        f"{column}_repair": of_fault(
            bound([fault.repair for fault in faults], "int64"), ibis.null("int64")
        ),
    }
