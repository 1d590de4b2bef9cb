"""Ids that count tell which of them was used again, and which batch never landed."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from factory_simulation.faults.batch_ids import find_lost, find_reused, tell_apart

DAY = date(2025, 12, 1)
BATCHES = {
    "_row_id": "int64",
    "machine_id": "string",
    "production_date": "date",
    "batch_id": "string",
    "start_seconds": "int64",
    "occurrence": "int64",
}
TEN = range(1, 11)


def day_of(
    shown: Any, machine: str = "M-1", form: str = "{machine}_20251201_{number:03d}", row: int = 0
) -> list[dict[str, Any]]:
    """Return batches of a day, one after the other, under the ids with these numbers."""
    seen: dict[int, int] = {}
    batches = []
    for place, number in enumerate(shown):
        seen[number] = seen.get(number, -1) + 1
        values = (row + place, machine, DAY, form.format(machine=machine, number=number))
        batches.append(dict(zip(BATCHES, (*values, place * 3600, seen[number]), strict=True)))
    return batches


@pytest.fixture
def reused(table, rows) -> Callable[[list[dict[str, Any]]], dict[int, str | None]]:
    """Return what was claimed of which row."""

    def find(batches):
        found = rows(find_reused(table(BATCHES, batches)))
        return {row["_row_id"]: row["repaired_id"] for row in found}

    return find


@pytest.fixture
def lost(table, rows) -> Callable[..., list[tuple[int, str]]]:
    """Return the row after each batch that is missed, and the batch's id."""

    def find(batches, present=()):
        named = ("batch_id", "production_date")
        ids = [{name: batch[name] for name in named} for batch in batches]
        ids += [dict(zip(named, known, strict=True)) for known in present]
        known = table({"batch_id": "string", "production_date": "date"}, ids)
        found = find_lost(table(BATCHES, batches), known)
        return [(row["_row_id"], row["batch_id"]) for row in rows(found)]

    return find


@pytest.mark.parametrize(
    ("shown", "claimed"),
    [
        (TEN, {}),
        ([], {}),
        ([1, 2, 1, 4, 5], {2: "M-1_20251201_003"}),
        ([1, 2, 3, 4, 2], {4: "M-1_20251201_005"}),
        ([1, 2, 1, 4, 2, 6, 7, 8], {2: "M-1_20251201_003", 4: "M-1_20251201_005"}),
        ([2, 3, 4, 2, 6], {3: "M-1_20251201_005"}),
        # two in one gap: which is which cannot be told
        ([1, 2, 1, 1, 5, 6, 7, 8], {2: None, 3: None}),
        ([1, 2, 3, 4, 5, 6, 1, 2], {6: None, 7: None}),
        # one that was used again beside one that was lost, or beside none that is missing
        ([1, 2, 1, 5, 6], {2: None}),
        ([1, 2, 1, 3, 4], {2: None}),
        # most are out of order behind a number that is too large: ids do not count
        ([1, 2, 9, 4, 5, 6, 7, 8], {}),
    ],
)
def test_an_id_that_was_used_before_is_found_and_repaired_where_one_number_is_free(
    reused, shown, claimed
):
    assert reused(day_of(shown)) == claimed


def test_repaired_ids_have_as_many_digits_as_their_own(reused):
    form = "X20251201-{number}"
    assert reused(day_of([8, 9, 8, 11, 12], form=form)) == {2: "X20251201-10"}
    form = "X-2025-12-01/{number:06d}"
    assert reused(day_of([8, 9, 8, 11, 12], form=form)) == {2: "X-2025-12-01/000010"}


@pytest.mark.parametrize(
    "form",
    [
        "B-{number:03d}",
        "{machine}_20251202_{number:03d}",
        "{machine}_20251201_{number:03d}x",
        "{machine}_20251201_{number:07d}",
        "{number:03d}_20251201_A",
    ],
)
def test_ids_that_do_not_count_a_date_are_told_apart_by_their_times_alone(reused, lost, form):
    assert reused(day_of([1, 2, 1, 4, 6], form=form)) == {2: None}
    assert lost(day_of([1, 2, 4, 6], form=form)) == []


def test_ids_that_count_batches_of_several_machines_tell_nothing(reused, lost):
    form = "20251201_{number:03d}"
    one = day_of([1, 4, 5, 8, 9], "M-1", form)
    other = day_of([2, 3, 2, 6, 7], "M-2", form, row=10)
    assert reused([*one, *other]) == {12: None}
    assert lost([*one, *other]) == []
    assert lost(one) == [
        (1, "20251201_002"),
        (1, "20251201_003"),
        (3, "20251201_006"),
        (3, "20251201_007"),
    ]


def test_ids_out_of_order_do_not_count(reused, lost):
    mixed = [3, 1, 4, 2, 8, 5, 7, 6]
    assert reused(day_of(mixed)) == {}
    assert lost(day_of(mixed)) == []
    assert lost(day_of([4, 3, 2, 1])) == []


def test_each_machine_and_date_counts_for_itself(reused, lost):
    one = day_of([1, 2, 1, 4, 5])
    other = day_of([1, 2, 3, 5, 6], "M-2", row=10)
    next_day = day_of([1, 2, 3], row=20)
    for batch in next_day:
        batch["production_date"] = date(2025, 12, 2)
        batch["batch_id"] = batch["batch_id"].replace("20251201", "20251202")
    together = [*next_day, *other, *one]
    assert reused(together) == {2: "M-1_20251201_003"}
    assert lost(together) == [(13, "M-2_20251201_004")]


@pytest.mark.parametrize(
    ("shown", "missing"),
    [
        (TEN, []),
        ([1, 2, 4, 5], [(2, 3)]),
        ([1, 2, 5, 6], [(2, 3), (2, 4)]),
        ([2, 3, 4], [(0, 1)]),
        ([1, 3, 4, 6], [(1, 2), (3, 5)]),
        # after the last one nothing tells
        ([1, 2, 3], []),
        # beside an id that was used again, which number is missing cannot be told
        ([1, 2, 1, 5, 6], []),
        ([1, 2, 1, 4, 6], [(4, 5)]),
        ([1, 3, 1, 5, 6], [(1, 2)]),
        # twenty-five in a row can be named, and the first twenty-five of more
        ([1, *range(22, 50)], [(1, number) for number in range(2, 22)]),
        ([1, *range(60, 90)], [(1, number) for number in range(2, 27)]),
    ],
)
def test_a_number_that_no_batch_has_is_a_batch_that_was_lost(lost, shown, missing):
    expected = [(row, f"M-1_20251201_{number:03d}") for row, number in missing]
    assert lost(day_of(shown)) == expected


def test_a_table_of_few_rows_names_all_batches_that_were_lost(lost):
    expected = [(2, f"M-1_20251201_{number:03d}") for number in range(3, 9)]
    assert lost(day_of([1, 2, 9])) == expected


def test_a_batch_whose_row_was_set_aside_is_not_lost(lost):
    assert lost(day_of([1, 2, 4]), present=[("M-1_20251201_003", DAY)]) == []
    missed = [(2, "M-1_20251201_003")]
    assert lost(day_of([1, 2, 4]), present=[("M-2_20251201_003", DAY)]) == missed
    next_day = date(2025, 12, 2)
    assert lost(day_of([1, 2, 4]), present=[("M-1_20251201_003", next_day)]) == missed


# --- one id, several batches -------------------------------------------------------------------

LANDED = {
    "_row_id": "int64",
    "batch_id": "string",
    "start_seconds": "int64",
    "end_seconds": "int64",
}


@pytest.mark.parametrize(
    ("times", "occurrences"),
    [
        ([(0, 10)], [0]),
        ([(0, 10), (0, 10)], [0, 0]),
        ([(0, 10), (5, 12)], [0, 0]),
        ([(0, 10), (10, 20)], [0, 1]),
        ([(0, 10), (11, 20), (11, 20), (30, 40)], [0, 1, 1, 2]),
        # one long row holds two together that do not touch
        ([(0, 50), (10, 20), (30, 40), (50, 60)], [0, 0, 0, 1]),
        ([(0, 10), (None, None)], [0, None]),
    ],
)
def test_rows_that_overlap_tell_of_one_batch_others_of_two(table, rows, times, occurrences):
    landed = [
        dict(zip(LANDED, (number, batch_id, start, end), strict=True))
        for batch_id, first in (("a", 0), ("b", 10))
        for number, (start, end) in enumerate(times, first)
    ]
    apart = rows(tell_apart(table(LANDED, landed), ["batch_id"]))
    found = {row["_row_id"]: row["occurrence"] for row in apart}
    for number, expected in enumerate(occurrences):
        if expected is not None:
            assert found[number] == found[number + 10] == expected
    assert len(found) == 2 * len(times)
