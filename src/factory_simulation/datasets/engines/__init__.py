"""The one place that knows engines apart.

An engine is a module here, named like its Ibis backend, with a class ``ENGINE`` that fulfils
``Engine``, and a folder in ``conf`` that says which backend it is: see ``docs/engines.md``.
A module is imported when its engine is chosen, so that nobody needs the packages of the others.
"""

import sys
from importlib import import_module
from typing import Any

from factory_simulation.datasets.engines.base import Engine
from factory_simulation.domain import FactoryError

__all__ = ["BACKENDS", "Engine", "explain", "may_hold_tables", "open_engine"]

BACKENDS = {"duckdb": None, "postgres": "postgres", "pyspark": "spark", "datafusion": "datafusion"}
"""The Ibis backends that are engines here, and the extra that installs each."""


def open_engine(config: dict[str, Any]) -> Engine:
    """Open a warehouse with its engine.

    Args:
        config: ``backend`` (of Ibis), ``warehouse``, ``settings``; all other keys are credentials.

    Raises:
        FactoryError: If the engine is not known or not installed, or the warehouse cannot be
            opened.
    """
    credentials = dict(config)
    engine = _engine(credentials.pop("backend"))
    return engine.open(
        credentials.pop("warehouse", None), credentials.pop("settings", None) or {}, credentials
    )


def may_hold_tables(config: dict[str, Any]) -> bool:
    """Tell whether a warehouse can hold tables yet, without opening or making anything."""
    return _engine(config["backend"]).may_hold_tables(config.get("warehouse"))


def explain(error: BaseException) -> str | None:
    """Return one line for an error of an engine in use that the user can mend; None for others."""
    modules = (sys.modules.get(f"{__name__}.{backend}") for backend in BACKENDS)
    told = (module.ENGINE.explain(error) for module in modules if module)
    return next(filter(None, told), None)


def _engine(backend: str) -> type[Engine]:
    if backend not in BACKENDS:
        raise FactoryError(f"engine {backend!r} is none of {', '.join(BACKENDS)}")
    try:
        engine: type[Engine] = import_module(f"{__name__}.{backend}").ENGINE
    except ModuleNotFoundError as error:
        if (error.name or "").startswith(__name__):
            raise
        raise FactoryError(
            f"engine {backend} needs {error.name}, which is not installed: "
            f"pip install -e '.[{BACKENDS[backend]}]' in the project's folder"
        ) from error
    return engine
