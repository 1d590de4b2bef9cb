"""What changed in the columns of landing files, and when."""

from collections.abc import Callable
from datetime import date
from itertools import permutations
from typing import Any

import ibis.expr.types as ir
import pytest

from factory_simulation.datasets.file_columns import columns_of_file
from factory_simulation.domain import QC_CHECKS, SENSOR_LOGS, LandedTable
from factory_simulation.pipelines.bronze.schema_changes import (
    report_schema_changes,
    summarise_schema_changes,
)
from tests.conftest import Rows
from tests.pipelines.silver.landed import Compute, MakeTable

FILE_COLUMNS = {
    "source_file": "string",
    "table_name": "string",
    "arrival_date": "date",
    "landed_name": "string",
    "column_name": "string",
    "kind": "string",
}
FIRST, SECOND, THIRD, FOURTH = (date(2025, 12, day) for day in (1, 2, 5, 6))


def columns(
    day: date, *names: str, suffix: str = ".csv", table: LandedTable = QC_CHECKS, **renamed: str
) -> Rows:
    """Return the record of a file with columns of these names, and others that are renamed."""
    source_file = f"{day}/{table.name}{suffix}"
    return columns_of_file(table, source_file, day, {name: name for name in names} | renamed)


@pytest.fixture
def changes(table: MakeTable, rows: Compute) -> Callable[..., list[tuple]]:
    """Summarise the record of files; return date, column, change, kind, names before and after."""

    def run(*files: Rows) -> list[tuple[Any, ...]]:
        record = [row for file in files for row in file]
        found = rows(summarise_schema_changes(table(FILE_COLUMNS, record)))
        shown = ("arrival_date", "column_name", "change", "kind", "previous_name", "landed_name")
        return [tuple(row[name] for name in shown) for row in found]

    return run


def test_the_first_date_of_a_table_has_none_before_it(changes):
    assert changes(columns(FIRST, "check_id", "shift")) == []


def test_nothing_changes_where_all_columns_stay(changes):
    assert changes(columns(FIRST, "check_id", "shift"), columns(SECOND, "shift", "check_id")) == []


def test_no_files_are_no_changes(changes):
    assert changes() == []


def test_a_column_is_added(changes):
    files = columns(FIRST, "check_id"), columns(SECOND, "check_id", "shift", "inspector_name")
    assert changes(*files) == [
        (SECOND, "inspector_name", "added", "expected", None, "inspector_name"),
        (SECOND, "shift", "added", "extra", None, "shift"),
    ]


def test_a_column_is_missing_from_the_next_date_on_and_may_return(changes):
    files = [columns(day, "check_id") for day in (SECOND, THIRD)]
    files += [columns(day, "check_id", "inspector_name") for day in (FIRST, FOURTH)]
    assert changes(*files) == [
        (SECOND, "inspector_name", "missing", "expected", "inspector_name", None),
        (FOURTH, "inspector_name", "returned", "expected", "inspector_name", "inspector_name"),
    ]


def test_a_column_that_is_mapped_is_renamed_there_and_back(changes):
    files = [columns(day, "pass_fail") for day in (FIRST, FOURTH)]
    files += [columns(day, result="pass_fail") for day in (SECOND, THIRD)]
    assert changes(*files) == [
        (SECOND, "pass_fail", "renamed", "mapped", "pass_fail", "result"),
        (FOURTH, "pass_fail", "renamed", "expected", "result", "pass_fail"),
    ]


def test_a_column_may_return_under_another_name(changes):
    files = (
        columns(FIRST, "check_id", "inspector_name"),
        columns(SECOND, "check_id"),
        columns(THIRD, "check_id", inspector="inspector_name"),
    )
    assert changes(*files)[1:] == [
        (THIRD, "inspector_name", "returned", "mapped", "inspector_name", "inspector"),
    ]


def test_a_date_has_the_columns_of_all_its_files_by_our_names_where_it_has_them(changes):
    files = (
        columns(FIRST, "pass_fail", "shift"),
        columns(SECOND, suffix=".json", result="pass_fail"),
        columns(SECOND, "pass_fail", "shift"),
    )
    assert changes(*files) == []


def test_tables_have_dates_of_their_own(changes):
    files = (
        columns(FIRST, "check_id"),
        columns(SECOND, "machine_id", table=SENSOR_LOGS),
        columns(THIRD, "check_id", "shift"),
    )
    assert changes(*files) == [(THIRD, "shift", "added", "extra", None, "shift")]


def test_the_date_before_is_told(table: MakeTable, rows: Compute):
    record = table(FILE_COLUMNS, columns(FIRST, "a", "b") + columns(THIRD, "a", "c"))
    found = rows(summarise_schema_changes(record))
    assert {row["previous_date"] for row in found} == {FIRST}


def test_in_which_order_files_came_does_not_show(changes):
    files = [
        columns(FIRST, "pass_fail"),
        columns(SECOND, "shift", result="pass_fail"),
        columns(THIRD, "pass_fail", "shift"),
        columns(FOURTH, "pass_fail"),
    ]
    expected = changes(*files)
    assert len(expected) == 4
    for order in list(permutations(files))[::5]:
        assert changes(*order) == expected


def test_the_report_has_all_changes_and_what_lands_beyond_the_contract(
    table: MakeTable, rows: Compute
):
    record = table(
        FILE_COLUMNS,
        [
            *columns(FIRST, "check_id", "shift"),
            *columns(SECOND, "check_id", "shift", inspector="inspector_name"),
            *columns(THIRD, "check_id"),
        ],
    )
    report = report_schema_changes(summarise_schema_changes(record), record)
    assert set(report) == {"changes", "extra_columns"}
    assert isinstance(report["changes"], ir.Table)
    told = [(row["change"], row["column_name"]) for row in rows(report["changes"])]
    assert sorted(told) == [
        ("added", "inspector_name"),
        ("missing", "inspector_name"),
        ("missing", "shift"),
    ]
    assert rows(report["extra_columns"]) == [
        {
            "table_name": "qc_checks",
            "column_name": "shift",
            "first_arrival": FIRST,
            "last_arrival": SECOND,
        }
    ]
