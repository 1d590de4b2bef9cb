"""Where a batch came from, where it went, and what a recall of a lot has to call back.

Works on ``gold.genealogy``, wherever it lies: each generation is one question to it, and only what
concerns the batch comes out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import LotKind

_LINK = (
    *("factory_id", "input_product_name", "output_product_name"),
    *("lot_key", "lot_kind", "batch_key", "units_used", "used_at", "is_before_made"),
)
_MADE = ("batch_key", "factory_id", "start_at", "end_at", "units_produced", "units_good")


@dataclass(frozen=True)
class Link:
    """Units of a lot that went into a batch.

    Attributes:
        generation: 1 next to the batch or lot that was asked about, and one more for each stage.
    """

    generation: int
    factory_id: str
    input_product_name: str
    output_product_name: str
    lot_key: str
    lot_kind: str
    batch_key: str
    units_used: int
    used_at: datetime
    is_before_made: bool


@dataclass(frozen=True)
class Trace:
    """What went into a batch, and what its units went into, nearest first."""

    ancestors: tuple[Link, ...]
    descendants: tuple[Link, ...]


@dataclass(frozen=True)
class RecalledBatch:
    """A batch that took of a recalled lot, itself or by what was made of it.

    Units within a batch cannot be told apart, so all of them are called back.

    Attributes:
        generation: 1 where the batch took of the lot itself.
        units_used: Input that it took of recalled lots.
        units_produced: All that it made.
        units_good: What of this went into stock.
    """

    generation: int
    factory_id: str
    product_name: str
    batch_key: str
    start_at: datetime
    end_at: datetime
    units_used: int
    units_produced: int
    units_good: int


def trace(genealogy: ir.Table, batch_key: str) -> Trace:
    """Follow a batch back to what was bought or in stock at first, and forward to the last stage.

    Args:
        genealogy: ``gold.genealogy``.
        batch_key: The batch; one that is not known has neither ancestors nor descendants.
    """
    back = _follow(genealogy, batch_key, by="batch_key", to="lot_key")
    return Trace(ancestors=back, descendants=descendants(genealogy, batch_key))


def descendants(genealogy: ir.Table, lot_key: str) -> tuple[Link, ...]:
    """Follow a lot forward to the last stage; see ``trace``."""
    return _follow(genealogy, lot_key, by="lot_key", to="batch_key")


def recall(genealogy: ir.Table, production: ir.Table, lot_key: str) -> list[RecalledBatch]:
    """Return all batches that a lot went into, by generation, product and time.

    Args:
        genealogy: ``gold.genealogy``.
        production: ``gold.fact_production``.
        lot_key: A batch, a delivery such as ``alpha|Iron Ore|2025-12-02``, or an opening stock. An
            unknown lot is no lot that could be called back: it has no batches.
    """
    if lot_key == LotKind.UNKNOWN:
        return []
    links = descendants(genealogy, lot_key)
    used: dict[str, int] = {}
    for link in links:
        used[link.batch_key] = used.get(link.batch_key, 0) + link.units_used
    taken = {link.batch_key: link for link in links}  # all of a batch are of one generation
    made = {row["batch_key"]: row for row in _rows_of(production, "batch_key", used, _MADE)}
    recalled = [
        RecalledBatch(
            generation=link.generation,
            product_name=link.output_product_name,
            units_used=used[batch_key],
            **made[batch_key],
        )
        for batch_key, link in taken.items()
        if batch_key in made
    ]
    return sorted(recalled, key=lambda b: (b.generation, b.product_name, b.start_at, b.batch_key))


def _follow(genealogy: ir.Table, start: str, *, by: str, to: str) -> tuple[Link, ...]:
    """Return the links from a key on, one generation after the other.

    Keys are followed once, so that recipes that run in circles come to an end.
    """
    followed: set[str] = set()
    links: list[Link] = []
    keys, generation = {start}, 0
    while keys := keys - followed - {LotKind.UNKNOWN.value}:
        followed |= keys
        generation += 1
        rows = _rows_of(genealogy, by, keys, _LINK)
        links += [Link(generation=generation, **row) for row in rows]
        keys = {row[to] for row in rows}
    return tuple(links)


def _rows_of(
    table: ir.Table, column: str, keys: Iterable[str], wanted: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Return the rows that have one of some keys, in a fixed order."""
    chosen = sorted(keys)
    if not chosen:
        return []
    rows = table.filter(_[column].isin(chosen)).select(*wanted).order_by(*wanted)
    return rows.to_pyarrow().to_pylist()
