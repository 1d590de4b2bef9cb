"""History of batches: which versions stood at the end of a day, and until when."""

from collections.abc import Callable
from datetime import date

import ibis.expr.types as ir
import pytest

from factory_simulation.domain import PRODUCTION_BATCHES
from factory_simulation.pipelines.silver.history import collect_batch_history
from factory_simulation.pipelines.silver.production import assess_production_batches
from tests.conftest import Rows
from tests.pipelines.silver.landed import DAY, Compute, MakeTable, Row, Save, batch, land, only

D2, D3, D4 = (date(2025, 12, day) for day in (2, 3, 4))
KNOWN = ("units_produced", "known_from", "known_until", "is_correction")

History = Callable[..., Rows]


@pytest.fixture
def history(
    table: MakeTable,
    save: Save,
    rows: Compute,
    machines: ir.Table,
    product_spellings: ir.Table,
    machine_spellings: ir.Table,
) -> History:
    def run(*landed: Row) -> Rows:
        bronze = land(table, PRODUCTION_BATCHES, *landed)
        assessed = assess_production_batches(bronze, product_spellings, machine_spellings)
        return rows(collect_batch_history(save(assessed), machines))

    return run


def told(units: int, arrived: date = DAY, **different) -> Row:
    return batch(units_produced=str(units), _arrival_date=arrived, **different)


def test_a_batch_that_nobody_corrected_is_known_still(history: History):
    assert history(told(73)) == [
        {
            "_row_id": "001",
            "_event_date": DAY,
            "factory_id": "alpha",
            "machine_id": "SMELTER-01",
            "product_name": "Iron Plate",
            "production_date": DAY,
            "known_until": None,
            "units_produced": 73,
            "units_defective": 1,
            "known_from": DAY,
            "is_correction": False,
        }
    ]


def test_a_late_batch_is_known_from_its_arrival_on(history: History):
    assert only(history(told(73, D3)), "production_date", *KNOWN) == [(DAY, 73, D3, None, False)]


def test_a_version_is_known_until_the_next_one_lands(history: History):
    found = history(told(75, D4), told(73), told(74, D2))
    assert sorted(only(found, *KNOWN)) == [
        (73, DAY, D2, False),
        (74, D2, D4, True),
        (75, D4, None, True),
    ]


def test_a_correction_may_be_of_any_fact(history: History):
    found = history(told(73), told(73, D2, product_name="Gear Wheel", units_defective="9"))
    assert only(found, "product_name", "units_defective", "is_correction") == [
        ("Iron Plate", 1, False),
        ("Gear Wheel", 9, True),
    ]


def test_of_versions_that_landed_on_one_date_the_last_counts(history: History):
    assert only(history(told(73), told(74)), *KNOWN) == [(74, DAY, None, False)]
    found = history(told(73), told(74, D2), told(75, D2), told(76, D2))
    assert only(found, *KNOWN) == [(73, DAY, D2, False), (76, D2, None, True)]


def test_of_files_that_landed_on_one_date_the_last_by_name_counts(history: History):
    found = history(told(74, _source_file="b.csv"), told(73, _source_file="a.csv"))
    assert only(found, *KNOWN) == [(74, DAY, None, False)]


def test_copies_change_nothing(history: History):
    found = history(told(73), told(73, D2), told(74, D3), told(73, D4), told(74, D4))
    assert only(found, *KNOWN) == [(73, DAY, D3, False), (74, D3, None, True)]


def test_a_row_that_cannot_be_kept_was_never_believed(history: History):
    assert only(history(told(73), told(-1, D2)), *KNOWN) == [(73, DAY, None, False)]
    assert only(history(told(-1), told(73, D2)), *KNOWN) == [(73, D2, None, False)]


def test_another_batch_corrects_nothing(history: History):
    another = [
        told(74, D2, machine_id="SMELTER-02"),
        told(75, D2, batch_id="SMELTER-01_20251201_002"),
        told(76, D2, start_time=f"{D2}T08:00:00", end_time=f"{D2}T09:00:00"),
        told(77, D2, start_time=f"{DAY}T10:00:00", end_time=f"{DAY}T11:00:00"),
    ]
    found = history(told(73), *another)
    assert sorted(only(found, *KNOWN)) == [
        (73, DAY, None, False),
        *[(units, D2, None, False) for units in (74, 75, 76, 77)],
    ]


def test_nothing_landed_is_no_history(history: History):
    assert history() == []
