"""What changed in the columns of landing files, and when."""

from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import ColumnChange, ColumnKind


def summarise_schema_changes(file_columns: ir.Table, *_ingested: ir.Table) -> ir.Table:
    """One row per landed table, arrival date and column that changed since the date before it.

    A table's arrival dates are those of which a file names columns; the first has none before it,
    and so no changes. A column is renamed where it lands under another name and both stand for
    it. A rename that nobody mapped is a column that is missing and another one that is added.

    Args:
        file_columns: One row per ingested file and column.
        _ingested: The tables of bronze: files are on record once their rows are stored.
    """
    dates = _with_neighbouring_dates(file_columns)
    columns = _by_date(file_columns).join(dates, ["table_name", "arrival_date"])
    by_column = ibis.window(group_by=["table_name", "column_name"], order_by="date_number")
    seen = columns.mutate(
        last_number=_.date_number.lag().over(by_column),
        next_number=_.date_number.lead().over(by_column),
        previous_name=_.landed_name.lag().over(by_column),
    )
    return _came(seen).union(_went(seen))


def report_schema_changes(changes: ir.Table, file_columns: ir.Table) -> dict[str, Any]:
    """Build the report: all changes, and what lands beyond the contract."""
    extra = (
        file_columns.filter(_.kind == ColumnKind.EXTRA.value)
        .group_by("table_name", "column_name")
        .aggregate(first_arrival=_.arrival_date.min(), last_arrival=_.arrival_date.max())
    )
    return {
        "changes": changes.order_by("table_name", "arrival_date", "column_name"),
        "extra_columns": extra.order_by("table_name", "column_name"),
    }


def _by_date(file_columns: ir.Table) -> ir.Table:
    """One row per table, arrival date and column: the name under which it landed.

    It is ours wherever any file of the date has it so.
    """
    names = file_columns.group_by("table_name", "arrival_date", "column_name").aggregate(
        least_kind=_.kind.min(),  # mapped comes last
        least_name=_.landed_name.min(),
    )
    is_mapped = _.least_kind == ColumnKind.MAPPED.value
    return names.select(
        "table_name",
        "arrival_date",
        "column_name",
        kind=_.least_kind,
        landed_name=ibis.ifelse(is_mapped, _.least_name, _.column_name),
    )


def _with_neighbouring_dates(file_columns: ir.Table) -> ir.Table:
    """One row per table and arrival date: its number, and the dates before and after it."""
    by_date = ibis.window(group_by="table_name", order_by="arrival_date")
    return (
        file_columns.select("table_name", "arrival_date")
        .distinct()
        .mutate(
            date_number=ibis.row_number().over(by_date).cast("int64"),
            previous_date=_.arrival_date.lag().over(by_date),
            next_date=_.arrival_date.lead().over(by_date),
        )
    )


def _came(seen: ir.Table) -> ir.Table:
    """One row per column that is there and was not on the date before, or not by this name."""
    was_there = (_.last_number == _.date_number - 1).fill_null(False)
    change = ibis.cases(
        (_.last_number.isnull(), ColumnChange.ADDED.value),
        (~was_there, ColumnChange.RETURNED.value),
        (_.landed_name != _.previous_name, ColumnChange.RENAMED.value),
    )
    return (
        seen.mutate(change=change)
        .filter(_.change.notnull(), _.previous_date.notnull())
        .select(
            "table_name",
            "arrival_date",
            "previous_date",
            "column_name",
            "change",
            "kind",
            "previous_name",
            "landed_name",
        )
    )


def _went(seen: ir.Table) -> ir.Table:
    """One row per column that was there on the date before and is not; dated where it is not."""
    stays = (_.next_number == _.date_number + 1).fill_null(False)
    return seen.filter(~stays, _.next_date.notnull()).select(
        "table_name",
        arrival_date=_.next_date,
        previous_date=_.arrival_date,
        column_name=_.column_name,
        change=ibis.literal(ColumnChange.MISSING.value),
        kind=_.kind,
        previous_name=_.landed_name,
        landed_name=ibis.null("string"),
    )
