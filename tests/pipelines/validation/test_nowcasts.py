"""Nowcasts beside what came."""

from datetime import date

import pytest

from factory_simulation.pipelines.validation.nowcasts import compare_nowcasts_with_truth
from tests.pipelines.silver.landed import only

DAY = date(2025, 12, 1)
NOWCASTS = {
    "event_date": "date",
    "factory_id": "string",
    "age_days": "int64",
    "metric": "string",
    "estimate": "float64",
    "low": "float64",
    "high": "float64",
}
COMPARISONS = {
    "event_date": "date",
    "level": "string",
    "key": "string",
    "metric": "string",
    "truth": "float64",
    "lost": "float64",
    "settled": "boolean",
}
NOWCAST = dict(zip(NOWCASTS, (DAY, "alpha", 0, "batches", 35.0, 32.0, 38.0), strict=True))
CAME = dict(zip(COMPARISONS, (DAY, "site", "alpha", "batches", 36.0, 0.0, True), strict=True))


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        ({}, [(36.0, True)]),
        ({"truth": 39.0}, [(39.0, False)]),
        ({"truth": 31.0}, [(31.0, False)]),
        ({"truth": 39.0, "lost": 1.0}, [(38.0, True)]),  # what never landed was never to come
        ({"settled": False}, []),
        ({"level": "machine"}, []),
        ({"key": "beta"}, []),
        ({"metric": "units_produced"}, []),
    ],
)
def test_a_nowcast_is_held_against_what_came(table, rows, came, expected):
    nowcasts, comparisons = table(NOWCASTS, [NOWCAST]), table(COMPARISONS, [{**CAME, **came}])
    found = rows(compare_nowcasts_with_truth(nowcasts, comparisons))
    assert only(found, "actual", "is_held") == expected
