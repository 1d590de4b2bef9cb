"""Which rows a node sees: those of its scope."""

import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import EVENT_DATE, PRODUCTION_BATCHES, QC_CHECKS
from factory_simulation.pipelines.scope import scoped
from tests.pipelines.silver.landed import DAY, Compute, MakeTable, Row, only

NEXT_DAY = DAY.replace(day=2)
SCOPE = [
    {"table_name": QC_CHECKS.name, "event_date": DAY},
    {"table_name": PRODUCTION_BATCHES.name, "event_date": NEXT_DAY},
]


def build_names(rows: ir.Table, more: ir.Table) -> ir.Table:
    """One row per row of either table."""
    return rows.select("name").union(more.select("name"))


def row(name: str, table_name: str, day: object) -> Row:
    return {"name": name, "table_name": table_name, EVENT_DATE: day}


ROWS = [
    row("check of the day", QC_CHECKS.name, DAY),
    row("check of the next", QC_CHECKS.name, NEXT_DAY),
    row("batch of the day", PRODUCTION_BATCHES.name, DAY),
    row("batch of the next", PRODUCTION_BATCHES.name, NEXT_DAY),
    row("entry", "operator_logs", DAY),
]


def test_rows_of_several_tables_are_narrowed_to_their_own_dates(table: MakeTable, rows: Compute):
    scope = table({"table_name": "string", "event_date": "date"}, SCOPE)
    of_many = table({"name": "string", "table_name": "string", EVENT_DATE: "date"}, ROWS)
    for column in (EVENT_DATE, "event_date"):
        found = scoped(build_names, rows=None)(
            scope, of_many.rename({column: EVENT_DATE}), of_many.limit(0)
        )
        assert only(rows(found), "name") == ["batch of the next", "check of the day"]


def test_rows_of_one_table_are_narrowed_to_its_dates(table: MakeTable, rows: Compute):
    scope = table({"table_name": "string", "event_date": "date"}, SCOPE)
    of_many = table({"name": "string", "table_name": "string", EVENT_DATE: "date"}, ROWS)
    found = scoped(build_names, rows=QC_CHECKS)(scope, of_many, of_many.limit(0))
    assert set(only(rows(found), "name")) == {"batch of the day", "check of the day", "entry"}


def test_what_is_not_to_be_narrowed_is_whole(table: MakeTable, rows: Compute):
    scope = table({"table_name": "string", "event_date": "date"}, [])
    of_many = table({"name": "string", "table_name": "string", EVENT_DATE: "date"}, ROWS)
    found = scoped(build_names, rows=None)(scope, of_many, of_many.filter(_.name == "entry"))
    assert only(rows(found), "name") == ["entry"]
