"""Data quality as data: what was wrong with which landed row, and how much of each date stands."""

import random
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import ibis.expr.types as ir
import pytest
from kedro.validation.exceptions import DataValidationError

from factory_simulation.domain import EVENT_DATE
from factory_simulation.fault_kinds import FAULT_KINDS, QUARANTINED_ROW
from factory_simulation.pipelines.gold.data_quality import (
    build_dim_fault_type,
    build_fact_data_fault,
    summarise_data_quality,
    summarise_landed_rows,
)
from factory_simulation.schemas.contract import Contract
from factory_simulation.schemas.silver import Quarantine, Repairs
from tests.conftest import Rows
from tests.pipelines.silver.landed import DAY, Compute, MakeTable, Row, only

ASSESSED = {
    "_row_id": "string",
    "_arrival_date": "date",
    EVENT_DATE: "date",
    "machine_id": "string",
    "raw_row": "string",
    "reasons": "string",
    "duplicate_kind": "string",
}
ARGUMENTS = {
    "production": "production_batches",
    "sensors": "sensor_logs",
    "checks": "qc_checks",
    "entries": "operator_logs",
    "events": "machine_events",
    "registry": "machine_registry",
}
KINDS = {
    "fault_type_key": "string",
    "title": "string",
    "meaning": "string",
    "severity": "string",
    "is_data_error": "boolean",
}
D2, D3 = DAY + timedelta(days=1), DAY + timedelta(days=2)
ROW_ID = "2025-12-01/production_batches.csv:7"

Build = Callable[..., Rows]


def types_of(model: Any) -> dict[str, str]:
    return {name: str(spec.dtype) for name, spec in model.to_schema().columns.items()}


def types_in_gold(name: str) -> dict[str, str]:
    columns = Contract("gold", name)._contract.columns
    return {column: str(spec.dtype) for column, spec in columns.items()}


def landed(row_id: str = ROW_ID, **different: Any) -> Row:
    return {
        "_row_id": row_id,
        "_arrival_date": DAY,
        EVENT_DATE: DAY,
        "machine_id": "SMELTER-01",
        "raw_row": f"row of {row_id}",
        "reasons": "",
        **different,
    }


def claim(fault_type: str, row_id: str = ROW_ID, **different: Any) -> Row:
    return {
        "_row_id": row_id,
        EVENT_DATE: DAY,
        "table_name": "production_batches",
        "column_name": "*",
        "fault_type": fault_type,
        "method": "flagged",
        "confidence": 1.0,
        **different,
    }


def set_aside(row_id: str, table_name: str, reasons: str) -> Row:
    return {
        "_row_id": row_id,
        EVENT_DATE: DAY,
        "table_name": table_name,
        "raw_row": f"row of {row_id}",
        "reasons": reasons,
        "arrival_date": DAY,
    }


@pytest.fixture
def kinds(table: MakeTable) -> ir.Table:
    known = [
        {"fault_type_key": str(key), **vars(kind), "severity": kind.severity.value}
        for key, kind in FAULT_KINDS.items()
    ]
    return build_dim_fault_type(table(KINDS, known))


@pytest.fixture
def assessed(table: MakeTable) -> Callable[..., dict[str, ir.Table]]:
    """Make the assessed tables, by the name of the node's argument; each row is of one of them."""

    def make(**of_tables: list[Row]) -> dict[str, ir.Table]:
        return {name: table(ASSESSED, of_tables.get(name, [])) for name in ARGUMENTS}

    return make


# --- kinds ---------------------------------------------------------------------------------


def test_kinds_are_kept_as_the_domain_has_them(kinds: ir.Table, rows: Compute):
    found = rows(Contract("gold", "dim_fault_type").validate(kinds))
    assert {row["fault_type_key"]: row["title"] for row in found} == {
        str(key): kind.title for key, kind in FAULT_KINDS.items()
    }


# --- each fault ----------------------------------------------------------------------------


@pytest.fixture
def faults(
    table: MakeTable, rows: Compute, kinds: ir.Table, assessed: Callable[..., dict[str, ir.Table]]
) -> Build:
    def run(*claims: Row, quarantine: tuple[Row, ...] = (), **of_tables: list[Row]) -> Rows:
        made = build_fact_data_fault(
            table(types_of(Repairs), claims),
            table(types_of(Quarantine), quarantine),
            kinds,
            **assessed(**of_tables),
        )
        return rows(Contract("gold", "fact_data_fault").validate(made))

    return run


def test_a_claim_leads_to_its_landed_row(faults: Build):
    renamed = claim(
        "product_name_variant",
        column_name="product_name",
        raw_value="IRON PLATE",
        repaired_value="Iron Plate",
        method="name_key",
        **{EVENT_DATE: DAY},
    )
    late = landed(_arrival_date=D3)
    assert faults(renamed, production=[landed("x:1"), late]) == [
        {
            "event_date": DAY,
            "table_name": "production_batches",
            "column_name": "product_name",
            "fault_type_key": "product_name_variant",
            "severity": "info",
            "raw_value": "IRON PLATE",
            "repaired_value": "Iron Plate",
            "method": "name_key",
            "confidence": 1.0,
            "lost_event_id": None,
            "raw_row": f"row of {ROW_ID}",
            "fault_key": f"{ROW_ID}|product_name|product_name_variant|",
            "date_key": 20251201,
            "arrival_date": D3,
            "machine_id": "SMELTER-01",
            "outcome": "repaired",
            "reasons": None,
            "row_id": ROW_ID,
            "source_file": "2025-12-01/production_batches.csv",
            "source_row": 7,
        }
    ]


def test_a_row_in_quarantine_is_a_fault_beside_what_is_known_of_it(faults: Build):
    row_id = "2025-12-01/qc_checks.csv:12"
    orphan = claim("orphan", row_id, table_name="qc_checks", method="quarantined")
    reasons = "unknown_batch, empty:pass_fail"
    checks = [landed(row_id, machine_id=None, reasons=reasons)]
    found = faults(orphan, quarantine=(set_aside(row_id, "qc_checks", reasons),), checks=checks)
    told = ("fault_type_key", "severity", "outcome", "machine_id", "reasons", "source_row")
    assert set(only(found, *told)) == {
        ("orphan", "critical", "quarantined", "unknown", reasons, 12),
        (QUARANTINED_ROW, "critical", "quarantined", "unknown", reasons, 12),
    }


@pytest.mark.parametrize(
    ("fault_type", "method", "outcome"),
    [
        ("missing_value", "estimated", "estimated"),
        ("missing_value", "siblings", "repaired"),
        ("spike", "flagged", "flagged"),
        ("duplicate", "copy", "removed"),
        ("conflicting_copy", "superseded", "removed"),
        ("machine_stop", "reported", "reported"),
        ("late_arrival", "own_time", "repaired"),
    ],
)
def test_a_method_comes_to_an_outcome(faults: Build, fault_type: str, method: str, outcome: str):
    found = faults(claim(fault_type, method=method), production=[landed()])
    assert only(found, "outcome", "severity") == [(outcome, FAULT_KINDS[fault_type].severity.value)]


def test_rows_that_were_lost_before_the_same_row_are_faults_each(faults: Build):
    lost = [claim("lost_row", lost_event_id=name) for name in ("B1", "B2")]
    found = faults(*lost, production=[landed()])
    assert only(found, "lost_event_id", "row_id") == [("B1", ROW_ID), ("B2", ROW_ID)]
    assert len(set(only(found, "fault_key"))) == 2


def test_rows_of_every_table_are_found(faults: Build):
    claims = [
        claim("duplicate", f"{name}:1", table_name=name, method="copy")
        for name in ARGUMENTS.values()
    ]
    of_tables = {key: [landed(f"{name}:1")] for key, name in ARGUMENTS.items()}
    assert sorted(only(faults(*claims, **of_tables), "source_file")) == sorted(ARGUMENTS.values())


def test_without_a_fault_there_is_none(faults: Build):
    assert faults() == []
    assert faults(production=[landed()]) == []


# --- what landed ---------------------------------------------------------------------------


@pytest.fixture
def summarise(
    table: MakeTable, rows: Compute, assessed: Callable[..., dict[str, ir.Table]]
) -> Build:
    def run(*claims: Row, **of_tables: list[Row]) -> Rows:
        made = summarise_landed_rows(table(types_of(Repairs), claims), **assessed(**of_tables))
        return rows(Contract("gold", "landed_rows").validate(made))

    return run


def test_a_date_by_hand(summarise: Build):
    batches = [
        landed("a:1"),
        landed("a:2", _arrival_date=D2),
        landed("a:3", _arrival_date=DAY + timedelta(days=9), reasons="unknown_machine"),
        landed("a:4", duplicate_kind="copy", _arrival_date=DAY + timedelta(days=30)),
        landed("a:5", duplicate_kind="superseded"),
        landed("a:6", _arrival_date=DAY - timedelta(days=3)),  # the clock is fast
    ]
    lost = [claim("lost_row", lost_event_id=name) for name in ("B1", "B2")]
    assert summarise(*lost, claim("duplicate"), production=batches) == [
        {
            "event_date": DAY,
            "table_name": "production_batches",
            "rows_landed": 6,
            "rows_kept": 3,
            "rows_duplicate": 2,
            "rows_quarantined": 1,
            "rows_late": 2,
            "rows_lost": 2,
            "largest_delay_days": 9,
            "mean_delay_days": (0 + 1 + 9 + 0) / 4,
            "completeness": 5 / 8,
            "late_share": 2 / 4,
        }
    ]


def test_dates_and_tables_are_rows_of_their_own(summarise: Build):
    lost = claim("lost_row", lost_event_id="B1", **{EVENT_DATE: D2})
    found = summarise(
        lost,
        production=[landed("a:1"), landed("a:2", **{EVENT_DATE: D2})],
        checks=[landed("b:1", **{EVENT_DATE: D2})],
        registry=[landed("c:1")],
    )
    assert only(found, "event_date", "table_name", "rows_landed", "rows_lost") == [
        (DAY, "machine_registry", 1, 0),
        (DAY, "production_batches", 1, 0),
        (D2, "production_batches", 1, 1),
        (D2, "qc_checks", 1, 0),
    ]


def test_where_all_rows_repeat_others_no_delay_is_told(summarise: Build):
    found = summarise(production=[landed(duplicate_kind="superseded", _arrival_date=D3)])
    told = ("rows_late", "largest_delay_days", "mean_delay_days", "late_share", "completeness")
    assert only(found, *told) == [(0, None, None, None, 1.0)]
    assert summarise() == []


# --- day by day ----------------------------------------------------------------------------


@pytest.fixture
def daily(table: MakeTable, rows: Compute, kinds: ir.Table) -> Build:
    def run(*faults: Row, dates: tuple[Row, ...] = ()) -> Rows:
        made = summarise_data_quality(
            table(types_in_gold("fact_data_fault"), faults),
            table(types_in_gold("landed_rows"), dates),
            kinds,
        )
        return rows(Contract("gold", "data_quality_daily").validate(made))

    return run


def fault(row_id: str, kind: str = "spike", day: date = DAY, **different: Any) -> Row:
    return {
        "row_id": row_id,
        "event_date": day,
        "table_name": "sensor_logs",
        "fault_type_key": kind,
        "outcome": "flagged",
        **different,
    }


def of_date(day: date, rows_landed: int, table_name: str = "sensor_logs") -> Row:
    return {
        "event_date": day,
        "table_name": table_name,
        "rows_landed": rows_landed,
        "completeness": 0.75,
        "largest_delay_days": 3,
        "mean_delay_days": 0.5,
    }


def test_a_kind_by_hand(daily: Build):
    found = daily(
        fault("1"),
        fault("1", outcome="repaired"),
        fault("2", outcome="estimated"),
        fault("9", table_name="qc_checks"),
        dates=(of_date(DAY, 8), of_date(DAY, 5, "qc_checks"), of_date(DAY, 5, "operator_logs")),
    )
    assert only(found, "table_name", "rows_affected") == [("qc_checks", 1), ("sensor_logs", 2)]
    assert found[1] == {
        "event_date": DAY,
        "table_name": "sensor_logs",
        "fault_type_key": "spike",
        "severity": "warning",
        "rows_landed": 8,
        "rows_affected": 2,
        "found": 3,
        "repaired": 1,
        "estimated": 1,
        "flagged": 1,
        "removed": 0,
        "reported": 0,
        "quarantined": 0,
        "fault_share": 0.25,
        "completeness": 0.75,
        "largest_delay_days": 3,
        "mean_delay_days": 0.5,
        "trend": None,
    }


def test_dates_without_a_fault_count_as_none(daily: Build):
    dates = (of_date(DAY, 4), of_date(D2, 4), of_date(D3, 10))
    found = daily(fault("1", day=D2), fault("2", day=D3), dates=dates)
    assert only(found, "event_date", "found", "fault_share", "trend") == [
        (DAY, 0, 0.0, None),
        (D2, 1, 0.25, 0.25),
        (D3, 1, 0.1, 0.1 - 1 / 8),  # one of eight rows of the dates before
    ]


def test_a_trend_knows_seven_dates_and_no_kind_but_its_own(daily: Build):
    days = [DAY + timedelta(days=2 * number) for number in range(9)]  # every other day
    dates = tuple(of_date(day, number + 1) for number, day in enumerate(days))
    found = daily(
        fault("first", day=days[0]),
        fault("second", day=days[1]),
        fault("last", day=days[8]),
        fault("other", "unit_mixup", days[7]),
        dates=dates,
    )
    trends = {
        (row["fault_type_key"], row["event_date"]): row["trend"]
        for row in found
        if row["event_date"] in days[7:]
    }
    assert trends == pytest.approx(
        {
            ("spike", days[7]): 0 - 2 / (1 + 2 + 3 + 4 + 5 + 6 + 7),
            ("spike", days[8]): 1 / 9 - 1 / (2 + 3 + 4 + 5 + 6 + 7 + 8),
            ("unit_mixup", days[7]): 1 / 8,
            ("unit_mixup", days[8]): -1 / (2 + 3 + 4 + 5 + 6 + 7 + 8),
        }
    )


def test_where_nothing_was_ever_wrong_there_is_no_row(daily: Build):
    assert daily(dates=(of_date(DAY, 4),)) == []
    assert daily() == []


def test_random_weeks_are_as_python_counts_them(daily: Build):
    rng = random.Random(5)  # noqa: S311 - not for secrets
    days = [DAY + timedelta(days=number) for number in range(20)]
    sizes = {
        (day, name): rng.randint(5, 9) for day in days for name in ("sensor_logs", "qc_checks")
    }
    outcomes = ["repaired", "estimated", "flagged", "removed", "reported", "quarantined"]
    kinds = ["spike", "duplicate", "orphan"]
    told = [
        fault(
            f"{rng.randint(0, sizes[key] - 1)}",
            rng.choice(kinds),
            key[0],
            table_name=key[1],
            outcome=rng.choice(outcomes),
        )
        for key in rng.choices(list(sizes), k=60)
    ]
    dates = tuple(of_date(day, size, name) for (day, name), size in sizes.items())
    by_key: dict[tuple[str, str, date], Rows] = defaultdict(list)
    for row in told:
        by_key[row["table_name"], row["fault_type_key"], row["event_date"]].append(row)
    ever = {(name, kind) for name, kind, _ in by_key}
    found = daily(*told, dates=dates)
    assert len(found) == len(ever) * len(days)
    for row in found:
        key = (row["table_name"], row["fault_type_key"])
        number = days.index(row["event_date"])

        def affected(day: date, key: tuple[str, str] = key) -> int:
            return len({found["row_id"] for found in by_key[(*key, day)]})

        before = days[max(number - 7, 0) : number]
        share = affected(days[number]) / sizes[days[number], key[0]]
        assert row["fault_share"] == share
        if before:
            landed_before = sum(sizes[day, key[0]] for day in before)
            assert row["trend"] == pytest.approx(share - sum(map(affected, before)) / landed_before)
        of_day = by_key[(*key, days[number])]
        assert row["found"] == len(of_day)
        assert [row[name] for name in outcomes] == [
            sum(found["outcome"] == name for found in of_day) for name in outcomes
        ]


# --- contracts -----------------------------------------------------------------------------

GOOD = {
    "fact_data_fault": {
        **fault("f:1"),
        "fault_key": "k",
        "date_key": 20251201,
        "arrival_date": DAY,
        "column_name": "*",
        "machine_id": "unknown",
        "severity": "info",
        "method": "flagged",
        "confidence": 1.0,
        "source_file": "f",
        "source_row": 1,
        "raw_row": "{}",
    },
    "landed_rows": {
        **of_date(DAY, 6),
        "rows_kept": 3,
        "rows_duplicate": 2,
        "rows_quarantined": 1,
        "rows_late": 1,
        "rows_lost": 0,
        "late_share": 0.25,
    },
    "data_quality_daily": {
        **of_date(DAY, 6),
        "fault_type_key": "spike",
        "severity": "info",
        "rows_affected": 1,
        "fault_share": 0.5,
        "found": 2,
        **dict.fromkeys(("repaired", "estimated", "removed", "reported", "quarantined"), 0),
        "flagged": 2,
    },
}


@pytest.mark.parametrize(
    ("name", "bad", "rule"),
    [
        ("fact_data_fault", {"source_row": 2}, "row_is_its_file_and_number"),
        ("fact_data_fault", {"outcome": "quarantined"}, "quarantined_rows_have_reasons"),
        ("fact_data_fault", {"fault_type_key": "gremlin"}, "fault_type_key"),
        ("landed_rows", {"rows_kept": 2}, "every_landed_row_is_accounted_for"),
        ("landed_rows", {"rows_late": 5}, "late_rows_have_a_delay"),
        ("landed_rows", {"largest_delay_days": 0}, "late_rows_have_a_delay"),
        ("data_quality_daily", {"repaired": 1}, "every_fault_has_one_outcome"),
        ("data_quality_daily", {"rows_affected": 3}, "rows_have_faults"),
        ("data_quality_daily", {"rows_affected": 0}, "rows_have_faults"),
    ],
)
def test_a_broken_rule_is_told(table: MakeTable, name: str, bad: Row, rule: str):
    types = types_in_gold(name)
    Contract("gold", name).validate(table(types, [GOOD[name]]))
    with pytest.raises(DataValidationError, match=rule):
        Contract("gold", name).validate(table(types, [GOOD[name] | bad]))
