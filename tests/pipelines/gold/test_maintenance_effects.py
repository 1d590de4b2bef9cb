"""What maintenance has brought, against two means in plain Python."""

import random
from collections.abc import Callable
from datetime import datetime
from math import sqrt
from statistics import fmean

import pytest

from factory_simulation.expressions.student_t import exact_t_quantile
from factory_simulation.pipelines.gold.maintenance import summarise_maintenance_effects
from tests.conftest import Rows
from tests.pipelines.gold.wearing import EFFICIENCY, life, maintained, parameters
from tests.pipelines.silver.landed import Compute, MakeTable, only

EVENTS = {
    "_row_id": "string",
    "factory_id": "string",
    "machine_id": "string",
    "event_type": "string",
    "event_date": "date",
    "start_at": "timestamp",
}

Effects = Callable[..., Rows]


@pytest.fixture
def effects(table: MakeTable, rows: Compute) -> Effects:
    """Three batches before maintenance are held against three after it, if nothing else is said."""

    def run(*batches: Rows, events: Rows, most: int = 3) -> Rows:
        told = [batch for machine in batches for batch in machine]
        tables = (table(EFFICIENCY, told), table(EVENTS, events))
        found = rows(summarise_maintenance_effects(*tables, parameters(maintenance_batches=most)))
        return sorted(found, key=lambda row: (row["machine_id"], row["maintained_at"]))

    return run


def expected(before: list[int], after: list[int]) -> dict[str, float]:
    """Return change, error and reach in percent, with one variance for both means."""
    scatter = sum(sum((y - fmean(side)) ** 2 for y in side) for side in (before, after))
    degrees = len(before) + len(after) - 2
    error = sqrt(scatter / degrees * (1 / len(before) + 1 / len(after))) / 100
    change = (fmean(after) - fmean(before)) / 100
    reach = exact_t_quantile(degrees, 0.95) * error
    return {
        "before_percent": fmean(before) / 100,
        "after_percent": fmean(after) / 100,
        "change_percent": change,
        "standard_error_percent": error,
        "change_low_percent": change - reach,
        "change_high_percent": change + reach,
    }


@pytest.mark.parametrize(("gain", "seed"), [(0, 1), (20, 2), (100, 3), (-300, 4)])
@pytest.mark.parametrize("most", [2, 4, 100])
def test_the_change_is_the_difference_of_two_means(
    effects: Effects, gain: int, seed: int, most: int
):
    dice = random.Random(seed)  # noqa: S311 - test data, not a secret
    before = [9500 + dice.randint(-50, 50) for _ in range(6)]
    after = [9500 + gain + dice.randint(-50, 50) for _ in range(5)]
    points = [(0, bp) for bp in before] + [(1, bp) for bp in after]
    (found,) = effects(life(points), events=[maintained(1)], most=most)
    told = expected(before[-most:], after[:most])
    assert {name: found[name] for name in told} == pytest.approx(told, abs=2e-6)
    reach = told["change_high_percent"] - told["change_percent"]
    assert found["is_change"] == (abs(told["change_percent"]) > reach)
    assert (found["batches_before"], found["batches_after"]) == (min(most, 6), min(most, 5))


def test_both_answers_are_among_those(effects: Effects):
    """An error of about 1.4 hundredths of a percent."""
    before, same, better = (9500, 9502, 9501), (9501, 9500, 9502), (9600, 9602, 9601)
    for after, is_change in ((same, False), (better, True)):
        points = [(0, bp) for bp in before] + [(1, bp) for bp in after]
        assert only(effects(life(points), events=[maintained(1)]), "is_change") == [is_change]


def test_only_batches_up_to_the_next_maintenance_count(effects: Effects):
    points = [(0, 9000), (1, 9800), (1, 9700), (2, 9900), (3, 9500), (3, 9400)]
    events = [maintained(day) for day in (1, 2, 3)]
    events += [maintained(2, event_type="STOP"), maintained(1, "SMELTER-02")]
    found = effects(life(points), life([(1, 100)] * 2, "SMELTER-02"), events=events)
    columns = ("batches_before", "before_percent", "batches_after", "after_percent")
    assert only(found, *columns) == [
        (1, 90.0, 2, 97.5),
        (2, 97.5, 1, 99.0),
        (1, 99.0, 2, 94.5),
        (0, None, 2, 1.0),
    ]
    assert only(found, "change_percent", "is_change")[3] == (None, False)


def test_repeats_do_not_count(effects: Effects):
    points = [(0, 9000), (0, 9000), (1, 9010), (1, 9010), (2, 9500), (2, 9500), (3, 9510)]
    batches = life(points)
    for number in (1, 3, 5):
        batches[number]["is_repeat"] = True
    (found,) = effects(batches, events=[maintained(2)])
    assert (found["batches_before"], found["batches_after"]) == (2, 2)
    assert (found["before_percent"], found["after_percent"]) == (90.05, 95.05)


def test_a_batch_that_begins_with_maintenance_comes_after_it(effects: Effects):
    batches = life([(0, 9000), (1, 9900)])
    batches[1]["start_at"] = datetime(2025, 12, 2)
    (found,) = effects(batches, events=[maintained(1)])
    assert (found["before_percent"], found["after_percent"]) == (90.0, 99.0)
    assert (found["standard_error_percent"], found["is_change"]) == (None, False)


def test_batches_that_do_not_vary_show_any_change(effects: Effects):
    points = [(0, 9000)] * 3 + [(1, 9001)] * 3
    (found,) = effects(life(points), events=[maintained(1)])
    assert (found["change_percent"], found["standard_error_percent"]) == (0.01, 0.0)
    assert found["is_change"]
    (found,) = effects(life([(0, 9000)] * 3 + [(1, 9000)] * 3), events=[maintained(1)])
    assert not found["is_change"]


def test_maintenance_told_twice_is_two_events_with_nothing_between(effects: Effects):
    second = {**maintained(1), "_row_id": "zzz"}
    found = effects(life([(0, 9000), (1, 9900)]), events=[maintained(1), second])
    assert sorted(only(found, "batches_before", "batches_after")) == [(0, 1), (1, 0)]


def test_maintenance_of_which_no_batch_tells_has_a_row(effects: Effects):
    (found,) = effects(events=[maintained(1)])
    assert (found["batches_before"], found["batches_after"]) == (0, 0)
    told = ("before_percent", "after_percent", "change_percent", "standard_error_percent")
    assert [found[name] for name in told] == [None] * 4
    assert effects(life([(0, 9000)]), events=[]) == []
