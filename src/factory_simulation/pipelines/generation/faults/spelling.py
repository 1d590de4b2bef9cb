"""Names spelled in another way: product names in batches, machine ids in operator entries."""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.expressions.random import Stream

CLEAN = 0
"""The number of the clean spelling."""


def where_spelled_otherwise(
    rate: float, spelling_count: int, stream: Stream, *keys: Deferred
) -> Deferred:
    """Return the number of the spelling that a row gets; ``CLEAN`` where no fault falls."""
    number = Stream(stream.seed, f"{stream.name}.number").integer(1, spelling_count - 1, *keys)
    return ibis.ifelse(stream.happens(rate, *keys), number, CLEAN).cast("int64")


def what_spelled_otherwise(
    rows: ir.Table, spellings: ir.Table, *, name: str, spelling: str, number: str
) -> ir.Table:
    """Replace the column ``name`` by the spelling whose number stands in the column ``number``."""
    numbered = spellings.rename({number: "spelling_number"})
    return rows.join(numbered, [name, number]).mutate(**{name: _[spelling]}).drop(spelling)
