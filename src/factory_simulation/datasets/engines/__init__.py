"""The one place that knows engines apart.

An engine is a module here with a class that fulfils ``Engine``, entered in ``_ENGINES``, and a
folder in ``conf`` that names its Ibis backend.
"""

from typing import Any

from factory_simulation.datasets.engines.base import Engine
from factory_simulation.datasets.engines.duckdb import DuckDbEngine
from factory_simulation.domain import FactoryError

__all__ = ["Engine", "connect", "engine_of", "may_hold_tables"]

_ENGINES: dict[str, type[Engine]] = {"duckdb": DuckDbEngine}


def connect(config: dict[str, Any]) -> Any:
    """Open the warehouse.

    Args:
        config: The Ibis backend and its arguments.

    Raises:
        FactoryError: If the engine is not known here, or the warehouse cannot be opened.
    """
    engine, arguments = _engine_and_arguments(config)
    return engine.connect(**arguments)


def may_hold_tables(config: dict[str, Any]) -> bool:
    """Tell whether a warehouse can hold tables yet, without opening or creating anything."""
    engine, arguments = _engine_and_arguments(config)
    return engine.may_hold_tables(**arguments)


def _engine_and_arguments(config: dict[str, Any]) -> tuple[type[Engine], dict[str, Any]]:
    arguments = dict(config)
    backend = arguments.pop("backend")
    if backend not in _ENGINES:
        raise FactoryError(f"engine {backend!r} is none of {', '.join(sorted(_ENGINES))}")
    return _ENGINES[backend], arguments


def engine_of(connection: Any) -> Engine:
    """Return the engine behind an Ibis connection."""
    return _ENGINES[connection.name](connection)
