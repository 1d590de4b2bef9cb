"""Numbers written with a decimal comma, as text: ``1234,56``.

Found by its form. A comma between digits is a decimal comma, because no measure lands with
thousands set apart; all of it is recoverable.
"""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import FaultType
from factory_simulation.expressions import text
from factory_simulation.expressions.random import Stream
from factory_simulation.faults.cells import CellFault
from factory_simulation.faults.measures import MEASURES, claim
from factory_simulation.faults.settings import Settings as _Settings

_FORM = "^[+-]?[0-9]+,[0-9]+$"


class Settings(_Settings):
    """``rate``: of each of a reading's four values."""


def fault(rate: float, column: str, seed: int, *keys: Deferred) -> CellFault:
    """Return the fault of one of a reading's values."""
    falls = Stream(seed, f"fault.comma.{column}").happens(rate, *keys)
    return CellFault(FaultType.DECIMAL_COMMA, "at_random", falls, _[column].replace(".", ","))


def find(rows: ir.Table) -> ir.Table:
    """Read values that are written with a decimal comma."""

    def number(column: str) -> Deferred:
        written = text.trim(_[column])
        with_comma = ibis.ifelse(written.re_search(_FORM), written, None)
        return text.decimal_number(with_comma.replace(",", "."))

    found = {m: (number(m.column).notnull(), number(m.column)) for m in MEASURES}
    return claim(rows, FaultType.DECIMAL_COMMA, found)
