"""Landed readings: which rules they break, which are copies, in which batch they were taken."""

from collections.abc import Callable

import ibis.expr.types as ir
import pytest

from factory_simulation.domain import SENSOR_LOGS
from factory_simulation.pipelines.silver.parameters import SilverParameters
from factory_simulation.pipelines.silver.sensors import (
    assess_sensor_readings,
    clean_sensor_readings,
)
from tests.conftest import Rows
from tests.pipelines.silver.landed import (
    ASSESSED_BATCHES,
    DAY,
    Compute,
    MakeTable,
    Row,
    Save,
    at,
    examples_of,
    land,
    made,
    only,
    reading,
)

Assess = Callable[..., Rows]

MEASURES = ("temperature", "pressure", "energy_kwh", "efficiency_percent")
BROKEN_RULES = {
    "empty:machine_id": [{"machine_id": told} for told in (None, "", " ")],
    "unknown_machine": [{"machine_id": told} for told in ("CRUSHER-09", "SMELTER-09")],
    "empty:timestamp": [{"timestamp": told} for told in (None, "", " ")],
    "not_a_time:timestamp": [
        {"timestamp": told}
        for told in ("yesterday", "2025-02-30T08:00:00", "2025-12-01T24:00:00", "1764568800")
    ],
    **{
        f"not_a_number:{measure}": [
            {measure: told} for told in ("NaN", "inf", "-Infinity", "abc", "1,5")
        ]
        for measure in MEASURES
    },
}
BATCHES = [made("B1", "08:00", "09:00"), made("B2", "09:08", "10:00")]


@pytest.fixture
def assessed(table: MakeTable, save: Save, machine_spellings: ir.Table) -> Callable[..., ir.Table]:
    def run(*landed: Row, extra: tuple[str, ...] = ()) -> ir.Table:
        bronze = land(table, SENSOR_LOGS, *landed, extra=extra)
        return save(assess_sensor_readings(bronze, machine_spellings))

    return run


@pytest.fixture
def assess(assessed: Callable[..., ir.Table], rows: Compute) -> Assess:
    return lambda *landed, **options: rows(assessed(*landed, **options))


@pytest.fixture
def clean(
    assessed: Callable[..., ir.Table],
    table: MakeTable,
    rows: Compute,
    machines: ir.Table,
    parameters: SilverParameters,
) -> Assess:
    def run(*landed: Row, batches: Rows = BATCHES) -> Rows:
        made_batches = table(ASSESSED_BATCHES, batches)
        return rows(clean_sensor_readings(assessed(*landed), made_batches, machines, parameters))

    return run


def at_times(*times: str) -> list[Row]:
    """Readings at these times of the day."""
    return [reading(timestamp=at(time).isoformat()) for time in times]


def test_a_row_that_breaks_a_rule_says_so_and_is_not_kept(assess: Assess, clean: Assess):
    told, landed = examples_of(BROKEN_RULES, reading)
    assessed = assess(*landed)
    assert list(zip(told, only(assessed, "reasons"), strict=True)) == [(x, x) for x in told]
    assert set(only(assessed, "duplicate_kind")) == {None}
    assert clean(*landed) == []


def test_a_row_that_keeps_the_rules_is_kept(assess: Assess):
    landed = [
        reading(),
        reading(machine_id="smelter #1"),
        reading(timestamp="2025-12-01T01:30:00-07:00"),
        reading(temperature="-40", pressure="1e-3"),
        *[reading(**{measure: missing}) for measure in MEASURES for missing in (None, "", " ")],
    ]
    assert only(assess(*landed), "reasons") == [""] * len(landed)


def test_a_row_that_could_not_be_read_has_that_reason_only(assess: Assess):
    landed = [
        {"_parse_error": "not_an_object"},
        reading(_parse_error="too_few_fields"),
        reading(_parse_error="too_many_fields", energy_kwh="abc"),
    ]
    assert only(assess(*landed), "reasons") == [
        "not_an_object",
        "too_few_fields",
        "too_many_fields",
    ]


def test_a_row_has_every_reason_at_once(assess: Assess):
    (row,) = assess(reading(machine_id="", timestamp="now", pressure="high"))
    assert row["reasons"] == "empty:machine_id, not_a_time:timestamp, not_a_number:pressure"


def test_a_kept_reading_is_typed_and_stands_in_its_batch(clean: Assess):
    assert clean(reading(machine_id="smelter #1", pressure=None)) == [
        {
            "_row_id": "001",
            "factory_id": "alpha",
            "machine_id": "SMELTER-01",
            "batch_id": "B1",
            "batch_date": DAY,
            "read_at": at("08:30"),
            "reading_date": DAY,
            "seconds_outside_batch": 0,
            "temperature_c": 1250.5,
            "pressure_bar": None,
            "energy_kwh": 2.5,
            "energy_kwh_imputed": None,
            "efficiency_percent": 97.5,
            "efficiency_percent_imputed": None,
            "arrival_date": DAY,
            "is_batch_ambiguous": False,
            "is_temperature_missing": False,
            "is_pressure_missing": True,
            "is_energy_missing": False,
            "is_efficiency_missing": False,
        }
    ]


def test_copies_agree_in_everything(assess: Assess):
    landed = [reading(), reading(machine_id="smelter #1"), reading(energy_kwh="2.50")]
    assert only(assess(*landed), "duplicate_kind") == [None, "copy", "copy"]


def test_readings_that_differ_are_all_kept_though_they_share_a_moment(clean: Assess):
    others = [{"temperature": "1250.6"}, {"pressure": None}, {"machine_id": "SMELTER-02"}]
    assert len(clean(reading(), *[reading(**different) for different in others])) == 4


def test_a_column_that_the_contract_does_not_know_tells_readings_apart(assess: Assess):
    landed = [reading(probe="a"), reading(probe="b"), reading(probe="b")]
    assert only(assess(*landed, extra=("probe",)), "duplicate_kind") == [None, None, "copy"]


def test_a_reading_is_taken_in_the_nearest_batch_within_the_drift(clean: Assess):
    assigned = {
        "07:54:59": (None, None, False),
        "07:55:00": ("B1", 300, False),
        "08:00:00": ("B1", 0, False),
        "09:00:00": ("B1", 0, False),
        "09:02:59": ("B1", 179, False),
        "09:03:00": ("B1", 180, True),
        "09:04:00": ("B1", 240, True),
        "09:05:00": ("B2", 180, True),
        "09:05:01": ("B2", 179, False),
        "09:08:00": ("B2", 0, False),
        "10:05:00": ("B2", 300, False),
        "10:05:01": (None, None, False),
    }
    cleaned = clean(*at_times(*assigned))
    found = only(cleaned, "batch_id", "seconds_outside_batch", "is_batch_ambiguous")
    assert dict(zip(assigned, found, strict=True)) == assigned


def test_a_reading_sees_kept_batches_of_its_own_machine_only(clean: Assess):
    batches = [
        made("B1", "08:00", "09:00", machine_id="SMELTER-02"),
        made("B2", "08:00", "09:00", duplicate_kind="copy"),
        made("B3", "08:00", "09:00", reasons="unknown_product"),
    ]
    assert only(clean(reading(), batches=batches), "batch_id") == [None]


def without(column: str, *values: str, hour: int = 8) -> list[Row]:
    """Readings of one batch: the first lacks a value, the others have these."""
    return [
        reading(timestamp=f"{DAY}T0{hour}:{10 + number}:00", **{column: value})
        for number, value in enumerate([None, *values])
    ]


@pytest.mark.parametrize("column", ["energy_kwh", "efficiency_percent"])
def test_a_missing_value_is_what_at_least_two_siblings_agree_on(clean: Assess, column: str):
    imputed = {
        ("2.5", "2.5"): 2.5,
        ("2.4", "2.6"): 2.5,
        ("0.1", "0.1", "0.1"): 0.1,
        ("0", "0"): 0.0,
        ("2.0", "3.0"): None,
        ("2.5", "2.5", "9.9"): None,
        ("2.5",): None,
        (): None,
    }
    batches = [made(f"B{hour}", f"0{hour}:00", f"0{hour}:50") for hour, _ in enumerate(imputed)]
    landed = [without(column, *told, hour=hour) for hour, told in enumerate(imputed)]
    cleaned = clean(*[row for batch in landed for row in batch], batches=batches)
    lacking = [row for row in cleaned if row[column] is None]
    assert only(lacking, "batch_id") == only(batches, "batch_id")
    assert dict(zip(imputed, only(lacking, f"{column}_imputed"), strict=True)) == imputed
    assert {row[f"{column}_imputed"] for row in cleaned if row not in lacking} == {None}


@pytest.mark.parametrize("column", ["temperature", "pressure"])
def test_temperature_and_pressure_are_flagged_and_never_imputed(clean: Assess, column: str):
    first, *others = clean(*without(column, "2.5", "2.5", "2.5"))
    measure = {"temperature": "temperature_c", "pressure": "pressure_bar"}[column]
    assert (first[measure], first[f"is_{column}_missing"]) == (None, True)
    assert not any(only(others, f"is_{column}_missing"))
    assert [name for name in first if name.endswith("_imputed")] == [
        "energy_kwh_imputed",
        "efficiency_percent_imputed",
    ]


def test_siblings_are_readings_of_the_same_batch(clean: Assess):
    in_one_batch, in_the_next = without("energy_kwh", "2.5", "2.5"), at_times("09:30", "09:31")
    in_the_next[0]["energy_kwh"] = None
    imputed = only(clean(*in_one_batch, *in_the_next), "energy_kwh_imputed")
    assert imputed == [2.5, None, None, None, None]


def test_outside_of_batches_nothing_is_imputed(clean: Assess):
    landed = without("energy_kwh", "2.5", "2.5")
    assert only(clean(*landed, batches=[]), "batch_id", "energy_kwh_imputed") == [(None, None)] * 3


def test_nothing_landed_is_nothing_kept(assess: Assess, clean: Assess):
    assert assess() == []
    assert clean() == []
