"""Landed entries: which rules they break, whose batch they belong to, when that was in UTC."""

from collections.abc import Callable
from datetime import date

import ibis.expr.types as ir
import pytest

from factory_simulation.domain import OPERATOR_LOGS
from factory_simulation.pipelines.silver.operators import assess_operator_logs, clean_operator_logs
from factory_simulation.pipelines.silver.parameters import SilverParameters
from tests.conftest import Rows
from tests.pipelines.silver.landed import (
    ANCHORS,
    DAY,
    Compute,
    MakeTable,
    Row,
    Save,
    at,
    entry,
    examples_of,
    land,
    made,
    only,
)

Assess = Callable[..., Rows]

MORNING, AFTERNOON, EVENING = (f"SMELTER-01_20251201_00{number}" for number in (1, 2, 3))
BATCHES = [
    made(MORNING, "08:00", "09:00"),
    made(AFTERNOON, "15:00", "16:00"),
    made(EVENING, "20:00", "21:00"),
]
"""The afternoon begins at 15:00 UTC, which is 08:00 in Phoenix."""

BROKEN_RULES = {
    "empty:log_id": [{"log_id": told} for told in (None, "", " ")],
    "empty:machine_id": [{"machine_id": told} for told in (None, "", " ")],
    "unknown_machine": [{"machine_id": told} for told in ("CRUSHER-09", "SMELTER-09")],
    "empty:log_timestamp": [{"log_timestamp": told} for told in (None, "", " ")],
    "not_a_time:log_timestamp": [
        {"log_timestamp": told}
        for told in ("yesterday", "2025-02-30T08:00:00", "2025-12-01T24:00:00")
    ],
}


@pytest.fixture
def assessed(
    table: MakeTable, save: Save, machine_spellings: ir.Table, note_spellings: ir.Table
) -> Callable[..., ir.Table]:
    def run(*landed: Row, extra: tuple[str, ...] = ()) -> ir.Table:
        bronze = land(table, OPERATOR_LOGS, *landed, extra=extra)
        return save(assess_operator_logs(bronze, machine_spellings, note_spellings))

    return run


@pytest.fixture
def assess(assessed: Callable[..., ir.Table], rows: Compute) -> Assess:
    return lambda *landed, **options: rows(assessed(*landed, **options))


@pytest.fixture
def clean(
    assessed: Callable[..., ir.Table],
    table: MakeTable,
    rows: Compute,
    machines: ir.Table,
    clocks: ir.Table,
    parameters: SilverParameters,
) -> Assess:
    def run(*landed: Row, batches: Rows = BATCHES, **options: tuple[str, ...]) -> Rows:
        made_batches = table(ANCHORS, batches)
        entries = assessed(*landed, **options)
        return rows(clean_operator_logs(entries, made_batches, machines, clocks, parameters))

    return run


def at_time(told: str, notes: str = "All quiet", **different: str) -> Row:
    """An entry; its time of the day, to which a zone may be added, is as told."""
    return entry(log_timestamp=f"{DAY}T{told}", notes=notes, **different)


def decisions(entries: Rows) -> list[tuple]:
    """What was decided about each entry: its batch and UTC time, if local, if ambiguous."""
    return only(entries, "batch_id", "log_at", "is_local_time", "is_time_ambiguous")


def test_a_row_that_breaks_a_rule_says_so_and_is_not_kept(assess: Assess, clean: Assess):
    told, landed = examples_of(BROKEN_RULES, entry)
    assessed = assess(*landed)
    assert list(zip(told, only(assessed, "reasons"), strict=True)) == [(x, x) for x in told]
    assert set(only(assessed, "duplicate_kind")) == {None}
    assert clean(*landed) == []


def test_a_row_that_keeps_the_rules_is_kept(assess: Assess):
    landed = [
        entry(),
        entry(machine_id="smelter #1", operator_id="OP-2"),
        entry(operator_id=None, action=None, notes=None),
    ]
    assert only(assess(*landed), "reasons") == [""] * 3


def test_a_row_that_does_not_fit_its_header_has_that_reason_only(assess: Assess):
    errors = ["too_few_fields", "too_many_fields"]
    assert only(assess(*[entry(_parse_error=e) for e in errors]), "reasons") == errors


def test_a_kept_entry_is_typed_and_belongs_to_the_batch_whose_start_it_surrounds(clean: Assess):
    landed = entry(
        machine_id="smelter #1",
        log_timestamp="2025-12-01T01:05:00",
        operator_name="Grace",
        action=" ",
        _arrival_date=date(2025, 12, 2),
    )
    assert clean(landed, extra=("operator_name",)) == [
        {
            "_row_id": "001",
            "_event_date": DAY,
            "log_id": "LOG-1",
            "factory_id": "alpha",
            "machine_id": "SMELTER-01",
            "batch_id": MORNING,
            "batch_date": DAY,
            "log_at": at("08:05"),
            "log_date": DAY,
            "operator_id": "OP-101",
            "operator_name": "Grace",
            "action": None,
            "notes": "All quiet",
            "arrival_date": date(2025, 12, 2),
            "is_machine_renamed": True,
            "is_local_time": True,
            "is_time_ambiguous": False,
        }
    ]


def test_an_entry_is_read_in_the_zone_in_which_a_batch_starts_nearby(clean: Assess):
    decided = {
        "19:50:00": (EVENING, "19:50", False, False),
        "20:10:00": (EVENING, "20:10", False, False),
        "12:50:00": (EVENING, "19:50", True, False),
        "13:10:00": (EVENING, "20:10", True, False),
        "01:00:00": (MORNING, "08:00", True, False),
        "19:49:59": (None, "19:49:59", False, True),
        "13:10:01": (None, "13:10:01", False, True),
        "08:05:00": (MORNING, "08:05", False, True),
    }
    found = decisions(clean(*map(at_time, decided)))
    assert dict(zip(decided, found, strict=True)) == {
        told: (batch_id, at(utc), *flags) for told, (batch_id, utc, *flags) in decided.items()
    }


def test_notes_that_name_a_batch_decide(clean: Assess):
    """At 08:05 an entry is near the morning's start in UTC, near the afternoon's in local time."""
    notes = {
        f"Started {AFTERNOON}": AFTERNOON,
        "started smelter-01_20251201_002 late": AFTERNOON,
        "Started Smelter #01: 20251201-002.": AFTERNOON,
        "SMLETER-01_20251201_002": AFTERNOON,
        "Strated SMELTR_01-20251201-001": MORNING,
    }
    found = decisions(clean(*[at_time("08:05:00", told) for told in notes]))
    assert dict(zip(notes, found, strict=True)) == {
        told: (MORNING, at("08:05"), False, False)
        if batch_id == MORNING
        else (AFTERNOON, at("15:05"), True, False)
        for told, batch_id in notes.items()
    }


def test_notes_that_name_no_batch_nearby_decide_nothing(clean: Assess):
    told = [f"Prepared {EVENING}", "Batch 002 began", "20251201", None]
    entries = clean(*[at_time("08:05:00", notes) for notes in told])
    assert decisions(entries) == [(MORNING, at("08:05"), False, True)] * 4


def test_a_batch_is_not_named_by_a_longer_id_that_begins_alike(clean: Assess):
    batches = [made("B1", "08:00", "09:00"), made("B10", "15:00", "16:00")]
    entries = clean(at_time("08:05:00", "Started B10"), batches=batches)
    assert decisions(entries) == [("B10", at("15:05"), True, False)]


def test_a_few_digits_do_not_name_a_batch(clean: Assess):
    batches = [made("B-07", "08:00", "09:00"), made("B-77", "15:00", "16:00")]
    (row,) = decisions(clean(at_time("08:05:00", "77 degrees"), batches=batches))
    assert row == ("B-07", at("08:05"), False, True)


def test_notes_that_name_both_batches_leave_the_time_ambiguous(clean: Assess):
    (both,) = decisions(clean(at_time("08:05:00", f"Started {MORNING}, then {AFTERNOON}")))
    assert both == (MORNING, at("08:05"), False, True)


def test_a_time_that_names_its_zone_is_left_alone(clean: Assess):
    told = ["01:05:00-07:00", "08:05:00Z", "01:05:00Z"]
    landed = [at_time(time, f"Started {AFTERNOON}", log_id=f"LOG-{time}") for time in told]
    assert decisions(clean(*landed)) == [
        (MORNING, at("08:05"), False, False),
        (MORNING, at("08:05"), False, False),
        (None, at("01:05"), False, False),
    ]


def test_where_clocks_show_utc_no_time_is_local(clean: Assess):
    batches = [made("B1", "15:00", "16:00", machine_id="PRESS-01")]
    landed = at_time("08:05:00", machine_id="PRESS-01")
    assert decisions(clean(landed, batches=batches)) == [(None, at("08:05"), False, True)]


IN_BERLIN = {
    # an hour ahead of UTC in winter, two in summer
    "2025-12-01T09:05:00": ("WINTER", "2025-12-01T08:05", True, False),
    "2025-12-01T08:05:00": ("WINTER", "2025-12-01T08:05", False, False),
    "2025-12-01T10:05:00": (None, "2025-12-01T10:05", False, True),
    "2025-07-01T10:05:00": ("SUMMER", "2025-07-01T08:05", True, False),
    "2025-07-01T09:05:00": (None, "2025-07-01T09:05", False, True),
    # at 03:00 the clocks show 02:00, so that 02:35 is 00:35 or 01:35 in UTC
    "2025-10-26T02:35:00": ("FOLD-1", "2025-10-26T00:35", True, False),
    "2025-10-26T02:05:00": ("FOLD-2", "2025-10-26T01:05", True, False),
    "2025-10-26T03:05:00": (None, "2025-10-26T03:05", False, True),
}


def test_local_time_is_that_of_the_day_where_clocks_change(clean: Assess):
    starts = {
        "WINTER": "2025-12-01T08:00",
        "SUMMER": "2025-07-01T08:00",
        "FOLD-1": "2025-10-26T00:30",
        "FOLD-2": "2025-10-26T01:00",
    }
    batches = [made(name, start, start, machine_id="LATHE-01") for name, start in starts.items()]
    landed = [entry(machine_id="LATHE-01", log_timestamp=told) for told in IN_BERLIN]
    found = dict(zip(IN_BERLIN, decisions(clean(*landed, batches=batches)), strict=True))
    assert found == {
        told: (batch_id, at(utc), *flags) for told, (batch_id, utc, *flags) in IN_BERLIN.items()
    }


def test_notes_decide_in_the_folded_hour_too(clean: Assess):
    batches = [
        made(name, start, start, machine_id="LATHE-01")
        for name, start in [("B1", "2025-10-26T00:30"), ("B2", "2025-10-26T01:30")]
    ]
    landed = [
        entry(machine_id="LATHE-01", log_timestamp="2025-10-26T02:35:00", notes=f"Started {name}")
        for name in ("B1", "B2")
    ]
    assert decisions(clean(*landed, batches=batches)) == [
        ("B1", at("2025-10-26T00:35"), True, False),
        ("B2", at("2025-10-26T01:35"), True, False),
    ]


def test_a_misspelled_phrase_is_put_right(assess: Assess, clean: Assess):
    landed = [entry(notes=note) for note in ("All qiuet", "Bnet", None)]
    assert only(assess(*landed), "notes", "landed_notes") == [
        ("All quiet", "All qiuet"),
        ("Bnet", "Bnet"),
        (None, None),
    ]
    assert only(clean(*landed), "notes") == ["All quiet", "Bnet", None]


def test_of_two_starts_the_nearer_is_taken(clean: Assess):
    batches = [made("B1", "08:00", "08:10"), made("B2", "08:12", "09:00")]
    entries = clean(at_time("08:05:00"), at_time("08:07:00"), batches=batches)
    assert only(entries, "batch_id") == ["B1", "B2"]


def test_an_entry_sees_batches_of_its_own_machine_only(clean: Assess):
    batches = [made("B1", "08:00", "09:00", machine_id="SMELTER-02")]
    assert only(clean(entry(), batches=batches), "batch_id") == [None]


def test_copies_agree_in_everything(assess: Assess):
    landed = [
        entry(),
        entry(),
        entry(machine_id="smelter #1", log_timestamp="2025-12-01 08:00"),
        entry(log_id="LOG-2"),
        entry(machine_id="SMELTER-02"),
        entry(operator_id="OP-102"),
        entry(log_timestamp="2025-12-01T08:00:01"),
        entry(action="MONITOR"),
        entry(notes="All loud"),
    ]
    assert only(assess(*landed), "duplicate_kind") == [None, "copy", "copy", *[None] * 6]


def test_nothing_landed_is_nothing_kept(assess: Assess, clean: Assess):
    assert assess() == []
    assert clean() == []
    assert only(clean(entry(), batches=[]), "batch_id") == [None]
