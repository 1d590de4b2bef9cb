"""Readings are put back into the slots in which they were due."""

from typing import Any

import pytest

from factory_simulation.faults.clock_drift import find, judge, with_slots

READINGS = {
    "_row_id": "int64",
    "_source_row": "int64",
    "machine_id": "string",
    "batch_date": "string",
    "batch_id": "string",
    "start_seconds": "int64",
    "end_seconds": "int64",
    "told_seconds": "int64",
}
FIVE_MINUTES = 300


def batch(*told: int, start=0, end=3610, batch_id: str | None = "b", row=0, **more: Any):
    """Return the readings of a batch, told at these times; by itself its slots are 0, 902, ..."""
    return [
        {
            **dict(zip(READINGS, (row + n, n, "M-1", "a", batch_id, start, end, at), strict=True)),
            **more,
        }
        for n, at in enumerate(told, 1)
    ]


@pytest.fixture
def slots(table, rows):
    """Return when each reading was due, in the order in which they are given."""

    def compute(readings):
        slotted = with_slots(
            table(READINGS, readings), batch=["batch_id"], order=["told_seconds", "_row_id"]
        )
        return [row["slot_seconds"] for row in rows(slotted)]

    return compute


@pytest.mark.parametrize(
    ("told", "due"),
    [
        # slots of four readings in 3610 seconds: 0, 902, 1805, 2707
        ((0, 902, 1805, 2707), (0, 902, 1805, 2707)),
        ((120, 602, 2105, 2647), (0, 902, 1805, 2707)),
        # before the start, and in any order
        ((2707, 1805, -300, 902), (2707, 1805, 0, 902)),
        # one is lost: three readings have other slots, 0, 1203 and 2406, and do not fit all
        ((0, 902, 1805), (0, None, None)),
        ((0, 1203, 2406), (0, 1203, 2406)),
        ((17,), (None,)),
        ((60,), (0,)),
    ],
)
def test_a_reading_is_due_in_the_slot_that_has_its_second(slots, told, due):
    assert slots(batch(*told)) == list(due)


@pytest.mark.parametrize(
    ("told", "due"),
    [
        # slots 0, 240, 480, 720: all of the same second
        ((0, 240, 480, 720), (0, 240, 480, 720)),
        ((300, 180, 480, 720), (240, 0, 480, 720)),
        # equal times: the order of rows decides
        ((240, 240, 540, 540), (0, 240, 480, 720)),
        ((240, 0, 540, 540), (240, 0, 480, 720)),
    ],
)
def test_readings_that_changed_places_are_taken_in_the_order_in_which_they_are_told(
    slots, told, due
):
    assert slots(batch(*told, end=960)) == list(due)


def test_batches_do_not_share_slots(slots):
    one, other = batch(60, 902, 1745, 2707), batch(3600, 3930, start=3600, end=4200, row=10)
    for reading in other:
        reading["batch_id"] = "c"
    assert slots([*one, *other]) == [0, 902, 1805, 2707, 3600, None]


# --- silver ------------------------------------------------------------------------------------


@pytest.fixture
def found(table, rows):
    def compute(*batches, largest=FIVE_MINUTES):
        readings = [row for of_batch in batches for row in of_batch]
        return rows(find(table(READINGS, readings), largest))

    return compute


def due(found_rows):
    return [row["slot_seconds"] for row in found_rows]


def test_readings_that_all_fit_within_the_drift_are_put_where_they_were_due(found):
    assert due(found(batch(300, 602, 2105, 2407))) == [0, 902, 1805, 2707]
    assert due(found(batch(360, 602, 2105, 2407))) == [None] * 4
    assert due(found(batch(240, 602, 2105, 2407), largest=240)) == [None] * 4


def test_a_batch_of_which_one_reading_fits_nowhere_is_left_as_it_is(found):
    whole = [batch(60, 902, 1745, 2707, batch_id=f"b{n}", row=10 * n) for n in range(5)]
    odd = batch(0, 902, 1805, 2708, batch_id="odd", row=90)
    told = due(found(*whole, odd))
    assert told == [0, 902, 1805, 2707] * 5 + [None] * 4


def test_readings_at_any_time_are_not_claimed_though_some_batches_fit_by_chance(found):
    fitting = batch(0, 902, 1805, 2707, batch_id="fits")
    random = [
        batch(13 * n, 711 + n, 1312 + 7 * n, 2903 - n, batch_id=f"b{n}", row=10 * n)
        for n in range(1, 4)
    ]
    assert due(found(fitting, *random)) == [None] * 16
    elsewhere = [{**row, "machine_id": "M-2"} for of_one in random for row in of_one]
    other_day = [{**row, "batch_date": "b"} for of_one in random for row in of_one]
    assert due(found(fitting, elsewhere))[:4] == [0, 902, 1805, 2707]
    assert due(found(fitting, other_day)).count(None) == 12


def test_readings_without_a_batch_have_no_slot_and_disturb_none(found):
    stray = batch(5, 17, start=None, end=None, batch_id=None, row=50)
    assert due(found(batch(0, 902, 1805, 2707), stray)) == [0, 902, 1805, 2707, None, None]
    assert due(found(stray)) == [None, None]


def test_what_was_read_after_the_end_of_a_batch_that_fits_is_no_reading_of_it(found):
    rows = found(batch(0, 902, 1805, 2707, 3610))
    assert due(rows) == [0, 902, 1805, 2707, None]
    assert [row["is_stray"] for row in rows] == [False] * 4 + [True]
    lonely = found(batch(3610, 3700))
    assert [(row["slot_seconds"], row["is_stray"]) for row in lonely] == [(None, False)] * 2


# --- the ledger --------------------------------------------------------------------------------

JUDGED = {
    "batch_id": "string",
    "reading_number": "int64",
    "start_seconds": "int64",
    "end_seconds": "int64",
    "read_seconds": "int64",
    "is_batch_lost": "boolean",
    "timestamp": "string",
    "timestamp_fault": "string",
    "timestamp_detection": "int64",
    "timestamp_repair": "int64",
    "timestamp_recoverability": "string",
}


@pytest.mark.parametrize(
    ("told", "is_lost", "expected"),
    [
        # slots 0, 240, 480, 720; drifts of one minute are put back
        ((60, 240, 420, 720), False, ["recoverable", None, "recoverable", None]),
        # the first two changed places: each is put where the other was due
        ((300, 180, 480, 720), False, ["ambiguous", "ambiguous", None, None]),
        # the first is told exactly where the second was due, and first in the file
        ((240, 300, 480, 720), False, ["recoverable", "recoverable", None, None]),
        ((60, 240, 420, 720), True, ["lost", None, "lost", None]),
    ],
)
def test_what_the_slots_make_of_a_drift_is_on_record(table, rows, told, is_lost, expected):
    given = []
    for number, seconds in enumerate(told):
        due_at = 240 * number
        is_hit = seconds != due_at
        text = f"1970-01-01T00:{seconds // 60:02d}:{seconds % 60:02d}"
        parts = ("clock_drift", 10_000, 10_000, "recoverable") if is_hit else (None,) * 4
        values = ("b", number, 0, 960, due_at, is_lost, text, *parts)
        given.append(dict(zip(JUDGED, values, strict=True)))
    judged = rows(judge(table(JUDGED, given), ["reading_number"]))
    assert [row["timestamp_recoverability"] for row in judged] == expected
    for row in judged:
        fate = row["timestamp_recoverability"]
        is_repaired = row["timestamp_repair"] == 10_000
        assert is_repaired == (fate == "recoverable")
        if fate is None or fate == "lost":
            assert row["timestamp_detection"] == (None if fate is None else 0)
