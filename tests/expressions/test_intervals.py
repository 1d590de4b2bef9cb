"""Intervals against their seconds, counted one by one in Python."""

from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factory_simulation.datasets.engines import Engine, open_engine
from factory_simulation.expressions import intervals
from tests.conftest import Rows

DAY = 86400
TYPES = {
    "machine": "string",
    "start_seconds": "int64",
    "end_seconds": "int64",
    "name": "string",
    "value": "int64",
}
Told = tuple[str, int, int, int]
MINUTES = st.integers(0, 40)
TOLD = st.lists(
    st.tuples(st.sampled_from("ab"), MINUTES, MINUTES, st.integers(1, 3)).map(
        lambda told: (told[0], min(told[1:3]), max(told[1:3]), told[3])
    ),
    max_size=12,
)
often = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
EXAMPLES: list[Told] = [
    *[("a", 0, 10, 1), ("a", 2, 5, 2), ("a", 8, 12, 3), ("a", 12, 15, 1), ("a", 20, 20, 2)],
    *[("a", 22, 25, 1), ("a", 22, 25, 1), ("b", 3, 9, 1), ("b", 3, 4, 2)],
]


@pytest.fixture(scope="module")
def here() -> Engine:
    return open_engine({"backend": "duckdb"})


def numbered(told: list[Told]) -> Rows:
    return [
        dict(zip(TYPES, (machine, start, end, f"n{number:02}", value), strict=True))
        for number, (machine, start, end, value) in enumerate(told)
    ]


def table_of(engine: Engine, rows: Rows) -> ir.Table:
    return engine.small_table(pa.Table.from_pylist(rows, schema=ibis.schema(TYPES).to_pyarrow()))


def fetch(engine: Engine, found: ir.Table) -> Rows:
    return engine.fetch(found.order_by(found.columns)).to_pylist()


def seconds_of(row: dict) -> range:
    return range(row["start_seconds"], row["end_seconds"])


def check_without_overlap(engine: Engine, told: list[Told]) -> None:
    given_rows = numbered(told)
    found = fetch(
        engine,
        intervals.without_overlap(
            table_of(engine, given_rows), group="machine", tie_breakers=["name"]
        ),
    )
    first: dict[tuple[str, int], str] = {}
    for row in sorted(given_rows, key=lambda r: (r["start_seconds"], r["end_seconds"], r["name"])):
        for second in seconds_of(row):
            first.setdefault((row["machine"], second), row["name"])
    assert {
        (row["machine"], second): row["name"] for row in found for second in seconds_of(row)
    } == first
    assert sum(len(seconds_of(row)) for row in found) == len(first)
    assert all(seconds_of(row) for row in found)


def check_overlay(engine: Engine, told: list[Told]) -> None:
    given_rows = numbered(told)
    found = fetch(
        engine,
        intervals.overlay(table_of(engine, given_rows), group="machine", values=["value"]),
    )
    sums: Counter[tuple[str, int]] = Counter()
    for row in given_rows:
        for second in seconds_of(row):
            sums[row["machine"], second] += row["value"]
    expected = {}
    for machine in {row["machine"] for row in given_rows}:
        own = [row for row in given_rows if row["machine"] == machine]
        reach = range(
            min(row["start_seconds"] for row in own), max(row["end_seconds"] for row in own)
        )
        expected |= {(machine, second): sums[machine, second] for second in reach}
    assert {
        (row["machine"], second): row["value"] for row in found for second in seconds_of(row)
    } == expected
    assert sum(len(seconds_of(row)) for row in found) == len(expected)
    edges = {(r["machine"], r[edge]) for r in given_rows for edge in TYPES if "seconds" in edge}
    assert {(row["machine"], row["start_seconds"]) for row in found} <= edges


def check_merged(engine: Engine, told: list[Told]) -> None:
    given_rows = numbered(told)
    overlaid = intervals.overlay(table_of(engine, given_rows), group="machine", values=["value"])
    before = fetch(engine, overlaid)
    found = fetch(engine, intervals.merged(overlaid, group="machine", same=["value"]))
    assert {(r["machine"], second): r["value"] for r in found for second in seconds_of(r)} == {
        (r["machine"], second): r["value"] for r in before for second in seconds_of(r)
    }
    ordered = sorted(found, key=lambda r: (r["machine"], r["start_seconds"]))
    for one, later in pairwise(ordered):
        same = one["machine"] == later["machine"] and one["value"] == later["value"]
        assert not (same and one["end_seconds"] == later["start_seconds"])


CHECKS = [check_without_overlap, check_overlay, check_merged]


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("told", [EXAMPLES, []], ids=["examples", "nothing"])
def test_intervals_are_what_their_seconds_are(
    engine: Engine, check: Callable[[Engine, list[Told]], None], told: list[Told]
):
    check(engine, told)


@often
@given(told=TOLD)
def test_of_any_that_overlap_no_second_is_told_twice(here: Engine, told: list[Told]):
    check_without_overlap(here, told)


@often
@given(told=TOLD)
def test_any_overlay_is_the_sum_of_what_holds(here: Engine, told: list[Told]):
    check_overlay(here, told)


@often
@given(told=TOLD)
def test_merging_changes_no_second(here: Engine, told: list[Told]):
    check_merged(here, told)


def test_every_midnight_within_an_interval_is_found(engine: Engine):
    longest = DAY * intervals.LONGEST_DAYS
    told = [
        *[("a", 0, DAY, 1), ("a", 5, DAY + 1, 2), ("a", DAY, DAY, 3), ("a", DAY - 1, DAY, 4)],
        *[("b", 3 * DAY - 1, 5 * DAY + 1, 1), ("b", 7, 7 + longest, 2), ("b", 0, longest, 3)],
    ]
    found = fetch(engine, intervals.midnights(table_of(engine, numbered(told))))
    expected = {
        (f"n{number:02}", second)
        for number, (_, start, end, _) in enumerate(told)
        for second in range(0, end, DAY)
        if start < second < end
    }
    assert {(row["name"], row["at"]) for row in found} == expected
    assert len(found) == len(expected) == 1 + 3 + 35 + 34


def test_nothing_has_no_midnight(engine: Engine):
    assert fetch(engine, intervals.midnights(table_of(engine, []))) == []
