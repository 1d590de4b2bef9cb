"""Values that are read as something else: other units, swapped, spiked, stuck, drifting."""

import ibis
import ibis.expr.types as ir
import pytest

from factory_simulation.domain import SENSOR_LOGS
from factory_simulation.pipelines.silver.sensors import (
    assess_sensor_readings,
)
from tests.pipelines.silver.landed import (
    DAY,
    Compute,
    MakeTable,
    Row,
    land,
    made,
    only,
    reading,
)
from tests.pipelines.silver.sensors.readings import Assess

MEASURED = ("temperature_c", "pressure_bar", "energy_kwh", "efficiency_percent")
FAULTS = tuple(f"{measure}_fault" for measure in SENSOR_LOGS.numbers)

MISREAD = {
    "decimal_comma": [
        ({"temperature": "1250,5"}, {"temperature_c": 1250.5}),
        ({"temperature": " +1250,50 "}, {"temperature_c": 1250.5}),
        ({"pressure": "2,1"}, {"pressure_bar": 2.1}),
        ({"energy_kwh": "0,125"}, {"energy_kwh": 0.125}),
        ({"energy_kwh": "-0,5"}, {"energy_kwh": -0.5}),
        ({"efficiency_percent": "97,25"}, {"efficiency_percent": 97.25}),
        ({"machine_id": "PRESS-01", "temperature": "1250,5"}, {"temperature_c": 1250.5}),
    ],
    "unit_mixup": [
        ({"temperature": "2282.9"}, {"temperature_c": 1250.5}),
        ({"temperature": "2012"}, {"temperature_c": 1100.0}),
        ({"temperature": "2732"}, {"temperature_c": 1500.0}),
        ({"pressure": "30.458"}, {"pressure_bar": 2.1}),
        ({"pressure": "14.504"}, {"pressure_bar": 1.0}),
    ],
    "percent_as_share": [
        ({"efficiency_percent": "0.9722"}, {"efficiency_percent": 97.22}),
        ({"efficiency_percent": "1.5"}, {"efficiency_percent": 150.0}),
        ({"efficiency_percent": "0.01"}, {"efficiency_percent": 1.0}),
        ({"machine_id": "PRESS-01", "efficiency_percent": "1"}, {"efficiency_percent": 100.0}),
    ],
    "spike": [
        ({"temperature": "7500"}, {"temperature_c": None}),
        ({"temperature": "60000.5"}, {"temperature_c": None}),
        ({"pressure": "150"}, {"pressure_bar": None}),
    ],
}
NOT_MISREAD = [
    # as it may be
    {},
    {"temperature": "1100", "pressure": "1"},
    {"temperature": "1500", "pressure": "3"},
    # out of the limits, in a way that no kind explains
    {"temperature": "1500.01", "pressure": "3.001"},
    {"temperature": "1099.99", "pressure": "0.999"},
    {"temperature": "2011"},
    {"temperature": "2733"},
    {"temperature": "7499.99"},
    {"temperature": "-40", "pressure": "0"},
    {"pressure": "14.49"},
    # swapped, but for one of them
    {"temperature": "2.1", "pressure": None},
    {"temperature": None, "pressure": "5"},
    {"temperature": "2.1", "pressure": "2.1"},
    {"temperature": "3.1", "pressure": "1250.5", "machine_id": "PRESS-01"},
    # without limits nothing is out of them
    {"machine_id": "PRESS-01", "temperature": "2282.9", "pressure": "30.458"},
    {"machine_id": "PRESS-01", "temperature": "99999", "pressure": "99999"},
    # no limits for energy and efficiency
    {"energy_kwh": "99999", "efficiency_percent": "99999"},
    {"energy_kwh": "-1", "efficiency_percent": "-1"},
    {"energy_kwh": "0.5", "efficiency_percent": "1.51"},
    {"energy_kwh": "0", "efficiency_percent": "0"},
]


@pytest.mark.parametrize("fault", MISREAD)
def test_a_value_that_the_plate_does_not_allow_is_read_as_what_it_must_mean(
    assess: Assess, fault: str
):
    found = assess(*[reading(**landed) for landed, _value in MISREAD[fault]])
    for row, (landed, value) in zip(found, MISREAD[fault], strict=True):
        (column,) = landed.keys() - {"machine_id"}
        assert {name: row[name] for name in FAULTS if row[name]} == {f"{column}_fault": fault}
        assert {name: row[name] for name in value} == value
        assert row[f"landed_{column}"] == landed[column]
        assert row["reasons"] == ""


def test_a_value_that_the_plate_allows_or_that_nothing_explains_is_left_alone(assess: Assess):
    found = assess(*[reading(**landed) for landed in NOT_MISREAD])
    for row, landed in zip(found, NOT_MISREAD, strict=True):
        told = reading(**landed)
        assert {row[name] for name in FAULTS} == {None}, landed
        numbers = [
            None if told[name] is None else float(told[name]) for name in SENSOR_LOGS.numbers
        ]
        assert [row[name] for name in MEASURED] == numbers


def test_swapped_columns_change_places_again(assess: Assess):
    landed = [
        reading(temperature="2.1", pressure="1250.5"),
        reading(temperature="1", pressure="1500"),
        reading(machine_id="ASSEMBLER-01", temperature="0.5", pressure="60"),
    ]
    found = assess(*landed)
    assert only(found, "temperature_c", "pressure_bar") == [(1250.5, 2.1), (1500, 1), (60, 0.5)]
    assert set(only(found, *FAULTS[:2])) == {("swapped_columns", "swapped_columns")}
    assert set(only(found, *FAULTS[2:])) == {(None, None)}


def test_one_of_two_swapped_values_that_is_null_tells_nothing_of_the_other(assess: Assess):
    found = assess(
        reading(temperature="2.1", pressure=None), reading(temperature=None, pressure="12")
    )
    assert only(found, "temperature_c", "pressure_bar") == [(2.1, None), (None, 12.0)]
    assert set(only(found, *FAULTS[:2])) == {(None, None)}


def test_a_plate_with_limits_of_one_measure_only_claims_that_one(
    table: MakeTable, rows: Compute, machine_spellings: ir.Table, machines: ir.Table
):
    hot = machines.mutate(
        pressure_low_bar=ibis.null("float64"), pressure_high_bar=ibis.null("float64")
    )
    landed = [
        reading(temperature="2282.9", pressure="30.458"),
        reading(temperature="2.1", pressure="1250.5"),
    ]
    found = rows(assess_sensor_readings(land(table, SENSOR_LOGS, *landed), machine_spellings, hot))
    assert only(found, *FAULTS[:2]) == [("unit_mixup", None), (None, None)]


def test_copies_may_be_written_in_another_way(assess: Assess):
    landed = [reading(), reading(temperature="1250,5"), reading(pressure="30.458")]
    assert only(assess(*landed), "duplicate_kind") == [None, "copy", "copy"]


def test_a_spike_is_left_out_and_is_not_missing(clean: Assess):
    flags = ("temperature_c", "is_temperature_spiked", "is_temperature_missing")
    flags += ("pressure_bar", "is_pressure_spiked", "is_pressure_missing")
    landed = [
        reading(temperature="60000"),
        reading(pressure="150"),
        reading(temperature=None, timestamp="2025-12-01T08:31:00"),
        reading(temperature="2282.9"),
    ]
    assert only(clean(*landed), *flags) == [
        (None, True, False, 2.1, False, False),
        (1250.5, False, False, None, True, False),
        (None, False, True, 2.1, False, False),
        (1250.5, False, False, 2.1, False, False),
    ]


def test_a_spike_is_no_copy_of_another_spike_nor_of_a_missing_value(assess: Assess):
    landed = [reading(temperature=told) for told in ("60000", "70000", None, "60000.0")]
    assert only(assess(*landed), "duplicate_kind") == [None, None, None, "copy"]


def hot(*temperatures: str | None, hour: int = 8, **different: str) -> list[Row]:
    """Readings of one hour with these temperatures."""
    return [
        reading(timestamp=f"{DAY}T{hour:02}:{10 + n}:00", temperature=told, **different)
        for n, told in enumerate(temperatures)
    ]


STUCK = {
    "three of three": ((("1300", "1300", "1300"),), {"001", "002", "003"}),
    "three of four": ((("1300", "1301", "1300.0", "1300"),), {"001", "003", "004"}),
    "one of them in another unit": ((("1250.5", "2282.9", "1250,5"),), {"001", "002", "003"}),
    "two": ((("1300", "1300", "1300.01"),), set()),
    "three in two batches": ((("1300", "1300"), ("1300",)), set()),
    "three that are missing": (((None, None, None),), set()),
    "three spikes": ((("60000", "60000", "60000"),), set()),
}


@pytest.mark.parametrize("case", STUCK)
def test_a_temperature_is_stuck_where_three_readings_of_a_batch_show_it(clean: Assess, case: str):
    temperatures, stuck = STUCK[case]
    landed = [row for h, told in enumerate(temperatures, start=8) for row in hot(*told, hour=h)]
    batches = [made("B1", "08:00", "09:00"), made("B2", "09:00", "10:00")]
    cleaned = clean(*landed, batches=batches)
    assert {row["_row_id"] for row in cleaned if row["is_temperature_stuck"]} == stuck


def test_outside_of_batches_and_on_another_machine_nothing_is_stuck(clean: Assess):
    other = hot("1300", machine_id="SMELTER-02")
    batches = [made("B1", "08:00", "09:00", machine_id=f"SMELTER-0{n}") for n in (1, 2)]
    for landed in (hot("1300", "1300", "1300", hour=20), [*hot("1300", "1300"), *other]):
        assert not any(only(clean(*landed, batches=batches), "is_temperature_stuck"))


def metered(*kwh: str | None, hour: int = 8, **different: str) -> list[Row]:
    """Readings of one hour with these energies."""
    return [
        reading(timestamp=f"{DAY}T{hour:02}:{10 + n}:00", energy_kwh=told, **different)
        for n, told in enumerate(kwh)
    ]


METERS = {
    "as on the plate": ("8.76", False),
    "less": ("5", False),
    "off by as much as noise explains": ("8.979", False),
    "off by a little more": ("8.98", True),
    "off by as much as a meter can be": ("17.52", True),
    "off by more": ("17.53", False),
}


@pytest.mark.parametrize("case", METERS)
def test_a_meter_drifts_where_a_day_is_off_by_more_than_noise_and_not_by_too_much(
    clean: Assess, case: str
):
    total, is_drifting = METERS[case]
    landed = metered("1", f"{float(total) - 1:.3f}")
    cleaned = clean(*landed, batches=[made("B1", "08:00", "09:00")])
    assert only(cleaned, "is_meter_drifting") == [is_drifting] * 2
    assert only(cleaned, "energy_kwh")[0] == 1.0
    assert [value is None for value in only(cleaned, "energy_kwh_imputed")] == [not is_drifting] * 2


def test_a_drifting_meter_is_corrected_by_the_share_of_its_day(clean: Assess):
    """Together 18 kWh, 17.52 on the plates: that is 2.73 % more, in whole basis points."""
    batches = [made("B1", "08:00", "09:00"), made("B2", "09:00", "10:00")]
    landed = metered("4", "4.5") + metered("4.75", "4.75", hour=9)
    cleaned = clean(*landed, batches=batches)
    assert only(cleaned, "energy_kwh") == [4.0, 4.5, 4.75, 4.75]
    corrected = [round(kwh * 10_000 / 10_273, 6) for kwh in (4.0, 4.5, 4.75, 4.75)]
    assert only(cleaned, "energy_kwh_imputed") == corrected
    assert set(only(cleaned, "is_energy_missing")) == {False}


def test_a_batch_that_lacks_a_reading_tells_nothing_of_the_meter(clean: Assess):
    batches = [made("B1", "08:00", "09:00"), made("B2", "09:00", "10:00")]
    exact, half = metered("4.38", "4.38"), metered("9", None, hour=9)
    assert not any(only(clean(*exact, *half, batches=batches), "is_meter_drifting"))
    assert not any(only(clean(*half, batches=batches), "is_meter_drifting"))
    assert not any(only(clean(*metered(None, None), batches=batches), "is_meter_drifting"))


def test_on_a_day_on_which_its_meter_drifts_a_missing_reading_is_still_just_missing(clean: Assess):
    batches = [made("B1", "08:00", "09:00"), made("B2", "09:00", "10:00")]
    off, lacking = metered("4.8", "4.8"), metered("4.8", "4.8", None, hour=9)
    found = clean(*off, *lacking, batches=batches)
    assert only(found, "is_meter_drifting", "is_energy_missing") == [
        *[(True, False)] * 4,
        (False, True),
    ]
    assert found[4]["energy_kwh_imputed"] is not None


def test_a_meter_is_judged_by_its_own_machine_and_day_and_within_batches_only(clean: Assess):
    other = {"machine_id": "SMELTER-02"}
    batches = [
        made("B1", "08:00", "09:00"),
        made("B1", "08:00", "09:00", **other),
        made("B1", "2025-12-02T08:00", "2025-12-02T09:00"),
    ]
    next_day = [{**row, "timestamp": "2025-12-02T08:10:00"} for row in metered("8.76")]
    landed = [*metered("9.5"), *metered("8.76", **other), *next_day, *metered("9", hour=20)]
    cleaned = clean(*landed, batches=batches)
    assert only(cleaned, "is_meter_drifting") == [True, False, False, False]
