"""Scope: which dates silver works when something landed."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import ibis.expr.types as ir
import pytest

from factory_simulation.domain import (
    EVENT_DATE,
    LANDED_TABLES,
    MACHINE_EVENTS,
    MACHINE_REGISTRY,
    OPERATOR_LOGS,
    PRODUCTION_BATCHES,
    QC_CHECKS,
    SENSOR_LOGS,
    LandedTable,
)
from factory_simulation.expressions.versions import SINCE_EVER
from factory_simulation.pipelines.silver.parameters import SilverParameters
from factory_simulation.pipelines.silver.record import worked_with
from factory_simulation.pipelines.silver.scope import find_affected_dates, find_landed_dates
from tests.conftest import Rows
from tests.pipelines.silver.landed import Compute, MakeTable, Row, at, made, only

D1, D2, D3, D4, D5, D6 = DAYS = tuple(date(2025, 12, day) for day in range(1, 7))
PARTITIONS = {"table_name": "string", "event_date": "date", "bronze_run_id": "string"}
WORKED = PARTITIONS | {"state": "string"}
VERSIONS = {
    "machine_id": "string",
    "valid_from": "date",
    "valid_to": "date",
    "is_current": "boolean",
    "owner": "string",
}
LINKS = {
    "_row_id": "string",
    EVENT_DATE: "date",
    "batch_id": "string",
    "landed_batch_id": "string",
    "start_seconds": "int64",
    "end_seconds": "int64",
}

Find = Callable[..., Rows]


def parts(table: LandedTable, *days: date, run: str = "run-1") -> Rows:
    """Return what bronze has of a table: its dates, and the run that loaded them."""
    return [
        {"table_name": table.name, "event_date": day, "bronze_run_id": run} for day in days or DAYS
    ]


# --- what landed ---------------------------------------------------------------------------


@pytest.fixture
def find_landed(table: MakeTable, rows: Compute, parameters: SilverParameters) -> Find:
    def run(  # noqa: PLR0913 - whatever a state is made of
        partitions: Rows,
        worked: Rows = (),
        *,
        earlier: Rows = (),
        versions: Rows = (),
        reference_state: str = "machines of old",
        given: SilverParameters = parameters,
        rebuild: bool = False,
        landed: dict[LandedTable, Sequence[date]] | None = None,
    ) -> Rows:
        bronze = {known: (landed or {}).get(known, ()) for known in LANDED_TABLES.values()}
        found = find_landed_dates(
            table(PARTITIONS, partitions),
            table(WORKED, worked),
            table(VERSIONS, versions),
            table(VERSIONS, earlier),
            reference_state,
            given,
            rebuild,
            *[
                table({EVENT_DATE: "date"}, [{EVENT_DATE: day} for day in days])
                for days in bronze.values()
            ],
        )
        return rows(found)

    return run


@pytest.fixture
def recorded(parameters: SilverParameters) -> Callable[..., Rows]:
    """What is on record of the partitions that a run has worked."""

    def record(partitions: Rows, reference_state: str = "machines of old") -> Rows:
        state = worked_with(reference_state, parameters)
        return [partition | {"state": state} for partition in partitions]

    return record


def version(start: date, end: date | None, owner: str = "Ada") -> Row:
    return {
        "machine_id": "SMELTER-01",
        "valid_from": start,
        "valid_to": end,
        "is_current": end is None,
        "owner": owner,
    }


def test_what_is_new_in_bronze_has_landed_with_its_rows(find_landed: Find):
    found = find_landed(
        [*parts(PRODUCTION_BATCHES, D1, D2), *parts(SENSOR_LOGS, D1)],
        landed={PRODUCTION_BATCHES: [D1, D1, D2], SENSOR_LOGS: [D1] * 5, QC_CHECKS: [D1]},
    )
    assert only(found, *PARTITIONS, "row_count", "is_restated") == [
        ("production_batches", D1, "run-1", 2, True),
        ("production_batches", D2, "run-1", 1, True),
        ("sensor_logs", D1, "run-1", 5, True),
    ]


@pytest.mark.parametrize("landed", LANDED_TABLES.values(), ids=LANDED_TABLES)
def test_the_rows_of_each_table_are_its_own(find_landed: Find, landed: LandedTable):
    partitions = [part for known in LANDED_TABLES.values() for part in parts(known, D1)]
    found = find_landed(partitions, landed={landed: [D1, D1]})
    assert dict(only(found, "table_name", "row_count")) == {
        **dict.fromkeys(LANDED_TABLES, 0),
        landed.name: 2,
    }


def test_what_was_worked_as_it_is_has_not_landed(find_landed: Find, recorded: Find):
    partitions = [*parts(PRODUCTION_BATCHES, D1, D2), *parts(MACHINE_REGISTRY, D1)]
    assert len(find_landed(partitions)) == 3
    assert find_landed(partitions, recorded(partitions)) == []


def test_what_bronze_loaded_again_has_landed_again(find_landed: Find, recorded: Find):
    worked = recorded([*parts(PRODUCTION_BATCHES, D1, D2), *parts(QC_CHECKS, D1, D2)])
    reloaded = parts(QC_CHECKS, D2, run="run-2")
    partitions = [*parts(PRODUCTION_BATCHES, D1, D2), *parts(QC_CHECKS, D1), *reloaded]
    assert only(find_landed(partitions, worked), *PARTITIONS) == [("qc_checks", D2, "run-2")]


def test_a_date_of_which_all_rows_are_gone_has_landed_with_none(find_landed: Find, recorded: Find):
    worked = recorded(parts(SENSOR_LOGS, D1))
    found = find_landed(parts(SENSOR_LOGS, D1, run="run-2"), worked)
    assert only(found, "event_date", "row_count") == [(D1, 0)]


def test_a_new_date_leaves_the_worked_ones_alone(find_landed: Find, recorded: Find):
    worked = recorded(parts(SENSOR_LOGS, D1, D2))
    assert only(find_landed(parts(SENSOR_LOGS, D1, D2, D3), worked), "event_date") == [D3]


@pytest.mark.parametrize("different", ["reference_state", "given", "rebuild"])
def test_all_has_landed_where_it_is_worked_in_another_way(
    find_landed: Find, recorded: Find, parameters: SilverParameters, different: str
):
    partitions = [*parts(OPERATOR_LOGS, D1, D2), *parts(PRODUCTION_BATCHES, D1)]
    worked = recorded(partitions)
    other: dict[str, Any] = {
        "reference_state": "machines of today",
        "given": parameters.model_copy(update={"sensor_drift_minutes": 6}),
        "rebuild": True,
    }
    again = find_landed(partitions, worked, **{different: other[different]})
    assert only(again, *PARTITIONS) == only(worked, *PARTITIONS)


def test_what_was_worked_in_another_way_is_worked_once_more_only(find_landed: Find, recorded: Find):
    partitions = parts(PRODUCTION_BATCHES, D1)
    worked = recorded(partitions, "machines of today")
    assert find_landed(partitions, worked, reference_state="machines of today") == []


def test_batches_since_a_machine_is_another_version_are_worked_again(
    find_landed: Find, recorded: Find
):
    partitions = [*parts(PRODUCTION_BATCHES), *parts(SENSOR_LOGS), *parts(MACHINE_REGISTRY)]
    found = find_landed(
        partitions,
        recorded(partitions),
        earlier=[version(SINCE_EVER, None)],
        versions=[version(SINCE_EVER, D4), version(D4, None, "Bo")],
    )
    assert only(found, "table_name", "event_date", "is_restated") == [
        ("production_batches", day, True) for day in (D4, D5, D6)
    ]


def test_batches_while_a_machine_was_another_version_are_worked_again(
    find_landed: Find, recorded: Find
):
    partitions = [*parts(PRODUCTION_BATCHES), *parts(SENSOR_LOGS)]
    found = find_landed(
        partitions,
        recorded(partitions),
        earlier=[version(SINCE_EVER, D2), version(D2, D4, "Bo"), version(D4, None)],
        versions=[version(SINCE_EVER, D2), version(D2, D4, "Cy"), version(D4, None)],
    )
    assert only(found, "table_name", "event_date") == [
        ("production_batches", day) for day in (D2, D3)
    ]


def test_versions_that_are_what_they_were_change_nothing(find_landed: Find, recorded: Find):
    known = [version(SINCE_EVER, D2), version(D2, None, "Bo")]
    worked = recorded(parts(PRODUCTION_BATCHES))
    assert find_landed(parts(PRODUCTION_BATCHES), worked, earlier=known, versions=known) == []


def test_a_date_that_lands_for_two_reasons_lands_once(find_landed: Find):
    found = find_landed(
        parts(PRODUCTION_BATCHES, D4, D5),
        earlier=[version(SINCE_EVER, None)],
        versions=[version(SINCE_EVER, D4), version(D4, None, "Bo")],
    )
    assert only(found, "event_date") == [D4, D5]


def test_nothing_in_bronze_has_not_landed(find_landed: Find):
    assert find_landed([], rebuild=True) == []


# --- what it affects -----------------------------------------------------------------------


@pytest.fixture
def find_affected(table: MakeTable, rows: Compute, parameters: SilverParameters) -> Find:
    """Run the node; where nothing is said of bronze, it has all tables on all days."""

    def run(
        *landed: Row,
        batches: Rows = (),
        checks: Rows = (),
        partitions: Rows | None = None,
    ) -> Rows:
        if partitions is None:
            partitions = [part for known in LANDED_TABLES.values() for part in parts(known)]
        found: ir.Table = find_affected_dates(
            table(PARTITIONS, landed),
            table(PARTITIONS, partitions),
            table(LINKS, batches),
            table({EVENT_DATE: "date", "batch_id": "string"}, checks),
            parameters,
        )
        return rows(found)

    return run


def link(start: str, end: str, batch_id: str = "B1", **different) -> Row:
    """A batch as other tables look at it."""
    return made(batch_id, start, end, **{EVENT_DATE: at(start).date(), **different})


def says(batch_id: str, day: date) -> Row:
    """A landed check: which batch it names, and its event date."""
    return {"batch_id": batch_id, EVENT_DATE: day}


def dates_of(found: Rows, table: LandedTable, *, is_restated: bool = True) -> list[date]:
    return [
        row["event_date"]
        for row in sorted(found, key=lambda row: row["event_date"])
        if (row["table_name"], row["is_restated"]) == (table.name, is_restated)
    ]


OVER_MIDNIGHT = link(f"{D2}T22:00", f"{D3}T02:00")
OVER_THE_NEXT = link(f"{D3}T22:00", f"{D4}T02:00", "B2")
WITHIN_A_DAY = link(f"{D3}T08:00", f"{D3}T09:00", "B3")

TIES = {
    "no batch": ([], {D1: [D1], D2: [D2]}),
    "a batch within a day": ([WITHIN_A_DAY], {D2: [D2], D3: [D3]}),
    "a batch across midnight": (
        [OVER_MIDNIGHT, WITHIN_A_DAY],
        {D1: [D1], D2: [D2, D3], D3: [D2, D3], D4: [D4]},
    ),
    "a chain of them": (
        [OVER_MIDNIGHT, OVER_THE_NEXT],
        {D1: [D1], D2: [D2, D3, D4], D3: [D2, D3, D4], D4: [D2, D3, D4], D5: [D5]},
    ),
    "neighbours that do not meet": (
        [OVER_MIDNIGHT, link(f"{D4}T22:00", f"{D5}T02:00", "B2")],
        {D2: [D2, D3], D3: [D2, D3], D4: [D4, D5], D5: [D4, D5], D6: [D6]},
    ),
    "a batch of days": (
        [link(f"{D2}T22:00", f"{D5}T02:00")],
        {D1: [D1], D3: [D2, D3, D4, D5], D5: [D2, D3, D4, D5]},
    ),
    "short ones within a long one": (
        [
            link(f"{D1}T01:00", f"{D5}T02:00"),
            link(f"{D2}T22:00", f"{D3}T02:00", "B2"),
            link(f"{D4}T22:00", f"{D5}T03:00", "B3"),
        ],
        {D1: [D1, D2, D3, D4, D5], D4: [D1, D2, D3, D4, D5], D6: [D6]},
    ),
    "a start that a clock may put on the day before": (
        [link(f"{D3}T00:04:59", f"{D3}T01:00")],
        {D2: [D2, D3], D3: [D2, D3]},
    ),
    "an end that a clock may put on the next day": (
        [link(f"{D3}T23:00", f"{D3}T23:55:00")],
        {D3: [D3, D4], D4: [D3, D4]},
    ),
    "times that no clock is off by": (
        [link(f"{D3}T00:05:00", f"{D3}T23:54:59")],
        {D2: [D2], D3: [D3], D4: [D4]},
    ),
    "a batch that ran across midnight once": (
        [OVER_MIDNIGHT, OVER_MIDNIGHT | link(f"{D2}T20:00", f"{D2}T22:00")],
        {D2: [D2, D3], D3: [D2, D3], D4: [D4]},
    ),
}


@pytest.mark.parametrize("landed", [PRODUCTION_BATCHES, SENSOR_LOGS], ids=lambda known: known.name)
@pytest.mark.parametrize("case", TIES)
def test_readings_are_worked_on_days_that_batches_tie(
    find_affected: Find, case: str, landed: LandedTable
):
    batches, expected = TIES[case]
    for day, tied in expected.items():
        found = find_affected(*parts(landed, day), batches=batches)
        assert (day, dates_of(found, SENSOR_LOGS)) == (day, tied)


def test_days_that_are_not_in_bronze_are_tied_to_nothing(find_affected: Find):
    partitions = [*parts(SENSOR_LOGS, D1, D2, D4), *parts(PRODUCTION_BATCHES, D2)]
    found = find_affected(
        *parts(SENSOR_LOGS, D2), batches=[OVER_MIDNIGHT, OVER_THE_NEXT], partitions=partitions
    )
    assert dates_of(found, SENSOR_LOGS) == [D2, D4]


@pytest.mark.parametrize(
    "landed", [SENSOR_LOGS, QC_CHECKS, OPERATOR_LOGS, MACHINE_EVENTS], ids=lambda known: known.name
)
def test_what_is_no_batch_affects_its_own_table_only(find_affected: Find, landed: LandedTable):
    checks = [says("B1", D2), says("B2", D3)]
    found = find_affected(*parts(landed, D3), batches=[WITHIN_A_DAY], checks=checks)
    assert only(found, "table_name", "event_date", "is_restated") == [(landed.name, D3, True)]


def test_batches_are_worked_on_dates_on_which_they_landed_only(find_affected: Find):
    found = find_affected(*parts(PRODUCTION_BATCHES, D2), batches=[OVER_MIDNIGHT, OVER_THE_NEXT])
    assert dates_of(found, PRODUCTION_BATCHES) == [D2]


def test_checks_follow_their_batch_whenever_they_landed(find_affected: Find):
    checks = [says("B3", D1), says(" B3 ", D5), says("B2", D4), says(None, D6)]
    found = find_affected(*parts(PRODUCTION_BATCHES, D3), batches=[WITHIN_A_DAY], checks=checks)
    assert dates_of(found, QC_CHECKS) == [D1, D5]


def test_a_check_that_landed_before_its_batch_is_worked_when_that_comes(find_affected: Find):
    checks = [says("B3", D1)]
    assert dates_of(find_affected(*parts(QC_CHECKS, D1), checks=checks), QC_CHECKS) == [D1]
    found = find_affected(*parts(PRODUCTION_BATCHES, D3), batches=[WITHIN_A_DAY], checks=checks)
    assert dates_of(found, QC_CHECKS) == [D1]


def test_checks_follow_the_id_as_it_landed_and_as_it_is(find_affected: Find):
    repaired = WITHIN_A_DAY | {"batch_id": "B3", "landed_batch_id": "B7"}
    checks = [says("B7", D1), says("B3", D2), says("B1", D4)]
    found = find_affected(*parts(PRODUCTION_BATCHES, D3), batches=[repaired], checks=checks)
    assert dates_of(found, QC_CHECKS) == [D1, D2]


def test_checks_follow_an_id_that_their_batch_had(find_affected: Find):
    before = WITHIN_A_DAY | {"batch_id": "B7"}
    checks = [says("B7", D1), says("B3", D2)]
    found = find_affected(
        *parts(PRODUCTION_BATCHES, D3), batches=[before, WITHIN_A_DAY], checks=checks
    )
    assert dates_of(found, QC_CHECKS) == [D1, D2]


def test_another_batch_of_an_id_brings_the_checks_of_both(find_affected: Find):
    # B7 was used again on D3; what names B3 may mean the batch whose own id that is
    first = link(f"{D1}T08:00", f"{D1}T09:00", "B7")
    again = link(f"{D3}T08:00", f"{D3}T09:00", "B3", landed_batch_id="B7")
    checks = [says("B3", D5), says("B7", D1), says("B9", D6)]
    found = find_affected(*parts(QC_CHECKS, D5), batches=[first, again], checks=checks)
    assert dates_of(found, QC_CHECKS) == [D1, D5]


def test_dates_that_may_have_copies_are_read_and_not_restated(find_affected: Find):
    checks = [
        says("B1", D1),
        *[says("B1", D2), says("B2", D2)],
        *[says("B2", D3), says("B3", D3)],
        says("B3", D4),
    ]
    found = find_affected(*parts(QC_CHECKS, D1), checks=checks)
    assert dates_of(found, QC_CHECKS) == [D1, D2]
    assert dates_of(found, QC_CHECKS, is_restated=False) == [D3]


def test_entries_are_worked_within_two_days_of_batches_that_landed(find_affected: Find):
    around = [date(2025, 12, day) for day in (29, 30, 31)]
    around += [date(2026, 1, day) for day in (1, 2, 3, 4)]
    known = parts(OPERATOR_LOGS, *around)
    landed = parts(PRODUCTION_BATCHES, date(2026, 1, 1))
    found = find_affected(*landed, partitions=[*known, *landed])
    assert dates_of(found, OPERATOR_LOGS) == around[1:-1]


def test_entries_near_no_date_in_bronze_are_none(find_affected: Find):
    partitions = [*parts(OPERATOR_LOGS, D1, D2), *parts(PRODUCTION_BATCHES, D4)]
    found = find_affected(
        *parts(PRODUCTION_BATCHES, D4), *parts(OPERATOR_LOGS, D1), partitions=partitions
    )
    assert dates_of(found, OPERATOR_LOGS) == [D1, D2]


def test_machine_events_are_worked_on_their_own_dates(find_affected: Find):
    found = find_affected(
        *parts(MACHINE_EVENTS, D2, D5), *parts(PRODUCTION_BATCHES, D3), batches=[OVER_MIDNIGHT]
    )
    assert dates_of(found, MACHINE_EVENTS) == [D2, D5]


def test_the_registry_is_worked_whole_where_anything_of_it_landed(find_affected: Find):
    found = find_affected(*parts(MACHINE_REGISTRY, D3), batches=[OVER_MIDNIGHT])
    assert only(found, "table_name", "event_date", "is_restated") == [
        ("machine_registry", day, True) for day in DAYS
    ]
    found = find_affected(*parts(PRODUCTION_BATCHES, D3), batches=[OVER_MIDNIGHT])
    assert dates_of(found, MACHINE_REGISTRY) == []


def test_nothing_landed_affects_nothing(find_affected: Find):
    assert find_affected(batches=[OVER_MIDNIGHT], checks=[says("B1", D2)]) == []
