from datetime import date

import ibis
import pytest

from factory_simulation.expressions.dates import DateRange, asked_dates

FIRST, SECOND, THIRD = date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 2)


def test_one_date_is_a_range_of_itself():
    dates = DateRange.parse("2025-12-31")
    assert dates == DateRange(FIRST, FIRST)
    assert str(dates) == "2025-12-31"
    assert len(dates) == 1


def test_a_range_has_both_its_ends():
    dates = DateRange.parse("2025-12-31..2026-01-02")
    assert list(dates) == [FIRST, SECOND, THIRD]
    assert len(dates) == 3
    assert all(day in dates for day in dates)
    assert date(2025, 12, 30) not in dates
    assert date(2026, 1, 3) not in dates
    assert str(dates) == "2025-12-31..2026-01-02"


def test_no_text_asks_for_all_dates():
    assert asked_dates(None) is None
    assert asked_dates("2026-01-01") == DateRange(SECOND, SECOND)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2025-12-31..", "'' is no date"),
        ("..2025-12-31", "'' is no date"),
        ("20251231", "'20251231' is no date"),
        ("2025-12-31...2026-01-02", "'.2026-01-02' is no date"),
        ("2025-12-31..soon", "'soon' is no date"),
        ("2025-02-29", "there is no date 2025-02-29"),
        ("2026-01-02..2025-12-31", "2026-01-02..2025-12-31 ends before it begins"),
    ],
)
def test_what_is_no_range_is_refused(text: str, told: str):
    with pytest.raises(ValueError, match=told):
        DateRange.parse(text)


def test_a_column_is_held_against_a_range(table, rows):
    days = table(
        {"day": "date"},
        [{"day": date(2025, 12, 30)}, {"day": FIRST}, {"day": SECOND}, {"day": THIRD}, {}],
    )
    assert rows(days.filter(DateRange(FIRST, SECOND).holds(ibis._.day))) == [
        {"day": FIRST},
        {"day": SECOND},
    ]
