"""Control charts, against charts in plain Python: what they alarm of, and how often by chance."""

import random
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from math import sqrt
from statistics import fmean

import pytest

from factory_simulation.pipelines.gold.control import build_control_charts
from tests.conftest import Rows
from tests.pipelines.gold.control_rules import ALARMS, NOMINAL_RATE, alarm_rate, chart
from tests.pipelines.gold.wearing import EFFICIENCY, Line, life, parameters
from tests.pipelines.silver.landed import Compute, MakeTable, only

BASELINE = 50

Charts = Callable[..., Rows]


@pytest.fixture
def charts(table: MakeTable, rows: Compute) -> Charts:
    def run(*batches: Rows, **given) -> Rows:
        told = [batch for machine in batches for batch in machine]
        found = rows(build_control_charts(table(EFFICIENCY, told), parameters(**given)))
        return sorted(found, key=lambda row: (row["machine_id"], row["sequence_number"]))

    return run


def noisy(seed: int, count: int = 90, loss_bp: int = 0, noise: int = 60) -> list[tuple[int, int]]:
    """Return batches of a machine in normal noise, ten a day."""
    dice = random.Random(seed)  # noqa: S311 - test data, not a secret
    return [
        (number // 10, 9500 - loss_bp * (number // 10) + round(dice.gauss(0, noise)))
        for number in range(count)
    ]


@pytest.mark.parametrize("loss_bp", [0, 150])
@pytest.mark.parametrize("baseline", [20, 50])
def test_rules_and_limits_are_those_of_a_plain_chart(charts: Charts, loss_bp: int, baseline: int):
    machines = {f"M-{seed:02}": noisy(seed, loss_bp=loss_bp) for seed in range(20)}
    batches = [life(points, name) for name, points in machines.items()]
    found = charts(*batches, baseline_batches=baseline)
    broken = Counter()
    for name, points in machines.items():
        line = Line(points)
        slope = round(float(line.slope) * 10_000) if line.slope + 4 * line.error < 0 else 0
        assert (slope != 0) == (loss_bp > 0)
        values = [bp * 10_000 - slope * day for day, bp in points]
        of_machine = [row for row in found if row["machine_id"] == name]
        expected = chart(values, baseline)
        for row, value, rules in zip(of_machine, values, expected, strict=True):
            assert row["value_percent"] == pytest.approx(value / 1e6, abs=1e-9)
            assert {rule: row[rule] for rule in ALARMS} == rules
            assert row["is_alarm"] == any(rules.values())
            broken.update(rule for rule in ALARMS if row[rule])
        base = values[:baseline]
        mean, mean_range = fmean(base) / 1e6, fmean(abs(b - a) for a, b in pairwise(base)) / 1e6
        limits = {
            "centre_percent": mean,
            "lower_limit_percent": mean - 3 * mean_range / 1.128,
            "upper_limit_percent": mean + 3 * mean_range / 1.128,
            "moving_range_limit_percent": 3.267 * mean_range,
        }
        for column, limit in limits.items():
            assert only(of_machine, column) == pytest.approx([limit] * 90, abs=2e-6)
        assert only(of_machine, "is_baseline") == [n < baseline for n in range(90)]
    assert all(broken[rule] for rule in ALARMS)


def test_the_nominal_rate_of_false_alarms_is_that_of_the_scheme(charts: Charts):
    """It is more than the 0.27 % of three sigmas: five rules look, and limits are estimates.

    Simulated without gold it is what the ground truth is held to; and gold is no more alarmed.
    """
    rate, spread = alarm_rate(machines=2000, batches=72, baseline=BASELINE)
    assert rate == pytest.approx(NOMINAL_RATE, abs=3 * spread / sqrt(2000))
    found = charts(*[life(noisy(seed, 72), f"M-{seed}") for seed in range(200)])
    assert len(found) == 200 * 72
    alarms = sum(only(found, "is_alarm"))
    assert abs(alarms / len(found) - NOMINAL_RATE) < 3 * spread / sqrt(200)


def test_a_batch_that_is_far_off_alarms_at_once(charts: Charts):
    points = noisy(3)
    points[70] = (7, 9500 - 5 * 60)
    (row,) = [row for row in charts(life(points)) if row["sequence_number"] == 71]
    assert (row["is_beyond_limits"], row["is_moving_range_beyond"], row["is_alarm"]) == (True,) * 3


@pytest.mark.parametrize(("shift", "within"), [(3, 5), (2, 8), (1, 25)])
def test_a_change_alarms_soon(charts: Charts, shift: int, within: int):
    """By so many standard deviations, after the baseline: nine in ten machines alarm so soon."""
    machines = []
    for seed in range(40):
        points = [(0, bp) for _, bp in noisy(seed, 50 + within)]
        moved = [(0, bp - shift * 60) for _, bp in points[50:]]
        machines.append(life([*points[:50], *moved], f"M-{seed}"))
    found = charts(*machines)
    alarmed = {row["machine_id"] for row in found if row["is_alarm"] and not row["is_baseline"]}
    assert len(alarmed) >= 36


def test_a_decaying_machine_alarms_no_more_than_a_steady_one(charts: Charts):
    losing = [life(noisy(seed, 72, loss_bp=200), f"M-{seed}") for seed in range(100)]
    _, spread = alarm_rate(machines=500, batches=72, baseline=BASELINE)
    rate = fmean(only(charts(*losing), "is_alarm"))
    assert rate < NOMINAL_RATE + 3 * spread / sqrt(100)


def test_a_decay_that_has_not_alarmed_yet_is_left_in(charts: Charts):
    """The line's slope is less than four errors below zero: what is charted is what was read."""
    points = noisy(1, 30, loss_bp=20)
    line = Line(points)
    assert -4 * line.error < line.slope < 0
    found = charts(life(points))
    assert only(found, "value_percent") == only(found, "efficiency_percent")


def test_too_few_batches_have_no_limits_and_do_not_alarm(charts: Charts):
    points = [(0, 9000 if number == 10 else 9500 + number % 2) for number in range(19)]
    for row in charts(life(points)):
        assert (row["centre_percent"], row["upper_limit_percent"], row["is_alarm"]) == (
            *(None, None),
            False,
        )
    assert any(only(charts(life([*points, (0, 9500)])), "is_alarm"))


def test_machines_that_never_vary_alarm_if_they_do(charts: Charts):
    level = [(0, 9500)] * 55
    assert not any(only(charts(life(level)), "is_alarm"))
    found = charts(life([*level, (0, 9501)]))
    assert only(found, "is_beyond_limits", "is_moving_range_beyond")[-1] == (True, True)
    assert sum(only(found, "is_alarm")) == 1


def test_the_worn_out_are_not_charted(charts: Charts):
    batches = life([(day // 10, 9800 - 100 * (day // 10)) for day in range(60)])
    for batch in batches[40:]:
        batch["is_worn_out"] = True
    found = charts(batches)
    assert only(found, "value_percent") == [98.0] * 40 + [None] * 20
    assert only(found, "moving_range_percent") == [None] + [0.0] * 39 + [None] * 20
    assert only(found, "is_baseline") == [True] * 40 + [False] * 20
    assert not any(only(found, "is_alarm"))


def test_what_repeats_is_left_out_of_the_chart(charts: Charts):
    points = noisy(5, 60)
    plain = charts(life(points))
    batches = life([point for point in points for _ in range(2)])
    for number, batch in enumerate(batches):
        batch["is_repeat"] = number % 2 > 0
    found = charts(batches)
    same = [name for name in plain[0] if name not in {"batch_key", "sequence_number", "start_at"}]
    assert only(found[::2], *same) == only(plain, *same)
    repeats = found[1::2]
    assert only(repeats, "value_percent", "moving_range_percent") == [(None, None)] * 60
    assert not any(row["is_alarm"] or row["is_baseline"] for row in repeats)


def test_nothing_comes_of_nothing(charts: Charts):
    assert charts() == []
