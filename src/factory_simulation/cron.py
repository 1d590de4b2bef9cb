"""When a schedule fires: cron's five fields, read as cron does."""

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo

from apscheduler.triggers.cron import CronTrigger

from factory_simulation.domain import FactoryError

_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_SUNDAY_AGAIN = 7
_FIELDS = 5
_INSTANT = timedelta(microseconds=1)
_NEVER_AFTER = timedelta(days=8 * 366)
"""The longest that a cron can pause: from one 29 February to the next around 1900 or 2100."""


def parse_cron(text: str, zone: tzinfo, now: datetime) -> CronTrigger:
    """Read a cron expression: minute, hour, day of the month, month, day of the week.

    Args:
        text: Five fields; weekdays are 0 (Sunday) to 7 (Sunday again), or names.
        zone: The time zone whose clocks count.
        now: When it is asked.

    Raises:
        FactoryError: If it is none, or never comes true.
    """
    fields = text.split()
    if len(fields) != _FIELDS:
        raise FactoryError(
            f"cron {text!r}: {len(fields)} fields; wanted are five: minute, hour, day of the "
            'month, month, day of the week, such as "0 9 * * *"'
        )
    minute, hour, day, month, weekday = fields
    if "*" not in {day[:1], weekday[:1]}:
        raise FactoryError(
            f"cron {text!r}: give a day of the month or a day of the week, and * for the other"
        )
    try:
        trigger = CronTrigger(
            minute=minute,
            hour=hour,
            day=day,
            month=month,
            day_of_week=_weekdays(weekday),
            timezone=zone,
            end_date=now + _NEVER_AFTER,
        )
    except ValueError as error:
        raise FactoryError(f"cron {text!r}: {error}") from error
    if trigger.get_next_fire_time(None, now) is None:
        raise FactoryError(f"cron {text!r}: there is no such time")
    trigger.end_date = None
    return trigger


def fire_times(trigger: CronTrigger, after: datetime, until: datetime) -> Iterator[datetime]:
    """Yield when a trigger fires, from just after one time until another, that one included."""
    time = trigger.get_next_fire_time(None, after + _INSTANT)
    while time is not None and time <= until:
        yield time
        time = trigger.get_next_fire_time(None, time + _INSTANT)


def _weekdays(field: str) -> str:
    """Return the weekdays of a field by name: APScheduler counts them from Monday.

    Raises:
        ValueError: If it is no field of weekdays.
    """
    if field == "*":
        return field
    days = {day % _SUNDAY_AGAIN for part in field.split(",") for day in _days_of(part)}
    return ",".join(_WEEKDAYS[day] for day in sorted(days))


def _days_of(part: str) -> range:
    span, has_step, step = part.partition("/")
    first, is_range, last = span.partition("-")
    if span == "*":
        low, high = 0, _SUNDAY_AGAIN - 1
    else:
        low = _weekday(first)
        high = _weekday(last) if is_range else low
        if has_step and not is_range:
            high = _SUNDAY_AGAIN - 1
    if has_step and not (step.isdecimal() and int(step)):
        raise ValueError(f"{part!r} is no step of weekdays")
    if is_range and high < low:
        high += _SUNDAY_AGAIN
    return range(low, high + 1, int(step) if has_step else 1)


def _weekday(text: str) -> int:
    if text.lower() in _WEEKDAYS:
        return _WEEKDAYS.index(text.lower())
    if text.isdecimal() and int(text) <= _SUNDAY_AGAIN:
        return int(text)
    raise ValueError(f"{text!r} is no weekday: 0 to 7, or sun to sat")
