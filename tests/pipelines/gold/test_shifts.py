"""Shifts: into what factories cut their days, and in which of them something happens."""

from datetime import datetime

import ibis
import pytest
from pydantic import ValidationError

from factory_simulation.pipelines.gold.keys import stop_reason_key, with_shift
from factory_simulation.pipelines.gold.parameters import GoldParameters
from factory_simulation.pipelines.gold.shifts import build_dim_shift
from tests.pipelines.gold.plant import SHIFTS, minute_of
from tests.pipelines.silver.landed import Compute, MakeTable, only

LISTED = [
    ("alpha", "early", 360, 840),
    ("alpha", "night", 1320, 1800),
    ("omega", "all", 30, 1470),
]


def shifts(table: MakeTable, listed=LISTED):
    return table(SHIFTS, [dict(zip(SHIFTS, shift, strict=True)) for shift in listed])


def test_shifts_are_told_in_full(table: MakeTable, rows: Compute):
    found = rows(build_dim_shift(shifts(table)))
    assert sorted(tuple(row.values()) for row in found if row["start_minute"] is not None) == [
        ("alpha", "early", 360, 840, "alpha|early", 480),
        ("alpha", "night", 1320, 1800, "alpha|night", 480),
        ("omega", "all", 30, 1470, "omega|all", 1440),
    ]
    assert len(found) == 5


def test_there_is_always_time_outside_of_shifts(table: MakeTable, rows: Compute):
    assert rows(build_dim_shift(shifts(table, []))) == [
        {
            "factory_id": "not_applicable",
            "shift_name": name,
            "start_minute": None,
            "end_minute": None,
            "shift_key": name,
            "planned_minutes": 0,
        }
        for name in ("not_applicable", "off_shift")
    ]


@pytest.mark.parametrize(
    ("factory", "clock", "shift", "day"),
    [
        ("alpha", "05:59:59", "alpha|night", 0),
        ("alpha", "06:00:00", "alpha|early", 1),
        ("alpha", "13:59:59", "alpha|early", 1),
        ("alpha", "14:00:00", "off_shift", 1),
        ("alpha", "22:00:00", "alpha|night", 1),
        ("alpha", "23:59:59", "alpha|night", 1),
        ("alpha", "00:00:00", "alpha|night", 0),
        ("omega", "00:29:59", "omega|all", 0),
        ("omega", "00:30:00", "omega|all", 1),
        ("beta", "06:00:00", "off_shift", 1),
    ],
)
def test_a_night_shift_is_of_the_day_on_which_it_begins(
    table: MakeTable, rows: Compute, factory: str, clock: str, shift: str, day: int
):
    at = datetime.fromisoformat(f"2025-12-01T{clock}")
    happened = table(
        {"factory_id": "string", "at": "timestamp"}, [{"factory_id": factory, "at": at}]
    )
    first = minute_of(datetime(2025, 11, 30)) // 1440
    assert only(rows(with_shift(happened, shifts(table), "at")), "shift_key", "shift_day") == [
        (shift, first + day)
    ]


@pytest.mark.parametrize(
    ("event_type", "reason", "key"),
    [
        ("STOP", "MATERIAL_SHORTAGES", "STOP|materialshortage"),
        ("STOP", "material shortage", "STOP|materialshortage"),
        ("MAINTENANCE", "SCHEDULED", "MAINTENANCE|scheduled"),
        ("STOP", None, "unknown"),
        ("STOP", " - ", "unknown"),
        (None, None, "not_applicable"),
        (None, "x", "not_applicable"),
    ],
)
def test_spellings_of_a_reason_share_a_key(
    table: MakeTable, rows: Compute, event_type, reason, key
):
    told = table(
        {"event_type": "string", "reason": "string"},
        [{"event_type": event_type, "reason": reason}],
    )
    keyed = told.select(key=stop_reason_key(ibis._.event_type, ibis._.reason))
    assert rows(keyed) == [{"key": key}]


@pytest.mark.parametrize(
    "given",
    [
        {"minor_stop_minutes": 21},
        {"minor_stop_minutes": -1},
        {"changeover_minutes": 4},
        {"changeover_minutes": 1441},
    ],
)
def test_gaps_that_cannot_be_told_apart_are_refused(given: dict[str, int]):
    with pytest.raises(ValidationError):
        GoldParameters(settle_after_days=3, nowcast_confidence=0.9, **given)
