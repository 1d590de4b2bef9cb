"""What tests of readings share."""

from collections.abc import Callable

from tests.conftest import Rows
from tests.pipelines.silver.landed import (
    Row,
    at,
    made,
    reading,
)

Assess = Callable[..., Rows]

BATCHES = [made("B1", "08:00", "09:00"), made("B2", "09:08", "10:00")]


def at_times(*times: str) -> list[Row]:
    """Readings at these times of the day."""
    return [reading(timestamp=at(time).isoformat()) for time in times]
