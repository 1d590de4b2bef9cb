"""Times read from text as epoch seconds, and written again."""

import random
import re
from datetime import UTC, date, datetime, timedelta, timezone

import ibis
import pytest

from factory_simulation.expressions import time
from tests.expressions.conftest import Each


def seconds(*parts: int) -> int:
    """Return the epoch seconds of a time in UTC, by Python's calendar."""
    return int(datetime(*parts, tzinfo=UTC).timestamp())


@pytest.mark.parametrize("function", [time.parse_iso_8601, time.date_of_iso_8601, time.has_zone])
def test_nothing_is_read_from_an_empty_table(each: Each, function):
    assert each(function, []) == []


@pytest.mark.parametrize("function", [time.timestamp_of, time.date_of, time.iso_text])
def test_nothing_is_written_from_an_empty_table(each: Each, function):
    assert each(function, [], "int64") == []


def test_every_way_to_write_a_time_is_read(each: Each):
    ways = [
        "2025-12-01T06:00:00",
        "2025-12-01 06:00:00",
        "2025-12-01T06:00",
        " 2025-12-01T06:00:00 ",
        "2025-12-01t06:00:00z",
        "2025-12-01T06:00:00Z",
        "2025-12-01T06:00Z",
        "2025-12-01T06:00:00+00:00",
        "2025-12-01T06:00:00-00:00",
        "2025-12-01T11:30:00+05:30",
        "2025-12-01T11:30+0530",
        "2025-11-30T23:00:00-0700",
        "2025-11-30T23:00:00-07:00",
        "2025-12-01T20:00:00+14:00",
        "2025-12-01T06:00:00.999",
        "2025-12-01T06:00:00,999999999Z",
    ]
    moments = dict(zip(ways, each(time.parse_iso_8601, ways), strict=True))
    assert moments == dict.fromkeys(ways, seconds(2025, 12, 1, 6))


def test_what_is_no_time_is_null(each: Each):
    others = [
        None,
        "",
        "yesterday",
        "2025-12-01",
        "06:00:00",
        "1764568800",
        "01/12/2025 06:00",
        "2025-12-01T6:00:00",
        "2025-12-01T06",
        "2025-12-01T06:00:",
        "2025-12-01T06:00:00 MST",
        "2025-12-01T06:00:00Z07:00",
        "2025-12-01T06:00:00 and more",
    ]
    moments = dict(zip(others, each(time.parse_iso_8601, others), strict=True))
    assert moments == dict.fromkeys(others)


def test_a_time_that_no_calendar_has_is_null(each: Each):
    others = [
        "2025-02-29T00:00:00",
        "2025-02-30T00:00:00",
        "2100-02-29T00:00:00",
        "2025-04-31T00:00:00",
        "2025-00-10T00:00:00",
        "2025-13-01T00:00:00",
        "2025-12-00T00:00:00",
        "2025-12-32T00:00:00",
        "2025-12-01T24:00:00",
        "2025-12-01T25:00:00",
        "2025-12-01T06:60:00",
        "2025-12-01T06:00:60",
    ]
    moments = dict(zip(others, each(time.parse_iso_8601, others), strict=True))
    assert moments == dict.fromkeys(others)


def test_every_month_ends_when_the_calendar_says(each: Each):
    told = [
        f"{year}-{month:02}-{day}T00:00"
        for year in range(1970, 2262)
        for month in range(1, 13)
        for day in range(28, 33)
    ]
    assert each(time.parse_iso_8601, told) == [_judged_by_python(text) for text in told]


def test_a_zone_that_no_clock_has_is_null(each: Each):
    told = [f"2025-12-01T06:00:00{zone}" for zone in ("+99:99", "+25:00", "-05:75")]
    assert each(time.parse_iso_8601, told) == [None, None, None]


def test_a_zone_of_whole_hours_is_read(each: Each):
    told = ["2025-12-01T06:00:00+00", "2025-11-30T23:00:00-07"]
    assert each(time.parse_iso_8601, told) == [seconds(2025, 12, 1, 6)] * 2
    assert each(time.has_zone, told) == [True, True]


@pytest.mark.parametrize("year", [1972, 2000, 2024, 2260])
def test_leap_days_lie_between_their_neighbours(each: Each, year: int):
    told = [f"{year}-02-28T23:59:59", f"{year}-02-29T00:00:00", f"{year}-03-01T00:00:00"]
    leap_day = seconds(year, 2, 29)
    assert each(time.parse_iso_8601, told) == [leap_day - 1, leap_day, leap_day + 86400]


@pytest.mark.parametrize("year", [1970, 1999, 2025, 2261])
def test_the_bounds_of_a_year_are_read(each: Each, year: int):
    told = [f"{year:04}-01-01T00:00:00", f"{year:04}-12-31T23:59:59"]
    assert each(time.parse_iso_8601, told) == [
        seconds(year, 1, 1),
        seconds(year, 12, 31, 23, 59, 59),
    ]


def test_years_that_not_every_engine_reaches_are_null(each: Each):
    told = ["1969-12-31T23:59:59", "2262-01-01T00:00:00", "0001-01-01T00:00:00", "9999-12-31T00:00"]
    assert each(time.parse_iso_8601, told) == [None] * 4


def test_times_are_read_as_python_reads_them(each: Each, dice: random.Random):
    told = [_random_time(dice) for _ in range(400)]
    assert each(time.parse_iso_8601, told) == [_read_by_python(text) for text in told]


def _random_time(dice: random.Random) -> str:
    """Write a time from 1970 to 2261 in one of the ways that are allowed."""
    moment = datetime(1970, 1, 1) + timedelta(seconds=dice.randrange(291 * 365 * 86400))
    zone = dice.choice([None, UTC, timezone(timedelta(minutes=dice.randrange(-720, 840)))])
    return moment.replace(
        tzinfo=zone, microsecond=dice.choice([0, dice.randrange(1_000_000)])
    ).isoformat(sep=dice.choice("T "), timespec=dice.choice(["auto", "minutes", "milliseconds"]))


def _read_by_python(text: str) -> int:
    read = datetime.fromisoformat(text).replace(microsecond=0)
    read = read.replace(tzinfo=read.tzinfo or UTC)
    return (read - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)


def test_a_slip_in_a_time_is_judged_as_python_judges_it(each: Each, dice: random.Random):
    told = [_slip(dice, _random_time(dice)) for _ in range(2000)]
    read = [_judged_by_python(text) for text in told]
    assert {text is None for text in read} == {True, False}
    assert each(time.parse_iso_8601, told) == read


def _slip(dice: random.Random, text: str) -> str:
    """Replace, insert or drop one character."""
    at = dice.randrange(len(text))
    typed = dice.choice([*"0123456789-+:.,TtZz \t\n", "\u00a0", "\u0660", ""])
    return text[:at] + typed + text[at + dice.choice([0, 1]) :]


_SHAPE = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?"
    r"([Zz]|[+-](0\d|1[0-4])(:?[0-5]\d)?)?",
    re.ASCII,
)


def _judged_by_python(text: str) -> int | None:
    told = text.strip().upper()
    if not _SHAPE.fullmatch(told) or not "1970" <= told[:4] <= "2261":
        return None
    try:
        return _read_by_python(told)
    except ValueError:
        return None


def test_numbers_of_any_length_are_no_time(each: Each):
    told = ["9" * 60, ":".join(["9" * 30] * 3), f"2025-12-01T06:00+{'9' * 30}", ":" * 60, "+-:-+"]
    assert each(time.parse_iso_8601, told) == [None] * 5
    assert each(time.date_of_iso_8601, told) == [None] * 5


def test_the_date_of_a_time_is_its_date_in_utc(each: Each, dice: random.Random):
    dates = {
        "2025-12-01T23:59:59.9": date(2025, 12, 1),
        " 2025-12-01t00:00z\n": date(2025, 12, 1),
        "2025-12-01 23:30-00:30": date(2025, 12, 2),
        "2025-12-01 00:29:59+0030": date(2025, 11, 30),
        "1970-01-01T00:00:00+14:00": date(1969, 12, 31),
        "2261-12-31T23:59:59-14": date(2262, 1, 1),
        "2024-02-29T12:00": date(2024, 2, 29),
        "2025-02-29T12:00": None,
        "2025-12-01": None,
        "yesterday": None,
        "": None,
        None: None,
    }
    assert each(time.date_of_iso_8601, list(dates)) == list(dates.values())
    told = [_slip(dice, _random_time(dice)) for _ in range(2000)]
    by_seconds = each(lambda text: time.date_of(time.parse_iso_8601(text)), told)
    assert each(time.date_of_iso_8601, told) == by_seconds


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "databricks"])
@pytest.mark.parametrize(
    ("function", "most"), [(time.parse_iso_8601, 3500), (time.date_of_iso_8601, 2000)]
)
def test_reading_a_time_takes_little_sql(dialect: str, function, most: int):
    rows = ibis.table({"told": "string"}, name="rows")
    sql = ibis.to_sql(rows.select(read=function(rows.told)), dialect=dialect)
    assert len(" ".join(sql.split())) <= most


def test_only_a_time_that_names_its_zone_has_one(each: Each):
    naming = ["2025-12-01T06:00:00Z", " 2025-12-01t06:00z ", "2025-12-01T06:00:00+05:30"]
    naming += ["2025-12-01 06:00-0700", "2025-12-01T06:00:00.5+00:00"]
    silent = ["2025-12-01T06:00:00", "2025-12-01 06:00", "2025-12-01", "", None]
    assert each(time.has_zone, naming) == [True] * 5
    assert each(time.has_zone, silent) == [False] * 5


MOMENTS = [
    datetime(1970, 1, 1),
    datetime(1999, 12, 31, 23, 59, 59),
    datetime(2024, 2, 29, 12, 30, 15),
    datetime(2261, 12, 31, 23, 59, 59),
]
SECONDS = [int(moment.replace(tzinfo=UTC).timestamp()) for moment in MOMENTS]


def test_timestamps_are_utc_without_a_zone(each: Each):
    assert each(time.timestamp_of, [*SECONDS, None], "int64") == [*MOMENTS, None]


def test_a_day_ends_at_midnight_in_utc(each: Each):
    days = [date(1969, 12, 31), date(1970, 1, 1), date(1970, 1, 1), date(1970, 1, 2), None]
    assert each(time.date_of, [-1, 0, 86399, 86400, None], "int64") == days


def test_a_date_is_so_many_days_after_the_first(each: Each):
    days = [0, 59, 11016, 19782, 20423, 106650]
    dates = [date(1970, 1, 1) + timedelta(days=number) for number in days]
    assert each(time.epoch_day_of, [*dates, None], "date") == [*days, None]


def test_a_day_is_written_as_its_date(each: Each):
    days = [0, 11016, 20423, 106650, None]
    assert each(time.iso_date_text, days, "int64") == [
        *("1970-01-01", "2000-02-29", "2025-12-01", "2261-12-31"),
        None,
    ]


def test_what_is_written_is_read_back(each: Each):
    written = each(time.iso_text, SECONDS, "int64")
    assert written == [moment.isoformat() for moment in MOMENTS]
    assert each(time.iso_text_of, MOMENTS, "timestamp") == written
    assert each(time.parse_iso_8601, written) == SECONDS
