"""What a person reads at the end of a run."""

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import Any

import ibis.expr.types as ir
from kedro.io import CatalogProtocol
from kedro.pipeline import Pipeline
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from factory_simulation.domain import (
    LANDED_TABLES,
    PRODUCTION_METRICS,
    ColumnChange,
    FactoryError,
    FileStatus,
    Level,
    ValidationStatus,
)

_VALIDATION, _CONSERVATION = "report_validation", "report_conservation"
_REPAIRS, _QUARANTINE = "silver_repairs", "silver_quarantine"
_CHANGES, _MOST_CHANGES = "ops_schema_changes", 5
_BRONZE, _FILES = [f"bronze_{name}" for name in LANDED_TABLES], "ops_ingested_files"
_LOADS = "ops_file_loads"
_SLOWEST, _MOST_DAYS, _MOST_REASONS = 5, 31, 20
_METRICS = PRODUCTION_METRICS


def show(
    pipeline: Pipeline,
    catalog: CatalogProtocol,
    seconds: dict[str, float],
    console: Console | None = None,
) -> None:
    """Print the outcome of a run.

    Args:
        pipeline: What ran.
        catalog: Where its results are.
        seconds: How long each node took, its loading, checking and saving included.
        console: Where to print; the terminal by default.
    """
    out = console or Console(highlight=False)
    made = pipeline.all_outputs()
    validation = catalog.load(_VALIDATION) if _VALIDATION in made else None
    if validation:
        out.print(_days(validation["comparisons"]))
        out.print(_accounts(catalog.load(_CONSERVATION)))
    if _REPAIRS in made:
        out.print(_repairs(catalog.load(_REPAIRS)))
        _print_if_any(out, _quarantine(catalog.load(_QUARANTINE)))
    if made & set(_BRONZE):
        _print_rejected(out, catalog.load(_FILES))
        if catalog.exists(_LOADS):
            _print_replaced(out, catalog.load(_LOADS), catalog.load("params:run_id"))
    if _CHANGES in made:
        _print_changes(out, catalog.load(_CHANGES))
    out.print(_timing(seconds), soft_wrap=True)
    if validation:
        out.print(_verdict(validation), soft_wrap=True)


def require_valid(pipeline: Pipeline, catalog: CatalogProtocol) -> None:
    """Make sure that the result is right, if the run validated it.

    Args:
        pipeline: What ran.
        catalog: Where its reports are.

    Raises:
        FactoryError: If rows are unaccounted for, or settled numbers are off by more than the
            margin: which, and by how much.
    """
    if _VALIDATION in pipeline.all_outputs():
        _require(catalog.load(_VALIDATION), catalog.load(_CONSERVATION))


def _days(comparisons: list[dict[str, Any]]) -> Table:
    table = Table(title="The factory by day, as the pipeline saw it", title_justify="left")
    table.add_column("date")
    for metric in _METRICS:
        table.add_column(metric.replace("_", " ").replace(" kwh", ", kWh"), justify="right")
    table.add_column("against truth")
    by_day = {day: list(rows) for day, rows in groupby(comparisons, key=itemgetter("date"))}
    shown = list(by_day)[-_MOST_DAYS:]
    for day in shown:
        rows = by_day[day]
        totals = {row["metric"]: row["pipeline"] for row in rows if row["level"] == Level.FACTORY}
        table.add_row(day, *(_number(totals.get(metric)) for metric in _METRICS), _match(rows))
    hidden = [rows for day, rows in by_day.items() if day not in set(shown)]
    if hidden:
        exact = sum(all(row["unexplained_error"] == 0 for row in rows) for rows in hidden)
        table.caption = f"and {len(hidden):,} days before these, {exact:,} of them exact"
    return table


def _match(rows: list[dict[str, Any]]) -> str:
    worst = max(row["unexplained_error"] for row in rows)
    if not all(row["settled"] for row in rows):
        return f"[yellow]provisional, {worst:.2%} off[/yellow]"
    if worst == 0 and not all(row["recoverable"] for row in rows):
        return "[green]exact but for what never landed[/green]"
    if worst == 0:
        return "[green]exact[/green]"
    return f"[red]off by up to {worst:.2%}[/red]"


def _accounts(conservation: dict[str, dict[str, int]]) -> Table:
    table = Table(title="What became of every landed row", title_justify="left")
    table.add_column("table")
    for column in ("landed", "kept", "duplicate", "quarantined", "unaccounted"):
        table.add_column(column, justify="right")
    for name, row in conservation.items():
        lost = _unaccounted(row)
        shown = f"[red]{lost}[/red]" if lost else "[green]0[/green]"
        table.add_row(name, *(f"{count:,}" for count in row.values()), shown)
    return table


def _repairs(repairs: ir.Table) -> Table:
    counts = repairs.group_by("fault_type", "table_name").aggregate(claims=repairs.count())
    table = Table(title="What the pipeline believes was wrong", title_justify="left")
    table.add_column("fault")
    table.add_column("table")
    table.add_column("claims", justify="right")
    for row in _rows(counts.order_by("fault_type", "table_name")):
        table.add_row(row["fault_type"], row["table_name"], f"{row['claims']:,}")
    return table


def _quarantine(quarantine: ir.Table) -> Table:
    counts = quarantine.group_by("table_name", "reasons").aggregate(
        rows=quarantine.count(), example=quarantine["_row_id"].min()
    )
    table = Table(title="What could not be kept", title_justify="left")
    table.add_column("table")
    table.add_column("reasons")
    table.add_column("rows", justify="right")
    table.add_column("such as")
    most_first = counts.order_by(counts.rows.desc(), "table_name", "reasons").limit(_MOST_REASONS)
    for row in _rows(most_first):
        table.add_row(
            row["table_name"], escape(row["reasons"]), f"{row['rows']:,}", escape(row["example"])
        )
    return table


def _print_if_any(out: Console, table: Table) -> None:
    if table.row_count:
        out.print(table)


def _print_rejected(out: Console, files: ir.Table) -> None:
    rejected = files.filter(files.status == FileStatus.REJECTED.value).order_by("source_file")
    for file in _rows(rejected):
        told = escape(f"{file['source_file']}: {file['reason']}")
        out.print(f"[red]rejected[/red] {told}", soft_wrap=True)


def _print_replaced(out: Console, loads: ir.Table, run_id: str) -> None:
    """Print a line for each file that this run took in with other content than before."""
    replaced = loads.filter(loads.run_id == run_id, loads.replaced_run_id.notnull())
    lines = [
        f"{file['source_file']}: {file['row_count']:,} rows, before {file['replaced_row_count']:,}"
        for file in _rows(replaced.order_by("source_file"))
    ]
    for line in lines[:_MOST_CHANGES]:
        out.print(f"[yellow]replaced[/yellow] {escape(line)}", soft_wrap=True)
    if len(lines) > _MOST_CHANGES:
        out.print(f"and {len(lines) - _MOST_CHANGES:,} files more: see ops.file_loads")


def _print_changes(out: Console, changes: ir.Table) -> None:
    """Print a line for each of the latest dates on which the columns of a table changed."""
    latest_first = [changes["arrival_date"].desc(), "table_name", "column_name"]
    rows = _rows(changes.order_by(latest_first))
    by_date = groupby(rows, key=itemgetter("arrival_date", "table_name"))
    lines = [
        f"{day} {table}: {', '.join(map(_change, columns))}" for (day, table), columns in by_date
    ]
    for line in lines[:_MOST_CHANGES]:
        out.print(f"[yellow]columns changed[/yellow] {escape(line)}", soft_wrap=True)
    if len(lines) > _MOST_CHANGES:
        hidden = len(lines) - _MOST_CHANGES
        out.print(f"columns changed {hidden:,} times before these: see schema_changes.json")


def _change(row: dict[str, Any]) -> str:
    names = f" ({row['previous_name']} → {row['landed_name']})"
    return f"{row['column_name']} {row['change']}{names * (row['change'] == ColumnChange.RENAMED)}"


def _rows(table: ir.Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = table.to_pyarrow().to_pylist()
    return rows


def _timing(seconds: dict[str, float]) -> str:
    slowest = sorted(seconds.items(), key=lambda item: -item[1])[:_SLOWEST]
    named = ", ".join(f"{_short(name)} {took:.2f} s" for name, took in slowest)
    return f"{len(seconds)} nodes in {sum(seconds.values()):.2f} s; slowest: {named}"


def _short(node_name: str) -> str:
    return node_name.split("__", maxsplit=1)[0]


def _verdict(validation: dict[str, Any]) -> str:
    settled, exact = validation["settled_comparisons"], validation["exact_comparisons"]
    provisional = ", ".join(row["date"] for row in validation["provisional_dates"])
    waiting = f"; [yellow]not all has arrived yet for {provisional}[/yellow]" if provisional else ""
    if not settled:
        return f"[yellow]no date is settled: nothing could be judged[/yellow]{waiting}"
    colour = "green" if validation["status"] == ValidationStatus.PASSED else "red"
    return (
        f"[bold {colour}]{validation['status']}[/bold {colour}]: {settled} settled numbers held "
        f"against the truth, {exact} exact{_lossy(validation)}, worst unexplained error "
        f"{validation['worst_unexplained_error']:.4%}"
        f"{waiting}"
    )


def _lossy(validation: dict[str, Any]) -> str:
    lossy = validation["settled_comparisons"] - validation["recoverable_comparisons"]
    return f", {lossy} less what never landed" if lossy else ""


def _require(validation: dict[str, Any], conservation: dict[str, dict[str, int]]) -> None:
    lost = [
        f"{name} ({_unaccounted(row)})" for name, row in conservation.items() if _unaccounted(row)
    ]
    if lost:
        raise FactoryError(f"rows are unaccounted for: {', '.join(lost)}")
    if validation["status"] == ValidationStatus.PASSED:
        return
    margin = validation["margin"]
    off = [
        row
        for row in validation["comparisons"]
        if row["settled"] and row["unexplained_error"] > margin
    ]
    worst = max(off, key=lambda row: row["unexplained_error"])
    raise FactoryError(
        f"validation failed: {worst['date']} {worst['level']} {worst['key']} {worst['metric']}: "
        f"pipeline {_number(worst['pipeline'])}, truth {_number(worst['truth'])}, off by "
        f"{worst['unexplained_error']:.2%} (margin {margin:.2%}); {len(off)} of "
        f"{validation['settled_comparisons']} settled numbers are off by more than the margin"
        f"{_rejected(validation['rejected_files'])}"
    )


def _rejected(files: Iterable[dict[str, Any]]) -> str:
    names = [f"{file['source_file']} ({file['reason']})" for file in files]
    return f"; missing are the rows of {', '.join(names)}" if names else ""


def _unaccounted(row: dict[str, int]) -> int:
    return row["landed"] - row["kept"] - row["duplicate"] - row["quarantined"]


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"
