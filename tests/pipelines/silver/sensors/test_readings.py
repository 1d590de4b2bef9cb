"""Landed readings: which rules they break, which are copies, in which batch they were taken."""

import pytest

from factory_simulation.domain import SENSOR_LOGS
from tests.pipelines.silver.landed import (
    DAY,
    Row,
    at,
    examples_of,
    made,
    only,
    reading,
)
from tests.pipelines.silver.sensors.readings import Assess, at_times

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
            {measure: told}
            for told in ("NaN", "inf", "abc", "1,5,0", "1.250,5", "1,", ",5", "1 5", '"1,5"')
        ]
        for measure in SENSOR_LOGS.numbers
    },
}


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
        *[
            reading(**{measure: missing})
            for measure in SENSOR_LOGS.numbers
            for missing in (None, "", " ")
        ],
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
            "_event_date": DAY,
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
            "is_clock_repaired": False,
            "is_temperature_missing": False,
            "is_temperature_spiked": False,
            "is_temperature_stuck": False,
            "is_pressure_missing": True,
            "is_pressure_spiked": False,
            "is_energy_missing": False,
            "is_meter_drifting": False,
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


def test_a_reading_is_taken_in_its_batch_or_in_the_later_one_within_the_drift(clean: Assess):
    assigned = {
        "07:54:59": (None, None, False),
        "07:55:00": ("B1", 300, False),
        "08:00:00": ("B1", 0, False),
        "09:00:00": ("B1", 0, False),
        "09:02:59": ("B1", 179, False),
        "09:03:00": ("B2", 300, True),
        "09:04:00": ("B2", 240, True),
        "09:05:00": ("B2", 180, True),
        "09:05:01": ("B2", 179, False),
        "09:08:00": ("B2", 0, False),
        "10:05:00": ("B2", 300, False),
        "10:05:01": (None, None, False),
    }
    cleaned = clean(*at_times(*assigned))
    found = only(cleaned, "batch_id", "seconds_outside_batch", "is_batch_ambiguous")
    assert dict(zip(assigned, found, strict=True)) == assigned
    assert only(cleaned, "read_at") == [at(told) for told in assigned]
    assert not any(only(cleaned, "is_clock_repaired"))


def test_where_a_batch_begins_as_another_ends_the_moment_is_of_the_later(clean: Assess):
    batches = [made("B1", "08:00", "09:00"), made("B2", "09:00", "10:00")]
    cleaned = clean(*at_times("08:59:59", "09:00:00"), batches=batches)
    assert only(cleaned, "batch_id", "seconds_outside_batch", "is_batch_ambiguous") == [
        ("B1", 0, False),
        ("B2", 0, False),
    ]


def test_a_reading_sees_batches_of_its_own_machine_only(clean: Assess):
    batches = [made("B1", "08:00", "09:00", machine_id="SMELTER-02")]
    assert only(clean(reading(), batches=batches), "batch_id") == [None]


EVEN = {
    "as they are due": {"08:00": "08:00", "08:10": "08:10", "08:20": "08:20", "08:30": "08:30"},
    "off by up to the drift": {
        "07:55": "08:00",
        "08:15": "08:10",
        "08:19": "08:20",
        "08:30": "08:30",
    },
    "one off by more": {"08:00": "08:00", "08:16": "08:16", "08:19": "08:19", "08:30": "08:30"},
    "one off by a second": {
        "08:00:00": "08:00:00",
        "08:09:59": "08:09:59",
        "08:19:00": "08:19:00",
        "08:30:00": "08:30:00",
    },
    "one that is missing": {"08:00": "08:00", "08:11": "08:11", "08:30": "08:30"},
    "one too many": {
        "08:00": "08:00",
        "08:01": "08:01",
        "08:02": "08:02",
        "08:20": "08:20",
        "08:30": "08:30",
    },
    "one alone, at the start": {"08:03": "08:00"},
    "one alone, within": {"08:20": "08:20"},
}


@pytest.mark.parametrize("case", EVEN)
def test_readings_at_even_intervals_get_the_times_when_they_were_due(clean: Assess, case: str):
    due = EVEN[case]
    cleaned = clean(*at_times(*due), batches=[made("B1", "08:00", "08:40")])
    assert only(cleaned, "read_at") == [at(time) for time in due.values()]
    repaired = [told != time for told, time in due.items()]
    assert only(cleaned, "is_clock_repaired") == repaired
    assert only(cleaned, "batch_id") == ["B1"] * len(due)


def test_the_second_tells_readings_apart_that_changed_places(clean: Assess):
    """Due every 428 or 429 seconds; the second one is 5 minutes late, the third 5 too soon."""
    due = ["08:00:00", "08:07:08", "08:14:17", "08:21:25", "08:28:34", "08:35:42", "08:42:51"]
    told = [*due[:1], "08:12:08", "08:09:17", *due[3:]]
    cleaned = clean(*at_times(*told), batches=[made("B1", "08:00", "08:50")])
    assert only(cleaned, "read_at") == [at(time) for time in due]
    assert only(cleaned, "is_clock_repaired") == [False, True, True, False, False, False, False]


def test_of_equal_times_in_two_slots_the_first_to_land_is_the_first(clean: Assess):
    landed = at_times("08:05", "08:05", "08:20", "08:30")
    cleaned = clean(
        landed[0],
        {**landed[1], "pressure": "2.2"},
        *landed[2:],
        batches=[made("B1", "08:00", "08:40")],
    )
    assert only(cleaned, "read_at")[:2] == [at("08:00"), at("08:10")]


def test_a_reading_before_the_next_batch_is_that_batchs_first(clean: Assess):
    batches = [made("B1", "08:00", "08:40"), made("B2", "08:44", "09:24")]
    times = ("08:00", "08:10", "08:20", "08:30", "08:41", "08:54", "09:04", "09:14")
    cleaned = clean(*at_times(*times), batches=batches)
    assert only(cleaned, "batch_id", "read_at", "is_batch_ambiguous")[4] == (
        "B2",
        at("08:44"),
        False,
    )
    assert only(cleaned, "batch_id") == ["B1"] * 4 + ["B2"] * 4


MINUTES = ("00", "10", "20", "30")


@pytest.mark.parametrize(("batch_count", "is_repaired"), [(4, False), (5, True)])
def test_a_batch_fits_by_chance_where_others_of_its_day_do_not(
    clean: Assess, batch_count: int, is_repaired: bool
):
    """Of 16 readings 4 in a batch that does not fit are too many, of 20 they are not."""
    batches = [made(f"B{h}", f"{h:02}:00", f"{h:02}:40") for h in range(8, 8 + batch_count)]
    slots = [f"{hour:02}:{minute}" for hour in range(8, 8 + batch_count) for minute in MINUTES]
    times = ["08:03", *slots[1:-1], f"{7 + batch_count:02}:38"]
    cleaned = clean(*at_times(*times), batches=batches)
    assert only(cleaned, "is_clock_repaired") == [is_repaired, *[False] * (len(times) - 1)]


def test_another_machine_or_day_is_judged_on_its_own(clean: Assess):
    other = {"machine_id": "SMELTER-02"}
    batches = [
        made("B1", "08:00", "08:40"),
        made("B1", "08:00", "08:40", **other),
        made("B1", "2025-12-02T08:00", "2025-12-02T08:40"),
    ]
    odd = [{**row, **other} for row in at_times("08:01", "08:02", "08:03")]
    odd += at_times("2025-12-02T08:01", "2025-12-02T08:02", "2025-12-02T08:03")
    cleaned = clean(*at_times("08:01", "08:10", "08:20", "08:30"), *odd, batches=batches)
    assert only(cleaned, "is_clock_repaired") == [True, *[False] * 9]


def test_what_was_read_after_a_batch_whose_readings_fit_is_not_of_it(clean: Assess):
    batches = [made("B1", "08:00", "08:40")]
    fitting = at_times("08:00", "08:11", "08:20", "08:30", "08:40", "08:44")
    cleaned = clean(*fitting, batches=batches)
    found = only(cleaned, "batch_id", "batch_date", "read_at", "seconds_outside_batch")
    assert found[1] == ("B1", DAY, at("08:10"), 0)
    assert found[4:] == [(None, None, at("08:40"), None), (None, None, at("08:44"), None)]
    not_fitting = at_times("08:04", "08:13", "08:31", "08:44")
    cleaned = clean(*not_fitting, batches=batches)
    assert only(cleaned, "batch_id", "seconds_outside_batch")[3] == ("B1", 240)


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
        ("2.1", "2.1", "2.1"): 2.1,
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


SINGLE = {
    "as on the plate": ("97.5", 97.3, True),
    "as low as the spread allows": ("90", 100.0, True),
    "lower": ("89.9", 100.0, False),
    "higher, because the batch had to wait": ("97.5", 50.0, True),
    "as high as the spread allows": ("110", 97.3, True),
    "higher than can be": ("110.1", 97.3, False),
    "of a batch without a time": ("97.5", None, False),
}


@pytest.mark.parametrize("case", SINGLE)
def test_a_single_efficiency_is_enough_where_it_is_possible(clean: Assess, case: str):
    told, plate, is_enough = SINGLE[case]
    batches = [made("B8", "08:00", "08:50", plate_efficiency=plate)]
    cleaned = clean(*without("efficiency_percent", told), batches=batches)
    assert only(cleaned, "efficiency_percent_imputed") == [float(told) if is_enough else None, None]


def test_two_efficiencies_must_agree_though_one_is_possible(clean: Assess):
    cleaned = clean(*without("efficiency_percent", "97.5", "50"))
    assert only(cleaned, "efficiency_percent_imputed") == [None] * 3


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
