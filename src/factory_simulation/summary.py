"""What a person reads at the end of a run."""

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import Any

from kedro.io import CatalogProtocol
from kedro.pipeline import Pipeline
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from factory_simulation.domain import FactoryError, Level, Metric

_VALIDATION, _CONSERVATION, _REPAIRS = "report_validation", "report_conservation", "silver_repairs"
_SLOWEST, _MOST_DAYS = 5, 31
_METRICS = list(Metric)


def show(
    pipeline: Pipeline,
    catalog: CatalogProtocol,
    seconds: dict[str, float],
    console: Console | None = None,
) -> None:
    """Print the outcome of a run.

    Args:
        pipeline: What ran.
        catalog: Where the reports are.
        seconds: How long each node took, its loading, checking and saving included.
        console: Where to print; the terminal by default.

    Raises:
        FactoryError: If the run validated its result, and the result is not right.
    """
    out = console or Console(highlight=False)
    has_reports = _VALIDATION in pipeline.all_outputs()
    if has_reports:
        validation, conservation = catalog.load(_VALIDATION), catalog.load(_CONSERVATION)
        out.print(_days(validation["comparisons"]))
        out.print(_accounts(conservation))
        out.print(_repairs(catalog))
        for file in validation["rejected_files"]:
            told = escape(f"{file['source_file']}: {file['reason']}")
            out.print(f"[red]rejected[/red] {told}", soft_wrap=True)
    out.print(_timing(seconds), soft_wrap=True)
    if has_reports:
        out.print(_verdict(validation), soft_wrap=True)
        _require(validation, conservation)


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
        exact = sum(all(row["relative_error"] == 0 for row in rows) for rows in hidden)
        table.caption = f"and {len(hidden):,} days before these, {exact:,} of them exact"
    return table


def _match(rows: list[dict[str, Any]]) -> str:
    worst = max(row["relative_error"] for row in rows)
    if not all(row["settled"] for row in rows):
        return f"[yellow]provisional, {worst:.2%} off[/yellow]"
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


def _repairs(catalog: CatalogProtocol) -> Table:
    repairs = catalog.load(_REPAIRS)
    counts = (
        repairs.group_by("fault_type", "table_name")
        .aggregate(claims=repairs.count())
        .order_by("fault_type", "table_name")
    )
    table = Table(title="What the pipeline believes was wrong", title_justify="left")
    table.add_column("fault")
    table.add_column("table")
    table.add_column("claims", justify="right")
    for row in counts.to_pyarrow().to_pylist():
        table.add_row(row["fault_type"], row["table_name"], f"{row['claims']:,}")
    return table


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
    colour = "green" if validation["status"] == "passed" else "red"
    return (
        f"[bold {colour}]{validation['status']}[/bold {colour}]: {settled} settled numbers held "
        f"against the truth, {exact} exact, worst error {validation['worst_relative_error']:.4%}"
        f"{waiting}"
    )


def _require(validation: dict[str, Any], conservation: dict[str, dict[str, int]]) -> None:
    lost = [
        f"{name} ({_unaccounted(row)})" for name, row in conservation.items() if _unaccounted(row)
    ]
    if lost:
        raise FactoryError(f"rows are unaccounted for: {', '.join(lost)}")
    if validation["status"] == "passed":
        return
    margin = validation["margin"]
    off = [
        row
        for row in validation["comparisons"]
        if row["settled"] and row["relative_error"] > margin
    ]
    worst = max(off, key=lambda row: row["relative_error"])
    raise FactoryError(
        f"validation failed: {worst['date']} {worst['level']} {worst['key']} {worst['metric']}: "
        f"pipeline {_number(worst['pipeline'])}, truth {_number(worst['truth'])}, off by "
        f"{worst['relative_error']:.2%} (margin {margin:.2%}); {len(off)} of "
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
