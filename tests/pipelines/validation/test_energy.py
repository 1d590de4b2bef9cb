"""Metered energy beside the truth."""

from datetime import date, timedelta

import pytest

from factory_simulation.pipelines.validation.energy import compare_energy_with_truth
from tests.pipelines.silver.landed import only

DAY = date(2025, 12, 1)
ENERGY = {
    "production_date": "date",
    "machine_id": "string",
    "metered_kwh": "float64",
    "batches_metered": "int64",
}
COMPARISONS = {
    "event_date": "date",
    "level": "string",
    "key": "string",
    "metric": "string",
    "truth": "float64",
    "settled": "boolean",
}
METERED = dict(zip(ENERGY, (DAY, "SMELTER-01", 19.0, 2), strict=True))
TRUE_KWH = dict(
    zip(COMPARISONS, (DAY, "machine", "SMELTER-01", "energy_kwh", 20.0, True), strict=True)
)
TRUE_BATCHES = {**TRUE_KWH, "metric": "batches", "truth": 2.0}


@pytest.mark.parametrize(
    ("metered", "true", "expected"),
    [
        ([METERED], [TRUE_KWH, TRUE_BATCHES], [(19.0, 0.05, True)]),
        ([{**METERED, "metered_kwh": 21.0}], [TRUE_KWH, TRUE_BATCHES], [(21.0, 0.05, True)]),
        # one batch was lost, or told no energy
        ([METERED], [TRUE_KWH, {**TRUE_BATCHES, "truth": 3.0}], [(19.0, 0.05, False)]),
        ([METERED], [TRUE_KWH], [(19.0, 0.05, False)]),
        ([{**METERED, "metered_kwh": None}], [TRUE_KWH, TRUE_BATCHES], [(None, None, True)]),
        ([METERED], [{**TRUE_KWH, "truth": 0.0}, TRUE_BATCHES], [(19.0, None, True)]),
        ([], [TRUE_KWH, TRUE_BATCHES], [(None, None, False)]),
        ([{**METERED, "machine_id": "SMELTER-02"}], [TRUE_KWH], [(None, None, False)]),
        (
            [{**METERED, "production_date": DAY + timedelta(days=1)}],
            [TRUE_KWH],
            [(None, None, False)],
        ),
        ([METERED], [{**TRUE_KWH, "level": "product"}, TRUE_BATCHES], []),
        ([METERED], [], []),
    ],
)
def test_a_machines_day_is_held_against_the_truth(table, rows, metered, true, expected):
    compared = compare_energy_with_truth(table(ENERGY, metered), table(COMPARISONS, true))
    assert only(rows(compared), "metered_kwh", "relative_error", "is_whole") == expected


def test_a_day_is_settled_where_its_truth_is(table, rows):
    later = DAY + timedelta(days=1)
    true = [TRUE_KWH, {**TRUE_KWH, "event_date": later, "settled": False}]
    found = rows(compare_energy_with_truth(table(ENERGY, [METERED]), table(COMPARISONS, true)))
    assert only(found, "event_date", "settled") == [(DAY, True), (later, False)]
