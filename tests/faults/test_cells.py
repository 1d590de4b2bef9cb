"""At most one fault falls on a cell, and what is told of it stays beside the text."""

import random

import pytest
from ibis import _

from factory_simulation.domain import FaultType, Recoverability
from factory_simulation.faults.cells import CERTAIN, NEVER, PARTS, CellFault, hurt_cells

ROWS = {"number": "int64", "text": "string", "other": "string"}
SPIKE = CellFault(FaultType.SPIKE, "big", _.number >= 2, _.text + "!", "lost", repair=NEVER)
COMMA = CellFault(FaultType.DECIMAL_COMMA, "odd", _.number % 2 == 1, _.other, detection=5_000)
GONE = CellFault(FaultType.MISSING_VALUE, "", _.number < 0, _.text.nullif(_.text))


@pytest.fixture
def hurt(table, rows):
    def compute(faults, numbers=(0, 1, 2, 3)):
        given = [{"number": n, "text": f"t{n}", "other": f"o{n}"} for n in numbers]
        return rows(hurt_cells(table(ROWS, given), faults))

    return compute


def told(row, column="text"):
    return [row[column], *[row[f"{column}_{part}"] for part in PARTS]]


def test_the_first_of_several_faults_falls_and_no_other(hurt):
    clean, odd, big, both = hurt({"text": [SPIKE, COMMA]})
    assert told(clean) == ["t0", "t0", None, None, None, None, None]
    assert told(odd) == ["o1", "t1", "decimal_comma", "odd", "recoverable", 5_000, CERTAIN]
    assert told(big) == ["t2!", "t2", "spike", "big", "lost", CERTAIN, NEVER]
    assert told(both) == ["t3!", "t3", "spike", "big", "lost", CERTAIN, NEVER]
    assert told(hurt({"text": [COMMA, SPIKE]})[3])[2] == "decimal_comma"


def test_faults_are_made_of_clean_values_of_all_columns(hurt):
    swap = [
        CellFault(FaultType.SWAPPED_COLUMNS, "", _.number == 1, _[c]) for c in ("other", "text")
    ]
    row = hurt({"text": swap[:1], "other": swap[1:]})[1]
    assert (row["text"], row["other"]) == ("o1", "t1")
    assert (row["text_clean"], row["other_clean"]) == ("t1", "o1")


def test_without_faults_a_column_stays_as_it_is_with_empty_parts(hurt):
    for row in hurt({"text": [], "other": [GONE]}):
        assert told(row) == [f"t{row['number']}"] * 2 + [None] * 5
        assert told(row, "other")[0] == f"o{row['number']}"
    assert set(hurt({"text": []})[0]) == {*ROWS, *[f"text_{part}" for part in PARTS]}


def test_a_fault_can_take_a_value_away_and_ignores_rows_of_which_it_knows_nothing(hurt):
    unknown = CellFault(FaultType.SPIKE, "", _.number.nullif(0) > 5, _.other)
    taken, first, last = hurt({"text": [unknown, GONE]}, numbers=(-1, 0, 9))
    assert told(taken)[:3] == [None, "t-1", "missing_value"]
    assert told(first)[:3] == ["t0", "t0", None]
    assert told(last)[:3] == ["o9", "t9", "spike"]


def test_what_is_told_may_differ_from_row_to_row(hurt):
    fate = (_.number == 1).ifelse(Recoverability.LOST.value, Recoverability.AMBIGUOUS.value)
    fault = CellFault(
        FaultType.SPIKE, "", _.number > 0, _.other, fate, _.number * 10, _.number * 20
    )
    _clean, *hit = hurt({"text": [fault]})
    assert [told(row)[4:] for row in hit] == [
        ["lost", 10, 20],
        ["ambiguous", 20, 40],
        ["ambiguous", 30, 60],
    ]


def test_a_plain_loop_finds_the_same(hurt):
    dice = random.Random(1)  # noqa: S311 - test data, not a secret
    faults = [
        CellFault(FaultType.SPIKE, str(k), (_.number // dice.randint(1, 9)) % k == 0, _.other)
        for k in range(2, 7)
    ]
    dice = random.Random(1)  # noqa: S311 - the same again
    rules = [(str(k), dice.randint(1, 9), k) for k in range(2, 7)]
    for row in hurt({"text": faults}, numbers=range(200)):
        hits = [name for name, width, k in rules if row["number"] // width % k == 0]
        assert row["text_mechanism"] == (hits[0] if hits else None)
