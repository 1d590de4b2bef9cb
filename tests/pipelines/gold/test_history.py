"""What was believed when: each change of a total, totals as of a date, how complete they were."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from factory_simulation.expressions.versions import SINCE_EVER
from factory_simulation.pipelines.gold.history import (
    summarise_completeness,
    summarise_daily_production_as_of,
    summarise_restatements,
)
from factory_simulation.pipelines.gold.parameters import GoldParameters
from tests.conftest import Rows
from tests.pipelines.silver.landed import DAY, Compute, MakeTable, Row, only

HISTORY = {
    "event_date": "date",
    "factory_id": "string",
    "machine_id": "string",
    "product_name": "string",
    "production_date": "date",
    "known_from": "date",
    "known_until": "date",
    "units_produced": "int64",
    "units_defective": "int64",
    "is_correction": "boolean",
}
VERSIONS = {
    "machine_id": "string",
    "valid_from": "date",
    "valid_to": "date",
    "kwh_per_unit": "float64",
}
RESTATEMENTS = {
    "event_date": "date",
    "factory_id": "string",
    "machine_id": "string",
    "product_name": "string",
    "known_date": "date",
    "cause": "string",
    "batches": "int64",
    "units_produced": "int64",
    "units_defective": "int64",
    "energy_kwh": "float64",
}
GRAIN = ("event_date", "factory_id", "machine_id", "product_name")
TOTALS = ("batches", "units_produced", "units_defective")
D2, D3, D4, D5, D6 = (DAY + timedelta(days=days) for days in range(1, 6))

Summarise = Callable[..., Rows]


def stated(units: int, known_from: date = DAY, known_until: date | None = None, **different) -> Row:
    """A version of a batch that was made on the first day."""
    return {
        "factory_id": "alpha",
        "machine_id": "SMELTER-01",
        "product_name": "Iron Plate",
        "production_date": DAY,
        "known_from": known_from,
        "known_until": known_until,
        "units_produced": units,
        "units_defective": 1,
        "is_correction": False,
        **different,
    }


CORRECTED = {"is_correction": True}
ELSEWHERE = {"factory_id": "omega", "machine_id": "LATHE-01"}
ON_THE_NEXT = {"production_date": D2}
EVENTFUL = [
    *[stated(70), stated(50)],  # on time, and never corrected
    *[stated(40, DAY, D3), stated(45, D3, None, **CORRECTED)],
    *[stated(30, D2, D4), stated(20, D4, D6, **CORRECTED), stated(25, D6, None, **CORRECTED)],
    # another product was meant
    *[stated(10, DAY, D2), stated(10, D2, None, product_name="Gear Wheel", **CORRECTED)],
    *[stated(60, D2, **ELSEWHERE), stated(61, D5, **ELSEWHERE)],
    *[stated(80, D2, D3, **ON_THE_NEXT), stated(81, D3, None, **ON_THE_NEXT, **CORRECTED)],
    stated(90, D5, **ON_THE_NEXT, units_defective=9),
]


@pytest.fixture
def restate(table: MakeTable, rows: Compute) -> Summarise:
    """Plates: a smelter takes 0.12 kWh for a unit, and 0.1 from the second day on; a lathe 1."""
    versions = table(
        VERSIONS,
        [
            {"machine_id": "SMELTER-01", "valid_from": SINCE_EVER, "valid_to": D2}
            | {"kwh_per_unit": 0.12},
            {"machine_id": "SMELTER-01", "valid_from": D2, "kwh_per_unit": 0.1},
            {"machine_id": "LATHE-01", "valid_from": SINCE_EVER, "kwh_per_unit": 1.0},
        ],
    )

    def run(*history: Row) -> Rows:
        return rows(summarise_restatements(table(HISTORY, history).drop("event_date"), versions))

    return run


@pytest.fixture
def believe(table: MakeTable, rows: Compute, restate: Summarise) -> Summarise:
    def run(*history: Row) -> Rows:
        restatements = table(RESTATEMENTS, restate(*history))
        return rows(summarise_daily_production_as_of(restatements))

    return run


def totals_of(history: Rows, on: date | None = None) -> Counter[tuple]:
    """Add up the versions that stood on a date, or that stand now, in plain Python."""
    totals: Counter[tuple] = Counter()
    for row in history:
        until = row["known_until"]
        if until is None if on is None else row["known_from"] <= on < (until or date.max):
            name = tuple(row[column] for column in ("production_date", *GRAIN[1:]))
            micro_kwh = {"LATHE-01": 1_000_000}.get(
                row["machine_id"], 120_000 if row["production_date"] < D2 else 100_000
            )
            sums = (1, row["units_produced"], row["units_defective"])
            for column, number in zip(TOTALS, sums, strict=True):
                totals[*name, column] += number
            totals[*name, "micro_kwh"] += row["units_produced"] * micro_kwh
    return totals


def add_up(found: Rows) -> Counter[tuple]:
    totals: Counter[tuple] = Counter()
    for row in found:
        name = tuple(row[column] for column in GRAIN)
        for column in TOTALS:
            totals[*name, column] += row[column]
        totals[*name, "micro_kwh"] += round(row["energy_kwh"] * 1_000_000)
    return totals


# --- restatements --------------------------------------------------------------------------


def test_what_is_known_on_its_day_is_on_time(restate: Summarise):
    assert restate(stated(70), stated(50, units_defective=2)) == [
        {
            "event_date": DAY,
            "factory_id": "alpha",
            "machine_id": "SMELTER-01",
            "product_name": "Iron Plate",
            "known_date": DAY,
            "cause": "on_time",
            "batches": 2,
            "units_produced": 120,
            "units_defective": 3,
            "energy_kwh": 14.4,
        }
    ]


def test_what_arrives_before_its_day_by_the_clock_is_on_time(restate: Summarise):
    early = stated(70, DAY, **ON_THE_NEXT)
    assert only(restate(early), "event_date", "known_date", "cause") == [(D2, DAY, "on_time")]


def test_what_arrives_later_is_late(restate: Summarise):
    found = restate(stated(70), stated(50, D2), stated(30, D3))
    assert only(found, "known_date", "cause", *TOTALS) == [
        (DAY, "on_time", 1, 70, 1),
        (D2, "late_arrival", 1, 50, 1),
        (D3, "late_arrival", 1, 30, 1),
    ]


def test_a_correction_changes_what_was_known_by_the_difference(restate: Summarise):
    found = restate(stated(70, DAY, D3), stated(75, D3, None, units_defective=0, **CORRECTED))
    assert only(found, "known_date", "cause", *TOTALS, "energy_kwh") == [
        (DAY, "on_time", 1, 70, 1, 8.4),
        (D3, "correction", 0, 5, -1, 0.6),
    ]


def test_what_was_late_and_is_corrected_is_both(restate: Summarise):
    found = restate(stated(70, D2, D3), stated(60, D3, None, **CORRECTED))
    assert only(found, "known_date", "cause", "batches", "units_produced") == [
        (D2, "late_arrival", 1, 70),
        (D3, "correction", 0, -10),
    ]


def test_causes_of_one_known_date_are_apart(restate: Summarise):
    found = restate(stated(70, DAY, D2), stated(75, D2, None, **CORRECTED), stated(50, D2))
    assert only(found, "known_date", "cause", "batches", "units_produced") == [
        (DAY, "on_time", 1, 70),
        (D2, "correction", 0, 5),
        (D2, "late_arrival", 1, 50),
    ]


def test_a_correction_may_move_a_batch_to_another_product(restate: Summarise):
    found = restate(stated(70, DAY, D2), stated(70, D2, None, product_name="Gear", **CORRECTED))
    assert only(found, "product_name", "known_date", "cause", *TOTALS, "energy_kwh") == [
        ("Gear", D2, "correction", 1, 70, 1, 8.4),
        ("Iron Plate", DAY, "on_time", 1, 70, 1, 8.4),
        ("Iron Plate", D2, "correction", -1, -70, -1, -8.4),
    ]


def test_energy_is_by_the_plate_of_the_day_on_which_it_was_used(restate: Summarise):
    found = restate(stated(70, D3), stated(70, D3, **ON_THE_NEXT))
    assert only(found, "event_date", "energy_kwh") == [(DAY, 8.4), (D2, 7.0)]


def test_changes_add_up_to_what_stands(restate: Summarise):
    assert add_up(restate(*EVENTFUL)) == totals_of(EVENTFUL)


def test_nothing_known_is_nothing_restated(restate: Summarise):
    assert restate() == []


# --- as of ---------------------------------------------------------------------------------


def test_what_was_believed_holds_until_it_changed(believe: Summarise):
    found = believe(
        stated(70, DAY, D4), stated(50, D2), stated(75, D4, None, units_defective=0, **CORRECTED)
    )
    assert only(found, "known_date", "known_until", *TOTALS, "energy_kwh") == [
        (DAY, D2, 1, 70, 1, 8.4),
        (D2, D4, 2, 120, 2, 14.4),
        (D4, None, 2, 125, 1, 15.0),
    ]


def test_causes_of_one_known_date_are_one_belief(believe: Summarise):
    found = believe(stated(70, DAY, D2), stated(75, D2, None, **CORRECTED), stated(50, D2))
    assert only(found, "known_date", "known_until", *TOTALS) == [
        (DAY, D2, 1, 70, 1),
        (D2, None, 2, 125, 2),
    ]


def test_what_was_believed_on_any_date_is_what_stood_then(believe: Summarise):
    found = believe(*EVENTFUL)
    for on in (DAY - timedelta(days=1), DAY, D2, D3, D4, D5, D6, D6 + timedelta(days=9)):
        held = [
            row
            for row in found
            if row["known_date"] <= on and (row["known_until"] is None or row["known_until"] > on)
        ]
        names = [tuple(row[column] for column in GRAIN) for row in held]
        assert len(set(names)) == len(names)
        assert (on, +add_up(held)) == (on, totals_of(EVENTFUL, on))


def test_nothing_known_is_nothing_believed(believe: Summarise):
    assert believe() == []


# --- completeness --------------------------------------------------------------------------

TRIANGLE = ("event_date", "age_days", "batches", "units_produced", "completeness", "is_settled")


@pytest.fixture
def complete(table: MakeTable, rows: Compute) -> Summarise:
    """Dates settle after two days."""
    parameters = GoldParameters(settle_after_days=2, nowcast_confidence=0.9)

    def run(*restatements: Row) -> Rows:
        return rows(summarise_completeness(table(RESTATEMENTS, restatements), parameters))

    return run


def change(day: date, known: date, batches: int, units: int = 0, **different) -> Row:
    return {
        "event_date": day,
        "factory_id": "alpha",
        "machine_id": "SMELTER-01",
        "product_name": "Iron Plate",
        "known_date": known,
        "cause": "on_time",
        "batches": batches,
        "units_produced": units,
        "units_defective": 0,
        "energy_kwh": 0.0,
        **different,
    }


def test_dates_fill_up_as_they_age_and_settle(complete: Summarise):
    found = complete(
        *[change(DAY, DAY, 8, 80), change(DAY, D2, 2, 21)],
        *[change(D2, D2, 4, 40), change(D2, D5, 1, 12)],
        change(D3, D3, 6, 60),
        change(D4, D4, 5, 50),
    )
    assert only(found, *TRIANGLE) == [
        *[(DAY, 0, 8, 80, 0.8, True), (DAY, 1, 10, 101, 1.0, True)],
        *[(DAY, 2, 10, 101, 1.0, True), (DAY, 3, 10, 101, 1.0, True)],
        *[(D2, 0, 4, 40, 0.8, True), (D2, 1, 4, 40, 0.8, True)],
        *[(D2, 2, 4, 40, 0.8, True), (D2, 3, 5, 52, 1.0, True)],
        *[(D3, 0, 6, 60, 1.0, True), (D3, 1, 6, 60, 1.0, True), (D3, 2, 6, 60, 1.0, True)],
        *[(D4, 0, 5, 50, 1.0, False), (D4, 1, 5, 50, 1.0, False)],
    ]
    assert {row["known_date"] - row["event_date"] for row in found} == {
        timedelta(days=days) for days in range(4)
    }
    assert all((row["known_date"] - row["event_date"]).days == row["age_days"] for row in found)


def test_the_age_at_which_a_date_settles_is_there_though_nothing_landed_then(complete: Summarise):
    found = complete(change(DAY, DAY, 8), change(D4, D4, 5))
    assert only(found, "event_date", "age_days") == [(DAY, 0), (DAY, 2), (D4, 0)]


def test_machines_and_products_of_a_factory_count_together(complete: Summarise):
    found = complete(
        change(DAY, DAY, 3, 30),
        change(DAY, DAY, 4, 40, machine_id="SMELTER-02"),
        change(DAY, D2, 1, 10, product_name="Gear Wheel"),
        change(DAY, D2, 0, -5, cause="correction"),
    )
    assert only(found, *TRIANGLE) == [(DAY, 0, 7, 70, 0.875, False), (DAY, 1, 8, 75, 1.0, False)]


def test_factories_are_apart_and_age_alike(complete: Summarise):
    # what landed at one factory tells that the other's date is that old too
    found = complete(change(DAY, DAY, 3), change(DAY, D3, 1), change(DAY, DAY, 7, **ELSEWHERE))
    assert only(found, "factory_id", "age_days", "batches", "completeness", "is_settled") == [
        *[("alpha", 0, 3, 0.75, True), ("alpha", 2, 4, 1.0, True)],
        *[("omega", 0, 7, 1.0, True), ("omega", 2, 7, 1.0, True)],
    ]


def test_what_was_known_before_its_day_was_known_on_it(complete: Summarise):
    found = complete(change(D2, DAY, 1), change(D2, D2, 3))
    assert only(found, *TRIANGLE[:3]) == [(D2, 0, 4)]


def test_there_may_have_been_more_than_there_are(complete: Summarise):
    fewer = change(DAY, D2, -1, cause="correction")
    assert only(complete(change(DAY, DAY, 5), fewer), "batches", "completeness") == [
        (5, 1.25),
        (4, 1.0),
    ]


def test_of_no_batches_there_is_no_share(complete: Summarise):
    none = change(DAY, D2, -1, cause="correction")
    assert only(complete(change(DAY, DAY, 1), none), "batches", "completeness") == [
        (1, None),
        (0, None),
    ]


def test_nothing_restated_is_nothing_complete(complete: Summarise):
    assert complete() == []
