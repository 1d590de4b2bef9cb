"""Conversion to another unit and back gives the very value, for all that a machine may see."""

from fractions import Fraction
from math import floor

import ibis
import pyarrow as pa
import pytest
from ibis import _

from factory_simulation.faults import measures
from factory_simulation.faults.measures import PRESSURE, TEMPERATURE
from factory_simulation.faults.unit_mixup import fahrenheit, fault, find, psi
from tests.faults.readings import ASSEMBLER, LANDED, NO_PLATE, SMELTER, reading

TEMPERATURES = [(SMELTER, 115_000, 145_000), (ASSEMBLER, 2_000, 5_000)]
PRESSURES = [(SMELTER, 1_250, 2_750), (ASSEMBLER, 700, 1_300)]


def rounded(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


@pytest.fixture
def numbers(engine):
    """Make a table of all whole numbers from one to another."""

    def make(low, high, **columns):
        whole = pa.table({"number": pa.array(range(low, high + 1), pa.int64())})
        return engine.small_table(whole).mutate(**columns)

    return make


@pytest.mark.parametrize(("low", "high"), [(2_000, 5_000), (115_000, 145_000)])
def test_fahrenheit_is_rounded_to_hundredths(engine, numbers, low, high):
    table = numbers(low, high, shown=fahrenheit(_.number))
    for row in engine.fetch(table).to_pylist():
        assert row["shown"] == rounded(Fraction(row["number"] * 9, 5) + 3_200)


@pytest.mark.parametrize(("low", "high"), [(700, 2_750)])
def test_psi_is_rounded_to_thousandths(engine, numbers, low, high):
    for row in engine.fetch(numbers(low, high, shown=psi(_.number))).to_pylist():
        assert row["shown"] == rounded(row["number"] * Fraction(14_503_774, 1_000_000))


@pytest.mark.parametrize("rate", [0, 1])
@pytest.mark.parametrize(
    ("measure", "plate", "low", "high"),
    [
        *[(TEMPERATURE, *case) for case in TEMPERATURES],
        *[(PRESSURE, *case) for case in PRESSURES],
        (PRESSURE, SMELTER | {"pressure_low_bar": 0.7}, 700, 2_750),
    ],
)
def test_every_value_that_a_machine_may_see_is_found_again(
    engine, numbers, rate, measure, plate, low, high
):
    scale = 100 if measure is TEMPERATURE else 1_000
    hurt = fault(rate, measure, 7, _.number)
    other = PRESSURE if measure is TEMPERATURE else TEMPERATURE
    whole = numbers(
        low,
        high,
        centi_celsius=_.number,
        milli_bar=_.number,
        centi_celsius_limit=ibis.literal(round(plate["temperature_high_c"] * 100), "int64"),
        milli_bar_limit=ibis.literal(round(plate["pressure_high_bar"] * 1_000), "int64"),
        **{name: ibis.literal(value, "float64") for name, value in plate.items()},
    )
    landed = whole.mutate(
        falls=hurt.falls,
        told=hurt.detection,
        **{
            measure.column: ibis.ifelse(hurt.falls, hurt.dirty, (_.number / scale).cast("string")),
            other.column: ibis.null("string"),
            "energy_kwh": ibis.null("string"),
            "efficiency_percent": ibis.null("string"),
        },
    )
    found = engine.fetch(measures.read(landed).pipe(find)).to_pylist()
    assert len(found) == high - low + 1
    for row in found:
        assert row["falls"] == bool(rate)
        assert row["told"] == 10_000
        assert row[measure.value] == row["number"] / scale
        assert row[measure.fault] == ("unit_mixup" if rate else None)
        assert row[other.fault] is None


@pytest.mark.parametrize(
    ("landed", "expected"),
    [
        # within the limits a value is taken as it is
        (reading("1300.0", "2.0", SMELTER), (1300, None, 2.0, None)),
        (reading("1150.0", "2.75", SMELTER), (1150, None, 2.75, None)),
        (reading("2372.0", "29.008", SMELTER), (1300, "unit_mixup", 2.0, "unit_mixup")),
        (reading("95.0", "14.504", ASSEMBLER), (35, "unit_mixup", 1.0, "unit_mixup")),
        # outside of them in either unit
        (reading("1149.99", "2.751", SMELTER), (1149.99, None, 2.751, None)),
        (reading("2642.02", "60.0", SMELTER), (2642.02, None, 60.0, None)),
        (reading("28000.0", "0.0", SMELTER), (28_000, None, 0, None)),
        # nothing there, no plate
        (reading(None, "x", SMELTER), (None, None, None, None)),
        (reading("2372.0", "29.008", NO_PLATE), (2372, None, 29.008, None)),
    ],
)
def test_only_what_fits_in_the_other_unit_alone_is_converted(table, rows, landed, expected):
    (row,) = rows(find(measures.read(table(LANDED, [landed]))))
    told = ("temperature_c", "temperature_fault", "pressure_bar", "pressure_fault")
    assert tuple(row[name] for name in told) == expected


def test_where_the_limits_of_both_units_meet_the_ledger_says_that_nothing_tells(table, rows):
    hurt = fault(1, TEMPERATURE, 7, _.number)
    columns = {"number": "int64", "centi_celsius": "int64", "centi_celsius_limit": "int64"}
    given = [
        {"number": n, "centi_celsius": centi, "centi_celsius_limit": 10_000}
        for n, centi in enumerate((3_777, 3_778))
    ]
    told = rows(
        table(columns, given).mutate(
            dirty=hurt.dirty, fate=hurt.recoverability, found=hurt.detection, repaired=hurt.repair
        )
    )
    assert [tuple(row.values())[3:] for row in told] == [
        ("99.99", "ambiguous", 0, 0),
        ("100.0", "ambiguous", 0, 0),
    ]
