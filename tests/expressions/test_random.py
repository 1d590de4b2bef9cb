"""Random numbers depend on their stream and their keys alone."""

from collections import Counter
from collections.abc import Callable
from hashlib import blake2b
from itertools import pairwise
from typing import Any

import ibis.expr.types as ir
import pytest

from factory_simulation.expressions.random import LARGEST_RANGE, MODULUS, Stream, key_of

COUNT = 20_000


@pytest.fixture
def numbers(table: Callable[..., ir.Table]) -> ir.Table:
    """The keys from 0 to 19,999."""
    return table({"n": "int64"}, [{"n": n} for n in range(COUNT)])


@pytest.fixture
def keys(table: Callable[..., ir.Table]) -> ir.Table:
    """A few rows of three keys, the largest that are allowed among them."""
    schema = {"a": "int64", "b": "int64", "c": "int64"}
    triples = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 2, 3), (20251201, 7, 12)]
    triples += [(2**31 - 1, 2**31 - 1, 2**31 - 1), (2**31 - 1, 0, 5)]
    return table(schema, [dict(zip("abc", triple, strict=True)) for triple in triples])


def computed(numbered: ir.Table, expression: ir.Value) -> list[Any]:
    """Return an expression's values in the order of the table's columns."""
    return numbered.order_by(numbered.columns).select(x=expression).x.to_pyarrow().to_pylist()


def draw_in_python(seed: int, name: str, *keys: int) -> int:
    """Draw as the documentation of the generator says: affine, quadratic, affine, and so on."""
    words = [
        int.from_bytes(blake2b(f"{seed}:{name}:{i}".encode(), digest_size=8).digest(), "big")
        for i in range(8)
    ]
    factor = [2**29 + word % 2**28 * 2 + 1 for word in words]
    offset = [word % (2**31 - 1) for word in words]
    x = sum(key * by for key, by in zip(keys, factor, strict=False)) + offset[3]
    x %= 2147483647
    x = x * (2 * x + 1) % 2**31
    x = (x * factor[4] + offset[5]) % 2147483629
    x = x * (2 * x + 1) % 2**31
    return (x * factor[6] + offset[7]) % 2147483587


@pytest.mark.parametrize("stream", [Stream(42, "sensor.energy"), Stream(0, ""), Stream(-7, "ü")])
def test_draws_are_those_of_the_documented_formula(keys: ir.Table, stream: Stream):
    triples = sorted(tuple(row.values()) for row in keys.to_pyarrow().to_pylist())
    for width in (1, 2, 3):
        drawn = computed(keys, stream.draw(*[keys[name] for name in "abc"[:width]]))
        assert drawn == [
            draw_in_python(stream.seed, stream.name, *triple[:width]) for triple in triples
        ]


def test_draws_stay_the_same_from_release_to_release(keys: ir.Table):
    stream = Stream(42, "units")
    one = keys.filter(keys.a == 20251201)
    assert computed(one, stream.draw(one.a, one.b, one.c)) == [911293031]
    assert key_of("SMELTER-01") == 676396721


def test_a_row_draws_the_same_in_any_order_and_any_part_of_a_table(numbers: ir.Table):
    def draws(part: ir.Table) -> dict[int, int]:
        drawn = part.select("n", x=Stream(1, "order").draw(part.n)).to_pyarrow().to_pylist()
        return {row["n"]: row["x"] for row in drawn}

    whole = draws(numbers)
    part = draws(numbers.filter(numbers.n % 7 == 3).order_by(numbers.n.desc()))
    assert part == {n: x for n, x in whole.items() if n % 7 == 3}


def test_other_seeds_names_and_orders_of_keys_draw_other_numbers(keys: ir.Table):
    row = keys.filter(keys.a == 1, keys.b == 2)
    drawn = [
        computed(row, Stream(1, "a").draw(row.a, row.b)),
        computed(row, Stream(2, "a").draw(row.a, row.b)),
        computed(row, Stream(1, "b").draw(row.a, row.b)),
        computed(row, Stream(1, "a").draw(row.b, row.a)),
        computed(row, Stream(1, "a").draw(row.a)),
    ]
    assert len({tuple(numbers) for numbers in drawn}) == 5


def test_two_streams_have_nothing_in_common(numbers: ir.Table):
    one, other = Stream(1, "one").draw(numbers.n), Stream(1, "other").draw(numbers.n)
    pairs = numbers.select(one=one / MODULUS, other=other / MODULUS)
    assert abs(pairs.one.corr(pairs.other, how="pop").to_pyarrow().as_py()) < 0.03


def test_draws_are_spread_evenly(numbers: ir.Table):
    drawn = computed(numbers, Stream(5, "even").draw(numbers.n))
    assert all(0 <= x < MODULUS for x in drawn)
    assert sum(drawn) / COUNT / MODULUS == pytest.approx(0.5, abs=0.01)
    tenths = Counter(x * 10 // MODULUS for x in drawn)
    assert all(tenths[tenth] == pytest.approx(COUNT / 10, rel=0.1) for tenth in range(10))


def test_a_draw_says_nothing_about_the_next_key(numbers: ir.Table):
    drawn = computed(numbers, Stream(6, "next").draw(numbers.n))
    quarters = Counter((x * 4 // MODULUS, y * 4 // MODULUS) for x, y in pairwise(drawn))
    assert len(quarters) == 16
    assert all(count == pytest.approx(COUNT / 16, rel=0.15) for count in quarters.values())


def test_integers_reach_both_bounds_and_are_equally_likely(numbers: ir.Table):
    drawn = Counter(computed(numbers, Stream(7, "dice").integer(-2, 3, numbers.n)))
    assert sorted(drawn) == [-2, -1, 0, 1, 2, 3]
    assert all(count == pytest.approx(COUNT / 6, rel=0.1) for count in drawn.values())


def test_bounds_of_integers_may_be_columns(numbers: ir.Table):
    drawn = numbers.select("n", x=Stream(8, "bounds").integer(numbers.n, numbers.n + 2, numbers.n))
    spread = Counter(row["x"] - row["n"] for row in drawn.to_pyarrow().to_pylist())
    assert sorted(spread) == [0, 1, 2]


def test_a_range_of_one_value_draws_that_value(numbers: ir.Table):
    assert set(computed(numbers, Stream(9, "one").integer(4, 4, numbers.n))) == {4}


def test_the_largest_range_is_still_exact(numbers: ir.Table):
    stream = Stream(10, "wide")
    drawn = computed(numbers, stream.integer(0, LARGEST_RANGE - 1, numbers.n))
    assert drawn == [draw_in_python(10, "wide", n) * LARGEST_RANGE // MODULUS for n in range(COUNT)]


@pytest.mark.parametrize("rate", [0.01, 0.3, 0.9])
def test_what_has_a_rate_happens_so_often(numbers: ir.Table, rate: float):
    happened = computed(numbers, Stream(11, "rate").happens(rate, numbers.n))
    assert sum(happened) / COUNT == pytest.approx(rate, abs=0.01)


def test_rates_of_zero_and_one_are_never_and_always(numbers: ir.Table):
    assert not any(computed(numbers, Stream(12, "never").happens(0, numbers.n)))
    assert all(computed(numbers, Stream(12, "always").happens(1, numbers.n)))


def test_nothing_is_drawn_for_an_empty_table(keys: ir.Table):
    none = keys.filter(keys.a < 0)
    stream = Stream(13, "none")
    assert computed(none, stream.draw(none.a)) == []
    assert computed(none, stream.integer(0, 5, none.a)) == []
    assert computed(none, stream.happens(0.5, none.a)) == []


def test_a_draw_without_keys_or_with_four_is_refused(keys: ir.Table):
    with pytest.raises(ValueError, match="1 to 3 keys, got 0"):
        Stream(1, "a").draw()
    with pytest.raises(ValueError, match="1 to 3 keys, got 4"):
        Stream(1, "a").draw(keys.a, keys.b, keys.c, keys.a)


def test_names_have_keys_that_a_draw_may_take():
    names = [f"MACHINE-{number:03}" for number in range(1000)]
    keys = {key_of(name) for name in names}
    assert len(keys) == 1000
    assert all(0 <= key < 2**31 for key in keys)
