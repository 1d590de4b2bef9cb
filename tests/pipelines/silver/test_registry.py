"""Landed snapshots of the registry: which rules they break, which one counts, what they make."""

from collections.abc import Callable
from datetime import date

import ibis.expr.types as ir
import pytest

from factory_simulation.domain import MACHINE_REGISTRY
from factory_simulation.expressions.versions import SINCE_EVER
from factory_simulation.pipelines.silver.registry import (
    assess_machine_registry,
    clean_machine_registry,
    identify_machine_versions,
)
from tests.conftest import Rows
from tests.pipelines.silver.landed import (
    DAY,
    Compute,
    MakeTable,
    Row,
    Save,
    examples_of,
    land,
    only,
    snapshot,
)

Assess = Callable[..., Rows]

BROKEN_RULES = {
    "empty:machine_id": [{"machine_id": told} for told in (None, "", " ")],
    "unknown_machine": [{"machine_id": "CRUSHER-09"}],
    "not_a_time:snapshot_date": [{"snapshot_date": t} for t in ("2025-02-30", "1.12.2025", "now")],
    **{
        f"{reason}:{column}": [{column: told} for told in examples]
        for column, too_large in (("units_per_hour", "100000.1"), ("kwh_per_unit", "1001"))
        for reason, examples in (
            ("empty", (None, "", " ")),
            ("not_a_number", ("many", "1,5", "1e99")),
            ("out_of_range", ("0", "-1", "0.0000001", too_large)),
        )
    },
}
LATER, LAST = date(2025, 12, 2), date(2025, 12, 5)


@pytest.fixture
def assessed(table: MakeTable, save: Save, machine_spellings: ir.Table) -> Callable[..., ir.Table]:
    def run(*landed: Row) -> ir.Table:
        bronze = land(table, MACHINE_REGISTRY, *landed)
        return save(assess_machine_registry(bronze, machine_spellings))

    return run


@pytest.fixture
def assess(assessed: Callable[..., ir.Table], rows: Compute) -> Assess:
    return lambda *landed: rows(assessed(*landed))


@pytest.fixture
def clean(assessed: Callable[..., ir.Table], rows: Compute, machines: ir.Table) -> Assess:
    return lambda *landed: rows(clean_machine_registry(assessed(*landed), machines))


@pytest.fixture
def history(
    assessed: Callable[..., ir.Table], rows: Compute, machines: ir.Table
) -> Callable[..., list[tuple]]:
    """The versions of the first smelter: from when to when whose it was."""

    def run(*landed: Row) -> list[tuple]:
        registry = clean_machine_registry(assessed(*landed), machines)
        versions = rows(identify_machine_versions(registry, machines))
        own = [row for row in versions if row["machine_id"] == "SMELTER-01"]
        return sorted(only(own, "valid_from", "valid_to", "owner"))

    return run


def told(owner: str, of: date, arrived: date | None = None) -> Row:
    """Who owns the first smelter on a date, as it arrives then or later."""
    return snapshot(owner=owner, snapshot_date=of.isoformat(), _arrival_date=arrived or of)


def test_a_row_that_breaks_a_rule_says_so_and_is_not_kept(assess: Assess, clean: Assess):
    reasons, landed = examples_of(BROKEN_RULES, snapshot)
    found = assess(*landed)
    assert list(zip(reasons, only(found, "reasons"), strict=True)) == [(x, x) for x in reasons]
    assert set(only(found, "duplicate_kind")) == {None}
    assert clean(*landed) == []


def test_a_kept_row_is_typed_and_has_its_canonical_machine(clean: Assess):
    landed = snapshot(
        machine_id="smelter #1",
        units_per_hour=" 80.5 ",
        status=" active ",
        firmware=" ",
        owner=None,
        snapshot_date="2025-12-01",
        _arrival_date=LATER,
    )
    assert clean(landed) == [
        {
            "_row_id": "001",
            "_event_date": DAY,
            "factory_id": "alpha",
            "machine_id": "SMELTER-01",
            "snapshot_date": DAY,
            "units_per_hour": 80.5,
            "kwh_per_unit": 0.12,
            "status": "ACTIVE",
            "firmware": None,
            "owner": None,
            "arrival_date": LATER,
            "is_late": True,
        }
    ]


def test_a_snapshot_without_a_date_is_of_the_day_on_which_it_arrives(clean: Assess):
    found = clean(snapshot(_arrival_date=LATER), snapshot(snapshot_date=" ", _arrival_date=LAST))
    assert only(found, "snapshot_date", "is_late") == [(LATER, False), (LAST, False)]
    assert only(clean(snapshot(_arrival_date=LATER)), "snapshot_date") == [LATER]


@pytest.mark.parametrize(
    ("owners", "kinds"),
    [
        (["Ada", "Ada"], [None, "copy"]),
        (["Ada", "Bo"], ["superseded", None]),
        (["Ada", "Bo", "Ada"], [None, "superseded", "copy"]),
        (["Ada", "Ada", "Bo"], ["superseded", "copy", None]),
    ],
)
def test_what_arrived_last_counts(assess: Assess, owners: list[str], kinds: list[str | None]):
    landed = [told(owner, DAY, date(2025, 12, day)) for day, owner in enumerate(owners, start=1)]
    assert only(assess(*landed), "duplicate_kind") == kinds


def test_a_row_that_cannot_be_kept_corrects_nothing(assess: Assess):
    broken = {**told("Bo", DAY, LATER), "kwh_per_unit": "?"}
    assert only(assess(told("Ada", DAY), broken), "duplicate_kind") == [None, None]


def test_machines_and_dates_are_told_apart(assess: Assess):
    landed = [told("Ada", DAY), told("Bo", LATER), snapshot(machine_id="SMELTER-02", owner="Bo")]
    assert only(assess(*landed), "duplicate_kind") == [None] * 3


def test_a_late_snapshot_cuts_history_anew(history):
    known = [told("Ada", DAY), told("Ada", date(2025, 12, 3)), told("Bo", LAST)]
    assert history(*known) == [(SINCE_EVER, LAST, "Ada"), (LAST, None, "Bo")]
    assert history(*known, told("Bo", LATER, LAST)) == [
        (SINCE_EVER, LATER, "Ada"),
        (LATER, date(2025, 12, 3), "Bo"),
        (date(2025, 12, 3), LAST, "Ada"),
        (LAST, None, "Bo"),
    ]


def test_a_corrected_snapshot_cuts_history_anew(history):
    known = [told("Ada", DAY), told("Bo", LATER), told("Bo", LAST)]
    assert history(*known) == [(SINCE_EVER, LATER, "Ada"), (LATER, None, "Bo")]
    corrected = [*known, told("Ada", LATER, LAST)]
    assert history(*corrected) == [(SINCE_EVER, LAST, "Ada"), (LAST, None, "Bo")]


def test_a_machine_that_a_snapshot_leaves_out_is_as_it_was(history):
    other = snapshot(machine_id="SMELTER-02", _arrival_date=LAST)
    assert history(told("Ada", DAY), other) == [(SINCE_EVER, None, "Ada")]


def test_a_machine_of_which_nothing_landed_is_as_on_its_plate(
    assessed: Callable[..., ir.Table], rows: Compute, machines: ir.Table
):
    registry = clean_machine_registry(assessed(told("Ada", DAY)), machines)
    found = {row["machine_id"]: row for row in rows(identify_machine_versions(registry, machines))}
    assert len(found) == 5
    assert found["PRESS-01"] == {
        "machine_id": "PRESS-01",
        "units_per_hour": 75.0,
        "kwh_per_unit": 0.12,
        "status": None,
        "firmware": None,
        "owner": None,
        "valid_from": SINCE_EVER,
        "valid_to": None,
        "is_current": True,
    }
