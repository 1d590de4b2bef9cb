"""Landed stops and maintenance: which rules they break, which are copies, what is kept."""

from collections.abc import Callable
from datetime import date

import ibis.expr.types as ir
import pytest

from factory_simulation.domain import MACHINE_EVENTS
from factory_simulation.pipelines.silver.machine_events import (
    assess_machine_events,
    clean_machine_events,
)
from tests.conftest import Rows
from tests.pipelines.silver.landed import (
    DAY,
    Compute,
    MakeTable,
    Row,
    Save,
    at,
    event,
    examples_of,
    land,
    only,
)

Assess = Callable[..., Rows]

BROKEN_RULES = {
    "empty:event_id": [{"event_id": told} for told in (None, "", " ")],
    "empty:machine_id": [{"machine_id": told} for told in (None, "", " ")],
    "unknown_machine": [{"machine_id": told} for told in ("CRUSHER-09", "SMELTER-09")],
    "empty:event_type": [{"event_type": told} for told in (None, "", " ")],
    "invalid_type": [
        {"event_type": told} for told in ("PAUSE", "STOPPED", "1", "STOP MAINTENANCE")
    ],
    "empty:start_time": [{"start_time": told} for told in (None, "", " ")],
    "not_a_time:start_time": [{"start_time": told} for told in ("now", "2025-02-30T08:00:00")],
    "empty:end_time": [{"end_time": told} for told in (None, "", " ")],
    "not_a_time:end_time": [{"end_time": told} for told in ("10:30", "2025-12-01T24:00:00")],
    "end_before_start": [{"end_time": "2025-12-01T09:59:59"}],
}


@pytest.fixture
def assessed(table: MakeTable, save: Save, machine_spellings: ir.Table) -> Callable[..., ir.Table]:
    def run(*landed: Row, extra: tuple[str, ...] = ()) -> ir.Table:
        bronze = land(table, MACHINE_EVENTS, *landed, extra=extra)
        return save(assess_machine_events(bronze, machine_spellings))

    return run


@pytest.fixture
def assess(assessed: Callable[..., ir.Table], rows: Compute) -> Assess:
    return lambda *landed, **options: rows(assessed(*landed, **options))


@pytest.fixture
def clean(assessed: Callable[..., ir.Table], rows: Compute, machines: ir.Table) -> Assess:
    return lambda *landed: rows(clean_machine_events(assessed(*landed), machines))


def test_a_row_that_breaks_a_rule_says_so_and_is_not_kept(assess: Assess, clean: Assess):
    told, landed = examples_of(BROKEN_RULES, event)
    assessed = assess(*landed)
    assert list(zip(told, only(assessed, "reasons"), strict=True)) == [(x, x) for x in told]
    assert set(only(assessed, "duplicate_kind")) == {None}
    assert clean(*landed) == []


def test_a_row_that_keeps_the_rules_is_kept(assess: Assess, clean: Assess):
    landed = [
        event(),
        event(machine_id="smelter #1", event_id="EV-2"),
        event(event_type=" maintenance "),
        event(reason=None),
        event(end_time="2025-12-01T10:00:00"),
        event(start_time="2025-12-01T03:00:00-07:00", end_time="2025-12-01T10:30Z", reason=" "),
    ]
    assert only(assess(*landed), "reasons") == [""] * 6
    assert len(clean(*landed)) == 5, "the last says the same as the fourth"


def test_a_row_has_every_reason_at_once(assess: Assess):
    broken = event(event_id="", machine_id="X-1", event_type="PAUSE", start_time="", end_time="now")
    assert only(assess(broken), "reasons") == [
        "empty:event_id, unknown_machine, invalid_type, empty:start_time, not_a_time:end_time"
    ]


def test_a_row_that_does_not_fit_its_header_has_that_reason_only(assess: Assess):
    errors = ["too_few_fields", "too_many_fields"]
    assert only(assess(*[event(_parse_error=e, event_id="") for e in errors]), "reasons") == errors


def test_a_kept_event_is_typed_in_utc_and_has_its_canonical_machine(clean: Assess):
    landed = event(
        event_id=" EV-1 ",
        machine_id="smelter #1",
        event_type="maintenance",
        reason=" SCHEDULED ",
        start_time="2025-12-01T23:50:00",
        end_time="2025-12-02T00:20:30",
        _arrival_date=date(2025, 12, 2),
    )
    assert clean(landed) == [
        {
            "_row_id": "001",
            "_event_date": DAY,
            "event_id": "EV-1",
            "factory_id": "alpha",
            "machine_id": "SMELTER-01",
            "event_type": "MAINTENANCE",
            "reason": "SCHEDULED",
            "start_at": at("23:50"),
            "end_at": at("2025-12-02T00:20:30"),
            "event_date": DAY,
            "duration_seconds": 1830,
            "arrival_date": date(2025, 12, 2),
        }
    ]


def test_copies_agree_in_everything(assess: Assess):
    landed = [
        event(),
        event(),
        event(machine_id="smelter #1", event_type="stop", start_time="2025-12-01 10:00Z"),
        event(event_id="EV-2"),
        event(machine_id="SMELTER-02"),
        event(event_type="MAINTENANCE"),
        event(reason="OVERHEATING"),
        event(start_time="2025-12-01T10:00:01"),
        event(end_time="2025-12-01T10:30:01"),
    ]
    assert only(assess(*landed), "duplicate_kind") == [None, "copy", "copy", *[None] * 6]


def test_a_column_that_the_contract_does_not_know_tells_events_apart(assess: Assess):
    landed = [event(shift="a"), event(shift="b"), event(shift="b")]
    assert only(assess(*landed, extra=("shift",)), "duplicate_kind") == [None, None, "copy"]


def test_nothing_landed_is_nothing_kept(assess: Assess, clean: Assess):
    assert assess() == []
    assert clean() == []
