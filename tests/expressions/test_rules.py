"""Each row gets the list of the rules that it breaks."""

from collections.abc import Callable

import ibis.expr.types as ir
import pytest

from factory_simulation.expressions.rules import both_or_neither, broken_rules
from tests.conftest import Rows

Judge = Callable[..., list[str]]


@pytest.fixture
def judge(table: Callable[..., ir.Table]) -> Judge:
    """List the rules that rows break: `small` must be below 10, `even` must be even."""

    def compute(rows: Rows) -> list[str]:
        numbered = table({"number": "int64", "small": "int64", "even": "int64"}, rows)
        broken = broken_rules({"small": numbered.small >= 10, "even": numbered.even % 2 == 1})
        return numbered.mutate(broken=broken).order_by("number").broken.to_pyarrow().to_pylist()

    return compute


def test_each_row_lists_the_rules_that_it_breaks_in_the_order_of_the_rules(judge: Judge):
    rows = [
        {"number": 1, "small": 9, "even": 2},
        {"number": 2, "small": 10, "even": 2},
        {"number": 3, "small": 9, "even": 3},
        {"number": 4, "small": 10, "even": 3},
    ]
    assert judge(rows) == ["", "small", "even", "small, even"]


def test_a_rule_that_cannot_be_decided_is_kept(judge: Judge):
    assert judge([{"number": 1}, {"number": 2, "even": 3}]) == ["", "even"]


def test_an_empty_table_breaks_no_rule(judge: Judge):
    assert judge([]) == []


def test_one_rule_is_enough(table: Callable[..., ir.Table]):
    one = table({"small": "int64"}, [{"small": 10}])
    assert one.select(broken=broken_rules({"small": one.small >= 10})).to_pyarrow().to_pylist() == [
        {"broken": "small"}
    ]


def test_names_with_colons_and_commas_come_out_as_they_went_in(table: Callable[..., ir.Table]):
    one = table({"a": "int64"}, [{"a": 1}])
    broken = broken_rules({"empty:a": one.a == 1, "odd,": one.a == 1})
    assert one.select(broken=broken).to_pyarrow().to_pylist() == [{"broken": "empty:a, odd,"}]


def test_conditions_agree_or_do_not(table: Callable[..., ir.Table], rows: Callable[..., Rows]):
    said = [{"one": one, "other": other} for one in (0, 1) for other in (0, 1)]
    values = table({"one": "int64", "other": "int64"}, said)
    agree = both_or_neither(values.one.isin([1]), values.other == 1)
    found = rows(values.mutate(agree=agree))
    assert [row["agree"] for row in found] == [True, False, False, True]
