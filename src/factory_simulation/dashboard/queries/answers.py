"""How a question is answered: rows out of the engine, once."""

from functools import lru_cache
from typing import Any, TypeAlias

import ibis.expr.types as ir

Row: TypeAlias = dict[str, Any]
Groups: TypeAlias = dict[Any, list[Row]]

remembered = lru_cache(maxsize=64)
"""Answers a question once for the same arguments: run, scope and what else it is about."""


def rows(table: ir.Table) -> list[Row]:
    """Return the rows of a table."""
    return table.to_pyarrow().to_pylist()


def grouped(table: ir.Table, column: str) -> Groups:
    """Return the rows of a table by the values of one of its columns, in the table's order."""
    groups: Groups = {}
    for row in rows(table):
        groups.setdefault(row[column], []).append(row)
    return groups
