"""Time as int64 seconds since 1970-01-01 UTC: read from text, moved between zones, written.

Engines differ in what they parse, in their interval types and in the width of their epoch
functions. Integer arithmetic does not, so seconds are the source of truth and timestamps are made
from them at the end.
"""

import ibis
import ibis.expr.types as ir

from factory_simulation.expressions.text import trim

SECONDS_PER_DAY = 86400
SECONDS_PER_MINUTE = 60

_ISO_8601 = (
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}"
    "(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?(?:Z|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)?$"
)
_FIRST_YEAR, _LAST_YEAR = 1970, 2261
"""Some engines count nanoseconds, which reach no farther."""
_ZONE_OFFSET = "[+-][0-9]{2}(?::?[0-9]{2})?$"


def parse_iso_8601(text: ir.StringValue) -> ir.IntegerValue:
    """Read an ISO 8601 date and time as epoch seconds; null where it is none or no such time is.

    A zone (``Z``, ``+05:30``, ``+05``) is applied; a time without one is taken as it stands.
    Fractions of a second are cut off.
    """
    candidate = trim(text).upper()
    iso = ibis.ifelse(candidate.re_search(_ISO_8601), candidate, None)
    year, month, day = _digits(iso, 0, 4), _digits(iso, 5, 2), _digits(iso, 8, 2)
    hour, minute = _digits(iso, 11, 2), _digits(iso, 14, 2)
    second = ibis.ifelse(iso.substr(16, 1) == ":", iso.substr(17, 2), "0").try_cast("int64")
    exists = (
        year.between(_FIRST_YEAR, _LAST_YEAR)
        & month.between(1, 12)
        & (day >= 1)
        & (day <= _days_in_month(year, month))
        & (hour <= 23)  # noqa: PLR2004 - a clock
        & (minute <= 59)  # noqa: PLR2004 - a clock
        & (second <= 59)  # noqa: PLR2004 - a clock
    )
    seconds = _days_from_civil(year, month, day) * SECONDS_PER_DAY + hour * 3600 + minute * 60
    return ibis.ifelse(exists, seconds + second - _zone_offset(iso), None).cast("int64")


def has_zone(text: ir.StringValue) -> ir.BooleanValue:
    """Tell whether an ISO 8601 text says in which zone it is."""
    iso = trim(text).upper()
    return (iso.endswith("Z") | iso.substr(10, 40).re_search(_ZONE_OFFSET)).fill_null(False)


def fraction_of_second(text: ir.StringValue) -> ir.StringValue:
    """Return the digits of an ISO 8601 time behind the whole second, without closing zeros."""
    behind = trim(text).re_replace("^[^.,]*[.,]?", "").re_replace("[^0-9].*$", "")
    return behind.re_replace("0+$", "")


def timestamp_of(epoch_seconds: ir.IntegerValue) -> ir.TimestampValue:
    """Return the UTC timestamp, without a zone, of epoch seconds."""
    return epoch_seconds.cast("int64").as_interval("s") + ibis.timestamp("1970-01-01 00:00:00")


def date_of(epoch_seconds: ir.IntegerValue) -> ir.DateValue:
    """Return the UTC date of epoch seconds."""
    return timestamp_of(epoch_seconds).cast("date")


def epoch_day_of(date: ir.DateValue) -> ir.IntegerValue:
    """Return the days from 1970-01-01 to a date; not every engine subtracts dates."""
    parts = (date.year(), date.month(), date.day())
    return _days_from_civil(*[part.cast("int64") for part in parts])


def iso_text(epoch_seconds: ir.IntegerValue) -> ir.StringValue:
    """Write epoch seconds as ``2025-12-01T06:00:00``."""
    return iso_text_of(timestamp_of(epoch_seconds))


def iso_date_text(epoch_day: ir.IntegerValue) -> ir.StringValue:
    """Write days since 1970-01-01 as ``2025-12-01``."""
    return timestamp_of(epoch_day * SECONDS_PER_DAY).strftime("%Y-%m-%d")


def iso_text_of(at: ir.TimestampValue) -> ir.StringValue:
    """Write a timestamp as ``2025-12-01T06:00:00``.

    Engines take a ``T`` in a format for one of their own letters, and some an ``M`` for the month,
    so that only the date is left to a format.
    """
    parts = (at.hour(), at.minute(), at.second())
    clock = [part.cast("int64").cast("string").lpad(2, "0") for part in parts]
    return at.strftime("%Y-%m-%d").concat("T", clock[0], ":", clock[1], ":", clock[2])


def _digits(text: ir.StringValue, start: int, length: int) -> ir.IntegerValue:
    return text.substr(start, length).try_cast("int64")


def _zone_offset(iso: ir.StringValue) -> ir.IntegerValue:
    """Return the seconds by which an ISO time is ahead of UTC; 0 where it names no zone."""
    clock = iso.substr(10, 40)
    zone = ibis.ifelse(clock.re_search(_ZONE_OFFSET), clock, None)
    digits = zone.re_replace("^[^+-]*", "").replace(":", "")  # +0530
    hours = digits.substr(1, 2).try_cast("int64")
    minutes = ibis.ifelse(digits.length() > len("+05"), digits.substr(3, 2), "0").try_cast("int64")
    sign = ibis.ifelse(digits.substr(0, 1) == "-", -1, 1).cast("int64")
    return (sign * (hours * 3600 + minutes * 60)).fill_null(0)


def _days_in_month(year: ir.IntegerValue, month: ir.IntegerValue) -> ir.IntegerValue:
    is_leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    february = ibis.ifelse(is_leap, 29, 28)
    return ibis.cases(
        (month == 2, february),  # noqa: PLR2004 - a calendar
        (month.isin([4, 6, 9, 11]), 30),
        else_=31,
    )


def _days_from_civil(
    year: ir.IntegerValue, month: ir.IntegerValue, day: ir.IntegerValue
) -> ir.IntegerValue:
    """Return the days from 1970-01-01 to a date of the Gregorian calendar.

    Years are counted from March, so that the leap day is a year's last day.
    """
    y = year - ibis.ifelse(month <= 2, 1, 0).cast("int64")  # noqa: PLR2004 - a calendar
    era = y // 400
    year_of_era = y - era * 400
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return (era * 146097 + day_of_era - 719468).cast("int64")
