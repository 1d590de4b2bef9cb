"""Clocks that show local time, and clocks that were reset."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from ibis import _

from factory_simulation.expressions.random import Stream
from factory_simulation.faults import clock_reset, local_time

HOUR, DAY = 3600, 86_400
BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> int:
    """Return a time as seconds since 1970, taken as it stands."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


SUMMER, WINTER = at("2025-03-30T01:00:00"), at("2025-10-26T01:00:00")
"""When Berlin's clocks are set forward, and back."""
STRETCHES = [
    ("berlin", 2025, at("2025-01-01T00:00:00"), SUMMER + HOUR, HOUR),
    ("berlin", 2025, SUMMER + 2 * HOUR, WINTER + 2 * HOUR, 2 * HOUR),
    ("berlin", 2025, WINTER + HOUR, at("2026-01-01T00:00:00"), HOUR),
    ("phoenix", 2025, at("2025-01-01T00:00:00"), at("2026-01-01T00:00:00"), -7 * HOUR),
    ("accra", 2025, at("2025-01-01T00:00:00"), at("2026-01-01T00:00:00"), 0),
]
ZONES = {
    "factory_id": "string",
    "local_year": "int64",
    "local_from_seconds": "int64",
    "local_to_seconds": "int64",
    "utc_offset_seconds": "int64",
}
TOLD = {"factory_id": "string", "told_seconds": "int64", "is_zone_told": "boolean"}


@pytest.fixture
def read(table, rows) -> Callable[..., list[tuple[int, int]]]:
    """Return the ways to read a time: by how many hours it changes, and whether it is local."""

    def ways(told: str, factory: str = "berlin", *, is_zone_told: bool = False):
        row = dict(zip(TOLD, (factory, at(told), is_zone_told), strict=True))
        zones = [dict(zip(ZONES, stretch, strict=True)) for stretch in STRETCHES]
        found = rows(local_time.find(table(TOLD, [row]), table(ZONES, zones)))
        return sorted(((r["seconds"] - r["told_seconds"]) / HOUR, r["is_local"]) for r in found)

    return ways


@pytest.mark.parametrize(
    ("told", "ways"),
    [
        ("2025-01-15T12:00:00", [(-1, 1), (0, 0)]),
        ("2025-07-15T12:00:00", [(-2, 1), (0, 0)]),
        # set forward: an hour is skipped
        ("2025-03-30T01:59:59", [(-1, 1), (0, 0)]),
        ("2025-03-30T02:00:00", [(0, 0)]),
        ("2025-03-30T02:59:59", [(0, 0)]),
        ("2025-03-30T03:00:00", [(-2, 1), (0, 0)]),
        # set back: an hour is there twice
        ("2025-10-26T01:59:59", [(-2, 1), (0, 0)]),
        ("2025-10-26T02:00:00", [(-2, 1), (-1, 1), (0, 0)]),
        ("2025-10-26T02:59:59", [(-2, 1), (-1, 1), (0, 0)]),
        ("2025-10-26T03:00:00", [(-1, 1), (0, 0)]),
        # of another year nothing is known
        ("2024-12-31T23:59:59", [(0, 0)]),
        ("2025-01-01T00:00:00", [(-1, 1), (0, 0)]),
    ],
)
def test_a_time_is_read_as_utc_and_as_each_local_time_that_there_is(read, told, ways):
    assert read(told) == ways


def test_where_local_time_is_utc_or_the_zone_is_told_there_is_one_way(read):
    assert read("2025-07-15T12:00:00", "accra") == [(0, 0)]
    assert read("2025-07-15T12:00:00", is_zone_told=True) == [(0, 0)]
    assert read("2025-07-15T12:00:00", "phoenix") == [(0, 0), (7, 1)]
    assert read("2025-07-15T12:00:00", "nowhere") == [(0, 0)]


# --- what a clock shows ------------------------------------------------------------------------

OFFSETS = {
    "factory_id": "string",
    "utc_day": "int64",
    "before_seconds": "int64",
    "after_seconds": "int64",
    "changes_at_seconds": "int64",
}


@pytest.fixture
def offset(table, rows):
    """Return a time's offset, whether its local time is there twice, and the other one's hour."""

    def compute(seconds: int):
        changes = {SUMMER // DAY: (HOUR, 2 * HOUR, SUMMER), WINTER // DAY: (2 * HOUR, HOUR, WINTER)}
        day = seconds // DAY
        usual = 2 * HOUR if SUMMER < seconds < WINTER else HOUR
        told = changes.get(day, (usual, usual, day * DAY))
        offsets = [dict(zip(OFFSETS, ("berlin", day, *told), strict=True))]
        given = table(
            {"factory_id": "string", "at": "int64"}, [{"factory_id": "berlin", "at": seconds}]
        )
        (row,) = rows(local_time.with_offset(given, table(OFFSETS, offsets), "at"))
        return row["offset_seconds"], row["is_folded"], row["other_seconds"] - seconds

    return compute


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (WINTER - HOUR - 1, (2 * HOUR, False, 0)),
        (WINTER - HOUR, (2 * HOUR, True, HOUR)),
        (WINTER - 1, (2 * HOUR, True, HOUR)),
        (WINTER, (HOUR, True, -HOUR)),
        (WINTER + HOUR - 1, (HOUR, True, -HOUR)),
        (WINTER + HOUR, (HOUR, False, -HOUR)),
        (SUMMER - 1, (HOUR, False, -HOUR)),
        (SUMMER, (2 * HOUR, False, HOUR)),
        (at("2025-01-15T12:00:00"), (HOUR, False, 0)),
    ],
)
def test_a_local_time_is_there_twice_in_the_hour_around_the_clocks_being_set_back(
    offset, seconds, expected
):
    assert offset(seconds) == expected
    told = datetime.fromtimestamp(seconds, BERLIN)
    assert told.utcoffset().total_seconds() == expected[0]
    naive = told.replace(tzinfo=None)
    ways = {naive.replace(tzinfo=BERLIN, fold=fold).timestamp() for fold in (0, 1)}
    is_real = {datetime.fromtimestamp(way, BERLIN).replace(tzinfo=None) == naive for way in ways}
    assert expected[1] == (len(ways) == 2 and is_real == {True})
    if expected[1]:
        assert ways == {seconds, seconds + expected[2]}


@pytest.mark.parametrize(
    ("is_lost", "as_utc", "as_other", "told"),
    [
        (False, False, False, ("recoverable", 10_000, 10_000)),
        (False, True, False, ("ambiguous", 0, 0)),
        (False, True, True, ("ambiguous", 0, 0)),
        (False, False, True, ("ambiguous", 10_000, 0)),
        (True, False, False, ("lost", 0, 0)),
        (True, True, True, ("lost", 0, 0)),
    ],
)
def test_the_ledger_knows_in_which_ways_a_local_time_fits(
    table, rows, is_lost, as_utc, as_other, told
):
    columns = {
        "at": "int64",
        "offset_seconds": "int64",
        "is_batch_lost": "boolean",
        "fits_as_utc": "boolean",
        "fits_as_other_local": "boolean",
    }
    given = [
        dict(zip(columns, (0, offset, is_lost, as_utc, as_other), strict=True))
        for offset in (0, HOUR)
    ]
    fault = local_time.fault(1, Stream(1, "local"), _.at, _.at)
    shown = table(columns, given).mutate(
        falls=fault.falls,
        dirty=fault.dirty,
        fate=fault.recoverability,
        found=fault.detection,
        repaired=fault.repair,
    )
    in_utc, local = (list(row.values())[5:] for row in rows(shown))
    assert not in_utc[0]
    assert local == [True, "1970-01-01T01:00:00", *told]


@pytest.mark.parametrize(
    ("told", "is_reset"),
    [
        ("1970-01-01T00:00:00", True),
        ("1970-01-30T23:59:59", True),
        ("1970-01-31T00:00:00", False),
        ("2025-12-01T00:00:00", False),
    ],
)
def test_a_clock_of_the_first_days_of_1970_was_reset(table, rows, told, is_reset):
    given = table({"told": "int64"}, [{"told": at(told)}])
    (row,) = rows(given.mutate(is_reset=clock_reset.find(_.told)))
    assert row["is_reset"] is is_reset
