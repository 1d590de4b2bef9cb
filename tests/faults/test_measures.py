"""Measured values that land as another number, or as none."""

import pytest
from ibis import _

from factory_simulation.faults import (
    decimal_comma,
    measures,
    meter_drift,
    missing,
    spike,
    stuck_sensor,
    swapped,
)
from tests.faults.readings import ASSEMBLER, LANDED, NO_PLATE, SMELTER, reading

TOLD = ("temperature_c", "temperature_fault", "pressure_bar", "pressure_fault")


@pytest.fixture
def looked_at(table, rows):
    """Return what one reading's temperature and pressure are found to be."""

    def find(look, row):
        (found,) = rows(look(measures.read(table(LANDED, [row]))))
        return tuple(found[name] for name in TOLD)

    return find


@pytest.mark.parametrize(
    ("landed", "expected"),
    [
        (reading("2.0", "1300.0", SMELTER), (1300, "swapped_columns", 2.0, "swapped_columns")),
        (reading("1.0", "35.0", ASSEMBLER), (35, "swapped_columns", 1.0, "swapped_columns")),
        (reading("1300.0", "2.0", SMELTER), (1300, None, 2.0, None)),
        # one alone proves nothing
        (reading("2.0", None, SMELTER), (2.0, None, None, None)),
        (reading(None, "1300.0", SMELTER), (None, None, 1300, None)),
        (reading("2.0", "1149.0", SMELTER), (2.0, None, 1149, None)),
        (reading("3.0", "1300.0", SMELTER), (3.0, None, 1300, None)),
        (reading("2.0", "1300.0", NO_PLATE), (2.0, None, 1300, None)),
        # limits that meet: both are right as they stand
        (
            reading("40.0", "41.0", ASSEMBLER | {"pressure_high_bar": 45.0}),
            (40.0, None, 41.0, None),
        ),
    ],
)
def test_values_change_places_where_only_that_fits_both_limits(looked_at, landed, expected):
    assert looked_at(swapped.find, landed) == expected


@pytest.mark.parametrize(
    ("landed", "expected"),
    [
        (reading("7250.0", "13.75", SMELTER), (None, "spike", None, "spike")),
        (reading("7249.99", "13.749", SMELTER), (7249.99, None, 13.749, None)),
        (reading("250.0", "6.5", ASSEMBLER), (None, "spike", None, "spike")),
        (reading("900.0", "1.0", ASSEMBLER), (None, "spike", 1.0, None)),
        (reading("-900.0", None, ASSEMBLER), (-900.0, None, None, None)),
        (reading("1e9", "1e9", NO_PLATE), (1e9, None, 1e9, None)),
    ],
)
def test_what_is_five_times_the_limit_is_left_out(looked_at, landed, expected):
    assert looked_at(spike.find, landed) == expected


@pytest.mark.parametrize(
    ("landed", "value", "is_found"),
    [
        ("1234,56", 1234.56, True),
        (" 0,5 ", 0.5, True),
        ("-1,25", -1.25, True),
        ("1234.56", 1234.56, False),
        ("1,234,567", None, False),
        ("1.234,5", None, False),
        (",5", None, False),
        ("5,", None, False),
        (None, None, False),
        ("", None, False),
    ],
)
def test_a_comma_between_digits_is_a_decimal_comma(table, rows, landed, value, is_found):
    row = {measure.column: landed for measure in measures.MEASURES}
    (found,) = rows(decimal_comma.find(measures.read(table(LANDED, [row]))))
    for measure in measures.MEASURES:
        assert found[measure.value] == value
        assert found[measure.fault] == ("decimal_comma" if is_found else None)


# --- batches whose readings tell of each other -------------------------------------------------

STUCK = {
    "machine_id": "string",
    "batch_date": "string",
    "batch_id": "string",
    "temperature_c": "float64",
}


def of_batch(batch_id, *temperatures, machine="M-1", day="a"):
    return [dict(zip(STUCK, (machine, day, batch_id, t), strict=True)) for t in temperatures]


def test_three_equal_temperatures_of_one_batch_are_a_stuck_sensor(table, rows):
    readings = [
        *of_batch("stuck", 7.0, 7.0, 7.0, 8.0, None),
        *of_batch("two", 6.0, 6.0, 5.0),
        *of_batch("gone", None, None, None),
        *of_batch(None, 1.0, 1.0, 1.0),
        *of_batch("id", 3.0, 3.0),
        *of_batch("id", 3.0, machine="M-2"),
        *of_batch("id", 3.0, day="b"),
    ]
    found = rows(stuck_sensor.find(table(STUCK, readings)))
    is_stuck = [(r["batch_id"], r["temperature_c"]) for r in found if r["is_stuck"]]
    assert is_stuck == [("stuck", 7.0)] * 3
    assert len(found) == len(readings)


@pytest.mark.parametrize(
    ("kinds", "is_lost", "told"),
    [
        (["stuck_sensor"] * 3, False, [10_000] * 3),
        (["stuck_sensor"] * 2, False, [0] * 2),
        (["stuck_sensor"] * 3, True, [0] * 3),
        (["stuck_sensor"] * 3 + ["swapped_columns", None], False, [10_000] * 3 + [77, None]),
        (["stuck_sensor"] * 2 + ["swapped_columns"] * 2, False, [0] * 2 + [77] * 2),
    ],
)
def test_the_ledger_knows_how_many_stuck_values_can_be_seen(table, rows, kinds, is_lost, told):
    columns = {
        "number": "int64",
        "batch_id": "string",
        "is_batch_lost": "boolean",
        "temperature_fault": "string",
        "temperature_detection": "int64",
    }
    given = [
        dict(zip(columns, (n, "b", is_lost, kind, kind and 77), strict=True))
        for n, kind in enumerate(kinds)
    ]
    judged = rows(stuck_sensor.judge(table(columns, given)))
    assert [row["temperature_detection"] for row in judged] == told


@pytest.mark.parametrize(
    ("kinds", "is_lost", "expected"),
    [
        (["missing_value", None], False, ("recoverable", 10_000)),
        (["missing_value", "decimal_comma"], False, ("recoverable", 10_000)),
        (["missing_value", "missing_value"], False, ("ambiguous", 0)),
        (["missing_value"], False, ("ambiguous", 0)),
        (["missing_value", None], True, ("ambiguous", 0)),
    ],
)
def test_a_missing_efficiency_is_told_by_a_sibling_of_a_batch_that_landed(
    table, rows, kinds, is_lost, expected
):
    columns = {
        "number": "int64",
        "batch_id": "string",
        "is_batch_lost": "boolean",
        "efficiency_percent": "string",
        "efficiency_percent_fault": "string",
        "efficiency_percent_recoverability": "string",
        "efficiency_percent_repair": "int64",
    }
    given = []
    for number, kind in enumerate(kinds):
        value = None if kind == "missing_value" else "98,0"
        told = (kind, kind and "recoverable", kind and 10_000)
        given.append(dict(zip(columns, (number, "b", is_lost, value, *told), strict=True)))
    given.append(dict(zip(columns, (99, "other", is_lost, "97.0", None, None, None), strict=True)))
    first, *_others, last = rows(missing.judge(table(columns, given)))
    parts = ("efficiency_percent_recoverability", "efficiency_percent_repair")
    assert tuple(first[part] for part in parts) == expected
    assert tuple(last[part] for part in parts) == (None, None)


def test_a_value_is_missing_where_nothing_stands(table, rows):
    given = table(LANDED, [{"number": n, "pressure": p} for n, p in enumerate((None, "0.0", ""))])
    found = rows(given.mutate(is_missing=missing.find(given.pressure)))
    assert [row["is_missing"] for row in found] == [True, False, False]


# --- meters ------------------------------------------------------------------------------------

METERED = {
    "_row_id": "int64",
    "machine_id": "string",
    "batch_id": "string",
    "batch_date": "string",
    "metered_kwh": "float64",
    "plate_micro_kwh": "int64",
}


def metered(batch_id, plate_kwh, *kwh, machine="M-1", day="a", row=0):
    plate = None if plate_kwh is None else round(plate_kwh * 1_000_000)
    return [
        dict(zip(METERED, (row + n, machine, batch_id, day, value, plate), strict=True))
        for n, value in enumerate(kwh)
    ]


@pytest.fixture
def drift(table, rows):
    def find(*readings, tolerance=0.025, most=1.0):
        flat = [row for of_one in readings for row in of_one]
        found = rows(meter_drift.find(table(METERED, flat), tolerance, most))
        return [row["drift_bp"] for row in found]

    return find


@pytest.mark.parametrize(
    ("kwh", "drift_bp"),
    [
        ((5.0, 5.0), 0),
        ((5.0, 5.25), 0),
        ((5.0, 5.2511), 251),
        ((5.0, 5.2601), 260),
        ((5.5, 5.5), 1_000),
        ((10.0, 10.0), 10_000),
        ((10.0, 10.001), 0),
        ((4.0, 4.0), 0),
        ((5.5, None), 0),
        ((None, None), 0),
    ],
)
def test_a_day_that_shows_more_than_noise_explains_is_drifting(drift, kwh, drift_bp):
    assert drift(metered("b", 10, *kwh)) == [drift_bp] * len(kwh)


def test_batches_without_all_of_their_readings_are_corrected_but_do_not_count(drift):
    whole, part = metered("b", 10, 5.5, 5.5), metered("c", 10, 9.0, None, row=5)
    assert drift(whole, part) == [1_000, 1_000, 1_000, 0]  # what is missing shows no drift
    assert drift(part) == [0, 0]


def test_each_machine_and_day_has_a_meter_of_its_own_and_strays_none(drift):
    drifting = metered("b", 10, 11.0)
    true = metered("b", 10, 10.0, machine="M-2", row=1)
    next_day = metered("b", 10, 12.0, day="b", row=2)
    stray = metered(None, None, 3.0, row=3)
    assert drift(drifting, true, next_day, stray) == [1_000, 0, 2_000, 0]


def test_energy_of_a_batch_without_output_is_compared_with_nothing(drift):
    assert drift(metered("b", 0, 1.0)) == [0]


def test_corrected_is_what_the_meter_showed_less_its_drift(table, rows):
    columns = {"drift_bp": "int64", "kwh": "float64"}
    values = [(0, 1.2345), (1_000, 1.1), (2_500, 0.0005), (500, None)]
    given = table(columns, [dict(zip(columns, row, strict=True)) for row in values])
    found = rows(given.mutate(kwh_corrected=meter_drift.corrected(_.kwh)))
    assert {row["drift_bp"]: row["kwh_corrected"] for row in found} == {
        0: 1.2345,
        1_000: 1.0,
        2_500: 0.0004,
        500: None,
    }
