"""Quality: what fails, how much of it is found at once, and who finds it."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import ibis.expr.types as ir
import pytest
from kedro.validation.exceptions import DataValidationError

from factory_simulation.pipelines.gold.quality import (
    summarise_defect_pareto,
    summarise_inspectors,
    summarise_quality_daily,
)
from factory_simulation.schemas.contract import Contract
from tests.conftest import Rows
from tests.pipelines.silver.landed import DAY, Compute, MakeTable, Row, at, only

CHECKS = {
    "check_key": "string",
    "batch_key": "string",
    "employee_key": "string",
    "factory_id": "string",
    "check_at": "timestamp(6)",
    "result": "string",
    "defect_notes": "string",
}
PRODUCTION = {
    "batch_key": "string",
    "date_key": "int64",
    "machine_key": "string",
    "product_key": "string",
    "factory_id": "string",
    "units_produced": "int64",
    "units_defective": "int64",
}
PRODUCTS = {"product_key": "string", "product_name": "string"}
NEXT_DAY = DAY + timedelta(days=1)

Summarise = Callable[..., Rows]


def check(batch_key: str = "b1", result: str = "PASS", **different: Any) -> Row:
    return {
        "check_key": f"{batch_key}/{different.get('check_at', '')}{result}",
        "batch_key": batch_key,
        "employee_key": "inspector|1",
        "factory_id": "alpha",
        "check_at": at("09:00:00"),
        "result": result,
        **different,
    }


def fail(note: str | None = "Crack", batch_key: str = "b1", **different: Any) -> Row:
    return check(batch_key, "FAIL", defect_notes=note, **different)


def batch(batch_key: str = "b1", **different: Any) -> Row:
    return {
        "batch_key": batch_key,
        "date_key": 20251201,
        "machine_key": "s1",
        "product_key": "plate",
        "factory_id": "alpha",
        "units_produced": 100,
        "units_defective": 4,
        **different,
    }


@pytest.fixture
def dimensions(table: MakeTable) -> dict[str, ir.Table]:
    dates = [{"date_key": 20251201, "date": DAY}, {"date_key": 20251202, "date": NEXT_DAY}]
    machines = [
        {"machine_key": "s1", "machine_id": "SMELTER-01"},
        {"machine_key": "s2", "machine_id": "SMELTER-02"},
    ]
    products = [
        {"product_key": "plate", "product_name": "Iron Plate"},
        {"product_key": "gear", "product_name": "Gear Wheel"},
    ]
    return {
        "dates": table({"date_key": "int64", "date": "date"}, dates),
        "machines": table({"machine_key": "string", "machine_id": "string"}, machines),
        "products": table(PRODUCTS, products),
    }


# --- what fails ----------------------------------------------------------------------------


@pytest.fixture
def pareto(table: MakeTable, rows: Compute, dimensions: dict[str, ir.Table]) -> Summarise:
    def run(*checks: Row, batches: tuple[Row, ...] = (batch(),)) -> Rows:
        made = summarise_defect_pareto(
            table(CHECKS, checks), table(PRODUCTION, batches), dimensions["products"]
        )
        found = rows(Contract("gold", "defect_pareto").validate(made))
        return sorted(found, key=lambda row: (row["factory_id"], row["product_name"], row["rank"]))

    return run


def test_a_chart_by_hand(pareto: Summarise):
    found = pareto(fail("Warped, north"), fail("Crack"), fail("Warped, north"), fail(None), check())
    chart = [row for row in found if row["product_name"] == "Iron Plate"]
    assert [row for row in chart if row["factory_id"] == "alpha"] == [
        {
            "factory_id": "alpha",
            "product_name": "Iron Plate",
            "defect_note": note,
            "defect_kind": kind,
            "checks_failed": count,
            "rank": rank,
            "share": count / 4,
            "cumulative_share": so_far / 4,
        }
        for note, kind, count, rank, so_far in [
            ("Warped, north", "Warped", 2, 1, 2),
            ("Crack", "Crack", 1, 2, 3),  # as frequent as the next: by name
            ("unknown", "unknown", 1, 3, 4),
        ]
    ]


def test_every_factory_and_product_has_a_chart_and_so_do_all_together(pareto: Summarise):
    batches = (batch(), batch("b2", product_key="gear"), batch("b3", factory_id="omega"))
    found = pareto(
        fail("Crack"),
        fail("Crack", "b2"),
        fail("Warped", "b2"),
        fail("Warped", "b3", factory_id="omega"),
        fail("Warped", "b4", factory_id="omega"),  # of no batch that is known
        batches=batches,
    )
    named = ("factory_id", "product_name", "defect_note", "checks_failed", "rank")
    assert only(found, *named) == [
        ("all", "Gear Wheel", "Crack", 1, 1),
        ("all", "Gear Wheel", "Warped", 1, 2),
        ("all", "Iron Plate", "Crack", 1, 1),
        ("all", "Iron Plate", "Warped", 1, 2),
        ("all", "all", "Warped", 3, 1),
        ("all", "all", "Crack", 2, 2),
        ("all", "unknown", "Warped", 1, 1),
        ("alpha", "Gear Wheel", "Crack", 1, 1),
        ("alpha", "Gear Wheel", "Warped", 1, 2),
        ("alpha", "Iron Plate", "Crack", 1, 1),
        ("alpha", "all", "Crack", 2, 1),
        ("alpha", "all", "Warped", 1, 2),
        ("omega", "Iron Plate", "Warped", 1, 1),
        ("omega", "all", "Warped", 2, 1),
        ("omega", "unknown", "Warped", 1, 1),
    ]


def test_where_nothing_fails_there_is_no_chart(pareto: Summarise):
    assert pareto() == []
    assert pareto(check(), batches=()) == []


# --- day by day ----------------------------------------------------------------------------


@pytest.fixture
def daily(table: MakeTable, rows: Compute, dimensions: dict[str, ir.Table]) -> Summarise:
    def run(*batches: Row, checks: tuple[Row, ...] = ()) -> Rows:
        tables = (table(PRODUCTION, batches), table(CHECKS, checks))
        made = summarise_quality_daily(*tables, **dimensions)
        return rows(Contract("gold", "quality_daily").validate(made))

    return run


def test_a_day_by_hand(daily: Summarise):
    found = daily(
        batch("passed"),
        batch("failed", units_defective=10),
        batch("failed first", units_defective=1),
        batch("failed later", units_defective=2),
        batch("unseen", units_defective=3),
        checks=(
            check("passed"),
            fail(batch_key="failed"),
            fail(batch_key="failed first"),
            check("failed first", check_at=at("09:01:00")),
            fail(batch_key="failed later", check_at=at("09:01:00")),
            check("failed later"),
            check("of another day"),
        ),
    )
    assert found == [
        {
            "production_date": DAY,
            "factory_id": "alpha",
            "machine_id": "SMELTER-01",
            "product_name": "Iron Plate",
            "batches": 5,
            "batches_inspected": 4,
            "batches_passed_first": 2,
            "batches_failed": 3,
            "units_produced": 500,
            "units_defective": 20,
            "units_escaped": 7,  # 4 that passed, 3 that nobody saw
            "inspection_coverage": 4 / 5,
            "first_pass_yield": 2 / 4,
            "escape_rate": 7 / 20,
            "defect_rate": 20 / 500,
        }
    ]


def test_of_checks_at_the_same_time_the_key_tells_which_was_first(daily: Summarise):
    twice = (check(check_key="1"), fail(check_key="2"))
    assert only(daily(batch(), checks=twice), "batches_passed_first", "batches_failed") == [(1, 1)]
    turned = (check(check_key="2"), fail(check_key="1"))
    assert only(daily(batch(), checks=turned), "batches_passed_first", "batches_failed") == [(0, 1)]


def test_a_day_without_base_has_no_shares(daily: Summarise):
    idle = batch(units_produced=0, units_defective=0)
    shares = ("inspection_coverage", "first_pass_yield", "escape_rate", "defect_rate")
    assert only(daily(idle), *shares) == [(0.0, None, None, None)]
    assert only(daily(idle, checks=(check(),)), *shares) == [(1.0, 1.0, None, None)]
    assert daily() == []
    assert daily(checks=(check(),)) == []


def test_days_machines_products_and_factories_are_rows_of_their_own(daily: Summarise):
    found = daily(
        batch("b1"),
        batch("b2", date_key=20251202),
        batch("b3", machine_key="s2"),
        batch("b4", product_key="gear"),
        batch("b5", factory_id="omega"),
        checks=(fail(batch_key="b3"),),
    )
    assert only(found, "batches") == [1] * 5
    assert only(found, "machine_id", "batches_failed").count(("SMELTER-02", 1)) == 1
    assert sum(only(found, "batches_failed")) == 1


# --- who finds it --------------------------------------------------------------------------


@pytest.fixture
def inspectors(table: MakeTable, rows: Compute) -> Summarise:
    def run(*checks: Row, batches: tuple[Row, ...] = ()) -> Rows:
        made = summarise_inspectors(table(CHECKS, checks), table(PRODUCTION, batches))
        return rows(Contract("gold", "inspectors").validate(made))

    return run


def test_inspectors_by_hand(inspectors: Summarise):
    batches = (batch("bad"), batch("worse"), batch("good", units_defective=0))
    found = inspectors(
        check("bad"),
        fail(batch_key="bad", check_at=at("09:05:00")),
        check("worse"),
        fail(batch_key="good"),
        check("worse", employee_key=None),
        fail(batch_key="gone", employee_key=None),
        batches=batches,
    )
    assert [
        {name: value for name, value in row.items() if "_rate" not in name} for row in found
    ] == [
        {
            "employee_key": "inspector|1",
            "checks": 4,
            "checks_failed": 2,
            "defective_batches_checked": 2,
            "defective_batches_caught": 1,
        },
        {
            "employee_key": "unknown",
            "checks": 2,
            "checks_failed": 1,
            "defective_batches_checked": 1,
            "defective_batches_caught": 0,
        },
    ]
    rates = only(found, "fail_rate", "catch_rate")
    assert rates == [(0.5, 0.5), (0.5, 0.0)]
    # 2 of 4, z = 1.96: (2 + 1.92073) / 7.84146, give or take 1.95996 sqrt(1 + 0.96036) / 7.84146
    assert only(found, "fail_rate_low", "fail_rate_high")[0] == pytest.approx(
        (0.150039, 0.849961), abs=1e-6
    )


def test_who_saw_no_defect_could_catch_none(inspectors: Summarise):
    clean = inspectors(check(), batches=(batch(units_defective=0),))
    assert only(clean, "fail_rate", "fail_rate_low", "catch_rate") == [(0.0, 0.0, None)]
    assert inspectors() == []


# --- against Python ------------------------------------------------------------------------


def test_random_weeks_are_as_python_counts_them(
    pareto: Summarise, daily: Summarise, inspectors: Summarise
):
    rng = random.Random(7)  # noqa: S311 - not for secrets
    batches = tuple(
        batch(
            f"b{number}",
            date_key=rng.choice([20251201, 20251202]),
            machine_key=rng.choice(["s1", "s2"]),
            units_produced=(made := rng.randint(0, 9)),
            units_defective=rng.randint(0, made),
        )
        for number in range(60)
    )
    checks = tuple(
        check(
            f"b{rng.randint(0, 69)}",
            rng.choice(["PASS", "FAIL"]),
            check_key=f"{number:03}",
            check_at=datetime(2025, 12, 1, 8, rng.randint(0, 3)),
            employee_key=rng.choice(["inspector|1", "inspector|2", None]),
            defect_notes=rng.choice(["a, b", "c", None]),
        )
        for number in range(150)
    )
    by_batch: dict[str, list[Row]] = defaultdict(list)
    for told in sorted(checks, key=lambda row: (row["check_at"], row["check_key"])):
        by_batch[told["batch_key"]].append(told)
    expected: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    for made in batches:
        seen = by_batch[made["batch_key"]]
        is_failed = any(told["result"] == "FAIL" for told in seen)
        expected[made["date_key"], made["machine_key"]].update(
            batches=1,
            inspected=bool(seen),
            passed=bool(seen) and seen[0]["result"] == "PASS",
            failed=is_failed,
            escaped=0 if is_failed else made["units_defective"],
        )
    named = ("batches_inspected", "batches_passed_first", "batches_failed", "units_escaped")
    found = {
        (20251201 if day == DAY else 20251202, machine_id.replace("SMELTER-0", "s")): counts
        for day, machine_id, *counts in only(
            daily(*batches, checks=checks), "production_date", "machine_id", "batches", *named
        )
    }
    assert found == {
        key: [count[n] for n in ("batches", "inspected", "passed", "failed", "escaped")]
        for key, count in expected.items()
    }
    everywhere = [
        row
        for row in pareto(*checks, batches=batches)
        if (row["factory_id"], row["product_name"]) == ("all", "all")
    ]
    notes = Counter(row["defect_notes"] or "unknown" for row in checks if row["result"] == "FAIL")
    in_order = sorted(notes.items(), key=lambda item: (-item[1], item[0]))
    assert only(everywhere, "defect_note", "checks_failed") == in_order
    assert everywhere[-1]["cumulative_share"] == 1.0
    bad = {row["batch_key"] for row in batches if row["units_defective"]}
    for row in inspectors(*checks, batches=batches):
        own = [
            told for told in checks if (told["employee_key"] or "unknown") == row["employee_key"]
        ]
        failed = {told["batch_key"] for told in own if told["result"] == "FAIL"}
        assert row["defective_batches_checked"] == len(bad & {t["batch_key"] for t in own})
        assert row["defective_batches_caught"] == len(bad & failed)


# --- contracts -----------------------------------------------------------------------------

GOOD = {
    "defect_pareto": {
        "factory_id": "alpha",
        "product_name": "all",
        "defect_note": "Crack",
        "defect_kind": "Crack",
        "checks_failed": 1,
        "rank": 1,
        "share": 0.5,
        "cumulative_share": 0.5,
    },
    "quality_daily": {
        "production_date": DAY,
        "factory_id": "alpha",
        "machine_id": "SMELTER-01",
        "product_name": "Iron Plate",
        "batches": 3,
        "batches_inspected": 2,
        "batches_passed_first": 1,
        "batches_failed": 1,
        "units_produced": 9,
        "units_defective": 2,
        "units_escaped": 1,
        "inspection_coverage": 0.5,
        "first_pass_yield": None,
        "escape_rate": 0.5,
        "defect_rate": 0.5,
    },
    "inspectors": {
        "employee_key": "unknown",
        "checks": 2,
        "checks_failed": 1,
        "fail_rate": 0.5,
        "fail_rate_low": 0.1,
        "fail_rate_high": 0.9,
        "defective_batches_checked": 1,
        "defective_batches_caught": 1,
        "catch_rate": 1.0,
    },
}


def types_of(name: str) -> dict[str, str]:
    columns = Contract("gold", name)._contract.columns
    return {column: str(spec.dtype) for column, spec in columns.items()}


@pytest.mark.parametrize(
    ("name", "bad", "rule"),
    [
        ("defect_pareto", {"cumulative_share": 0.4}, "adds_up_from_its_own_share"),
        ("defect_pareto", {"checks_failed": 0}, "checks_failed"),
        ("quality_daily", {"batches": 1}, "no_more_inspected_than_made"),
        ("quality_daily", {"batches_failed": 0}, "only_inspected_batches_have_a_result"),
        ("quality_daily", {"batches_failed": 3}, "only_inspected_batches_have_a_result"),
        ("quality_daily", {"units_escaped": 3}, "only_defective_units_escape"),
        ("quality_daily", {"units_produced": 1}, "only_defective_units_escape"),
        ("inspectors", {"fail_rate_low": 0.6}, "interval_holds_the_rate"),
        ("inspectors", {"fail_rate_high": 0.4}, "interval_holds_the_rate"),
        ("inspectors", {"checks_failed": 3}, "no_more_failed_than_checked"),
        ("inspectors", {"defective_batches_caught": 2}, "no_more_failed_than_checked"),
    ],
)
def test_a_broken_rule_is_told(table: MakeTable, name: str, bad: Row, rule: str):
    types = types_of(name)
    Contract("gold", name).validate(table(types, [GOOD[name]]))
    with pytest.raises(DataValidationError, match=rule):
        Contract("gold", name).validate(table(types, [GOOD[name] | bad]))
