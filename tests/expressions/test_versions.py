"""History: where versions begin and end, and which one an event finds."""

from collections.abc import Callable
from datetime import date
from itertools import pairwise, permutations

import pytest

from factory_simulation.expressions.versions import SINCE_EVER, cut_versions, valid_at
from tests.conftest import Rows
from tests.pipelines.silver.landed import Compute, MakeTable, only

D1, D2, D3, D4, D5 = (date(2025, 12, day) for day in range(1, 6))
BEFORE_1970 = date(1969, 12, 31)
"""1970-01-01T00:00+14:00, in UTC."""
SNAPSHOTS = {"name": "string", "day": "date", "owner": "string", "power": "float64"}
PERIOD = ("valid_from", "valid_to", "is_current")

Snapshot = tuple[str, date, str | None, float | None]
Cut = Callable[..., Rows]


@pytest.fixture
def cut(table: MakeTable, rows: Compute) -> Cut:
    def run(*told: Snapshot) -> Rows:
        snapshots = table(SNAPSHOTS, [dict(zip(SNAPSHOTS, row, strict=True)) for row in told])
        return rows(cut_versions(snapshots, key="name", day="day", attributes=["owner", "power"]))

    return run


def test_what_never_changes_has_one_version_since_ever(cut: Cut):
    found = cut(("a", D2, "Ada", 1.0), ("a", D3, "Ada", 1.0), ("a", D5, "Ada", 1.0))
    assert found == [
        {
            "name": "a",
            "owner": "Ada",
            "power": 1.0,
            "valid_from": SINCE_EVER,
            "valid_to": None,
            "is_current": True,
        }
    ]


def test_a_version_begins_where_any_attribute_changes(cut: Cut):
    found = cut(
        ("a", D1, "Ada", 1.0), ("a", D2, "Ada", 1.5), ("a", D3, "Bo", 1.5), ("a", D4, "Bo", 1.5)
    )
    assert sorted(only(found, *PERIOD, "owner", "power")) == [
        (SINCE_EVER, D2, False, "Ada", 1.0),
        (D2, D3, False, "Ada", 1.5),
        (D3, None, True, "Bo", 1.5),
    ]


def test_what_changes_back_is_a_version_again(cut: Cut):
    found = cut(("a", D1, "Ada", 1.0), ("a", D2, "Bo", 1.0), ("a", D3, "Ada", 1.0))
    assert sorted(only(found, "valid_from", "owner")) == [
        (SINCE_EVER, "Ada"),
        (D2, "Bo"),
        (D3, "Ada"),
    ]


def test_that_nothing_is_known_is_a_value_too(cut: Cut):
    found = cut(("a", D1, None, 1.0), ("a", D2, None, 1.0), ("a", D3, "", 1.0), ("a", D4, "", None))
    assert sorted(only(found, "valid_from", "owner", "power")) == [
        (SINCE_EVER, None, 1.0),
        (D3, "", 1.0),
        (D4, "", None),
    ]


def test_days_without_a_snapshot_belong_to_the_version_before(cut: Cut):
    found = cut(("a", D1, "Ada", 1.0), ("a", D5, "Bo", 1.0))
    assert sorted(only(found, *PERIOD)) == [(SINCE_EVER, D5, False), (D5, None, True)]


def test_each_thing_has_a_history_of_its_own(cut: Cut):
    found = cut(("a", D1, "Ada", 1.0), ("b", D2, "Bo", 1.0), ("b", D3, "Ada", 1.0))
    assert only(found, "name", "valid_from") == [("a", SINCE_EVER), ("b", D3), ("b", SINCE_EVER)]


def test_a_late_snapshot_cuts_history_anew_whenever_it_comes(cut: Cut):
    known = (("a", D1, "Ada", 1.0), ("a", D3, "Bo", 1.0), ("a", D4, "Ada", 1.0))
    before = sorted(only(cut(*known), *PERIOD))
    assert before == [(SINCE_EVER, D3, False), (D3, D4, False), (D4, None, True)]
    late = ("a", D2, "Bo", 1.0)
    for arrived in permutations((*known, late)):
        after = sorted(only(cut(*arrived), *PERIOD))
        assert after == [(SINCE_EVER, D2, False), (D2, D4, False), (D4, None, True)]
        assert all(one[1] == next_one[0] for one, next_one in pairwise(after))


def test_without_a_snapshot_there_is_no_version(cut: Cut):
    assert cut() == []


def test_an_event_finds_the_version_of_its_day(table: MakeTable, rows: Compute):
    events = table(
        {"name": "string", "at": "date"},
        [{"name": "a", "at": day} for day in (BEFORE_1970, D1, D2, D3, D4)]
        + [{"name": "b", "at": D5}, {"name": "c", "at": D5}],
    )
    versions = table(
        {"name": "string", "valid_from": "date", "valid_to": "date", "owner": "string"},
        [
            {"name": "a", "valid_from": SINCE_EVER, "valid_to": D2, "owner": "first"},
            {"name": "a", "valid_from": D2, "valid_to": D4, "owner": "second"},
            {"name": "a", "valid_from": D4, "owner": "third"},
            {"name": "b", "valid_from": SINCE_EVER, "owner": "only"},
        ],
    )
    found = rows(valid_at(events, versions, key="name", day="at", take=["owner"]))
    assert found == [
        {"name": "a", "at": BEFORE_1970, "owner": "first"},
        {"name": "a", "at": D1, "owner": "first"},
        {"name": "a", "at": D2, "owner": "second"},
        {"name": "a", "at": D3, "owner": "second"},
        {"name": "a", "at": D4, "owner": "third"},
        {"name": "b", "at": D5, "owner": "only"},
    ]
