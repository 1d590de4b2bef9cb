"""Bronze's rows: everything that landed, as it landed, and where it came from."""

from collections.abc import Callable
from datetime import date, datetime

import ibis.expr.types as ir
import pytest

from factory_simulation.domain import QC_CHECKS
from factory_simulation.pipelines.bronze.ingest import ingest_rows_of
from tests.conftest import Rows
from tests.pipelines.silver.landed import DAY, Compute, MakeTable, Row, only

LANDED = {
    "check_id": "string",
    "batch_id": "string",
    "check_timestamp": "string",
    "pass_fail": "string",
    "_source_file": "string",
    "_source_row": "int32",
    "_arrival_date": "date",
    "_parse_error": "string",
    "_surplus_fields": "string",
    "probe": "string",
}
LOADED_AT = "2025-12-09T10:20:30"


@pytest.fixture
def ingested(table: MakeTable) -> Callable[..., ir.Table]:
    def run(*landed: Row, loaded_at: str = LOADED_AT) -> ir.Table:
        full = [
            {
                "_source_file": "2025-12-01/qc_checks.csv",
                "_source_row": number,
                "_arrival_date": DAY,
                **row,
            }
            for number, row in enumerate(landed, start=1)
        ]
        return ingest_rows_of(QC_CHECKS)(table(LANDED, full), loaded_at)

    return run


@pytest.fixture
def ingest(ingested: Callable[..., ir.Table], rows: Compute) -> Callable[..., Rows]:
    return lambda *landed, **options: rows(ingested(*landed, **options))


def test_a_landed_row_gets_its_lineage(ingest: Callable[..., Rows]):
    assert ingest({"check_id": "QC-1", "pass_fail": "PASS"}) == [
        {
            "_row_id": "2025-12-01/qc_checks.csv:1",
            "_source_file": "2025-12-01/qc_checks.csv",
            "_source_row": 1,
            "_arrival_date": DAY,
            "_loaded_at": datetime(2025, 12, 9, 10, 20, 30),
            "_event_date": DAY,
            "check_id": "QC-1",
            "batch_id": None,
            "check_timestamp": None,
            "pass_fail": "PASS",
            "_parse_error": None,
            "_surplus_fields": None,
            "probe": None,
        }
    ]


def test_lineage_comes_first_and_columns_that_nobody_knows_come_last(
    ingested: Callable[..., ir.Table],
):
    schema = ingested().schema()
    assert list(schema) == [
        "_row_id",
        "_source_file",
        "_source_row",
        "_arrival_date",
        "_loaded_at",
        "_event_date",
        "check_id",
        "batch_id",
        "check_timestamp",
        "pass_fail",
        "_parse_error",
        "_surplus_fields",
        "probe",
    ]
    assert str(schema["_source_row"]) == "int64"
    assert schema["_loaded_at"].is_timestamp()


def test_nothing_is_dropped_or_changed(ingest: Callable[..., Rows]):
    landed = [
        {"check_id": " QC-1 ", "pass_fail": ""},
        {"check_id": " QC-1 ", "pass_fail": ""},
        {"check_id": None, "pass_fail": "Maybe", "probe": "007"},
        {"_parse_error": "too_many_fields", "_surplus_fields": '["x"]'},
    ]
    named = ("check_id", "pass_fail", "probe", "_parse_error", "_surplus_fields")
    assert only(ingest(*landed), *named) == [
        (" QC-1 ", "", None, None, None),
        (" QC-1 ", "", None, None, None),
        (None, "Maybe", "007", None, None),
        (None, None, None, "too_many_fields", '["x"]'),
    ]


def test_a_row_is_its_file_and_number_whenever_it_is_read(ingest: Callable[..., Rows]):
    landed = [
        {"_source_file": "2025-12-01/qc_checks.csv", "_source_row": 1},
        {"_source_file": "2025-12-01/qc_checks.csv", "_source_row": 11},
        {"_source_file": "2025-12-02/qc_checks.csv", "_source_row": 1},
    ]
    sooner, later = ingest(*landed), ingest(*landed, loaded_at="2026-01-01T00:00:00")
    assert only(sooner, "_row_id") == [
        "2025-12-01/qc_checks.csv:1",
        "2025-12-01/qc_checks.csv:11",
        "2025-12-02/qc_checks.csv:1",
    ]
    assert set(only(later, "_loaded_at")) == {datetime(2026, 1, 1)}
    loaded_sooner = {"_loaded_at": datetime(2025, 12, 9, 10, 20, 30)}
    assert [{**row, **loaded_sooner} for row in later] == sooner


def test_nothing_landed_is_nothing_ingested(ingest: Callable[..., Rows]):
    assert ingest() == []


@pytest.mark.parametrize(
    ("batch_id", "told", "expected"),
    [
        ("SMELTER-01_20251203_007", "2025-11-30T10:00", date(2025, 12, 3)),
        (" press-20251203 ", None, date(2025, 12, 3)),
        ("SMELTER-01_20251303_007", "2025-11-30T10:00", date(2025, 11, 30)),  # no such month
        ("SMELTER-01_20250229_007", "2025-11-30T10:00", date(2025, 11, 30)),  # no such day
        ("B-120251203", "2025-11-30T10:00", date(2025, 11, 30)),  # nine digits
        ("20251203-1234567", "2025-11-30T10:00", date(2025, 11, 30)),  # a number too long
        ("20251203_007_x", "2025-11-30T10:00", date(2025, 11, 30)),  # letters close it
        (None, "2025-11-30T23:00-05:00", date(2025, 12, 1)),  # a day later in UTC
        ("B-7", "yesterday", DAY),
        (None, None, DAY),
    ],
)
def test_a_row_is_dated_by_what_it_tells_first(ingest, batch_id, told, expected):
    (found,) = ingest({"batch_id": batch_id, "check_timestamp": told})
    assert found["_event_date"] == expected
