"""Ranges of dates, as people write them and as tables are filtered by them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

import ibis.expr.types as ir
from ibis import Deferred

_BETWEEN = ".."
_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class DateRange:
    """One or more dates that follow each other.

    Attributes:
        first: The first date.
        last: The last date; it is included.

    Raises:
        ValueError: If the range ends before it begins.
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"the range {self.first}{_BETWEEN}{self.last} ends before it begins")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``YYYY-MM-DD``, which is that date alone, or ``YYYY-MM-DD..YYYY-MM-DD``.

        Raises:
            ValueError: If the text is neither, no such date is, or the range ends before it begins.
        """
        first, between, last = text.partition(_BETWEEN)
        return cls(parse_date(first), parse_date(last if between else first))

    def __str__(self) -> str:
        if self.first == self.last:
            return self.first.isoformat()
        return f"{self.first}{_BETWEEN}{self.last}"

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def __iter__(self) -> Iterator[date]:
        return (self.first + i * _DAY for i in range(len(self)))

    def holds(self, column: ir.DateColumn | Deferred) -> ir.BooleanValue | Deferred:
        """Tell whether the dates of a column are in the range."""
        return (column >= self.first) & (column <= self.last)


def asked_dates(text: str | None) -> DateRange | None:
    """Read the dates that a run was asked for; None is all of them."""
    return DateRange.parse(text) if text else None


def parse_date(text: str) -> date:
    """Read ``YYYY-MM-DD``.

    Raises:
        ValueError: If the text is no date.
    """
    if not re.fullmatch(_DATE, text):
        raise ValueError(
            f"must be a date, YYYY-MM-DD, or a range of them, YYYY-MM-DD{_BETWEEN}YYYY-MM-DD; "
            f"{text!r} is no date"
        )
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"there is no date {text}") from error
