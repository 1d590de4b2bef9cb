"""The data dictionary: what the contracts say of each table, as Markdown for people."""

import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from pandera.api.checks import Check

from factory_simulation.domain import Schema
from factory_simulation.metrics import KPIS
from factory_simulation.schemas.contract import contract_of, partition_of
from factory_simulation.schemas.description import grain_of, unit_of

PATH = Path("docs/data_dictionary.md")
"""Where it is, in the project."""

_SCHEMAS = {
    Schema.GOLD: "Gold: dimensions, facts and marts",
    Schema.SILVER: "Silver: repaired rows, and what was made of the others",
    Schema.OPS: "Ops: what the pipeline notes down of its own work",
    Schema.BRONZE: "Bronze: rows as they landed",
}
_INTRODUCTION = """\
# Data dictionary

Made by `kedro dictionary` from the contracts in `src/factory_simulation/schemas` and the KPIs in
`metrics.py`: change it there. Times are in UTC. A column is never null unless it says so.
"""
_BOUNDS = {
    "greater_than": ">",
    "greater_than_or_equal_to": "≥",
    "less_than": "<",
    "less_than_or_equal_to": "≤",
    "equal_to": "=",
    "not_equal_to": "≠",
}
_MOST_VALUES = 24


def render() -> str:
    """Return the data dictionary."""
    return "\n".join([_INTRODUCTION, *_schemas(), *_kpis()])


def _schemas() -> Iterator[str]:
    for schema, title in _SCHEMAS.items():
        yield f"## {title}\n"
        for table in import_module(f"factory_simulation.schemas.{schema}").CONTRACTS:
            yield from _table(schema, table)


def _table(schema: Schema, table: str) -> Iterator[str]:
    contract = contract_of(schema, table)
    grain, _, more = grain_of(schema, table).partition("\n\n")
    yield f"### {schema}.{table}\n"
    yield f"**{_flat(grain)}**\n"
    if more:
        yield f"{_flat(more)}\n"
    yield f"Key: {_names(contract.unique or [])}."
    partition = partition_of(schema, table)
    if partition:
        landed = partition.get("landed_table")
        of = f", of {_names([landed])}" if landed else ", by landed table"
        yield f"Worked by {_names([partition['event_date']])}{of}."
    for rule in contract.checks:
        yield f"Each row: {_of_row(rule)}"
    yield "\n| column | type | unit | rules | meaning |"
    yield "|---|---|---|---|---|"
    for name, column in contract.columns.items():
        rules = "; ".join([*(["may be null"] if column.nullable else []), *_rules(column.checks)])
        meaning = _flat(column.description or "").replace("|", r"\|")
        yield f"| `{name}` | {column.dtype} | {unit_of(name)} | {rules} | {meaning} |"
    yield ""


def _rules(checks: list[Check]) -> Iterator[str]:
    for check in checks:
        values = list((check.statistics or {}).values())
        if check.name in _BOUNDS:
            yield f"{_BOUNDS[check.name]} {values[0]}"
        elif check.name == "isin":
            shown = _names(sorted(map(str, values[0])))
            yield shown if len(values[0]) <= _MOST_VALUES else f"one of {len(values[0])} values"
        elif check.name == "in_range":
            yield f"{values[0]} to {values[1]}"
        elif check.name in {"str_matches", "str_contains"}:
            pattern = str(getattr(values[0], "pattern", values[0])).replace("|", r"\|")
            yield f"like `{pattern}`"
        else:
            yield _of_row(check).rstrip(".")


def _of_row(check: Check) -> str:
    """Return what a rule of ours says by its docstring, or else by its name."""
    said = check.description or inspect.getdoc(check._check_fn)
    return _flat(said or f"{check.name}.".replace("_", " "))


def _kpis() -> Iterator[str]:
    yield "## Key performance indicators\n"
    yield "Measures are added up first and divided then; null where there is no base.\n"
    yield "| column | name | unit | definition | measures |"
    yield "|---|---|---|---|---|"
    for kpi in KPIS:
        measures = _names(list(kpi.measures))
        yield f"| `{kpi.name}` | {kpi.title} | {kpi.unit} | {kpi.definition} | {measures} |"
    yield ""


def _names(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _flat(text: str) -> str:
    """Return a docstring as Markdown on one line."""
    return " ".join(text.split()).replace("``", "`")
