"""A chart of individuals and moving ranges with the Western Electric rules, in plain Python."""

import random
from itertools import pairwise
from statistics import fmean, pstdev

ALARMS = (
    "is_beyond_limits",
    "is_two_of_three",
    "is_four_of_five",
    "is_run_of_eight",
    "is_moving_range_beyond",
)
NOMINAL_RATE = 0.0245
"""Of batches that alarm by chance: 72 a machine, limits of the first 50, normal noise.

Measured by `alarm_rate` over 20,000 machines.
"""


def chart(values: list[float], baseline: int) -> list[dict[str, bool]]:
    """Return which rules each value breaks; limits are those of the first values."""
    base = values[:baseline]
    mean, mean_range = fmean(base), fmean(abs(b - a) for a, b in pairwise(base))
    sigmas = [(value - mean) / mean_range * 1.128 for value in values]
    return [
        {
            "is_beyond_limits": abs(sigmas[i]) > 3,
            "is_two_of_three": _enough(sigmas[: i + 1], off=2, fewest=2, of=3),
            "is_four_of_five": _enough(sigmas[: i + 1], off=1, fewest=4, of=5),
            "is_run_of_eight": _enough(sigmas[: i + 1], off=0, fewest=8, of=8),
            "is_moving_range_beyond": i > 0 and abs(values[i] - values[i - 1]) > 3.267 * mean_range,
        }
        for i in range(len(values))
    ]


def _enough(sigmas: list[float], off: int, fewest: int, of: int) -> bool:
    """Tell whether the last value is one of enough that are off to its side."""
    side = 1 if sigmas[-1] > 0 else -1
    return side * sigmas[-1] > off and sum(side * x > off for x in sigmas[-of:]) >= fewest


def alarm_rate(machines: int, batches: int, baseline: int, seed: int = 1) -> tuple[float, float]:
    """Return the share of a steady machine's values that alarm, and its spread over machines."""
    dice = random.Random(seed)  # noqa: S311 - test data, not a secret
    rates = [
        fmean(
            any(rules.values())
            for rules in chart([dice.gauss(0, 1) for _ in range(batches)], baseline)
        )
        for _ in range(machines)
    ]
    return fmean(rates), pstdev(rates)
