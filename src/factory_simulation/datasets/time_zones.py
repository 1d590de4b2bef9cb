"""Time zones: the UTC offsets that a factory's wall clock had, has and will have."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import ibis.expr.types as ir
import pyarrow as pa

from factory_simulation.datasets.reference import ReferenceTable
from factory_simulation.domain import FactoryError

_FIRST_YEAR = 1970
_LAST_YEAR = 2261
_DAY = 86_400
_MINUTE = 60
_STRETCHES = pa.schema(
    {
        "local_year": pa.int64(),
        "local_from_seconds": pa.int64(),
        "local_to_seconds": pa.int64(),
        "utc_offset_seconds": pa.int64(),
    }
)

Stretch = tuple[int, int, int]
"""A time from which, a time before which, and the UTC offset between them, all in seconds."""


class TimeZones(ReferenceTable):
    """The local time of each factory, out of the reference file of factories.

    Args:
        reference: See ``ReferenceTable``.
    """

    def __init__(self, **reference: Any) -> None:
        super().__init__(**reference)

    def load(self) -> ir.Table:
        """Return one row per factory and stretch of local time that has one UTC offset.

        Local seconds are those of the wall clock, read as if it showed UTC. Stretches end with the
        local year. Two of them cover an hour that comes twice, none an hour that is left out.

        Raises:
            FactoryError: If a factory has neither a time zone nor an offset, or a zone is unknown.
        """
        factories = self.engine.fetch(
            super().load().select("factory_id", "timezone", "utc_offset_minutes")
        )
        parts = [_of_factory(*factory.values()) for factory in factories.to_pylist()]
        schema = pa.schema([pa.field("factory_id", pa.string()), *_STRETCHES])
        return self.engine.small_table(pa.concat_tables([schema.empty_table(), *parts]))

    def save(self, _data: pa.Table) -> None:
        """Refuse: the file is that of the factories."""
        raise FactoryError("time zones are not written by the pipeline: factories are")

    def check_target(self) -> None:
        """Refuse, as ``save`` does."""
        self.save(pa.table({}))


def _of_factory(factory_id: str, timezone: str | None, utc_offset_minutes: int | None) -> pa.Table:
    if timezone is not None and timezone.strip():
        try:
            stretches = stretches_of(timezone.strip())
        except (LookupError, ValueError, OSError) as error:
            raise FactoryError(
                f"factory {factory_id}: timezone {timezone!r} is no IANA time zone"
            ) from error
    elif utc_offset_minutes is not None:
        stretches = _fixed(utc_offset_minutes * _MINUTE)
    else:
        raise FactoryError(
            f"factory {factory_id}: timezone {timezone!r} is empty, and so is utc_offset_minutes"
        )
    names = pa.repeat(pa.scalar(factory_id, pa.string()), stretches.num_rows)
    return stretches.add_column(0, pa.field("factory_id", pa.string()), names)


@cache
def stretches_of(name: str) -> pa.Table:
    """Return one row per stretch of local time in a zone; columns as ``TimeZones`` has them.

    Raises:
        LookupError, ValueError, OSError: If there is no such zone, as ``zoneinfo`` says it.
    """
    return _by_year(_between_changes(ZoneInfo(name)))


@cache
def _fixed(offset: int) -> pa.Table:
    return _by_year([(_year_start(_FIRST_YEAR - 1), _year_start(_LAST_YEAR + 2), offset)])


def _between_changes(zone: ZoneInfo) -> Iterator[Stretch]:
    """Yield the stretches between changes of offset, in seconds of UTC.

    The offset is looked up once a day; where it differs from the day before, the second at which
    it changed is searched by halving.
    """

    def offset_at(second: int) -> float:
        return datetime.fromtimestamp(second, zone).utcoffset().total_seconds()  # type: ignore[union-attr]

    first, end = _year_start(_FIRST_YEAR) - 2 * _DAY, _year_start(_LAST_YEAR + 1) + 2 * _DAY
    begin = first
    days = ((second, offset_at(second)) for second in range(first, end + 1, _DAY))
    for (before, offset), (after, next_offset) in pairwise(days):
        if next_offset != offset:
            low, high = before, after
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset_at(middle) == offset else (low, middle)
            yield begin, high, int(offset)
            begin = high
    yield begin, end, int(offset_at(end))


def _by_year(stretches: Iterator[Stretch] | list[Stretch]) -> pa.Table:
    """Return stretches in local time, cut where a local year ends."""
    years = range(_FIRST_YEAR, _LAST_YEAR + 1)
    cut = [
        (
            year,
            max(begin + offset, _year_start(year)),
            min(end + offset, _year_start(year + 1)),
            offset,
        )
        for begin, end, offset in stretches
        for year in years[_index(begin + offset) : _index(end + offset) + 1]
    ]
    rows = sorted(row for row in cut if row[1] < row[2])
    return pa.table([list(column) for column in zip(*rows, strict=True)], schema=_STRETCHES)


def _year_start(year: int) -> int:
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp())


def _index(second: int) -> int:
    """Return the place of a time's year among the years."""
    return max(datetime.fromtimestamp(second, UTC).year - _FIRST_YEAR, 0)
