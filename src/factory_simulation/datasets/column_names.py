"""Names under which columns land that are not ours, as ``column_names`` of ``conf`` maps them."""

from collections.abc import Mapping
from typing import Any

from factory_simulation.datasets.engines.files.columns import normalised
from factory_simulation.domain import LANDED_TABLES, FactoryError, LandedTable

_KEY = "column_names"
_SHAPE = "must map the names in the files to ours, such as {result: pass_fail}"


def checked_column_names(configured: Any) -> dict[str, dict[str, str]]:
    """Return, by landed table, our name by the one under which a column lands.

    Those are without case and white space around them, as they are compared with the files'.

    Args:
        configured: What stands in ``conf``; None where nothing does.

    Raises:
        FactoryError: If a table or column is not known, or a name is not clear.
    """
    tables = _mapping(_KEY, configured, "must map tables to names of their columns")
    unknown = [str(table) for table in tables if table not in LANDED_TABLES]
    if unknown:
        known = ", ".join(LANDED_TABLES)
        raise FactoryError(f"{_KEY}.{unknown[0]}: no such landed table; there are {known}")
    return {
        table: _names_of(LANDED_TABLES[table], _mapping(f"{_KEY}.{table}", names, _SHAPE))
        for table, names in tables.items()
    }


def _mapping(key: str, given: Any, shape: str) -> Mapping[Any, Any]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise FactoryError(f"{key} = {given!r}: {shape}")
    return given


def _names_of(table: LandedTable, given: Mapping[Any, Any]) -> dict[str, str]:
    names: dict[str, str] = {}
    for landed, ours in given.items():
        entry = f"{_KEY}.{table.name}.{landed} = {ours}"
        name = normalised(str(landed))
        if ours not in table.known:
            known = ", ".join(table.known)
            raise FactoryError(f"{entry}: {table.name} has no such column; it has {known}")
        if name in table.known:
            raise FactoryError(f"{entry}: {name} is a column of {table.name} itself: remove this")
        if name in names:
            raise FactoryError(f"{entry}: the name {name} is mapped twice: remove one of the two")
        if ours in names.values():
            other = next(known for known, column in names.items() if column == ours)
            raise FactoryError(f"{entry}: {other} stands for {ours} already: remove one of the two")
        names[name] = ours
    return names
