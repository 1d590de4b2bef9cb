"""First in, first out is the same on every engine, and what a plain queue says."""

import random
from collections import defaultdict, deque
from collections.abc import Callable

import ibis.expr.types as ir
import pytest

from factory_simulation.expressions.fifo import first_in_first_out
from tests.conftest import Rows

LOTS = {"site": "string", "good": "string", "lot": "string", "came": "int64", "units": "int64"}
USES = {"site": "string", "good": "string", "use": "string", "went": "int64", "units": "int64"}
GROUP = ("site", "good")

Taken = list[tuple[str, str | None, int, int]]
"""Use, lot, units, and the units that had been used before."""


@pytest.fixture
def taken(table: Callable[..., ir.Table], rows: Callable[[ir.Table], Rows]):
    """Match lots with uses, given as (name, order, units) or as whole rows."""

    def compute(lots: list, uses: list) -> Rows:
        return rows(
            first_in_first_out(
                table(LOTS, [whole(LOTS, lot) for lot in lots]),
                table(USES, [whole(USES, use) for use in uses]),
                group=GROUP,
                order_of_lots=["came", "lot"],
                order_of_uses=["went", "use"],
            )
        )

    return compute


def whole(schema: dict[str, str], row: tuple) -> dict:
    padded = row if len(row) == len(schema) else ("a", "plate", *row)
    return dict(zip(schema, padded, strict=True))


def parts(found: Rows) -> Taken:
    told = [(row["use"], row["lot"], row["units"], row["units_before"]) for row in found]
    return sorted(told, key=lambda part: part[-1])


def test_a_use_takes_from_the_oldest_lot_that_is_left(taken):
    lots = [("l1", 1, 10), ("l2", 2, 10)]
    uses = [("u1", 5, 4), ("u2", 6, 8), ("u3", 7, 8)]
    assert parts(taken(lots, uses)) == [
        ("u1", "l1", 4, 0),
        ("u2", "l1", 6, 4),
        ("u2", "l2", 2, 10),
        ("u3", "l2", 8, 12),
    ]


def test_a_lot_that_ends_where_a_use_ends_goes_into_no_other(taken):
    lots = [("l1", 1, 10), ("l2", 2, 10)]
    assert parts(taken(lots, [("u1", 5, 10), ("u2", 6, 3)])) == [
        ("u1", "l1", 10, 0),
        ("u2", "l2", 3, 10),
    ]


def test_a_large_use_takes_many_lots_and_their_rest_stays(taken):
    lots = [("l1", 1, 1), ("l2", 2, 2), ("l3", 3, 3), ("l4", 4, 99)]
    assert parts(taken(lots, [("u1", 0, 7)])) == [
        ("u1", "l1", 1, 0),
        ("u1", "l2", 2, 1),
        ("u1", "l3", 3, 3),
        ("u1", "l4", 1, 6),
    ]


def test_what_no_lot_suffices_for_comes_from_none(taken):
    assert parts(taken([("l1", 1, 5)], [("u1", 5, 4), ("u2", 6, 4), ("u3", 7, 1)])) == [
        ("u1", "l1", 4, 0),
        ("u2", "l1", 1, 4),
        ("u2", None, 3, 5),
        ("u3", None, 1, 8),
    ]


def test_without_lots_all_comes_from_none_and_without_uses_nothing_is_taken(taken):
    assert parts(taken([], [("u1", 5, 4), ("u2", 6, 4)])) == [
        ("u1", None, 4, 0),
        ("u2", None, 4, 4),
    ]
    assert taken([("l1", 1, 5)], []) == []
    assert taken([], []) == []


def test_what_has_no_units_is_not_there(taken):
    lots = [("l0", 0, 0), ("l1", 1, 5), ("l2", 1, 0)]
    uses = [("u0", 0, 0), ("u1", 1, 2), ("u2", 1, 0), ("u3", 2, 3)]
    assert parts(taken(lots, uses)) == [("u1", "l1", 2, 0), ("u3", "l1", 3, 2)]


def test_ties_are_taken_in_the_order_that_is_given(taken):
    lots = [("l2", 1, 5), ("l1", 1, 5)]
    uses = [("u2", 1, 5), ("u1", 1, 5)]
    assert parts(taken(lots, uses)) == [("u1", "l1", 5, 0), ("u2", "l2", 5, 5)]


def test_groups_do_not_take_from_each_other(taken):
    lots = [("a", "plate", "l1", 1, 5), ("b", "plate", "l2", 1, 5), ("a", "gear", "l3", 1, 5)]
    uses = [("b", "plate", "u1", 1, 9), ("a", "gear", "u2", 1, 2), ("c", "plate", "u3", 1, 1)]
    found = taken(lots, uses)
    assert {(*[row[name] for name in GROUP], row["lot"], row["units"]) for row in found} == {
        ("b", "plate", "l2", 5),
        ("b", "plate", None, 4),
        ("a", "gear", "l3", 2),
        ("c", "plate", None, 1),
    }


def queue_says(lots: Rows, uses: Rows) -> set[tuple]:
    """Take from a queue, one use after the other."""
    queues = defaultdict(deque)
    for lot in sorted(lots, key=lambda row: (row["came"], row["lot"])):
        queues[lot["site"], lot["good"]].append([lot["lot"], lot["units"]])
    found, before = set(), defaultdict(int)
    for use in sorted(uses, key=lambda row: (row["went"], row["use"])):
        group, wanted = (use["site"], use["good"]), use["units"]
        queue = queues[group]
        while wanted:
            while queue and not queue[0][1]:
                queue.popleft()
            units = min(wanted, queue[0][1]) if queue else wanted
            found.add((*group, use["use"], queue[0][0] if queue else None, units, before[group]))
            if queue:
                queue[0][1] -= units
            wanted -= units
            before[group] += units
    return found


def test_a_plain_queue_takes_the_same(taken, dice: random.Random):
    def thrown(kind: str, count: int, most: int) -> list[tuple]:
        return [
            (
                dice.choice("ab"),
                dice.choice(["plate", "gear"]),
                f"{kind}{number}",
                dice.randint(0, 30),
                dice.randint(0, most),
            )
            for number in range(count)
        ]

    lots, uses = thrown("l", 150, 20), thrown("u", 120, 30)
    expected = queue_says([whole(LOTS, x) for x in lots], [whole(USES, x) for x in uses])
    found = taken(lots, uses)
    told = ("site", "good", "use", "lot", "units", "units_before")
    assert {tuple(row[name] for name in told) for row in found} == expected
    assert len(found) == len(expected) > 150
    assert any(row["lot"] is None for row in found)
