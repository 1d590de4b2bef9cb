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
    ANCHORS,
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

LATER = date(2025, 12, 2)

BATCHES = [
    made("SMELTER-01_20251201_001", "08:00", "09:00"),
    made("AT-NIGHT", "01:00", "02:00"),
    made("IN-GREENWICH", "08:00", "09:00", machine_id="PRESS-01"),
    made("IN-SPRING", "2025-03-30T00:00", "2025-03-30T00:50", machine_id="LATHE-01"),
    made("IN-SUMMER", "2025-07-01T08:00", "2025-07-01T09:00", machine_id="LATHE-01"),
    made("FOLD-1", "2025-10-25T23:30", "2025-10-26T00:20", machine_id="LATHE-01"),
    made("FOLD-2", "2025-10-26T00:30", "2025-10-26T01:20", machine_id="LATHE-01"),
    made("IN-WINTER", "2025-12-01T08:00", "2025-12-01T09:00", machine_id="LATHE-01"),
]
BROKEN_RULES = {
    "empty:check_id": [{"check_id": told} for told in (None, "", " ")],
    "empty:batch_id": [{"batch_id": told} for told in (None, "", " ")],
    "unknown_batch": [{"batch_id": told} for told in ("SMELTER-01_20251201_099", "smelter")],
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
    table: MakeTable,
    save: Save,
    clocks: ir.Table,
    note_spellings: ir.Table,
    parameters: SilverParameters,
) -> Callable[..., ir.Table]:
    def run(
        *landed: Row, batches: Rows = BATCHES, extra: tuple[str, ...] = (), minutes: int = 60
    ) -> ir.Table:
        bronze = land(table, QC_CHECKS, *landed, extra=extra)
        window = parameters.model_copy(update={"qc_minutes_after_end": minutes})
        anchors = table(ANCHORS, batches)
        return save(assess_qc_checks(bronze, anchors, note_spellings, clocks, window))

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
            "_event_date": DAY,
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
            "is_time_estimated": False,
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


IN_BERLIN = {
    # an hour ahead of UTC in winter, two in summer
    "IN-WINTER": [
        ("2025-12-01T09:10:00", "09:10", False, False),
        ("2025-12-01T10:10:00", "09:10", True, False),
        ("2025-12-01T11:10:00", "10:10", True, True),
    ],
    "IN-SUMMER": [
        ("2025-07-01T11:10:00", "2025-07-01T09:10", True, False),
        ("2025-07-01T09:10:00", "2025-07-01T09:10", False, False),
    ],
    # at 02:00 the clocks show 03:00
    "IN-SPRING": [
        ("2025-03-30T01:55:00", "2025-03-30T00:55", True, False),
        ("2025-03-30T03:05:00", "2025-03-30T01:05", True, False),
        ("2025-03-30T02:05:00", "2025-03-30T02:05", False, True),
    ],
    # at 03:00 the clocks show 02:00, so that 02:30 is 00:30 or 01:30 in UTC
    "FOLD-1": [
        ("2025-10-26T02:30:00", "2025-10-26T00:30", True, False),
        ("2025-10-26T02:19:00", "2025-10-26T01:19", True, False),
        ("2025-10-26T00:30:00", "2025-10-26T00:30", False, False),
    ],
    "FOLD-2": [
        ("2025-10-26T02:30:00", "2025-10-26T01:30", True, False),
        ("2025-10-26T03:10:00", "2025-10-26T02:10", True, False),
        ("2025-10-26T02:10:00", "2025-10-26T02:10", False, False),
    ],
}


@pytest.mark.parametrize("batch_id", IN_BERLIN)
def test_local_time_is_that_of_the_day_where_clocks_change(assess: Assess, batch_id: str):
    decided = IN_BERLIN[batch_id]
    landed = [check(batch_id=batch_id, check_timestamp=told) for told, *_ in decided]
    found = assess(*landed)
    assert only(found, "check_seconds", "is_local_time", "is_time_ambiguous") == [
        (seconds(utc), *flags) for _told, utc, *flags in decided
    ]


def test_in_the_folded_hour_the_end_of_the_batch_decides(assess: Assess):
    """02:30 may be the minute after the end; 02:28 cannot be the one before, so it is 01:28."""
    batches = [made("B1", "2025-10-25T23:30", "2025-10-26T00:29", machine_id="LATHE-01")]
    times = ("02:30", "02:29", "02:28", "02:27")
    landed = [check(batch_id="B1", check_timestamp=f"2025-10-26T{told}:00") for told in times]
    assessed = assess(*landed, batches=batches)
    assert only(assessed, "check_seconds", "is_local_time", "is_time_ambiguous") == [
        (seconds(f"2025-10-26T{utc}"), True, False) for utc in ("00:30", "00:29", "01:28", "01:27")
    ]


def test_both_readings_of_the_folded_hour_may_fit_and_one_is_as_good_as_the_other(assess: Assess):
    """In ninety minutes 02:30 follows the end at 00:20 either way; the nearer is taken."""
    told = check(batch_id="FOLD-1", check_timestamp="2025-10-26T02:30:00")
    (found,) = assess(told, minutes=90)
    assert (found["check_seconds"], found["is_local_time"]) == (seconds("2025-10-26T00:30"), True)


RESET = "1970-01-01T05:06:07"


def test_a_clock_that_was_reset_is_estimated_in_the_middle_of_the_window(clean: Assess):
    (found,) = clean(check(check_timestamp=RESET))
    named = ("check_at", "is_local_time", "is_time_ambiguous", "is_time_estimated")
    assert tuple(found[name] for name in named) == (at("09:30"), False, True, True)


def test_a_clock_was_reset_in_the_first_month_of_1970(assess: Assess):
    reset = ["1970-01-01T00:00:00", "1970-01-30T23:59:59", "1970-01-01T00:00:00Z"]
    not_reset = ["1970-01-31T00:00:00", "2025-12-01T09:10:00", "", "yesterday"]
    found = assess(*[check(check_timestamp=told) for told in (*reset, *not_reset)])
    assert only(found, "is_clock_reset") == [True] * 3 + [False] * 4
    assert only(found, "check_seconds")[:4] == [seconds("09:30")] * 3 + [
        seconds("1970-01-31T00:00")
    ]


def test_a_reset_clock_tells_no_batches_of_one_id_apart_the_first_to_end_is_taken(assess: Assess):
    batches = [made("B1", "08:00", "09:00"), made("B1", "10:00", "11:00", machine_id="PRESS-01")]
    (found,) = assess(check(batch_id="B1", check_timestamp=RESET), batches=batches)
    assert (found["machine_id"], found["is_time_ambiguous"]) == ("SMELTER-01", True)


def test_a_reset_clock_of_an_unknown_batch_tells_nothing(assess: Assess, clean: Assess):
    orphan = check(batch_id="NOBODYS", check_timestamp=RESET)
    (found,) = assess(orphan)
    assert found["reasons"] == "unknown_batch"
    assert (found["is_clock_reset"], found["check_seconds"]) == (True, None)
    assert clean(orphan) == []


def test_a_check_with_a_reset_clock_that_lands_again_is_a_copy(assess: Assess):
    landed = [check(check_timestamp=RESET), check(check_timestamp=RESET, _arrival_date=LATER)]
    assert only(assess(*landed), "duplicate_kind", "is_clock_reset") == [
        (None, True),
        ("copy", True),
    ]


def test_a_misspelled_phrase_is_put_right_and_other_notes_are_left_alone(assess: Assess):
    notes = {"Carcked edge": "Cracked edge", " All qiuet ": "All quiet", "Bnet": "Bnet", "": None}
    found = assess(*[check(defect_notes=note) for note in notes])
    assert only(found, "defect_notes") == list(notes.values())
    assert only(found, "landed_defect_notes") == ["Carcked edge", "All qiuet", "Bnet", None]


def test_a_copy_may_be_misspelled_in_another_way(assess: Assess):
    landed = [check(defect_notes=note) for note in ("Carcked edge", "Cracked edge")]
    assert only(assess(*landed), "duplicate_kind") == [None, "copy"]


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
