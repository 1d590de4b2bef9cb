"""Decay: the slope of a machine's efficiency, against a regression in plain Python."""

import random
from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from math import sqrt

import pytest

from factory_simulation.pipelines.gold.machines import build_machine_decay
from tests.conftest import Rows
from tests.pipelines.silver.landed import DAY, Compute, MakeTable, Row, only

READINGS = {
    "machine_id": "string",
    "factory_id": "string",
    "batch_date": "date",
    "batch_id": "string",
    "efficiency_percent": "float64",
}
EVENTS = {"machine_id": "string", "event_type": "string", "event_date": "date"}

Decay = Callable[..., Rows]


@pytest.fixture
def decay(table: MakeTable, rows: Compute) -> Decay:
    def run(*readings: Row, events: Rows = ()) -> Rows:
        return rows(build_machine_decay(table(READINGS, readings), table(EVENTS, events)))

    return run


def told(day: int, percent: float | None, number: int = 1, **different) -> Row:
    """A reading of a batch, so many days after the first."""
    return {
        "machine_id": "SMELTER-01",
        "factory_id": "alpha",
        "batch_date": DAY + timedelta(days=day),
        "batch_id": f"B{number}",
        "efficiency_percent": percent,
        **different,
    }


def maintained(day: int, machine_id: str = "SMELTER-01", event_type: str = "MAINTENANCE") -> Row:
    return {
        "machine_id": machine_id,
        "event_type": event_type,
        "event_date": DAY + timedelta(days=day),
    }


def regression(points: list[tuple[int, int]]) -> tuple[float, float]:
    """Return slope and its standard error, of basis points a day, as a textbook has them."""
    n = len(points)
    mean_x, mean_y = (Fraction(sum(part), n) for part in zip(*points, strict=True))
    sxx = sum((x - mean_x) ** 2 for x, _ in points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / sxx
    residuals = [y - mean_y - slope * (x - mean_x) for x, y in points]
    return float(slope), sqrt(sum(r**2 for r in residuals) / (n - 2) / sxx)


@pytest.mark.parametrize(("loss_bp", "seed"), [(0, 1), (30, 2), (100, 3), (-50, 4), (7, 5)])
def test_the_slope_and_its_error_are_those_of_a_regression(decay: Decay, loss_bp: int, seed: int):
    dice = random.Random(seed)  # noqa: S311 - test data, not a secret
    points = [
        (day, number, 9800 - loss_bp * day + dice.randint(-200, 200))
        for day in range(7)
        for number in range(1, 6)
    ]
    (found,) = decay(*[told(day, bp / 100, number) for day, number, bp in points])
    slope, error = regression([(day, bp) for day, _, bp in points])
    assert found["efficiency_change_per_day"] == pytest.approx(slope / 10_000, abs=1e-6)
    assert found["standard_error"] == pytest.approx(error / 10_000, abs=1e-6)
    assert found["is_decaying"] == (slope + 4 * error < 0)
    assert (found["machine_id"], found["factory_id"], found["batches"]) == (
        "SMELTER-01",
        "alpha",
        35,
    )


def test_there_is_a_machine_of_each_kind_among_those(decay: Decay):
    """At 1 % a day the loss is out of the noise, at none it is not."""
    losing = [told(day, 98 - day + noise) for day, noise in enumerate((0.1, -0.1, 0.1, -0.1, 0.1))]
    steady = [told(day, 98 + noise) for day, noise in enumerate((0.1, -0.1, 0.1, -0.1, 0.1))]
    gaining = [told(day, 90 + day + noise) for day, noise in enumerate((0.1, -0.1, 0.1, -0.1))]
    verdicts = [only(decay(*machine), "is_decaying") for machine in (losing, steady, gaining)]
    assert verdicts == [[True], [False], [False]]


def test_four_errors_are_the_border(decay: Decay):
    """Residuals of one size each way: the error is known, and the slope is put beside it."""
    noise = (100, -200, 100)
    _, error = regression([(day, 9000 + bp) for day, bp in enumerate(noise)])
    border = 4 * error
    for slope, is_decaying in [(int(border) - 1, False), (int(border) + 1, True)]:
        found = decay(*[told(d, (9000 - slope * d + bp) / 100) for d, bp in enumerate(noise)])
        assert only(found, "is_decaying") == [is_decaying]


def test_maintenance_begins_the_count_anew_and_a_stop_does_not(decay: Decay):
    saw = [98, 97, 96, 98, 97, 96, 98]
    readings = [told(day, percent) for day, percent in enumerate(saw)]
    events = [maintained(3), maintained(6), maintained(1, event_type="STOP")]
    events += [maintained(1, "SMELTER-02"), maintained(-2), maintained(40)]
    (found,) = decay(*readings, events=events)
    assert (found["efficiency_change_per_day"], found["standard_error"]) == (-0.01, 0.0)
    assert (found["is_decaying"], found["batches"]) == (True, 7)
    slope, error = regression(list(zip((0, 1, 2, 3, 4, 5, 6), [p * 100 for p in saw], strict=True)))
    (unmaintained,) = decay(*readings, events=[maintained(1, event_type="STOP")])
    assert unmaintained["efficiency_change_per_day"] == pytest.approx(slope / 10_000, abs=1e-6)
    assert not unmaintained["is_decaying"]
    assert unmaintained["standard_error"] == pytest.approx(error / 10_000, abs=1e-6)


def test_a_batch_counts_once_and_only_if_a_reading_tells_its_efficiency(decay: Decay):
    readings = [told(0, 98.0), told(0, 98.0), told(0, None), told(1, 97.0), told(2, 96.0)]
    readings += [told(3, None), told(3, 10.0, batch_id=None, batch_date=None)]
    (found,) = decay(*readings)
    assert (found["batches"], found["efficiency_change_per_day"]) == (3, -0.01)


def test_two_batches_show_a_slope_and_no_error(decay: Decay):
    (found,) = decay(told(0, 98.0), told(1, 90.0))
    assert (found["efficiency_change_per_day"], found["standard_error"]) == (-0.08, None)
    assert not found["is_decaying"]


def test_batches_of_one_day_show_no_slope(decay: Decay):
    (found,) = decay(*[told(0, 98.0 - number, number) for number in range(5)])
    assert (found["efficiency_change_per_day"], found["standard_error"]) == (None, None)
    assert (found["batches"], found["is_decaying"]) == (5, False)


def test_each_machine_has_its_own_line(decay: Decay):
    other = {"machine_id": "SMELTER-02", "factory_id": "omega"}
    readings = [told(day, 98.0 - day) for day in range(4)]
    readings += [told(day, 80.0, **other) for day in range(4)]
    assert only(decay(*readings), "machine_id", "factory_id", "is_decaying") == [
        ("SMELTER-01", "alpha", True),
        ("SMELTER-02", "omega", False),
    ]


def test_a_machine_of_which_nothing_is_known_has_no_row(decay: Decay):
    assert decay() == []
    assert decay(told(0, None), events=[maintained(0)]) == []
