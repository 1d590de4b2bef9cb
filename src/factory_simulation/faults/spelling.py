"""Names spelled in another way: product names in batches, machine ids anywhere.

Found by what all spellings of a name share (`expressions.text`), so a spelling that nobody foresaw
is found too; the clean name follows from that key: all of it is recoverable.
"""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import FaultType
from factory_simulation.expressions.random import Stream
from factory_simulation.faults.cells import CellFault
from factory_simulation.faults.settings import Settings as _Settings
from factory_simulation.faults.settings import Share

CLEAN = 0
"""The number of the clean spelling."""


class ProductSettings(_Settings):
    """``rate``: of batches."""


class MachineSettings(_Settings):
    """``rate``: of operator entries; ``elsewhere``: of all else that names a machine."""

    elsewhere: Share = 0


def spelling_number(rate: float, spelling_count: int, stream: Stream, *keys: Deferred) -> Deferred:
    """Return the number of the spelling that a row gets; ``CLEAN`` where no fault falls."""
    number = Stream(stream.seed, f"{stream.name}.number").integer(1, spelling_count - 1, *keys)
    return ibis.ifelse(stream.happens(rate, *keys), number, CLEAN).cast("int64")


def with_spelling(
    rows: ir.Table, spellings: ir.Table, *, name: str, spelling: str, number: ir.Value | Deferred
) -> ir.Table:
    """Add the column ``spelling``: how the name in the column ``name`` is written this time."""
    numbered = spellings.select(name, spelling, _number="spelling_number")
    return rows.mutate(_number=number).join(numbered, [name, "_number"]).drop("_number")


def fault(fault_type: FaultType, name: str, spelling: str) -> CellFault:
    """Return the fault of a name for which `with_spelling` found another spelling."""
    return CellFault(fault_type, "at_random", _[spelling] != _[name], _[spelling])


def find(rows: ir.Table, spellings: ir.Table, *, name: str, spelling: str) -> ir.Table:
    """Replace what landed in ``name`` by the canonical name; what landed is ``landed_<name>``.

    Args:
        rows: Landed rows.
        spellings: One row per landed spelling of a known name, from silver's matching.
        name: The column of the name, in both tables.
        spelling: The column of the spelling.
    """
    landed = f"landed_{name}"
    return rows.rename({landed: name}).left_join(spellings, [(landed, spelling)]).drop(spelling)
