"""When efficiency falls to a threshold, against a search in plain Python."""

import random
from collections.abc import Callable
from datetime import timedelta
from math import ceil

import pytest

from factory_simulation.domain import ForecastOutcome
from factory_simulation.pipelines.gold.health import summarise_machine_forecasts
from tests.conftest import Rows
from tests.pipelines.gold.wearing import EFFICIENCY, Line, life, parameters
from tests.pipelines.silver.landed import DAY, Compute, MakeTable, Row, only

TEN_YEARS = 3650
SEEDS = range(40)

Forecast = Callable[..., Rows]


@pytest.fixture
def forecast(table: MakeTable, rows: Compute) -> Forecast:
    def run(*batches: Rows, **given) -> Rows:
        told = [batch for machine in batches for batch in machine]
        return rows(summarise_machine_forecasts(table(EFFICIENCY, told), parameters(**given)))

    return run


def by_threshold(found: Rows) -> dict[int, Row]:
    return {row["threshold_percent"]: row for row in found}


def first_day(is_below: Callable[[float], bool], last_day: int) -> float | None:
    """Return the days from the last one on until something is so; None for not within years.

    It is looked for in steps of a quarter of a day, then by halving.
    """
    if is_below(last_day):
        return 0.0
    steps = (last_day + step / 4 for step in range(1, 4 * TEN_YEARS + 1))
    high = next((day for day in steps if is_below(day)), None)
    if high is None:
        return None
    low = high - 0.25
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if is_below(middle) else (middle, high)
    return high - last_day


def searched(line: Line, percent: int, last_day: int) -> dict[str, float | None]:
    """Return when the line, and either end of its interval, is at the threshold or below."""
    border = percent * 100
    return {
        "days": first_day(lambda day: float(line.at(day)) <= border, last_day),
        "days_low": first_day(lambda day: line.band(day)[0] <= border, last_day),
        "days_high": first_day(lambda day: line.band(day)[1] <= border, last_day),
    }


def scattered(seed: int) -> list[tuple[int, int]]:
    """Return batches of a machine that loses much, little, nothing or gains, in some noise."""
    dice = random.Random(seed)  # noqa: S311 - test data, not a secret
    loss, noise = dice.choice((300, 100, 20, 0, -20)), dice.choice((30, 200))
    level, days = dice.choice((9900, 9300, 8000)), dice.choice((3, 7, 20))
    return [
        (day, level - loss * day + dice.randint(-noise, noise))
        for day in range(days)
        for _ in range(3)
        if level - loss * day > 3000
    ]


def test_forecasts_are_where_the_interval_of_the_line_is_at_the_threshold(forecast: Forecast):
    machines = {f"M-{seed}": scattered(seed) for seed in SEEDS}
    found = forecast(*[life(points, name) for name, points in machines.items()])
    assert len(found) == 3 * len(machines)
    seen = set()
    for row in found:
        points = machines[row["machine_id"]]
        line = Line(points)
        expected = searched(line, row["threshold_percent"], points[-1][0])
        if not line.slope < 0 and expected["days"] != 0:
            assert expected["days"] is None
        for name, days in expected.items():
            assert row[name] == (days if days is None else pytest.approx(days, abs=1e-4)), row
        is_falling = line.slope + line.quantile * line.error < 0
        assert (row["crossing_wear_days_high"] is not None) <= is_falling
        seen.add(row["outcome"])
        seen.add((row["outcome"], row["days_low"] is None, row["days_high"] is None))
    assert seen >= {outcome.value for outcome in ForecastOutcome if outcome.value != "unknown"}
    assert seen >= {("uncertain", False, True), ("expected", False, False)}


def test_what_may_not_be_reached_yet_has_an_open_interval(forecast: Forecast):
    """The line is just below 90 %, and level: it may as well be above, for ever."""
    points = [(0, 8990), (1, 9010), (2, 8970), (3, 9000)]
    row, expected = by_threshold(forecast(life(points)))[90], searched(Line(points), 90, 3)
    assert expected == {"days": 0.0, "days_low": 0.0, "days_high": None}
    assert (row["outcome"], {name: row[name] for name in expected}) == ("reached", expected)


def test_what_is_past_is_reached_and_its_day_is_told(forecast: Forecast):
    """Of an exact line: 100 % at first, 2 % less each day, read up to the sixth day after."""
    found = by_threshold(forecast(life([(day, 10_000 - 200 * day) for day in range(7)])))
    assert only(list(found.values()), "threshold_percent", "outcome") == [
        (50, "expected"),
        (70, "expected"),
        (90, "reached"),
    ]
    for percent, crossing in {90: 5.0, 70: 15.0, 50: 25.0}.items():
        row, days = found[percent], max(crossing - 6, 0)
        ends = [f"crossing_wear_days{end}" for end in ("", "_low", "_high")]
        assert [row[name] for name in ends] == pytest.approx([crossing] * 3, abs=1e-5)
        assert [row[name] for name in ("days", "days_low", "days_high")] == pytest.approx(
            [days] * 3, abs=1e-5
        )


def test_dates_count_a_begun_day(forecast: Forecast):
    points = [(day, 10_000 - 130 * day + (40, -40)[day % 2]) for day in range(6)]
    for row in forecast(life(points)):
        last = DAY + timedelta(days=5)
        assert row["last_batch_date"] == last
        for date_name, name in {
            "expected_date": "days",
            "earliest_date": "days_low",
            "latest_date": "days_high",
        }.items():
            assert row[date_name] == last + timedelta(days=ceil(row[name])), (row, name)


def test_thresholds_are_those_of_the_parameters(forecast: Forecast):
    points = [(day, 10_000 - 200 * day) for day in range(4)]
    given = {"healthy_above_percent": 95, "critical_below_percent": 80, "floor_percent": 40}
    assert only(forecast(life(points), **given), "threshold_percent", "outcome") == [
        (40, "expected"),
        (80, "expected"),
        (95, "reached"),
    ]


def test_a_machine_that_is_maintained_wears_from_then_on(forecast: Forecast):
    """It was at 96 % on its third day, and is at 99 % again: 90 % is as far off as on the first."""
    batches = life([(0, 9800), (1, 9700), (2, 9600), (0, 9800), (1, 9700)])
    found = by_threshold(forecast(batches))
    assert found[90]["days"] == pytest.approx(7.0, abs=1e-5)
    assert found[90]["crossing_wear_days"] == pytest.approx(8.0, abs=1e-5)


def test_of_too_few_batches_nothing_is_foreseen(forecast: Forecast):
    for points in ([(0, 9800), (1, 9700)], [(0, 9800)] * 5, [(0, 9800)]):
        for row in forecast(life(points)):
            assert row["outcome"] == "unknown"
            told = ("days", "days_low", "days_high", "expected_date", "latest_date")
            assert [row[name] for name in told] == [None] * 5
    found = by_threshold(forecast(life([(0, 8000), (1, 7900)])))
    assert (found[90]["outcome"], found[90]["days"], found[90]["days_low"]) == ("reached", 0.0, 0.0)


def test_a_level_machine_never_falls(forecast: Forecast):
    for row in forecast(life([(day, 9500) for day in range(5)])):
        assert (row["outcome"], row["days"], row["days_low"]) == ("not_falling", None, None)


def test_what_is_more_than_ten_years_off_is_not_foreseen(forecast: Forecast):
    """A hundredth of a percent is lost in fifteen days."""
    found = by_threshold(forecast(life([(0, 9201), (15, 9200), (30, 9199)])))
    assert only([found[90], found[70]], "outcome", "days_high") == [
        ("expected", pytest.approx(2985, abs=1)),
        ("not_falling", None),
    ]


def test_the_worn_out_are_at_their_floor(forecast: Forecast):
    batches = life([(day, max(8000 - 1000 * day, 5000)) for day in range(8)])
    for batch in batches[3:]:
        batch["is_worn_out"] = True
    found = forecast(batches)
    assert only(found, "outcome", "days", "days_high") == [("reached", 0.0, 0.0)] * 3
    assert by_threshold(found)[50]["crossing_wear_days"] == pytest.approx(3.0, abs=1e-5)


def test_nothing_comes_of_nothing(forecast: Forecast):
    assert forecast() == []
