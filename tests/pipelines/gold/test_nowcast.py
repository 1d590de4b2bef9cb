"""Nowcasts: what a provisional date will come to, and how sure that is."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from math import sqrt
from statistics import fmean

import pytest

from factory_simulation.pipelines.gold.history import summarise_completeness
from factory_simulation.pipelines.gold.nowcast import summarise_nowcasts
from factory_simulation.pipelines.gold.parameters import GoldParameters
from tests.conftest import Rows
from tests.pipelines.silver.landed import DAY, Compute, MakeTable, Row, only

TRIANGLE = {
    "event_date": "date",
    "factory_id": "string",
    "age_days": "int64",
    "known_date": "date",
    "batches": "int64",
    "units_produced": "int64",
    "completeness": "float64",
    "is_settled": "boolean",
}
PRODUCTION = {"factory_id": "string", "units_produced": "int64"}
RESTATEMENTS = {
    "event_date": "date",
    "factory_id": "string",
    "known_date": "date",
    "batches": "int64",
    "units_produced": "int64",
}
Z_OF_95_PERCENT = 1.959964
D2, D3, D4, D5 = (DAY + timedelta(days=days) for days in range(1, 5))

Nowcast = Callable[..., Rows]


@pytest.fixture
def nowcast(table: MakeTable, rows: Compute) -> Nowcast:
    """Dates settle after two days; two batches were ever made, of 60 units and of 80."""
    parameters = GoldParameters(settle_after_days=2, nowcast_confidence=0.95)

    def run(*triangle: Row, units: tuple[int, ...] = (60, 80)) -> Rows:
        production = [
            {"factory_id": factory_id, "units_produced": of_batch}
            for factory_id in ("alpha", "omega")
            for of_batch in units
        ]
        tables = (table(TRIANGLE, triangle), table(PRODUCTION, production))
        return rows(summarise_nowcasts(*tables, parameters))

    return run


def aged(day: date, *batches: int, factory_id: str = "alpha") -> Rows:
    """Return a date of the triangle, from the batches that were known at its ages."""
    return [
        {
            "event_date": day,
            "factory_id": factory_id,
            "age_days": age,
            "known_date": day + timedelta(days=age),
            "batches": known,
            "units_produced": 70 * known,
            "completeness": None,
            "is_settled": len(batches) > 2,
        }
        for age, known in enumerate(batches)
    ]


def expected(n: int, known: int, final: int, mean: float, spread: float) -> dict[str, tuple]:
    """Return estimate, low and high of batches and of units, as the module has the formulas."""
    p = known / final
    missing = n * (1 - p) / p
    variance = n * (1 - p) / p**2 + n**2 * (p * (1 - p) / final) / p**4
    reach = Z_OF_95_PERCENT * sqrt(variance) + 0.5
    of_units = missing * spread + variance * mean**2
    reach_of_units = Z_OF_95_PERCENT * sqrt(of_units) + 0.5 * mean
    units, more_units = 70 * n, missing * mean
    return {
        "batches": (n + missing, max(n, n + missing - reach), n + missing + reach),
        "units_produced": (
            units + more_units,
            max(units, units + more_units - reach_of_units),
            units + more_units + reach_of_units,
        ),
    }


FILLED = [*aged(DAY, 8, 9, 10), *aged(D2, 9, 10, 10), *aged(D3, 70, 100, 110), *aged(D4, 40, 41)]
LEARNED = {
    # event date and age: batches known then; of the dates settled by then, known so, and in all
    (D2, 1): (10, 9, 10),
    (D3, 0): (70, 8, 10),
    (D3, 1): (100, 19, 20),
    (D4, 0): (40, 17, 20),
    (D4, 1): (41, 119, 130),
}


def test_what_is_missing_is_expected_from_how_complete_dates_were(nowcast: Nowcast):
    found = nowcast(*FILLED)
    assert {(row["event_date"], row["age_days"]) for row in found} == set(LEARNED)
    assert len(found) == 2 * len(LEARNED)
    for row in found:
        n, known, final = LEARNED[row["event_date"], row["age_days"]]
        counted = expected(n, known, final, mean=70, spread=100)[row["metric"]]
        assert (row["estimate"], row["low"], row["high"]) == pytest.approx(counted, abs=1e-3)
        assert row["known"] == (n if row["metric"] == "batches" else 70 * n)
        assert row["known_date"] == row["event_date"] + timedelta(days=row["age_days"])
        assert row["is_settled"] == (row["event_date"] < D4)


def test_an_estimate_by_hand(nowcast: Nowcast):
    # four of five were known at that age, so that 40 known ones will be 50
    found = nowcast(*aged(DAY, 80, 90, 100), *aged(D3, 40))
    assert only(found, "event_date", "metric", "known", "estimate") == [
        (D3, "batches", 40.0, 50.0),
        (D3, "units_produced", 2800.0, 3500.0),
    ]
    # variance 40 x 0.2 / 0.64 = 12.5 of chance, 1600 x 0.0016 / 0.4096 = 6.25 of the share
    assert only(found, "high")[0] == pytest.approx(50 + Z_OF_95_PERCENT * sqrt(18.75) + 0.5)
    assert only(found, "low")[0] == pytest.approx(50 - Z_OF_95_PERCENT * sqrt(18.75) - 0.5)


def test_what_is_known_is_the_least(nowcast: Nowcast):
    found = nowcast(*aged(DAY, 9, 9, 10), *aged(D3, 3))
    assert only(found, "metric", "low") == [("batches", 3.0), ("units_produced", 210.0)]
    assert all(row["low"] < row["estimate"] < row["high"] for row in found)


def test_where_nothing_was_ever_late_nothing_is_missing(nowcast: Nowcast):
    found = nowcast(*aged(DAY, 10, 10, 10), *aged(D3, 40))
    assert only(found, "estimate", "low", "high") == [(40.0, 40.0, 40.5), (2800, 2800, 2835)]


def test_before_a_date_has_settled_nothing_is_expected(nowcast: Nowcast):
    assert nowcast() == []
    assert nowcast(*aged(DAY, 8, 9), *aged(D2, 9)) == []
    # the first date settles on the third day: only what is known from then on learns from it
    found = nowcast(*aged(DAY, 8, 9, 10), *aged(D2, 9, 10, 10))
    assert set(only(found, "event_date", "known_date")) == {(D2, D3)}


def test_what_landed_after_a_date_settled_is_not_learned_from(nowcast: Nowcast):
    at_once, much_later = aged(DAY, 8, 9, 10), aged(DAY, 8, 9, 10, 99)
    assert nowcast(*at_once, *aged(D3, 40)) == nowcast(*much_later, *aged(D3, 40))


def test_more_batches_than_at_last_count_as_all_of_them(nowcast: Nowcast):
    found = nowcast(*aged(DAY, 12, 10, 10), *aged(D3, 40))
    assert only(found, "estimate") == [40.0, 2800.0]


def test_where_nothing_was_known_at_an_age_nothing_is_expected(nowcast: Nowcast):
    found = nowcast(*aged(DAY, 0, 5, 10), *aged(D3, 40, 45))
    assert set(only(found, "age_days")) == {1}


def test_factories_do_not_learn_from_each_other(nowcast: Nowcast):
    punctual = [*aged(DAY, 10, 10, 10, factory_id="omega"), *aged(D3, 40, factory_id="omega")]
    late = [*aged(DAY, 8, 9, 10), *aged(D3, 40)]
    found = nowcast(*late, *punctual)
    assert only(found, "factory_id", "metric", "estimate") == [
        *[("alpha", "batches", 50.0), ("alpha", "units_produced", 3500.0)],
        *[("omega", "batches", 40.0), ("omega", "units_produced", 2800.0)],
    ]
    assert nowcast(*aged(DAY, 8, 9, 10), *aged(D3, 40, factory_id="omega")) == []


def test_what_comes_later_does_not_change_a_nowcast(nowcast: Nowcast):
    known = [*aged(DAY, 8, 9, 10), *aged(D2, 9, 10), *aged(D3, 70)]
    later = [*FILLED, *aged(D5, 1, 2, 300)]
    facts = ("event_date", "age_days", "metric", "known", "estimate", "low", "high")
    assert set(only(nowcast(*known), *facts)) < set(only(nowcast(*later), *facts))


# --- coverage ------------------------------------------------------------------------------

LATE = 0.1
SURE = 0.93
"""What 200 intervals do at least, each of which is to hold what comes in 95 of 100 cases."""
WIDEST = {0: 0.25, 1: 0.15, 2: 0.02}
"""By age, as a share of the total, about four times the spread of what is missing by then.

Of 50 batches 5 are missing, give or take 2.3, and a day later 2.5, give or take 1.6; at last none.
"""


@pytest.fixture
def simulated(table: MakeTable, rows: Compute) -> tuple[Rows, Counter[tuple[date, str]]]:
    """Nowcasts of dates that have settled since, and what these came to."""
    parameters = GoldParameters(settle_after_days=3, nowcast_confidence=0.95)
    made = simulate(random.Random(11))  # noqa: S311 - not for secrets
    triangle = summarise_completeness(table(RESTATEMENTS, made), parameters)
    found = rows(summarise_nowcasts(triangle, table(PRODUCTION, made), parameters))
    totals: Counter[tuple[date, str]] = Counter()
    for row in made:
        for metric in ("batches", "units_produced"):
            totals[row["event_date"], metric] += row[metric]
    return [row for row in found if row["is_settled"]], totals


def simulate(rng: random.Random) -> Rows:
    """Return the batches of 200 days; one in ten is late, by a day or two."""
    return [
        {
            "event_date": (day := DAY + timedelta(days=number)),
            "factory_id": "alpha",
            "known_date": day + timedelta(days=rng.choice((1, 2)) if rng.random() < LATE else 0),
            "batches": 1,
            "units_produced": rng.randint(40, 90),
        }
        for number in range(200)
        for _ in range(rng.randint(40, 60))
    ]


@pytest.mark.parametrize("metric", ["batches", "units_produced"])
def test_intervals_hold_what_comes_and_are_no_wider_than_that_takes(
    simulated: tuple[Rows, Counter[tuple[date, str]]], metric: str
):
    found, totals = simulated
    for age, widest in WIDEST.items():
        told = [
            (row["low"], row["high"], totals[row["event_date"], metric])
            for row in found
            if (row["metric"], row["age_days"]) == (metric, age)
        ]
        assert len(told) > 190
        assert fmean(low <= total <= high for low, high, total in told) >= SURE, age
        assert fmean((high - low) / total for low, high, total in told) < widest, age


def test_estimates_are_right_on_average(simulated: tuple[Rows, Counter[tuple[date, str]]]):
    found, totals = simulated
    errors = [row["estimate"] / totals[row["event_date"], row["metric"]] - 1 for row in found]
    assert fmean(errors) == pytest.approx(0, abs=0.01)
