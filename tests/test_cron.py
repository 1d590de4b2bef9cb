from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from factory_simulation.cron import fire_times, parse_cron
from factory_simulation.domain import FactoryError

MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)


def fired(cron: str, days: int, zone=UTC, after: datetime = MONDAY) -> list[str]:
    """Return when a cron fires within so many days, by the clock of its zone."""
    trigger = parse_cron(cron, zone, after)
    until = after.replace(day=after.day + days)
    return [f"{time:%a %d %H:%M}" for time in fire_times(trigger, after, until)]


def test_a_daily_cron_fires_each_day():
    assert fired("0 9 * * *", 3) == ["Tue 24 09:00", "Wed 25 09:00", "Thu 26 09:00"]


@pytest.mark.parametrize(
    ("weekday", "days"),
    [
        ("0", ["Sun 29"]),
        ("7", ["Sun 29"]),
        ("1-5", ["Tue 24", "Wed 25", "Thu 26", "Fri 27", "Mon 30"]),
        ("5-7", ["Fri 27", "Sat 28", "Sun 29"]),
        ("sat-mon", ["Sat 28", "Sun 29", "Mon 30"]),
        ("*/3", ["Wed 25", "Sat 28", "Sun 29"]),
        ("4/2", ["Thu 26", "Sat 28"]),
        ("Tue,4", ["Tue 24", "Thu 26"]),
    ],
)
def test_weekdays_are_counted_from_sunday_as_cron_counts_them(weekday: str, days: list[str]):
    assert fired(f"0 9 * * {weekday}", 7) == [f"{day} 09:00" for day in days]


def test_times_are_those_of_the_zone_when_its_clocks_change():
    berlin = ZoneInfo("Europe/Berlin")
    friday = datetime(2026, 10, 23, 12, tzinfo=UTC)
    times = fire_times(parse_cron("0 9 * * *", berlin, friday), friday, friday.replace(day=26))
    assert [time.astimezone(UTC).hour for time in times] == [7, 8, 8]


def test_a_firing_is_after_the_first_time_and_not_after_the_second():
    trigger = parse_cron("0 * * * *", UTC, MONDAY)
    assert list(fire_times(trigger, MONDAY, MONDAY.replace(hour=14))) == [
        MONDAY.replace(hour=13),
        MONDAY.replace(hour=14),
    ]


def test_a_cron_that_fires_in_leap_years_alone_is_one():
    assert parse_cron("0 9 29 2 *", UTC, MONDAY).get_next_fire_time(None, MONDAY).year == 2028


@pytest.mark.parametrize(
    ("cron", "told"),
    [
        ("", "0 fields; wanted are five"),
        ("0 9 * *", "4 fields; wanted are five: minute, hour"),
        ("61 9 * * *", "cron '61 9 \\* \\* \\*': .*61.* is higher than the maximum value"),
        ("0 nine * * *", "Unrecognized expression"),
        ("0 9 * * 8", "'8' is no weekday: 0 to 7, or sun to sat"),
        ("0 9 * * mon-", "'' is no weekday"),
        ("0 9 * * */0", "is no step of weekdays"),
        ("0 9 1 * 1", "give a day of the month or a day of the week"),
        ("0 9 31 2 *", "there is no such time"),
    ],
)
def test_what_is_no_cron_is_refused_in_one_line(cron: str, told: str):
    with pytest.raises(FactoryError, match=told) as refused:
        parse_cron(cron, UTC, MONDAY)
    assert "\n" not in str(refused.value)
