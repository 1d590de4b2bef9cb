"""Rules that rows must keep: each row gets the list of those that it breaks, in one pass."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

SEPARATOR = ", "


def broken_rules(rules: Mapping[str, ir.BooleanValue]) -> ir.StringValue:
    """Return the names of the rules that a row breaks, joined by ``, ``; empty where it keeps all.

    Text rather than an array, because not every engine can filter or read arrays.

    Args:
        rules: Name of each rule, and whether the row breaks it (null counts as kept).
    """
    names = [
        ibis.ifelse(is_broken.fill_null(False), f"{name}{SEPARATOR}", "")
        for name, is_broken in rules.items()
    ]
    return ibis.literal("").concat(*names).re_replace(f"{SEPARATOR}$", "")


def both_or_neither(one: ir.BooleanValue, other: ir.BooleanValue) -> ir.BooleanValue:
    """Tell whether two conditions agree.

    ``==`` would not do: ``a = b IN (...)`` comes without brackets, and engines differ in it.
    """
    return ibis.ifelse(one, other, ~other)
