"""Quantiles, against a printed table."""

from itertools import pairwise
from statistics import NormalDist

import pytest

from factory_simulation.expressions.student_t import exact_t_quantile, t_quantile

PRINTED = {
    # degrees of freedom: two-sided 90 %, 95 %, 99 %, 99.9 %
    1: (6.314, 12.706, 63.657, 636.619),
    2: (2.920, 4.303, 9.925, 31.599),
    3: (2.353, 3.182, 5.841, 12.924),
    4: (2.132, 2.776, 4.604, 8.610),
    5: (2.015, 2.571, 4.032, 6.869),
    10: (1.812, 2.228, 3.169, 4.587),
    20: (1.725, 2.086, 2.845, 3.850),
    30: (1.697, 2.042, 2.750, 3.646),
    40: (1.684, 2.021, 2.704, 3.551),
    60: (1.671, 2.000, 2.660, 3.460),
    120: (1.658, 1.980, 2.617, 3.373),
}
"""As tables of statistics have them."""
CONFIDENCES = (0.9, 0.95, 0.99, 0.999)


@pytest.mark.parametrize(("place", "confidence"), list(enumerate(CONFIDENCES)))
def test_quantiles_are_those_of_the_table(each, place, confidence):
    found = each(lambda n: t_quantile(n, confidence), list(PRINTED), "int64")
    assert found == pytest.approx([row[place] for row in PRINTED.values()], abs=6e-4)


@pytest.mark.parametrize(("confidence", "off"), [(0.95, 1e-7), (0.99, 1e-6), (0.999, 1e-5)])
def test_beyond_the_table_the_series_is_as_exact(each, confidence, off):
    degrees = [30, 31, 32, 45, 100, 1000, 10**9]
    found = each(lambda n: t_quantile(n, confidence), degrees, "int64")
    exact = [exact_t_quantile(n, confidence) for n in degrees[:-1]]
    normal = NormalDist().inv_cdf((1 + confidence) / 2)
    assert found == pytest.approx([*exact, normal], abs=off)
    assert all(more > fewer for more, fewer in pairwise(found))


def test_without_a_degree_of_freedom_nothing_is_known(each):
    assert each(lambda n: t_quantile(n, 0.95), [0, -1, None], "int64") == [None, None, None]
