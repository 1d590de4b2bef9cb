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
MINUTES_PER_DAY = 1440

# 1970 to 2261: some engines count nanoseconds, which reach no farther
_YEAR = "(?:19[7-9][0-9]|2[01][0-9]{2}|22[0-5][0-9]|226[01])"
_LEAP_YEAR = (
    "(?:19(?:7[26]|8[048]|9[26])|2000|2[01](?:0[48]|[2468][048]|[13579][26])"
    "|22(?:0[48]|[24][048]|[135][26]|60))"
)
_MONTH_AND_DAY = (
    "(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    "|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
)
_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]{1,9})?)?"
_ZONE = "(?:[Zz]|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)?"
_DATE = f"(?:{_YEAR}-{_MONTH_AND_DAY}|{_LEAP_YEAR}-02-29)"
_ISO_8601 = f"^{_DATE}[Tt ]{_CLOCK}{_ZONE}$"
_ZONE_OFFSET = "[+-][0-9]{2}(?::?[0-9]{2})?$"

# what is around a piece of a time
_BEHIND_HOUR = ":.*"
_AROUND_MINUTE = "^[^:]*:|[:.,Zz+-].*"
_AROUND_SECOND = "^[^:]*:[0-9]{2}:?|[.,Zz+-].*"
_BEFORE_ZONE = "^[^:]*:[^+-]*"
_BEFORE_ZONE_MINUTE = "^[^:]*:[^+-]*(?:[+-][0-9]{2})?"


def parse_iso_8601(text: ir.StringValue) -> ir.IntegerValue:
    """Read an ISO 8601 date and time as epoch seconds; null where it is none or no such time is.

    A zone (``Z``, ``+05:30``, ``+05``) is applied; a time without one is taken as it stands.
    Fractions of a second are cut off.

    One pattern judges the text, the calendar included, and the pieces are read from any text: what
    is in this expression twice is in the SQL twice, and what is in that, four times.
    """
    hour = _number(text, 10, _BEHIND_HOUR)  # YYYYMMDDHH
    days = _days_from_civil(hour // 10**6, hour // 10**4 % 100, hour // 100 % 100)
    minutes = days * 24 * 60 + hour % 100 * 60 + _number(text, 2, _AROUND_MINUTE)
    seconds = minutes * 60 + _number(text, 2, _AROUND_SECOND) - _zone_offset(text)
    # added, because engines compute again whatever is repeated within a branch of a case
    null_if_no_time = ibis.ifelse(trim(text).re_search(_ISO_8601), 0, None)
    return (seconds + null_if_no_time).cast("int64")


def date_of_iso_8601(text: ir.StringValue) -> ir.DateValue:
    """Return the UTC date of an ISO 8601 date and time; null where ``parse_iso_8601`` reads none.

    It is ``date_of(parse_iso_8601(text))`` in half the SQL.
    """
    told = trim(text)
    iso = ibis.ifelse(told.re_search(_ISO_8601), told, None)
    midnight = iso.re_replace("[Tt ].*", "").cast("timestamp")
    minutes = _number(text, 2, _BEHIND_HOUR) * 60 + _number(text, 2, _AROUND_MINUTE)
    return ((minutes * 60 - _zone_offset(text)).as_interval("s") + midnight).date()


def date_in_id(identifier: ir.StringValue) -> ir.DateValue:
    """Return the date that is written in an id such as ``SMELTER-01_20251201_007``; else null.

    It is eight digits, at the end or before the number that closes the id.
    """
    numbers = trim(identifier).re_replace("[^0-9]", " ")
    digits = numbers.re_replace(" +[0-9]{1,6}$", "").re_replace("^.* ", "")
    parts = (digits.substr(0, 4), digits.substr(4, 2), digits.substr(6, 40))
    written = parts[0].concat("-", parts[1], "-", parts[2])
    return ibis.ifelse(written.re_search(f"^{_DATE}$"), written, None).cast("timestamp").date()


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


def epoch_seconds_of(at: ir.TimestampValue) -> ir.IntegerValue:
    """Return the epoch seconds of a UTC timestamp without a zone; fractions are cut off."""
    parts = [part.cast("int64") for part in (at.hour(), at.minute(), at.second())]
    clock = (parts[0] * 60 + parts[1]) * SECONDS_PER_MINUTE + parts[2]
    return (epoch_day_of(at.date()) * SECONDS_PER_DAY + clock).cast("int64")


def minute_of_day(at: ir.TimestampValue) -> ir.IntegerValue:
    """Return the whole minutes since midnight of a timestamp."""
    return (at.hour().cast("int64") * 60 + at.minute().cast("int64")).cast("int64")


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


def _number(text: ir.StringValue, digits: int, around: str) -> ir.IntegerValue:
    """Return the last digits of a text without what matches ``around``; 0 where it has none.

    Every text has such a number, so that a cast cannot fail where an engine casts before it judges.
    """
    return ("0" + text.re_replace(f"{around}|[^0-9]", "")).right(digits).cast("int64")


def _zone_offset(text: ir.StringValue) -> ir.IntegerValue:
    """Return the seconds by which an ISO time is ahead of UTC; 0 where it names no zone."""
    hours = _number(text.re_replace(_BEFORE_ZONE, "").substr(0, 3), 2, "[+-]")
    minutes = _number(text, 2, _BEFORE_ZONE_MINUTE)
    sign = ibis.ifelse(text.re_search(":.*-"), -1, 1).cast("int64")
    offset = sign * (hours * 3600 + minutes * 60)
    return ibis.ifelse(text.re_search(":.*[+-]"), offset, 0)  # most times name none


def _days_from_civil(
    year: ir.IntegerValue, month: ir.IntegerValue, day: ir.IntegerValue
) -> ir.IntegerValue:
    """Return the days from 1970-01-01 to a date of the Gregorian calendar.

    Months are counted from March, so that the leap day is a year's last day. Four years have 1461
    days, but for the centuries that are not divisible by four; five months from March on have 153.
    """
    months = year * 12 + month - 3
    missing_leap_days = (months // 1200 * 3 + 3) // 4
    day_of_year = (months % 12 * 153 + 2) // 5 + day
    return (months // 12 * 1461 // 4 - missing_leap_days + day_of_year - 719469).cast("int64")
