"""Metered energy: of batches whose readings tell all, some, or nothing; and of machines' days."""

from collections.abc import Callable
from datetime import date

import pytest

from factory_simulation.pipelines.gold.energy import (
    summarise_batch_energy,
    summarise_energy_daily,
)
from tests.conftest import Rows
from tests.pipelines.silver.landed import DAY, Compute, MakeTable, Row, only

PRODUCTION = {
    "batch_key": "string",
    "batch_id": "string",
    "factory_id": "string",
    "date_key": "int64",
    "machine_key": "string",
    "product_key": "string",
    "units_produced": "int64",
    "units_good": "int64",
    "energy_kwh": "float64",
}
READINGS = {
    "batch_key": "string",
    "factory_id": "string",
    "date_key": "int64",
    "machine_key": "string",
    "energy_kwh": "float64",
    "energy_kwh_imputed": "float64",
    "is_meter_drifting": "boolean",
}
DATES = {"date_key": "int64", "date": "date"}
MACHINES = {"machine_key": "string", "machine_id": "string"}
PRODUCTS = {"product_key": "string", "product_name": "string"}
NEXT_DAY = date(2025, 12, 2)
NONE = "not_applicable"

OfBatches = Callable[..., Rows]


@pytest.fixture
def tables(table: MakeTable) -> dict:
    """One machine that has two versions, another, and two days."""
    keys = {"A|1": "A", "A|2": "A", "B|1": "B"}
    return {
        "dates": table(
            DATES,
            [{"date_key": 20251201, "date": DAY}, {"date_key": 20251202, "date": NEXT_DAY}],
        ),
        "machines": table(
            MACHINES, [{"machine_key": key, "machine_id": machine} for key, machine in keys.items()]
        ),
        "products": table(PRODUCTS, [{"product_key": "ironplate", "product_name": "Iron Plate"}]),
    }


@pytest.fixture
def of_batches(table: MakeTable, rows: Compute, tables: dict) -> OfBatches:
    def run(batches: Rows = (), readings: Rows = ()) -> Rows:
        return rows(
            summarise_batch_energy(table(PRODUCTION, batches), table(READINGS, readings), **tables)
        )

    return run


@pytest.fixture
def daily(table: MakeTable, rows: Compute, tables: dict) -> OfBatches:
    def run(batches: Rows = (), readings: Rows = ()) -> Rows:
        taken = table(READINGS, readings)
        energy = summarise_batch_energy(table(PRODUCTION, batches), taken, **tables)
        known = (tables["dates"], tables["machines"])
        return rows(summarise_energy_daily(energy, taken, *known))

    return run


def batch(key: str = "b", **different) -> Row:
    """A batch of 80 good units of 90, which by the plate needs 9 kWh."""
    return {
        "batch_key": key,
        "batch_id": f"ID-{key}",
        "factory_id": "alpha",
        "date_key": 20251201,
        "machine_key": "A|1",
        "product_key": "ironplate",
        "units_produced": 90,
        "units_good": 80,
        "energy_kwh": 9.0,
        **different,
    }


def reading(kwh: float | None, imputed: float | None = None, **different) -> Row:
    return {
        "batch_key": "b",
        "factory_id": "alpha",
        "date_key": 20251201,
        "machine_key": "A|1",
        "energy_kwh": kwh,
        "energy_kwh_imputed": imputed,
        "is_meter_drifting": False,
        **different,
    }


def drifting(kwh: float, corrected: float) -> Row:
    return reading(kwh, corrected, is_meter_drifting=True)


def test_a_batch_is_told_in_full(of_batches: OfBatches):
    assert of_batches([batch()], [reading(3.5), reading(3.1), reading(None, 3.3)]) == [
        {
            "batch_key": "b",
            "batch_id": "ID-b",
            "production_date": DAY,
            "factory_id": "alpha",
            "machine_id": "A",
            "product_name": "Iron Plate",
            "units_produced": 90,
            "units_good": 80,
            "readings": 3,
            "readings_metered": 2,
            "readings_imputed": 1,
            "readings_corrected": 0,
            "is_complete": True,
            "metered_kwh": 9.9,
            "nameplate_kwh": 9.0,
            "energy_variance": pytest.approx(0.1),
            "kwh_per_good_unit": 9.9 / 80,
        }
    ]


ACCOUNT = ("metered_kwh", "readings", "readings_metered", "readings_imputed", "readings_corrected")


@pytest.mark.parametrize(
    ("readings", "expected", "is_complete"),
    [
        ([reading(0.1), reading(0.2)], (0.3, 2, 2, 0, 0), True),
        ([reading(0.0), reading(0.0)], (0.0, 2, 2, 0, 0), True),
        # silver has not imputed: one is too few, or they do not agree
        ([reading(2.0), reading(None)], (4.0, 2, 1, 1, 0), False),
        ([reading(1.0), reading(2.0), reading(None)], (4.5, 3, 2, 1, 0), False),
        # a third of what three tell is no whole millionth
        ([*[reading(1.0)] * 2, reading(1.000001), reading(None)], (4.000001, 4, 3, 1, 0), False),
        ([reading(None), reading(None)], (None, 2, 0, 0, 0), False),
        ([], (None, 0, 0, 0, 0), False),
        # a meter that drifts counts as corrected, also for what another does not tell
        ([drifting(3.0, 2.0), drifting(4.5, 3.0)], (5.0, 2, 2, 0, 2), True),
        ([drifting(3.0, 2.0), drifting(3.0, 2.0), reading(None, 3.0)], (6.0, 3, 2, 1, 2), True),
        # no measure of a machine
        ([reading(2.0), reading(-2.0)], (4.0, 2, 1, 1, 0), False),
        ([reading(2.0), reading(1_000_001.0)], (4.0, 2, 1, 1, 0), False),
        ([reading(2.0), reading(999_999_999_999.0)], (4.0, 2, 1, 1, 0), False),
        ([reading(1_000_000.0)], (1_000_000.0, 1, 1, 0, 0), True),
    ],
)
def test_what_a_reading_does_not_tell_is_as_much_as_the_others_tell(
    of_batches: OfBatches, readings: Rows, expected: tuple, is_complete: bool
):
    found = of_batches([batch()], readings)
    assert only(found, *ACCOUNT) == [expected]
    assert only(found, "is_complete") == [is_complete]


def test_a_batch_is_not_complete_if_no_reading_tells_what_a_machine_can_take(
    of_batches: OfBatches,
):
    """Silver imputes what agrees, also where that is no measure of a machine."""
    found = of_batches([batch()], [reading(2e9), reading(None, 2e9)])
    assert only(found, "readings_metered", "is_complete", "metered_kwh") == [(0, False, None)]


def test_a_reading_is_of_its_own_batch_alone(of_batches: OfBatches):
    readings = [reading(1.0), reading(2.0, batch_key="c"), reading(4.0, batch_key=NONE)]
    found = of_batches([batch("b"), batch("c"), batch("d")], readings)
    assert only(found, "batch_key", "metered_kwh") == [("b", 1.0), ("c", 2.0), ("d", None)]


def test_what_has_no_base_is_null(of_batches: OfBatches):
    nothing = {"units_produced": 0, "units_good": 0, "energy_kwh": 0.0}
    found = of_batches([batch("b", **nothing), batch("c")], [reading(1.0)])
    assert only(found, "energy_variance", "kwh_per_good_unit") == [(None, None), (None, None)]
    assert of_batches() == of_batches([], [reading(1.0)]) == []


def test_a_machines_day_is_told_in_full(daily: OfBatches):
    batches = [batch("b"), batch("c", machine_key="A|2", units_good=60), batch("d", units_good=50)]
    readings = [
        *(reading(5.0), reading(None, 5.0)),
        *(reading(8.0, batch_key="c"), reading(None, batch_key="c")),
        reading(None, batch_key="d"),
        *(reading(1.5, batch_key=NONE), reading(None, batch_key=NONE)),
    ]
    assert daily(batches, readings) == [
        {
            "production_date": DAY,
            "factory_id": "alpha",
            "machine_id": "A",
            "batches": 3,
            "batches_metered": 2,
            "batches_complete": 1,
            "units_good": 140,
            "readings": 5,
            "readings_imputed": 2,
            "readings_corrected": 0,
            "readings_outside": 2,
            "metered_kwh": 26.0,
            "nameplate_kwh": 18.0,
            "kwh_outside_batches": 1.5,
            "energy_variance": 8 / 18,
            "kwh_per_good_unit": 26 / 140,
        }
    ]


def test_a_day_has_a_row_per_machine_also_where_nothing_was_made(daily: OfBatches):
    batches = [batch("b"), batch("c", machine_key="B|1"), batch("d", date_key=20251202)]
    readings = [reading(1.0), reading(2.0, batch_key=NONE, machine_key="B|1", date_key=20251202)]
    columns = ("production_date", "machine_id", "batches", "metered_kwh", "nameplate_kwh")
    found = daily(batches, readings)
    assert only(found, *columns, "kwh_outside_batches") == [
        (DAY, "A", 1, 1.0, 9.0, 0.0),
        (DAY, "B", 1, None, None, 0.0),
        (NEXT_DAY, "A", 1, None, None, 0.0),
        (NEXT_DAY, "B", 0, None, None, 2.0),
    ]
    assert only(found, "energy_variance")[1:] == [None] * 3


def test_a_reading_after_midnight_counts_on_the_day_of_its_batch(daily: OfBatches):
    found = daily([batch()], [reading(1.0), reading(2.0, date_key=20251202)])
    assert only(found, "production_date", "metered_kwh") == [(DAY, 3.0)]


def test_corrected_readings_are_counted(daily: OfBatches):
    readings = [drifting(2.0, 1.0), drifting(2.0, 1.0)]
    assert only(daily([batch()], readings), "readings_corrected", "metered_kwh") == [(2, 2.0)]


def test_without_batches_and_readings_there_is_no_day(daily: OfBatches):
    assert daily() == []
