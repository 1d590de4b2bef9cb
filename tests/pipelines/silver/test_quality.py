"""Landed checks: which rules they break, which batch they check, and when that was in UTC."""

from collections.abc import Callable
from datetime import date

import ibis.expr.types as ir
import pytest

from factory_simulation.domain import QC_CHECKS
from factory_simulation.pipelines.silver.parameters import SilverParameters
from factory_simulation.pipelines.silver.quality import assess_qc_checks, clean_qc_checks
from tests.conftest import Rows
from tests.pipelines.silver.landed import (
    ASSESSED_BATCHES,
    DAY,
    Compute,
    MakeTable,
    Row,
    Save,
    at,
    check,
    examples_of,
    land,
    made,
    only,
    seconds,
)

Assess = Callable[..., Rows]

BATCHES = [
    made("SMELTER-01_20251201_001", "08:00", "09:00"),
    made("AT-NIGHT", "01:00", "02:00"),
    made("IN-GREENWICH", "08:00", "09:00", machine_id="PRESS-01"),
    made("REFUSED", "08:00", "09:00", reasons="unknown_product"),
]
BROKEN_RULES = {
    "empty:check_id": [{"check_id": told} for told in (None, "", " ")],
    "empty:batch_id": [{"batch_id": told} for told in (None, "", " ")],
    "unknown_batch": [{"batch_id": told} for told in ("SMELTER-01_20251201_099", "REFUSED")],
    "empty:check_timestamp": [{"check_timestamp": told} for told in (None, "", " ")],
    "not_a_time:check_timestamp": [
        {"check_timestamp": told}
        for told in ("yesterday", "2025-02-30T09:10:00", "2025-12-01T24:00:00")
    ],
    "empty:pass_fail": [{"pass_fail": told} for told in (None, "", " ")],
    "invalid_result": [{"pass_fail": told} for told in ("MAYBE", "PASSED", "1", "PASS/FAIL")],
}


@pytest.fixture
def assessed(
    table: MakeTable, save: Save, clocks: ir.Table, parameters: SilverParameters
) -> Callable[..., ir.Table]:
    def run(
        *landed: Row, batches: Rows = BATCHES, extra: tuple[str, ...] = (), minutes: int = 60
    ) -> ir.Table:
        bronze = land(table, QC_CHECKS, *landed, extra=extra)
        window = parameters.model_copy(update={"qc_minutes_after_end": minutes})
        return save(assess_qc_checks(bronze, table(ASSESSED_BATCHES, batches), clocks, window))

    return run


@pytest.fixture
def assess(assessed: Callable[..., ir.Table], rows: Compute) -> Assess:
    return lambda *landed, **options: rows(assessed(*landed, **options))


@pytest.fixture
def clean(assessed: Callable[..., ir.Table], rows: Compute, machines: ir.Table) -> Assess:
    return lambda *landed, **options: rows(clean_qc_checks(assessed(*landed, **options), machines))


def at_time(told: str, batch_id: str = "SMELTER-01_20251201_001", **different: str) -> Row:
    """A check of a batch; its time of the day, to which a zone may be added, is as told."""
    return check(check_timestamp=f"{DAY}T{told}", batch_id=batch_id, **different)


def test_a_row_that_breaks_a_rule_says_so_and_is_not_kept(assess: Assess, clean: Assess):
    told, landed = examples_of(BROKEN_RULES, check)
    assessed = assess(*landed)
    assert list(zip(told, only(assessed, "reasons"), strict=True)) == [(x, x) for x in told]
    assert set(only(assessed, "duplicate_kind")) == {None}
    assert clean(*landed) == []


def test_a_row_that_keeps_the_rules_is_kept(assess: Assess):
    landed = [
        check(),
        check(batch_id=" SMELTER-01_20251201_001 "),
        check(result="fail"),
        check(result=" Pass "),
        check(inspector_id=None, defect_notes=None),
    ]
    assert only(assess(*landed), "reasons", "result") == [
        ("", "PASS"),
        ("", "PASS"),
        ("", "FAIL"),
        ("", "PASS"),
        ("", "PASS"),
    ]


def test_a_row_has_every_reason_at_once(assess: Assess):
    broken = check(check_id="", batch_id="B?", check_timestamp="", result="MAYBE")
    assert only(assess(broken), "reasons") == [
        "empty:check_id, unknown_batch, empty:check_timestamp, invalid_result"
    ]


def test_a_row_that_does_not_fit_its_header_has_that_reason_only(assess: Assess):
    landed = [check(_parse_error="too_few_fields"), check(_parse_error="too_many_fields")]
    assert only(assess(*landed), "reasons") == ["too_few_fields", "too_many_fields"]


def test_a_kept_check_is_typed_and_belongs_to_its_batch(clean: Assess):
    landed = check(
        check_timestamp="2025-12-01T02:10:00",
        result="fail",
        defect_notes=" cracked ",
        inspector_name="Ada",
        _arrival_date=date(2025, 12, 2),
    )
    assert clean(landed, extra=("inspector_name",)) == [
        {
            "_row_id": "001",
            "check_id": "QC-1",
            "factory_id": "alpha",
            "machine_id": "SMELTER-01",
            "batch_id": "SMELTER-01_20251201_001",
            "batch_date": DAY,
            "check_at": at("09:10"),
            "check_date": DAY,
            "inspector_id": "QC-001",
            "inspector_name": "Ada",
            "result": "FAIL",
            "defect_notes": "cracked",
            "arrival_date": date(2025, 12, 2),
            "is_local_time": True,
            "is_time_ambiguous": False,
        }
    ]


def test_a_check_is_read_in_the_zone_in_which_it_follows_its_batch(assess: Assess):
    """The batch ends at 09:00 UTC, which is 02:00 in Phoenix; a check follows within an hour."""
    decided = {
        "09:00:00": ("09:00", False, False),
        "09:10:00": ("09:10", False, False),
        "10:00:00": ("10:00", False, False),
        "02:00:00": ("09:00", True, False),
        "02:10:00": ("09:10", True, False),
        "03:00:00": ("10:00", True, False),
        "08:59:00": ("08:59", False, True),
        "10:01:00": ("10:01", False, True),
        "01:59:00": ("08:59", True, True),
        "03:01:00": ("10:01", True, True),
    }
    assessed = assess(*map(at_time, decided))
    found = only(assessed, "check_seconds", "is_local_time", "is_time_ambiguous")
    assert dict(zip(decided, found, strict=True)) == {
        told: (seconds(utc), *flags) for told, (utc, *flags) in decided.items()
    }


def test_local_time_may_be_of_the_day_before(clean: Assess):
    told = check(batch_id="AT-NIGHT", check_timestamp="2025-11-30T19:10:00")
    assert only(clean(told), "check_at", "check_date", "batch_date") == [(at("02:10"), DAY, DAY)]


def test_a_time_that_follows_in_both_zones_is_utc_and_ambiguous(assess: Assess):
    landed = [at_time("09:10:00"), at_time("02:10:00")]
    assessed = assess(*landed, minutes=480)
    assert only(assessed, "check_seconds", "is_local_time", "is_time_ambiguous") == [
        (seconds("09:10"), False, True),
        (seconds("09:10"), True, False),
    ]


def test_a_time_that_names_its_zone_is_left_alone(assess: Assess):
    assessed = assess(*map(at_time, ["02:10:00Z", "02:10:00-07:00", "11:10:00+02:00"]))
    assert only(assessed, "check_seconds", "is_local_time", "is_time_ambiguous") == [
        (seconds("02:10"), False, False),
        (seconds("09:10"), False, False),
        (seconds("09:10"), False, False),
    ]


def test_where_clocks_show_utc_no_time_is_local(assess: Assess):
    landed = [at_time(told, "IN-GREENWICH") for told in ("09:10:00", "02:10:00")]
    assert only(assess(*landed), "check_seconds", "is_local_time", "is_time_ambiguous") == [
        (seconds("09:10"), False, False),
        (seconds("02:10"), False, True),
    ]


def test_of_batches_with_one_id_the_one_that_the_check_follows_is_meant(assess: Assess):
    batches = [made("B1", "08:00", "09:00"), made("B1", "11:00", "12:00", machine_id="PRESS-01")]
    assessed = assess(at_time("09:10:00", "B1"), at_time("12:10:00", "B1"), batches=batches)
    assert only(assessed, "machine_id") == ["SMELTER-01", "PRESS-01"]


def test_of_batches_with_one_id_the_one_that_the_check_follows_more_closely_is_meant(
    assess: Assess,
):
    batches = [made("B1", "08:00", "08:30"), made("B1", "08:00", "09:00", machine_id="PRESS-01")]
    assert only(assess(at_time("09:05:00", "B1"), batches=batches), "machine_id") == ["PRESS-01"]


def test_a_time_that_fits_two_batches_with_one_id_in_two_zones_is_ambiguous(assess: Assess):
    batches = [made("B1", "08:00", "09:00"), made("B1", "15:00", "16:00", machine_id="SMELTER-02")]
    assessed = assess(at_time("09:10:00", "B1"), batches=batches)
    assert only(assessed, "is_time_ambiguous") == [True]


def test_copies_agree_in_everything(assess: Assess):
    landed = [
        check(),
        check(),
        check(check_timestamp="2025-12-01 09:10"),
        check(check_timestamp="2025-12-01T09:11:00"),
        check(check_id="QC-2"),
        check(batch_id="AT-NIGHT"),
        check(inspector_id="QC-002"),
        check(result="FAIL"),
        check(defect_notes="cracked"),
    ]
    assert only(assess(*landed), "duplicate_kind") == [None, "copy", "copy", *[None] * 6]


def test_a_machine_that_landed_with_a_check_does_not_replace_its_batchs_machine(clean: Assess):
    landed = check(machine_id="smelter #1")
    assert only(clean(landed, extra=("machine_id",)), "machine_id") == ["SMELTER-01"]


def test_without_batches_every_check_is_of_an_unknown_one(assess: Assess):
    assert only(assess(check(), batches=[]), "reasons") == ["unknown_batch"]


def test_nothing_landed_is_nothing_kept(assess: Assess, clean: Assess):
    assert assess() == []
    assert clean() == []


def test_every_check_counts_once_though_its_batch_id_repeats(clean: Assess):
    batches = [made("B1", "08:00", "09:00", machine_id=f"SMELTER-0{n}") for n in (1, 2)]
    assert len(clean(at_time("09:10:00", "B1"), batches=batches)) == 1
