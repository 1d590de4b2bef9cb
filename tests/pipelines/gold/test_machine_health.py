"""How machines are, against a regression in plain Python."""

import random
from collections.abc import Callable

import pytest

from factory_simulation.domain import HealthState
from factory_simulation.pipelines.gold.health import summarise_machine_health
from tests.conftest import Rows
from tests.pipelines.gold.wearing import EFFICIENCY, Line, life, parameters
from tests.pipelines.silver.landed import Compute, MakeTable, only

Health = Callable[..., Rows]


@pytest.fixture
def health(table: MakeTable, rows: Compute) -> Health:
    def run(*batches: Rows, **given) -> Rows:
        told = [batch for machine in batches for batch in machine]
        return rows(summarise_machine_health(table(EFFICIENCY, told), parameters(**given)))

    return run


@pytest.mark.parametrize("confidence", [0.95, 0.9])
@pytest.mark.parametrize(("loss_bp", "seed"), [(0, 1), (30, 2), (100, 3), (-50, 4), (7, 5)])
def test_the_slope_and_its_interval_are_those_of_a_regression(
    health: Health, loss_bp: int, seed: int, confidence: float
):
    dice = random.Random(seed)  # noqa: S311 - test data, not a secret
    points = [
        (day, 9800 - loss_bp * day + dice.randint(-200, 200)) for day in range(7) for _ in range(5)
    ]
    (found,) = health(life(points), confidence=confidence)
    line = Line(points, confidence)
    slope, reach = float(line.slope), line.quantile * line.error
    assert found["change_percent_per_day"] == pytest.approx(slope / 100, abs=1e-6)
    assert found["standard_error_percent_per_day"] == pytest.approx(line.error / 100, abs=1e-6)
    assert found["change_low_percent_per_day"] == pytest.approx((slope - reach) / 100, abs=1e-6)
    assert found["change_high_percent_per_day"] == pytest.approx((slope + reach) / 100, abs=1e-6)
    assert found["efficiency_percent"] == pytest.approx(float(line.at(6)) / 100, abs=1e-6)
    assert found["is_decaying"] == (line.slope + 4 * line.error < 0)
    assert (found["batches"], found["batches_fitted"], found["wear_days"]) == (35, 35, 6)
    assert found["last_efficiency_percent"] == points[-1][1] / 100
    assert found["last_batch_date"] == life(points)[-1]["batch_date"]


def test_there_is_a_machine_of_each_kind_among_those(health: Health):
    """At 1 % a day the loss is out of the noise, at none it is not."""
    noise = (10, -10, 10, -10, 10)
    losing = [(day, 9800 - 100 * day + bp) for day, bp in enumerate(noise)]
    steady = [(day, 9800 + bp) for day, bp in enumerate(noise)]
    gaining = [(day, 9000 + 100 * day + bp) for day, bp in enumerate(noise)]
    machines = [life(points, f"M-{i}") for i, points in enumerate((losing, steady, gaining))]
    assert only(health(*machines), "is_decaying") == [True, False, False]


def test_four_errors_are_the_border(health: Health):
    """Residuals of one size each way: the error is known, and the slope is put beside it."""
    noise = (100, -200, 100)
    border = 4 * Line([(day, 9000 + bp) for day, bp in enumerate(noise)]).error
    for slope, is_decaying in [(int(border) - 1, False), (int(border) + 1, True)]:
        found = health(life([(d, 9000 - slope * d + bp) for d, bp in enumerate(noise)]))
        assert only(found, "is_decaying") == [is_decaying]


@pytest.mark.parametrize(
    ("bp", "state"),
    [(9001, "healthy"), (9000, "warning"), (7000, "warning"), (6999, "critical"), (0, "critical")],
)
def test_the_state_is_by_the_efficiency_now(health: Health, bp: int, state: str):
    falling = [(day, min(bp + 50 * (4 - day), 20_000)) for day in range(5)]
    (found,) = health(life(falling))
    assert (found["efficiency_percent"], found["state"]) == (bp / 100, HealthState(state))


def test_what_is_worn_out_is_not_fitted_and_stays_at_the_floor(health: Health):
    points = [(day, max(8000 - 1000 * day, 5000)) for day in range(8)]
    batches = life(points)
    for batch in batches[3:]:
        batch["is_worn_out"] = True
    (found,) = health(batches)
    assert (found["change_percent_per_day"], found["efficiency_percent"]) == (-10.0, 50.0)
    assert (found["batches"], found["batches_fitted"], found["state"]) == (8, 3, "critical")
    (found,) = health(life([(0, 5000), (1, 5000)], is_worn_out=True))
    assert (found["change_percent_per_day"], found["efficiency_percent"]) == (None, 50.0)
    assert (found["batches_fitted"], found["is_decaying"]) == (0, False)


def test_repeats_make_no_line_surer(health: Health):
    points = [(0, 9800), (1, 9850), (2, 9790), (3, 9830)]
    once = health(life(points))
    batches = life([point for point in points for _ in range(3)])
    for number, batch in enumerate(batches):
        batch["is_repeat"] = number % 3 > 0
    (found,) = health(batches)
    assert [{**found, "batches": 4}] == once
    assert (found["batches"], found["batches_fitted"]) == (12, 4)


def test_two_batches_show_a_slope_and_no_error(health: Health):
    (found,) = health(life([(0, 9800), (1, 9000)]))
    assert (found["change_percent_per_day"], found["efficiency_percent"]) == (-8.0, 90.0)
    assert found["standard_error_percent_per_day"] is None
    assert found["change_low_percent_per_day"] is None
    assert (found["is_decaying"], found["state"]) == (False, "warning")


def test_batches_of_one_day_show_no_slope_but_a_level(health: Health):
    (found,) = health(life([(0, 9800 - 100 * number) for number in range(5)]))
    assert found["change_percent_per_day"] is None
    assert found["standard_error_percent_per_day"] is None
    assert (found["efficiency_percent"], found["last_efficiency_percent"]) == (96.0, 94.0)
    assert (found["batches"], found["is_decaying"], found["state"]) == (5, False, "healthy")


def test_each_machine_has_its_own_line(health: Health):
    losing = life([(day, 9800 - 100 * day) for day in range(4)])
    steady = life([(day, 8000) for day in range(4)], "SMELTER-02", factory_id="omega")
    assert only(health(losing, steady), "machine_id", "factory_id", "is_decaying", "state") == [
        ("SMELTER-01", "alpha", True, "healthy"),
        ("SMELTER-02", "omega", False, "warning"),
    ]


def test_a_machine_of_which_nothing_is_known_has_no_row(health: Health):
    assert health() == []
