"""Numbers that are the same on every engine."""

import ibis
import pytest
from ibis import _

from factory_simulation.expressions.numbers import MICRO, from_micro, micro, ratio, whole_numbers


def test_millionths_are_rounded_halves_away_from_zero(each):
    values = [0.0, 1.5, 2.5e-6, 3.5e-6, -2.5e-6, 2.4e-6, -0.1234564, None]
    assert each(micro, values, "float64") == [0, 1_500_000, 3, 4, -3, 2, -123456, None]


def test_large_numbers_are_not_moved_by_rounding(each):
    largest = 999_999_999_999.0
    assert each(micro, [largest, -largest], "float64") == [
        int(largest * MICRO),
        -int(largest * MICRO),
    ]


def test_integers_are_divided_as_numbers(each):
    assert each(lambda n: ratio(n, 2), [7, -7, 0, None], "int64") == [3.5, -3.5, 0.0, None]
    assert each(from_micro, [1_567_140_000], "int64") == [1567.14]


def test_a_dividend_that_is_used_elsewhere_is_divided_all_the_same(engine, table):
    """The cast that is added for some engines would land in the other use."""
    one = table({"n": "int64"}, [{"n": 7}])
    used = one.select(half=ratio(_.n, 2), kept=ibis.ifelse(_.n > 5, _.n, 0))
    assert engine.fetch(used).to_pylist() == [{"half": 3.5, "kept": 7}]


@pytest.mark.parametrize(("dividend", "divisor"), [(7, 2), (8, 4), (0, 3), (2**52 + 1, 3)])
def test_whole_quotients_and_remainders_are_those_of_python(each, dividend, divisor):
    assert each(lambda n: n // divisor, [dividend], "int64") == [dividend // divisor]
    assert each(lambda n: n % divisor, [dividend], "int64") == [dividend % divisor]


@pytest.mark.parametrize("most", [0, 1, 2, 31, 32, 366])
def test_whole_numbers_begin_with_0_and_reach_what_was_asked_for(engine, table, most):
    for rows in ([], [{"n": 7}, {"n": 7}]):
        numbers = whole_numbers(table({"n": "int64"}, rows), most).order_by("number")
        found = engine.fetch(numbers)["number"].to_pylist()
        assert found == list(range(len(found)))
        assert most < len(found) <= max(2 * most, 1)
