"""Quantiles of Student's t, which Python's standard library does not have."""

from math import cos, pi, sin, sqrt, tan
from statistics import NormalDist
from typing import Any

import ibis
import ibis.expr.types as ir

_TABULATED = 30
"""Up to so many degrees of freedom, quantiles are computed here; beyond, a series is as exact."""
_HALVINGS = 200


def t_quantile(degrees: ir.IntegerValue, confidence: float) -> ir.FloatingValue:
    """Return how many standard errors an interval of Student's t reaches to either side.

    Null for fewer than one degree of freedom. It is off by less than 1e-6 up to a confidence of
    0.99, by less than 1e-5 up to 0.999. Engines have but to add and divide, so they agree.

    Args:
        degrees: Degrees of freedom: what a standard error was estimated from.
        confidence: The share of such intervals that hold what they estimate.
    """
    exact = [
        (degrees == count, ibis.literal(exact_t_quantile(count, confidence), "float64"))
        for count in range(1, _TABULATED + 1)
    ]
    n = degrees.cast("float64")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    series: Any = 0.0
    for term in reversed(_cornish_fisher(z)):
        series = term + series / n.nullif(0)
    return ibis.cases(*exact, (degrees > _TABULATED, series), else_=ibis.null("float64"))


def exact_t_quantile(degrees: int, confidence: float) -> float:
    """Return the same for one number of degrees of freedom, by halving an interval."""
    low, high = 0.0, pi / 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _share_within(degrees, middle) < confidence:
            low = middle
        else:
            high = middle
    return sqrt(degrees) * tan(low)


def _share_within(degrees: int, angle: float) -> float:
    """Return the chance of ``|t| < sqrt(degrees) tan(angle)``: Abramowitz and Stegun 26.7.3-4."""
    is_odd = degrees % 2
    squared = cos(angle) ** 2
    term, total = (cos(angle) if is_odd else 1.0), 0.0
    for number in range(2 + is_odd, degrees + 1, 2):
        total += term
        term *= squared * (number - 1) / number
    if is_odd:
        return (angle + sin(angle) * total) * 2 / pi
    return sin(angle) * total


def _cornish_fisher(z: float) -> list[float]:
    """Return the terms of a t quantile in powers of 1 / degrees: Abramowitz and Stegun 26.7.5."""
    return [
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    ]
