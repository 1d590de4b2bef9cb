"""What counts say of the chance behind them."""

from math import comb

import pytest

from factory_simulation.expressions.statistics import wilson

Z = 1.959963984540054


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [
        # Newcombe (1998), Statistics in Medicine 17, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_intervals_are_those_of_the_literature(each, hits, trials, low, high):
    # one column can be given, so the trials are a constant
    ends = [
        each(lambda n, end=end: wilson(n, n * 0 + trials)[end], [hits], "int64")[0]
        for end in (0, 1)
    ]
    assert ends == pytest.approx([low, high], abs=5e-5)


def test_the_interval_holds_the_shares_that_the_counts_do_not_refute(each):
    """By definition: the shares p with |hits - n p| <= z sqrt(n p (1 - p))."""
    for hits, trials in [(3, 10), (9, 10), (50, 100), (1, 2)]:
        for end in (0, 1):
            p = each(lambda n, t=trials, e=end: wilson(n, n * 0 + t)[e], [hits], "int64")[0]
            assert abs(hits - trials * p) == pytest.approx(
                Z * (trials * p * (1 - p)) ** 0.5, abs=1e-4
            )


def test_where_all_or_none_hit_one_end_is_exact(each):
    assert each(lambda n: wilson(n, n * 0 + 5)[0], [0, 5, None], "int64")[0] == 0.0
    assert each(lambda n: wilson(n, n * 0 + 5)[1], [0, 5, None], "int64")[1] == 1.0
    assert each(lambda n: wilson(n, n * 0 + 5)[1], [None], "int64") == [None]


def test_without_a_trial_there_is_no_interval(each):
    assert each(lambda n: wilson(n, n)[0], [0], "int64") == [None]
    assert each(lambda n: wilson(n, n)[1], [0], "int64") == [None]


def test_less_confidence_is_a_narrower_interval(each):
    wide, narrow = (
        each(lambda n, c=c: wilson(n, n * 0 + 20, c)[0], [10], "int64")[0] for c in (0.95, 0.8)
    )
    assert wide < narrow < 0.5


def test_nineteen_of_twenty_intervals_hold_the_chance(each):
    chance, n = 0.3, 40
    lows = each(lambda k: wilson(k, k * 0 + n)[0], range(n + 1), "int64")
    highs = each(lambda k: wilson(k, k * 0 + n)[1], range(n + 1), "int64")
    held = sum(
        comb(n, k) * chance**k * (1 - chance) ** (n - k)
        for k in range(n + 1)
        if lows[k] <= chance <= highs[k]
    )
    assert 0.93 < held < 0.98
