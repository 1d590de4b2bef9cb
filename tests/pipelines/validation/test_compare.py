"""Gold beside the truth: what is compared, how far it is off, and when a date can be judged."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from factory_simulation.pipelines.validation.compare import compare_with_truth
from tests.conftest import Rows
from tests.pipelines.silver.landed import Compute, MakeTable, Row, only
from tests.pipelines.validation.rows import (
    D1,
    D2,
    D3,
    D4,
    DAILY,
    FILES,
    OPENING,
    PRODUCTS,
    STOCK,
    files,
    gold,
    stocked,
)

TRUTH = {
    "event_date": "date",
    "level": "string",
    "key": "string",
    "metric": "string",
    "truth_micro": "int64",
    "complete_on": "date",
    "has_history": "boolean",
}

RECIPES = [
    {"product_name": "Iron Plate", "made_from": "Iron Ore", "input_per_unit": 1},
    {"product_name": "Gear Wheel", "made_from": "Iron Plate", "input_per_unit": 2},
]
OPENED = [{"factory_id": "alpha", "product_name": "Iron Plate", "units": 5}]

Compare = Callable[..., Rows]


@pytest.fixture
def compare(table: MakeTable, rows: Compute) -> Compare:
    def run(
        truth: Rows = (),
        daily: Rows = (),
        files: Rows = (),
        folders: list[date] = (),
        *,
        stock: Rows = (),
        restored: Rows | None = None,
    ) -> Rows:
        return rows(
            compare_with_truth(
                table(DAILY, daily),
                table(STOCK, stock),
                table(DAILY, daily if restored is None else restored),
                table(PRODUCTS, RECIPES),
                table(OPENING, OPENED),
                table(TRUTH, truth),
                table(FILES, files),
                table({"arrival_date": "date"}, [{"arrival_date": day} for day in folders]),
            )
        )

    return run


def true(units: float, key: str = "SMELTER-01", **different: Any) -> Row:
    """What one machine truly made on the first day, all of which lands that day."""
    return {
        "event_date": D1,
        "level": "machine",
        "key": key,
        "metric": "units_produced",
        "truth_micro": round(units * 1_000_000),
        "complete_on": D1,
        "has_history": True,
        **different,
    }


def test_a_number_of_truth_stands_beside_that_of_gold(compare: Compare):
    assert compare([true(80)], [gold(60)], files(D1), [D1]) == [
        {
            "event_date": D1,
            "level": "machine",
            "key": "SMELTER-01",
            "metric": "units_produced",
            "truth": 80.0,
            "pipeline": 60.0,
            "lost": 0.0,
            "relative_error": 0.25,
            "unexplained_error": 0.25,
            "is_recoverable": True,
            "settled": True,
        }
    ]


@pytest.mark.parametrize(
    ("truth", "pipeline", "relative_error"),
    [
        (100, 100, 0.0),
        (100, 90, 0.1),
        (100, 110, 0.1),
        (10, 30, 2.0),
        (100, 0, 1.0),
        (0, 0, 0.0),
        (0, 1, 1.0),
        (0, 1000, 1.0),
    ],
)
def test_the_error_is_relative_to_the_truth(
    compare: Compare, truth: int, pipeline: int, relative_error: float
):
    (found,) = compare([true(truth)], [gold(pipeline)])
    assert (found["truth"], found["pipeline"]) == (truth, pipeline)
    assert found["relative_error"] == relative_error


def test_the_smallest_number_that_truth_can_tell_is_a_number(compare: Compare):
    energy = {"metric": "energy_kwh"}
    found = compare(
        [true(0.000001, **energy), true(0.000001, "SMELTER-02", **energy)],
        [gold(1, energy_kwh=0.000001), gold(1, "SMELTER-02", energy_kwh=0.000003)],
    )
    assert only(found, "relative_error") == [0.0, 2.0]


def test_what_only_truth_has_counts_as_nothing_in_gold(compare: Compare):
    found = compare([true(80), true(5, "SMELTER-02"), true(0, "SMELTER-03")], [gold(80)])
    assert only(found, "key", "truth", "pipeline", "relative_error") == [
        ("SMELTER-01", 80.0, 80.0, 0.0),
        ("SMELTER-02", 5.0, 0.0, 1.0),
        ("SMELTER-03", 0.0, 0.0, 0.0),
    ]


def test_what_only_gold_has_counts_as_nothing_in_truth(compare: Compare):
    found = compare([true(80)], [gold(80), gold(5, "SMELTER-02"), gold(0, "SMELTER-03")])
    assert only(found, "key", "truth", "pipeline", "relative_error") == [
        ("SMELTER-01", 80.0, 80.0, 0.0),
        ("SMELTER-02", 0.0, 5.0, 1.0),
        ("SMELTER-03", 0.0, 0.0, 0.0),
    ]


def test_a_key_that_only_gold_has_is_as_settled_as_its_date(compare: Compare):
    daily = [gold(5, "SMELTER-02"), gold(5, "SMELTER-02", production_date=D2)]
    truth = [true(80), true(80, event_date=D2, complete_on=D2)]
    found = compare(truth, daily, files(D1), [D1])
    assert only(found, "event_date", "key", "settled") == [
        (D1, "SMELTER-01", True),
        (D1, "SMELTER-02", True),
        (D2, "SMELTER-01", False),
        (D2, "SMELTER-02", False),
    ]


def test_a_date_that_truth_does_not_know_is_not_compared(compare: Compare):
    found = compare([true(80)], [gold(80), gold(7, production_date=D2)], files(D1, D2))
    assert only(found, "event_date", "pipeline") == [(D1, 80.0)]


def test_a_number_is_compared_with_that_of_its_own_date(compare: Compare):
    truth = [true(80), true(70, event_date=D2, complete_on=D2)]
    found = compare(truth, [gold(70, production_date=D2)])
    assert only(found, "event_date", "truth", "pipeline") == [(D1, 80.0, 0.0), (D2, 70.0, 70.0)]


def test_only_what_truth_measures_is_compared(compare: Compare):
    """A level and a metric that truth nowhere has would all be wrong."""
    truth = [true(80), true(1, "factory", level="factory", metric="batches")]
    found = compare(truth, [gold(80, units_defective=7, energy_kwh=3.5)])
    assert only(found, "level", "metric") == [
        ("factory", "batches"),
        ("machine", "units_produced"),
    ]


def test_gold_is_added_up_by_factory_site_machine_and_product(compare: Compare):
    measures = ("batches", "units_produced", "units_defective", "energy_kwh")
    levels = {
        "factory": "factory",
        "site": "alpha",
        "machine": "SMELTER-01",
        "product": "Iron Plate",
    }
    truth = [
        true(0, key, level=level, metric=metric)
        for level, key in levels.items()
        for metric in measures
    ]
    daily = [
        gold(10, batches=1, units_defective=1, energy_kwh=0.1),
        gold(20, product_name="Gear Wheel", batches=2, units_defective=2, energy_kwh=0.2),
        gold(40, "SMELTER-02", factory_id="omega", batches=4, units_defective=4, energy_kwh=0.4),
    ]
    found = compare(truth, daily)
    sums = {
        (level, key): tuple(
            row["pipeline"]
            for metric in measures
            for row in found
            if (row["level"], row["key"], row["metric"]) == (level, key, metric)
        )
        for level, key in only(found, "level", "key")
    }
    assert sums == {
        ("factory", "factory"): (7.0, 70.0, 7.0, 0.7),
        ("machine", "SMELTER-01"): (3.0, 30.0, 3.0, 0.3),
        ("machine", "SMELTER-02"): (4.0, 40.0, 4.0, 0.4),
        ("product", "Gear Wheel"): (2.0, 20.0, 2.0, 0.2),
        ("product", "Iron Plate"): (5.0, 50.0, 5.0, 0.5),
        ("site", "alpha"): (3.0, 30.0, 3.0, 0.3),
        ("site", "omega"): (4.0, 40.0, 4.0, 0.4),
    }


def test_energy_that_is_equal_is_exactly_equal(compare: Compare):
    assert 0.1 + 0.2 != 0.3
    daily = [gold(1, energy_kwh=0.1), gold(1, product_name="Gear Wheel", energy_kwh=0.2)]
    (found,) = compare([true(0.3, metric="energy_kwh")], daily)
    assert (found["pipeline"], found["relative_error"]) == (0.3, 0.0)


LOST = ("pipeline", "lost", "relative_error", "unexplained_error", "is_recoverable")


@pytest.mark.parametrize(
    ("truth", "landed", "restored", "expected"),
    [
        (100, 80, 100, (80.0, 20.0, 0.2, 0.0, False)),
        (100, 80, 90, (80.0, 10.0, 0.2, 0.1, False)),
        (100, 100, 120, (100.0, 20.0, 0.0, 0.2, False)),
        (100, 80, 80, (80.0, 0.0, 0.2, 0.2, True)),
        (0, 0, 10, (0.0, 10.0, 0.0, 1.0, False)),
    ],
)
def test_what_the_ledger_says_was_lost_explains_an_error(
    compare: Compare, truth: int, landed: int, restored: int, expected: tuple
):
    found = compare([true(truth)], [gold(landed)], restored=[gold(restored)])
    assert only(found, *LOST) == [expected]


def test_all_of_a_machine_may_be_lost(compare: Compare):
    lost = gold(20, "SMELTER-02")
    truth = [true(80), true(20, "SMELTER-02"), true(100, "factory", level="factory")]
    found = compare(truth, [gold(80)], restored=[gold(80), lost])
    assert only(found, "key", *LOST) == [
        ("factory", 80.0, 20.0, 0.2, 0.0, False),
        ("SMELTER-01", 80.0, 0.0, 0.0, 0.0, True),
        ("SMELTER-02", 0.0, 20.0, 1.0, 0.0, False),
    ]


def in_stock(units: int, **different: Any) -> Row:
    """What one factory truly had of one product at the first day's end."""
    stock = {"level": "stock", "key": "alpha/Iron Plate", "metric": "units_in_stock"}
    return true(units, **{**stock, **different})


def test_stock_is_compared_by_factory_and_product(compare: Compare):
    truth = [in_stock(75), in_stock(9, key="alpha/Gear Wheel"), in_stock(4, key="omega/Gear Wheel")]
    daily = [gold(70), gold(9, product_name="Gear Wheel", machine_id="ASSEMBLER-01")]
    stock = [stocked(57), stocked(9, product_name="Gear Wheel")]
    found = compare(truth, daily, stock=stock)
    assert only(found, "level", "key", "truth", "pipeline", "lost", "unexplained_error") == [
        ("stock", "alpha/Gear Wheel", 9.0, 9.0, 0.0, 0.0),
        ("stock", "alpha/Iron Plate", 75.0, 57.0, 0.0, pytest.approx(18 / 75)),
        ("stock", "omega/Gear Wheel", 4.0, 0.0, 0.0, 1.0),
    ]


def test_stock_of_what_was_lost_is_restored_with_what_it_used(compare: Compare):
    """Ten gear wheels never landed: ten more are in stock, and twenty plates fewer."""
    wheels = {"product_name": "Gear Wheel", "machine_id": "ASSEMBLER-01"}
    found = compare(
        [in_stock(37), in_stock(19, key="alpha/Gear Wheel")],
        [gold(70), gold(9, **wheels)],
        stock=[stocked(57), stocked(9, product_name="Gear Wheel")],
        restored=[gold(70), gold(19, **wheels)],
    )
    assert only(found, "key", *LOST) == [
        ("alpha/Gear Wheel", 9.0, 10.0, pytest.approx(10 / 19), 0.0, False),
        ("alpha/Iron Plate", 57.0, -20.0, pytest.approx(20 / 37), 0.0, False),
    ]


def test_less_than_nothing_in_stock_is_a_number(compare: Compare):
    wheels = gold(10, product_name="Gear Wheel")
    (_, plates) = compare(
        [in_stock(-15)], [wheels], stock=[stocked(10, product_name="Gear Wheel"), stocked(-15)]
    )
    assert (plates["pipeline"], plates["relative_error"]) == (-15.0, 0.0)


def test_stock_is_settled_where_all_dates_up_to_it_are(compare: Compare):
    """The second date waits for a file of the fourth; stock of the third waits with it."""
    truth = [
        row
        for day, complete_on in [(D1, D1), (D2, D4), (D3, D3)]
        for row in (
            true(1, event_date=day, complete_on=complete_on),
            in_stock(1, event_date=day, complete_on=complete_on),
        )
    ]
    found = compare(truth, [], files(D1, D2, D3), [D1, D2, D3])
    assert only(found, "event_date", "level", "settled") == [
        (D1, "machine", True),
        (D1, "stock", True),
        (D2, "machine", False),
        (D2, "stock", False),
        (D3, "machine", True),
        (D3, "stock", False),
    ]
    found = compare(truth, [], files(D1, D2, D3, D4), [D1, D2, D3, D4])
    assert set(only(found, "settled")) == {True}


def test_stock_is_compared_where_truth_has_all_dates_that_it_adds_up_from(compare: Compare):
    late = {"event_date": D3, "complete_on": D3, "has_history": False}
    found = compare([true(1, **late), in_stock(75, **late)], [], files(D3), [D3])
    assert only(found, "level", "settled") == [("machine", True)]


def truths(**complete_on: date) -> Rows:
    """Truth of some days, each with the date on which all of it has landed."""
    days = {"d1": D1, "d2": D2, "d3": D3, "d4": D4}
    return [true(1, event_date=days[day], complete_on=last) for day, last in complete_on.items()]


SETTLED = {
    "all has come on its own day": (D1, D1, files(D1), [D1], True),
    "nothing has come": (D1, D1, [], [], False),
    "its own folder is unread": (D1, D1, [], [D1], False),
    "its last arrival has not come": (D1, D3, files(D1, D2), [D1, D2], False),
    "its last arrival has come": (D1, D3, files(D1, D2, D3), [D1, D2, D3], True),
    "more than its last arrival has come": (D1, D2, files(D1, D4), [D1, D4], True),
    "on a day between nothing arrived": (D1, D3, files(D1, D3), [D1, D3], True),
    "a day between lies unread": (D1, D3, files(D1, D3), [D1, D2, D3], False),
    "its first day lies unread": (D2, D3, files(D1, D3), [D1, D2, D3], False),
    "its last day lies unread": (D1, D3, files(D1, D4), [D1, D3, D4], False),
    "a day before it lies unread": (D3, D4, files(D1, D3, D4), [D1, D2, D3, D4], True),
    "a day after it lies unread": (D1, D2, files(D1, D2), [D1, D2, D3], True),
    "two days lie unread": (D1, D4, files(D1, D4), [D1, D2, D3, D4], False),
    "it is before the first arrival": (D1, D1, files(D2), [D2], False),
    "it is before the first arrival, its rows after": (D1, D3, files(D2, D3), [D2, D3], False),
    "its folder is gone since": (D1, D2, files(D1, D2), [], True),
    "its file was rejected": (D1, D1, files(D1, status="rejected"), [D1], True),
    "a day between was rejected": (
        D1,
        D3,
        files(D1, D3) + files(D2, status="rejected"),
        [D1, D2, D3],
        True,
    ),
    "its file was withdrawn": (D1, D1, files(D1, status="withdrawn"), [], False),
    "its last file was withdrawn": (D1, D2, files(D1) + files(D2, status="withdrawn"), [D1], False),
    "a withdrawn day lies there again": (
        D1,
        D3,
        files(D1, D3) + files(D2, status="withdrawn"),
        [D1, D2, D3],
        False,
    ),
    "one of its two files was withdrawn": (
        D1,
        D1,
        files(D1) + files(D1, status="withdrawn"),
        [D1],
        True,
    ),
    "a file of no date has come": (D1, D1, files(None, status="rejected"), [], False),
}


@pytest.mark.parametrize("case", SETTLED)
def test_a_date_is_settled_when_all_of_it_has_been_seen(compare: Compare, case: str):
    event_date, complete_on, seen, folders, settled = SETTLED[case]
    found = compare([true(1, event_date=event_date, complete_on=complete_on)], [], seen, folders)
    assert only(found, "event_date", "settled") == [(event_date, settled)]


def test_each_date_is_settled_on_its_own(compare: Compare):
    truth = truths(d1=D2, d2=D2, d3=D4, d4=D4)
    found = compare(truth, [], files(D1, D2, D3), [D1, D2, D3, D4])
    assert only(found, "event_date", "settled") == [
        (D1, True),
        (D2, True),
        (D3, False),
        (D4, False),
    ]


def test_a_date_is_complete_when_the_last_of_its_numbers_is(compare: Compare):
    truth = [true(1), true(1, "SMELTER-02", complete_on=D2)]
    assert only(compare(truth, [], files(D1), [D1]), "settled") == [False, False]
    assert only(compare(truth, [], files(D1, D2), [D1, D2]), "settled") == [True, True]


def test_a_date_is_judged_once_however_many_files_it_has(compare: Compare):
    found = compare([true(1)], [gold(1)], files(D1, D1, D2, D2), [D1, D2, D3])
    assert only(found, "event_date", "pipeline", "settled") == [(D1, 1.0, True)]


def test_without_truth_nothing_is_compared(compare: Compare):
    assert compare() == []
    assert compare(daily=[gold(80)], files=files(D1), folders=[D1]) == []


def test_without_gold_and_files_truth_is_provisional(compare: Compare):
    found = compare([true(80)])
    assert only(found, "truth", "pipeline", "relative_error", "settled") == [
        (80.0, 0.0, 1.0, False)
    ]
