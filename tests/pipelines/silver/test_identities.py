"""Ids that count a machine's day: one that is used again, one that no batch has."""

from collections.abc import Callable

import ibis.expr.types as ir
import pytest

from factory_simulation.domain import OPERATOR_LOGS, PRODUCTION_BATCHES, QC_CHECKS
from factory_simulation.pipelines.silver.operators import assess_operator_logs, clean_operator_logs
from factory_simulation.pipelines.silver.parameters import SilverParameters
from factory_simulation.pipelines.silver.production import (
    assess_production_batches,
    clean_production_batches,
    find_lost_batches,
    identify_batches,
)
from factory_simulation.pipelines.silver.quality import assess_qc_checks, clean_qc_checks
from tests.conftest import Rows
from tests.pipelines.silver.landed import (
    DAY,
    Compute,
    MakeTable,
    Row,
    Save,
    batch,
    check,
    entry,
    land,
    only,
    seconds,
)

Assessed = Callable[..., ir.Table]
Identified = Callable[..., ir.Table]

IDENTITY = ("batch_id", "is_id_reused", "is_id_repaired")


@pytest.fixture
def assessed(
    table: MakeTable, save: Save, product_spellings: ir.Table, machine_spellings: ir.Table
) -> Assessed:
    def run(*landed: Row) -> ir.Table:
        bronze = land(table, PRODUCTION_BATCHES, *landed)
        return save(assess_production_batches(bronze, product_spellings, machine_spellings))

    return run


@pytest.fixture
def anchors(assessed: Assessed, save: Save, machines: ir.Table, versions: ir.Table) -> Identified:
    return lambda *landed: save(identify_batches(assessed(*landed), machines, versions))


@pytest.fixture
def identify(anchors: Identified, rows: Compute) -> Callable[..., Rows]:
    return lambda *landed: rows(anchors(*landed))


@pytest.fixture
def find_lost(
    assessed: Assessed, save: Save, rows: Compute, machines: ir.Table, versions: ir.Table
) -> Callable[..., Rows]:
    def run(*landed: Row) -> Rows:
        batches = assessed(*landed)
        anchors = save(identify_batches(batches, machines, versions))
        return rows(find_lost_batches(anchors, batches))

    return run


def name(number: int, machine_id: str = "SMELTER-01") -> str:
    return f"{machine_id}_20251201_{number:03}"


def counted(*numbers: int, machine_id: str = "SMELTER-01") -> list[Row]:
    """Batches of 50 minutes, one an hour from six on, whose ids have these numbers."""
    return [
        batch(
            batch_id=name(number, machine_id),
            machine_id=machine_id,
            start_time=f"{DAY}T{hour:02}:00:00",
            end_time=f"{DAY}T{hour:02}:50:00",
        )
        for hour, number in enumerate(numbers, start=6)
    ]


def test_a_batch_that_stands_is_an_anchor_with_what_its_plate_says(identify):
    landed = [batch(), batch(), batch(batch_id="B2", product_name="Copper Wire")]
    assert identify(*landed) == [
        {
            "_row_id": "001",
            "_event_date": DAY,
            "landed_batch_id": name(1),
            "batch_id": name(1),
            "is_id_reused": False,
            "is_id_repaired": False,
            "factory_id": "alpha",
            "machine_id": "SMELTER-01",
            "production_date": DAY,
            "start_seconds": seconds("08:00"),
            "end_seconds": seconds("09:00"),
            "plate_micro_kwh": 8_760_000,
            "plate_efficiency": pytest.approx(73 * 100 / 75),
        }
    ]


def test_a_batch_that_took_no_time_has_no_efficiency(identify):
    (found,) = identify(batch(end_time=f"{DAY}T08:00:00"))
    assert (found["plate_micro_kwh"], found["plate_efficiency"]) == (8_760_000, None)


REUSED = {
    "between two that leave one number": ((1, 2, 3, 1, 5), {name(4): True}),
    "between two, an id of just before": ((1, 2, 3, 3, 5), {name(4): True}),
    "at the day's end": ((1, 2, 3, 4, 2), {name(5): True}),
    "of as few as four": ((1, 2, 3, 1), {name(4): True}),
    "two gaps, one in each": ((1, 2, 1, 4, 5, 6, 1, 8), {name(3): True, name(7): True}),
    "between two that leave two numbers": ((1, 2, 3, 1, 6), {f"{name(1)}#2": False}),
    "between two that leave none": ((1, 2, 3, 1, 4), {f"{name(1)}#2": False}),
    "two in one gap": (
        (1, 2, 3, 1, 1, 6, 7, 8),
        {f"{name(1)}#2": False, f"{name(1)}#3": False},
    ),
    "two at the day's end": (
        (1, 2, 3, 4, 5, 6, 1, 2),
        {f"{name(1)}#2": False, f"{name(2)}#2": False},
    ),
    "where more than one in four is out of order": ((1, 2, 1), {f"{name(1)}#2": False}),
    "an id that is out of order but nobody's other": ((2, 3, 4, 1, 6), {name(5): True}),
    "none": ((1, 2, 3, 4, 5), {}),
    "none, though numbers are missing": ((2, 4, 7), {}),
    "none, as ids do not count": ((3, 2, 1), {}),
}


@pytest.mark.parametrize("case", REUSED)
def test_an_id_is_repaired_where_the_ids_around_it_tell_which_it_is(identify, case: str):
    numbers, reused = REUSED[case]
    found = identify(*counted(*numbers))
    assert {row["batch_id"]: row["is_id_repaired"] for row in found if row["is_id_reused"]} == (
        reused
    )
    assert [row["landed_batch_id"] for row in found] == [name(number) for number in numbers]
    others = [row for row in found if not row["is_id_reused"]]
    assert only(others, "batch_id") == only(others, "landed_batch_id")
    assert len({row["batch_id"] for row in found}) == len(numbers)


def test_the_order_of_landing_does_not_matter(identify):
    found = identify(*reversed(counted(1, 2, 3, 1, 5)))
    assert only(found, "batch_id") == [name(number) for number in (5, 4, 3, 2, 1)]


def test_a_repaired_id_has_as_many_digits_as_its_own(identify):
    landed = counted(7, 8, 9, 7, 11)
    for row in landed:
        row["batch_id"] = row["batch_id"].replace("_00", "_").replace("_0", "_")
    assert only(identify(*landed), *IDENTITY)[3] == ("SMELTER-01_20251201_10", True, True)


def ids(*batch_ids: str, **different: str) -> list[Row]:
    """Batches, one an hour, with these ids."""
    numbered = counted(*range(len(batch_ids)))
    return [
        {**row, "batch_id": told, **different}
        for row, told in zip(numbered, batch_ids, strict=True)
    ]


@pytest.mark.parametrize(
    "form",
    ["B{}", "B-{:03}", "SMELTER-01_20251202_{:03}", "20251201_{:07}", "20251201_{:03}_A", "{:03}"],
)
def test_an_id_that_counts_no_day_is_made_unique_and_not_repaired(identify, form: str):
    landed = ids(*[form.format(number) for number in (1, 2, 3, 1, 5)])
    found = identify(*landed)
    assert only(found, *IDENTITY)[3] == (f"{form.format(1)}#2", True, False)
    assert not any(row["is_id_reused"] for row in found if row["_row_id"] != "004")


def test_an_id_that_two_machines_count_is_neither_repaired_nor_lost(identify, find_lost):
    """The numbers that one machine lacks are the other's."""
    numbers = ([1, 2, 3, 1, 5], [6, 7, 9, 10])
    landed = [
        {**row, "batch_id": f"20251201_{row['batch_id'][-3:]}"}
        for machine_id, of_machine in zip(("SMELTER-01", "SMELTER-02"), numbers, strict=True)
        for row in counted(*of_machine, machine_id=machine_id)
    ]
    reused = [row for row in identify(*landed) if row["is_id_reused"]]
    assert only(reused, *IDENTITY) == [("20251201_001#2", True, False)]
    assert find_lost(*landed) == []


def test_each_machine_counts_on_its_own(identify, find_lost):
    landed = counted(1, 2, 3, 1, 5) + counted(1, 2, 4, 5, machine_id="SMELTER-02")
    reused = [row for row in identify(*landed) if row["is_id_reused"]]
    assert only(reused, *IDENTITY) == [(name(4), True, True)]
    assert only(find_lost(*landed), "batch_id") == [name(3, "SMELTER-02")]


def test_a_cleaned_batch_has_its_own_id_and_says_that_it_was_reused(
    assessed: Assessed, rows: Compute, machines: ir.Table, versions: ir.Table
):
    batches = assessed(*counted(1, 2, 3, 1, 5))
    found = rows(clean_production_batches(batches, identify_batches(batches, machines, versions)))
    assert only(found, "batch_id", "is_id_reused") == [
        (name(number), number == 4) for number in range(1, 6)
    ]


LOST = {
    "between two": ((1, 2, 4, 5), [(3, "003")]),
    "at the day's beginning": ((2, 3, 4), [(1, "001")]),
    "several in one gap": ((1, 2, 6, 7), [(3, "003"), (4, "003"), (5, "003")]),
    "in several gaps": ((1, 3, 5, 6), [(2, "002"), (4, "003")]),
    "beside a reused id that was repaired": ((1, 2, 3, 1, 5, 7), [(6, "006")]),
    "beside a reused id that was not": ((1, 2, 3, 1, 6, 7, 9, 10), [(8, "007")]),
    "more than batches landed": ((1, 6), [(number, "002") for number in range(2, 6)]),
    "none": ((1, 2, 3), []),
    "none at the day's end": ((1, 2), []),
    "none, as ids do not count": ((5, 3, 1), []),
}


@pytest.mark.parametrize("case", LOST)
def test_a_number_that_no_batch_has_is_a_batch_that_never_landed(find_lost, case: str):
    numbers, lost = LOST[case]
    assert find_lost(*counted(*numbers)) == sorted(
        (
            {
                "_row_id": row_id,
                "_event_date": DAY,
                "machine_id": "SMELTER-01",
                "production_date": DAY,
                "batch_id": name(number),
            }
            for number, row_id in lost
        ),
        key=lambda row: (row["_row_id"], row["batch_id"]),
    )


def test_of_many_in_a_row_twenty_five_are_named(find_lost):
    landed = [*counted(*range(1, 16)), *counted(50)]
    landed[-1] |= {"start_time": f"{DAY}T23:00:00", "end_time": f"{DAY}T23:30:00"}
    assert only(find_lost(*landed), "batch_id") == [name(number) for number in range(16, 41)]


@pytest.mark.parametrize(
    "different", [{"product_name": "Copper Wire"}, {"end_time": "soon"}, {"units_produced": "-1"}]
)
def test_a_batch_whose_row_could_not_be_kept_is_not_lost(find_lost, different: Row):
    landed = counted(1, 2, 3, 4, 5)
    landed[2] |= different
    assert find_lost(*landed) == []


def test_a_batch_that_landed_twice_is_not_lost(find_lost):
    assert find_lost(*counted(1, 2, 3), *counted(1, 2, 3)) == []


def test_nothing_landed_is_nothing_reused_and_nothing_lost(identify, find_lost):
    assert identify() == []
    assert find_lost() == []


# --- what anchors to them ----------------------------------------------------------------------


@pytest.fixture
def cleaned_checks(
    anchors: Identified,
    table: MakeTable,
    rows: Compute,
    machines: ir.Table,
    note_spellings: ir.Table,
    clocks: ir.Table,
    parameters: SilverParameters,
) -> Callable[..., Rows]:
    def run(batches: list[Row], *checks: Row) -> Rows:
        bronze = land(table, QC_CHECKS, *checks)
        batches = anchors(*batches)
        found = assess_qc_checks(bronze, batches, note_spellings, clocks, parameters)
        return rows(clean_qc_checks(found, machines))

    return run


def told(number: int, time_of_day: str) -> Row:
    """A check of the batch of that number, at that time."""
    return check(batch_id=name(number), check_timestamp=f"{DAY}T{time_of_day}:00")


def test_a_check_is_of_the_batch_that_it_follows_by_whichever_id(cleaned_checks):
    """The fourth batch, until 09:50, landed under the id of the first, until 06:50."""
    checks = [told(1, "07:00"), told(1, "10:00"), told(4, "10:00"), told(1, "03:05")]
    found = cleaned_checks(counted(1, 2, 3, 1, 5), *checks)
    assert only(found, "_row_id", "batch_id", "is_local_time") == [
        ("001", name(1), False),
        ("002", name(4), False),
        ("004", name(4), True),
    ], "the third says the same as the second: it is a copy"


def test_a_check_of_an_id_that_was_made_unique_is_of_the_batch_that_it_follows(cleaned_checks):
    found = cleaned_checks(counted(1, 2, 3, 1, 6), told(1, "07:00"), told(1, "10:00"))
    assert only(found, "batch_id") == [name(1), f"{name(1)}#2"]


def test_a_check_of_a_repaired_id_alone_is_known(cleaned_checks):
    assert only(cleaned_checks(counted(1, 2, 3, 1, 5), told(4, "10:00")), "batch_id") == [name(4)]
    assert cleaned_checks(counted(1, 2, 3, 1, 6), told(4, "10:00")) == []


def test_an_id_that_was_found_for_a_batch_counts_only_if_the_time_fits(cleaned_checks):
    """More than an hour after the end, the check may be of a batch that was lost."""
    batches = counted(1, 2, 3, 1, 5)
    fits = [told(4, "10:50"), told(4, "03:50")]
    assert only(cleaned_checks(batches, *fits), "batch_id") == [name(4)], "they say the same"
    assert cleaned_checks(batches, told(4, "10:51")) == []
    assert only(cleaned_checks(batches, told(1, "10:51")), "batch_id") == [name(1)]


def test_notes_name_a_batch_by_the_id_that_it_landed_with_too(  # noqa: PLR0913, PLR0917
    anchors: Identified,
    table: MakeTable,
    rows: Compute,
    save: Save,
    machines: ir.Table,
    machine_spellings: ir.Table,
    note_spellings: ir.Table,
    clocks: ir.Table,
    parameters: SilverParameters,
):
    """At 02:00 an entry is near the start at 09:00 in local time, at 02:00 near another in UTC."""
    landed = counted(2, 3, 4, 2, 6)
    at_night = batch(batch_id=name(1), start_time=f"{DAY}T02:00:00", end_time=f"{DAY}T02:30:00")
    batches = anchors(at_night, *landed)
    at_two = {"log_timestamp": f"{DAY}T02:05:00"}
    entries = [entry(notes=f"Started {name(n)}", **at_two) for n in (1, 2, 5)]
    bronze = land(table, OPERATOR_LOGS, *entries, entry(**at_two))
    assessed = save(assess_operator_logs(bronze, machine_spellings, note_spellings))
    found = rows(clean_operator_logs(assessed, batches, machines, clocks, parameters))
    assert only(found, "batch_id", "is_local_time", "is_time_ambiguous") == [
        (name(1), False, False),
        (name(5), True, False),
        (name(5), True, False),
        (name(1), False, True),
    ]
