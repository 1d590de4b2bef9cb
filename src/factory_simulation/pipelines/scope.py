"""Which event dates a node works: those of its scope, and no others.

A scope is a table of ``table_name`` (a landed table) and ``event_date``. Nodes know nothing of it:
wiring gives them tables that hold the rows of the scope alone.
"""

import functools
import hashlib
import inspect
from collections.abc import Callable
from typing import Any

import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import EVENT_DATE, LandedTable


def scoped(function: Callable[..., Any], **tables: LandedTable | None) -> Callable[..., Any]:
    """Return a node function that takes a scope first, and sees only rows that are in it.

    Args:
        function: The node function.
        tables: For each of its arguments that is to be narrowed, the landed table whose dates in
            the scope count; None if each row says it, in ``table_name``.
    """
    signature = inspect.signature(function)

    @functools.wraps(function)
    def in_scope(scope: ir.Table, *args: Any) -> Any:
        arguments = signature.bind(*args).arguments
        for name, table in tables.items():
            arguments[name] = rows_in_scope(arguments[name], scope, table)
        return function(*arguments.values())

    scope = inspect.Parameter("scope", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    of_node = signature.replace(parameters=[scope, *signature.parameters.values()])
    # Kedro asks for it
    in_scope.__signature__ = of_node  # type: ignore[attr-defined]
    in_scope.__annotations__ = {**function.__annotations__, "scope": ir.Table}
    return in_scope


def rows_in_scope(rows: ir.Table, scope: ir.Table, table: LandedTable | None) -> ir.Table:
    """Return the rows whose event date is in the scope of a landed table, or of their own one.

    It is in ``_event_date``, or in ``event_date`` where a table is about that.
    """
    column = EVENT_DATE if EVENT_DATE in rows.columns else "event_date"
    if table is None:
        return rows.semi_join(scope, ["table_name", (column, "event_date")])
    dates = scope.filter(_.table_name == table.name).select("event_date")
    return rows.semi_join(dates, [(column, "event_date")])


def state_of(*parts: str) -> str:
    """Return a digest of all that rows are worked with, beside the rows themselves."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
