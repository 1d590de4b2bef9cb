"""What tests of expressions share."""

import random
from collections.abc import Callable, Sequence
from typing import Any

import ibis.expr.types as ir
import pytest

from factory_simulation.datasets.engines import Engine

Each = Callable[..., list[Any]]


@pytest.fixture
def engine(each_engine: Engine) -> Engine:
    """Each engine in turn: expressions mean the same on all of them."""
    return each_engine


@pytest.fixture
def each(engine: Engine, table: Callable[..., ir.Table]) -> Each:
    """Compute an expression for each of several values, in their order.

    Call it as `each(trimmed, [" a", None])`, or `each(date_of, [0], "int64")` for numbers.
    """

    def compute(
        expression: Callable[[ir.Value], ir.Value], values: Sequence[Any], dtype: str = "string"
    ) -> list[Any]:
        numbered = table(
            {"number": "int64", "value": dtype},
            [{"number": number, "value": value} for number, value in enumerate(values)],
        )
        answers = numbered.mutate(answer=expression(numbered.value)).order_by("number")
        return engine.fetch(answers)["answer"].to_pylist()

    return compute


@pytest.fixture
def dice() -> random.Random:
    """Python's own generator, always from the same seed."""
    return random.Random(20251201)  # noqa: S311 - test data, not a secret
