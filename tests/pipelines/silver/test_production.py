"""Landed batches: which rules they break, which are copies, what is kept."""

import json
from collections.abc import Callable
from datetime import date

import ibis.expr.types as ir
import pytest

from factory_simulation.domain import PRODUCTION_BATCHES
from factory_simulation.pipelines.silver.production import (
    assess_production_batches,
    clean_production_batches,
    identify_batches,
)
from tests.conftest import Rows
from tests.pipelines.silver.landed import (
    DAY,
    Compute,
    MakeTable,
    Row,
    Save,
    at,
    batch,
    examples_of,
    land,
    only,
)

Assess = Callable[..., Rows]

LATER = {"_arrival_date": date(2025, 12, 2)}
LATEST = {"_arrival_date": date(2025, 12, 3)}

BROKEN_RULES = {
    "empty:batch_id": [{"batch_id": told} for told in (None, "", "  ")],
    "empty:machine_id": [{"machine_id": told} for told in (None, "", " \t")],
    "unknown_machine": [{"machine_id": told} for told in ("CRUSHER-09", "SMELTER", "1")],
    "empty:product_name": [{"product_name": told} for told in (None, "", " ")],
    "unknown_product": [{"product_name": told} for told in ("Copper Wire", "Iron Plate 2")],
    "empty:start_time": [{"start_time": told} for told in (None, "", " ")],
    "not_a_time:start_time": [
        {"start_time": told}
        for told in ("yesterday", "2025-02-30T08:00:00", "2025-11-30T24:00:00", "2025-12-01")
    ],
    "empty:end_time": [{"end_time": told} for told in (None, "", " ")],
    "not_a_time:end_time": [{"end_time": told} for told in ("09:00", "2025-12-32T09:00:00")],
    "end_before_start": [{"end_time": "2025-12-01T07:59:59"}],
    "empty:units_produced": [{"units_produced": told} for told in (None, "", " ")],
    "not_a_number:units_produced": [
        {"units_produced": told} for told in ("12.5", "abc", "NaN", "inf", "7e1", "9" * 16)
    ],
    "negative:units_produced, negative:units_defective": [
        {"units_produced": "-3", "units_defective": "-3"}
    ],
    "empty:units_defective": [{"units_defective": told} for told in (None, "", " ")],
    "not_a_number:units_defective": [{"units_defective": told} for told in ("0.5", "none")],
    "negative:units_defective": [{"units_defective": "-1"}],
    "more_defects_than_units": [{"units_defective": "74"}],
}

WITHIN_THE_RULES = [
    {},
    {"machine_id": "smelter #1"},
    {"product_name": "iron_plates"},
    {"end_time": "2025-12-01T08:00:00"},
    {"start_time": "2025-12-01 01:00-0700", "end_time": "2025-12-01T08:00:00.5Z"},
    {"units_produced": "0", "units_defective": "0"},
    {"units_produced": "73", "units_defective": "73"},
    {"units_produced": "73.0", "units_defective": " 1 "},
]


@pytest.fixture
def assessed(
    table: MakeTable, save: Save, product_spellings: ir.Table, machine_spellings: ir.Table
) -> Callable[..., ir.Table]:
    def run(*landed: Row, extra: tuple[str, ...] = ()) -> ir.Table:
        bronze = land(table, PRODUCTION_BATCHES, *landed, extra=extra)
        return save(assess_production_batches(bronze, product_spellings, machine_spellings))

    return run


@pytest.fixture
def assess(assessed: Callable[..., ir.Table], rows: Compute) -> Assess:
    return lambda *landed, **options: rows(assessed(*landed, **options))


@pytest.fixture
def clean(
    assessed: Callable[..., ir.Table], rows: Compute, machines: ir.Table, versions: ir.Table
) -> Assess:
    def run(*landed: Row) -> Rows:
        batches = assessed(*landed)
        anchors = identify_batches(batches, machines, versions)
        return rows(clean_production_batches(batches, anchors))

    return run


def test_a_row_that_breaks_a_rule_says_so_and_is_not_kept(assess: Assess, clean: Assess):
    told, landed = examples_of(BROKEN_RULES, batch)
    assessed = assess(*landed)
    assert list(zip(told, only(assessed, "reasons"), strict=True)) == [(x, x) for x in told]
    assert set(only(assessed, "duplicate_kind")) == {None}
    assert clean(*landed) == []


def test_a_row_that_keeps_the_rules_is_kept(assess: Assess, clean: Assess):
    landed = [batch(batch_id=f"B{n}", **told) for n, told in enumerate(WITHIN_THE_RULES)]
    assert only(assess(*landed), "reasons") == [""] * len(landed)
    assert len(clean(*landed)) == len(landed)


def test_a_row_has_every_reason_at_once(assess: Assess):
    broken = batch(batch_id="", product_name="Copper Wire", end_time="soon", units_defective="99")
    assert only(assess(broken), "reasons") == [
        "empty:batch_id, unknown_product, not_a_time:end_time, more_defects_than_units"
    ]


def test_a_row_that_does_not_fit_its_header_has_that_reason_only(assess: Assess):
    landed = [
        batch(_parse_error="too_few_fields"),
        batch(_parse_error="too_many_fields", units_produced="abc"),
    ]
    assert only(assess(*landed), "reasons") == ["too_few_fields", "too_many_fields"]


def test_the_raw_row_keeps_every_landed_field(assess: Assess):
    landed = batch(units_produced=None, shift='the "late" one', _surplus_fields="a,b")
    (row,) = assess(landed, extra=("shift",))
    assert json.loads(row["raw_row"]) == {
        **batch(units_produced=None),
        "shift": 'the "late" one',
        "_surplus_fields": "a,b",
    }


def test_a_kept_batch_is_typed_in_utc_and_has_canonical_names(clean: Assess):
    landed = batch(
        batch_id=" B1 ",
        machine_id="smelter #1",
        product_name="iron_plates",
        start_time="2025-12-01T01:00:00-07:00",
        _arrival_date=date(2025, 12, 3),
    )
    assert clean(landed) == [
        {
            "_row_id": "001",
            "_event_date": DAY,
            "batch_id": "B1",
            "factory_id": "alpha",
            "machine_id": "SMELTER-01",
            "product_name": "Iron Plate",
            "production_date": DAY,
            "start_at": at("08:00"),
            "end_at": at("09:00"),
            "duration_seconds": 3600,
            "units_produced": 73,
            "units_defective": 1,
            "arrival_date": date(2025, 12, 3),
            "is_late": True,
            "is_product_renamed": True,
            "is_machine_renamed": True,
            "is_id_reused": False,
        }
    ]


def test_a_batch_under_its_own_names_on_its_own_day_is_not_flagged(clean: Assess):
    flags = ("is_late", "is_product_renamed", "is_machine_renamed", "is_id_reused")
    assert only(clean(batch()), *flags) == [(False, False, False, False)]


def test_a_batch_belongs_to_the_day_on_which_it_starts(clean: Assess):
    overnight = batch(start_time="2025-12-01T23:30:00", end_time="2025-12-02T00:30:00")
    assert only(clean(overnight), "production_date") == [DAY]


def test_of_copies_the_first_to_arrive_stands(assess: Assess):
    landed = [batch(**LATER), batch(), batch()]
    assert only(assess(*landed), "_row_id", "duplicate_kind") == [
        ("001", "copy"),
        ("002", None),
        ("003", "copy"),
    ]


def test_a_copy_may_be_spelled_in_another_way(assess: Assess):
    respelled = batch(
        machine_id="smelter #1",
        product_name="iron_plates",
        start_time="2025-12-01T08:00Z",
        units_produced="73.0",
    )
    assert only(assess(batch(), respelled), "duplicate_kind") == [None, "copy"]


def test_a_correction_stands_for_the_batch(assess: Assess):
    landed = [batch(units_produced="74", **LATER), batch(), batch(units_produced="75", **LATEST)]
    assert only(assess(*landed), "duplicate_kind") == ["superseded", "superseded", None]


def test_of_versions_in_one_file_the_last_stands(clean: Assess):
    landed = [batch(units_produced=str(units)) for units in range(80, 92)]
    assert only(clean(*landed), "units_produced") == [91]


def test_a_late_copy_of_what_was_corrected_corrects_nothing(assess: Assess):
    landed = [batch(), batch(units_produced="74", **LATER), batch(**LATEST)]
    assert only(assess(*landed), "duplicate_kind") == ["superseded", None, "copy"]


def test_a_row_that_breaks_a_rule_corrects_nothing(assess: Assess):
    landed = [batch(), batch(units_produced="-1", **LATER)]
    assert only(assess(*landed), "duplicate_kind") == [None, None]


def test_a_row_that_agrees_with_one_in_quarantine_is_no_copy(assess: Assess):
    landed = [batch(_parse_error="too_many_fields"), batch()]
    assert only(assess(*landed), "duplicate_kind") == [None, None]


def test_another_machine_id_or_day_is_another_batch(assess: Assess):
    landed = [
        batch(),
        batch(machine_id="SMELTER-02"),
        batch(batch_id="SMELTER-01_20251201_002"),
        batch(start_time="2025-12-02T08:00:00", end_time="2025-12-02T09:00:00"),
    ]
    assert only(assess(*landed), "duplicate_kind") == [None] * 4


SAME_ID = {
    "it begins when the first ends": ("09:00:00", "10:00:00", 1),
    "it ends when the first begins": ("07:00:00", "08:00:00", 1),
    "it begins before the first ends": ("08:59:59", "10:00:00", 0),
    "it ends after the first begins": ("07:00:00", "08:00:01", 0),
    "it lies within the first": ("08:20:00", "08:40:00", 0),
    "the first lies within it": ("07:00:00", "10:00:00", 0),
}


@pytest.mark.parametrize("case", SAME_ID)
def test_an_id_at_another_time_of_the_day_is_another_batch(assess: Assess, case: str):
    start, end, occurrences = SAME_ID[case]
    other = batch(start_time=f"{DAY}T{start}", end_time=f"{DAY}T{end}", **LATER)
    found = assess(batch(), other)
    assert sum(only(found, "occurrence")) == occurrences
    kinds = [None, None] if occurrences else ["superseded", None]
    assert only(found, "duplicate_kind") == kinds


def test_a_row_that_overlaps_one_batch_of_an_id_corrects_that_one(assess: Assess):
    second = {"start_time": f"{DAY}T10:00:00", "end_time": f"{DAY}T11:00:00"}
    corrected = {"start_time": f"{DAY}T10:30:00", "end_time": f"{DAY}T11:30:00"}
    found = assess(batch(), batch(**second), batch(**corrected, **LATER), batch(**second, **LATEST))
    assert only(found, "occurrence", "duplicate_kind") == [
        (0, None),
        (1, "superseded"),
        (1, None),
        (1, "copy"),
    ]


def test_a_row_that_cannot_be_kept_makes_no_id_used_twice(assess: Assess):
    later = {"start_time": f"{DAY}T10:00:00", "end_time": f"{DAY}T11:00:00"}
    found = assess(batch(product_name="Copper Wire"), batch(**later))
    assert only(found, "reasons", "occurrence") == [("unknown_product", 0), ("", 0)]


def test_a_batch_that_took_no_time_has_copies_and_corrections_too(assess: Assess):
    at_once = {"end_time": f"{DAY}T08:00:00"}
    landed = [batch(**at_once), batch(**at_once, **LATER), batch(units_produced="74", **at_once)]
    assert only(assess(*landed), "duplicate_kind") == ["superseded", "copy", None]


def test_nothing_landed_is_nothing_kept(assess: Assess, clean: Assess):
    assert assess() == []
    assert clean() == []
