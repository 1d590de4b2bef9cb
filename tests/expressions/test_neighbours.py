"""Which anchors stand before and after an event."""

import random
from collections.abc import Callable, Iterator

import ibis.expr.types as ir
import pytest

from factory_simulation.expressions.neighbours import with_neighbours
from tests.conftest import Rows

EVENTS = {"event": "string", "machine": "string", "at": "int64"}
ANCHORS = {"anchor": "string", "machine": "string", "stands_at": "int64"}

Pairs = list[tuple[str, str]]


@pytest.fixture
def pair(table: Callable[..., ir.Table]) -> Callable[[Rows, Rows], Pairs]:
    """Pair events with their neighbours; return the names of both, sorted."""

    def compute(events: Rows, anchors: Rows) -> Pairs:
        paired = with_neighbours(
            table(EVENTS, events),
            table(ANCHORS, anchors),
            group="machine",
            at="at",
            anchor_at="stands_at",
        )
        found = paired.select("event", "anchor").to_pyarrow().to_pylist()
        return sorted((row["event"], row["anchor"]) for row in found)

    return compute


def event(name: str, at: int, machine: str = "m") -> dict:
    return {"event": name, "machine": machine, "at": at}


def anchor(name: str, stands_at: int, machine: str = "m") -> dict:
    return {"anchor": name, "machine": machine, "stands_at": stands_at}


def test_an_event_between_two_anchors_has_both(pair):
    assert pair([event("e", 15)], [anchor("a", 10), anchor("b", 20), anchor("c", 30)]) == [
        ("e", "a"),
        ("e", "b"),
    ]


def test_an_event_before_all_anchors_has_the_first(pair):
    assert pair([event("e", 5)], [anchor("a", 10), anchor("b", 20)]) == [("e", "a")]


def test_an_event_after_all_anchors_has_the_last(pair):
    assert pair([event("e", 25)], [anchor("a", 10), anchor("b", 20)]) == [("e", "b")]


def test_an_anchor_at_the_moment_of_an_event_stands_before_it(pair):
    assert pair([event("e", 10)], [anchor("a", 10), anchor("b", 20)]) == [("e", "a"), ("e", "b")]


def test_of_anchors_at_one_moment_the_nearer_in_the_order_of_their_columns_is_taken(pair):
    tied = [anchor("b", 10), anchor("a", 10), anchor("d", 20), anchor("c", 20)]
    assert pair([event("e", 15)], tied) == [("e", "b"), ("e", "c")]


def test_events_at_one_moment_are_each_paired(pair):
    assert pair([event("e", 15), event("f", 15)], [anchor("a", 10)]) == [("e", "a"), ("f", "a")]


def test_events_see_only_the_anchors_of_their_own_group(pair):
    anchors = [anchor("a", 10, "m"), anchor("b", 12, "n")]
    assert pair([event("e", 15, "m"), event("f", 15, "o")], anchors) == [("e", "a")]


def test_all_columns_of_both_sides_come_out(table, rows):
    paired = with_neighbours(
        table(EVENTS, [event("e", 15)]),
        table(ANCHORS, [anchor("a", 10)]),
        group="machine",
        at="at",
        anchor_at="stands_at",
    )
    assert rows(paired) == [
        {"event": "e", "machine": "m", "at": 15, "anchor": "a", "stands_at": 10}
    ]


def test_without_events_or_anchors_there_are_no_pairs(pair):
    assert pair([], [anchor("a", 10)]) == []
    assert pair([event("e", 15)], []) == []
    assert pair([], []) == []


def test_random_events_have_the_neighbours_that_a_search_finds(pair, dice: random.Random):
    """Times are few, so that many events and anchors share a moment; one machine has no anchor."""
    events = [event(f"e{i}", dice.randrange(-20, 80), dice.choice("mnop")) for i in range(300)]
    anchors = [anchor(f"a{i:02}", dice.randrange(0, 60), dice.choice("mno")) for i in range(60)]
    assert pair(events, anchors) == sorted(_search(events, anchors))


def _search(events: Rows, anchors: Rows) -> Iterator[tuple[str, str]]:
    """Look at every anchor for every event."""
    for one in events:
        own = sorted(
            (other["stands_at"], other["anchor"])
            for other in anchors
            if other["machine"] == one["machine"]
        )
        before = [name for at, name in own if at <= one["at"]]
        after = [name for at, name in own if at > one["at"]]
        yield from ((one["event"], name) for name in before[-1:] + after[:1])
