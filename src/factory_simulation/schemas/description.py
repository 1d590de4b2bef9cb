"""What a contract says of its table and columns, for whoever describes them to people."""

import inspect
from importlib import import_module
from typing import Any

from pandera.ibis import DataFrameSchema

from factory_simulation.metrics import KPIS

_UNITS = {
    "_kwh": "kWh",
    "_kwh_imputed": "kWh",
    "_kwh_per_unit": "kWh/unit",
    "kwh_per_unit": "kWh/unit",
    "kwh_per_good_unit": "kWh/unit",
    "units_per_hour": "units/h",
    "_seconds": "s",
    "_minutes": "min",
    "_hours": "h",
    "_days": "days",
    "_bytes": "bytes",
    "_percent": "%",
    "_percent_imputed": "%",
    "_c": "°C",
    "_bar": "bar",
    "_rate": "share",
    "_ratio": "share",
    "_share": "share",
    "_at": "UTC",
}
"""The unit of a column by how its name ends; the longest ending counts."""


def grain_of(schema: str, table: str) -> str:
    """Return what a contract says of its table: first what a row of it is."""
    model: Any = import_module(f"factory_simulation.schemas.{schema}").CONTRACTS[table]
    if isinstance(model, DataFrameSchema):
        return model.description or ""
    return inspect.getdoc(model) or ""


def row_of(schema: str, table: str) -> str:
    """Return what a row of a table is, on one line."""
    return " ".join(grain_of(schema, table).partition("\n\n")[0].split())


def unit_of(column: str) -> str:
    """Return the unit in a column's name; empty where it has none."""
    if column in {kpi.name for kpi in KPIS}:
        return next(kpi.unit for kpi in KPIS if kpi.name == column)
    endings = [ending for ending in _UNITS if column.endswith(ending)]
    return _UNITS[max(endings, key=len)] if endings else ""
