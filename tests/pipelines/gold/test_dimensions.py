"""Dimensions: each day, product, machine and person once, under a key that facts share."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from factory_simulation.pipelines.gold.dimensions import (
    build_dim_date,
    build_dim_employee,
    build_dim_factory,
    build_dim_machine,
    build_dim_product,
    build_dim_stop_reason,
)
from factory_simulation.pipelines.gold.parameters import GoldParameters
from tests.conftest import Rows
from tests.pipelines.silver.landed import Compute, MakeTable, Row, only

DATE_COLUMNS = {
    "batches": "production_date",
    "readings": "reading_date",
    "checks": "check_date",
    "entries": "log_date",
    "events": "event_date",
    "landed": "event_date",
}
MACHINES = {
    "machine_id": "string",
    "factory_id": "string",
    "machine_kind": "string",
    "product_name": "string",
    "installed_on": "date",
}
VERSIONS = {
    "machine_id": "string",
    "valid_from": "date",
    "valid_to": "date",
    "is_current": "boolean",
    "units_per_hour": "float64",
    "kwh_per_unit": "float64",
    "status": "string",
    "firmware": "string",
    "owner": "string",
}
FACTORIES = {
    "factory_id": "string",
    "factory_name": "string",
    "city": "string",
    "timezone": "string",
    "utc_offset_minutes": "int64",
}

EVENTS = {"event_type": "string", "reason": "string"}
NOBODY = {
    "employee_key": "unknown",
    "role": "unknown",
    "employee_id": "unknown",
    "employee_name": None,
}

DimDate = Callable[..., Rows]
DimEmployee = Callable[..., Rows]


@pytest.fixture
def dim_date(table: MakeTable, rows: Compute) -> DimDate:
    """Build the days of what happened; each argument names some dates of one table."""

    def run(longest_gap_days: int = 2, **dates: list[date]) -> Rows:
        parameters = GoldParameters(
            settle_after_days=3, nowcast_confidence=0.95, longest_gap_days=longest_gap_days
        )
        tables = {
            name: table({column: "date"}, [{column: day} for day in dates.get(name, [])])
            for name, column in DATE_COLUMNS.items()
        }
        return rows(build_dim_date(**tables, parameters=parameters))

    return run


@pytest.fixture
def dim_employee(table: MakeTable, rows: Compute) -> DimEmployee:
    def run(checks: Rows = (), entries: Rows = ()) -> Rows:
        return rows(
            build_dim_employee(
                table({"inspector_id": "string", "inspector_name": "string"}, checks),
                table({"operator_id": "string", "operator_name": "string"}, entries),
            )
        )

    return run


def inspector(number: str | None, name: str | None = None) -> Row:
    """A check by somebody."""
    return {"inspector_id": number, "inspector_name": name}


def operator(number: str | None, name: str | None = None) -> Row:
    """An entry by somebody."""
    return {"operator_id": number, "operator_name": name}


def test_a_day_is_described(dim_date: DimDate):
    assert dim_date(batches=[date(2025, 12, 6)]) == [
        {
            "date": date(2025, 12, 6),
            "date_key": 20251206,
            "year": 2025,
            "quarter": 4,
            "month": 12,
            "day": 6,
            "iso_week": 49,
            "day_of_week": 6,
            "day_name": "Saturday",
            "is_weekend": True,
        }
    ]


@pytest.mark.parametrize("name", DATE_COLUMNS)
def test_a_day_is_one_on_which_anything_happened(dim_date: DimDate, name: str):
    assert only(dim_date(**{name: [date(2025, 12, 1)]}), "date_key") == [20251201]


def test_a_day_is_there_once_however_much_happened(dim_date: DimDate):
    days = [date(2025, 12, 1), date(2025, 12, 1), date(2025, 12, 2)]
    found = dim_date(**dict.fromkeys(DATE_COLUMNS, days))
    assert only(found, "date_key") == [20251201, 20251202]


def test_days_without_an_event_are_in_the_calendar_but_for_long_gaps(dim_date: DimDate):
    """Two days are missing before the 4th, three before the 8th, and one before New Year's Day."""
    happened = [date(2025, 12, day) for day in (1, 4, 8, 30)] + [date(2026, 1, 1)]
    found = dim_date(batches=happened[::2], checks=happened[1::2])
    filled = [20251201, 20251202, 20251203, 20251204, 20251208, 20251230, 20251231, 20260101]
    assert only(found, "date_key") == filled
    assert [row["day_name"] for row in found][1:3] == ["Tuesday", "Wednesday"]


@pytest.mark.parametrize("longest", [0, 1, 31, 366])
def test_a_gap_is_filled_up_to_the_longest_and_left_beyond(dim_date: DimDate, longest: int):
    first = date(2024, 2, 28)
    at_most, too_far = (first + timedelta(days=longest + days) for days in (1, 2))
    filled = dim_date(longest, events=[first, at_most])
    assert [row["date"] for row in filled] == [
        first + timedelta(days=days) for days in range(longest + 2)
    ]
    assert [row["date"] for row in dim_date(longest, events=[first, too_far])] == [first, too_far]


def test_a_stray_date_centuries_away_is_one_row(dim_date: DimDate):
    assert len(dim_date(31, readings=[date(1970, 1, 1), date(2025, 12, 1), date(2261, 1, 1)])) == 3


def test_weeks_begin_on_monday_and_belong_to_the_year_of_their_thursday(dim_date: DimDate):
    weeks = {
        date(2024, 2, 29): (9, 4, "Thursday", False),
        date(2025, 12, 28): (52, 7, "Sunday", True),
        date(2025, 12, 29): (1, 1, "Monday", False),
        date(2027, 1, 1): (53, 5, "Friday", False),
        date(2027, 1, 2): (53, 6, "Saturday", True),
    }
    found = [row for row in dim_date(checks=list(weeks)) if row["date"] in weeks]
    assert only(found, "iso_week", "day_of_week", "day_name", "is_weekend") == list(weeks.values())
    assert only(found, "year", "quarter") == [(2024, 1), (2025, 4), (2025, 4), (2027, 1), (2027, 1)]


def test_nothing_happened_on_no_day(dim_date: DimDate):
    assert dim_date() == []


def test_a_product_has_the_key_of_all_its_spellings(table: MakeTable, rows: Compute):
    products = table(
        {"product_name": "string", "made_from": "string", "input_per_unit": "int64"},
        [
            {"product_name": "Iron Plate", "made_from": "Iron Ore", "input_per_unit": 1},
            {"product_name": "Copper_Wires"},
        ],
    )
    assert rows(build_dim_product(products)) == [
        {
            "product_name": "Copper_Wires",
            "made_from": None,
            "input_per_unit": None,
            "product_key": "copperwire",
        },
        {
            "product_name": "Iron Plate",
            "made_from": "Iron Ore",
            "input_per_unit": 1,
            "product_key": "ironplate",
        },
    ]
    assert rows(build_dim_product(products.limit(0))) == []


def test_a_factory_is_described_once(table: MakeTable, rows: Compute):
    alpha = {"factory_id": "alpha", "factory_name": "Alpha", "city": "Phoenix, AZ"}
    nowhere = {"factory_id": "omega", "factory_name": "Omega", "city": "Sea"}
    factories = table(
        FACTORIES,
        [
            {**alpha, "timezone": "America/Phoenix", "utc_offset_minutes": -420},
            {**nowhere, "utc_offset_minutes": 0},
        ],
    )
    assert rows(build_dim_factory(factories)) == [
        {**alpha, "timezone": "America/Phoenix", "factory_key": "alpha"},
        {**nowhere, "timezone": None, "factory_key": "omega"},
    ]
    assert rows(build_dim_factory(factories.limit(0))) == []


def test_a_version_of_a_machine_is_described_with_its_factory(table: MakeTable, rows: Compute):
    machine = {
        "machine_id": "SMELTER-01",
        "machine_kind": "smelter",
        "product_name": "Iron Plate",
        "installed_on": date(2024, 1, 15),
    }
    plate = {"units_per_hour": 75.0, "kwh_per_unit": 0.12, "status": None, "firmware": None}
    early = {**plate, "owner": None, "valid_from": date(1900, 1, 1), "is_current": False}
    early["valid_to"] = date(2025, 12, 2)
    late = {**early, "owner": "Ada", "valid_from": date(2025, 12, 2), "is_current": True}
    late |= {"valid_to": None, "kwh_per_unit": 0.1}
    versions = table(
        VERSIONS,
        [
            {"machine_id": "SMELTER-01", **early},
            {"machine_id": "SMELTER-01", **late},
            {"machine_id": "SMELTER-02", **early, "valid_to": None, "is_current": True},
        ],
    )
    factory = {"factory_name": "Alpha", "city": "Phoenix, AZ", "timezone": "America/Phoenix"}
    other = {"factory_name": "Omega", "city": "Greenwich", "timezone": "UTC"}
    machines = table(
        MACHINES,
        [
            {**machine, "factory_id": "alpha"},
            {**machine, "machine_id": "SMELTER-02", "factory_id": "omega"},
        ],
    )
    factories = table(
        FACTORIES,
        [
            {**factory, "factory_id": "alpha", "utc_offset_minutes": -420},
            {**other, "factory_id": "omega", "utc_offset_minutes": 0},
        ],
    )
    first, current, second = rows(build_dim_machine(versions, machines, factories))
    assert first == {
        **machine,
        **early,
        "machine_key": "SMELTER-01|1900-01-01",
        "factory_id": "alpha",
        **factory,
    }
    assert current == {**first, **late, "machine_key": "SMELTER-01|2025-12-02"}
    assert (second["machine_key"], second["factory_id"]) == ("SMELTER-02|1900-01-01", "omega")
    assert {name: second[name] for name in other} == other
    assert rows(build_dim_machine(versions.limit(0), machines, factories)) == []


def test_a_person_is_there_once_however_much_they_wrote(dim_employee: DimEmployee):
    found = dim_employee(
        checks=[inspector("QC-001", "Ada Byron"), inspector("QC-001", "Ada Byron")],
        entries=[operator("OP-101"), operator("OP-101")],
    )
    assert found == [
        {
            "employee_key": "inspector|QC-001",
            "role": "inspector",
            "employee_id": "QC-001",
            "employee_name": "Ada Byron",
        },
        {
            "employee_key": "operator|OP-101",
            "role": "operator",
            "employee_id": "OP-101",
            "employee_name": None,
        },
        NOBODY,
    ]


def test_an_inspector_and_an_operator_of_the_same_number_are_two(dim_employee: DimEmployee):
    found = dim_employee(
        checks=[inspector("7", "Ada Byron")], entries=[operator("7", "Bo Diddley")]
    )
    assert only(found, "employee_key", "employee_name") == [
        ("inspector|7", "Ada Byron"),
        ("operator|7", "Bo Diddley"),
        ("unknown", None),
    ]


def test_of_several_names_the_last_in_the_alphabet_is_taken(dim_employee: DimEmployee):
    named = [inspector("7"), inspector("7", "Ada King"), inspector("7", "Ada Byron")]
    for landed in (named, named[::-1]):
        assert only(dim_employee(checks=landed), "employee_name") == ["Ada King", None]


def test_whoever_is_not_named_is_the_unknown_person(dim_employee: DimEmployee):
    assert dim_employee([inspector(None, "Ada Byron")], [operator(None)]) == [NOBODY]
    assert dim_employee() == [NOBODY]


def test_somebody_with_the_number_unknown_is_another(dim_employee: DimEmployee):
    found = dim_employee([inspector("unknown")])
    assert only(found, "employee_key", "role") == [
        ("inspector|unknown", "inspector"),
        ("unknown", "unknown"),
    ]


def test_a_reason_is_there_once_per_event_type_however_it_is_spelled(
    table: MakeTable, rows: Compute
):
    told = [
        ("STOP", "Power loss"),
        ("STOP", "POWER_LOSS"),
        ("STOP", "OVERHEATING"),
        ("MAINTENANCE", "SCHEDULED"),
        ("MAINTENANCE", "Overheating"),
        ("STOP", None),
        ("STOP", "--"),
    ]
    events = table(EVENTS, [dict(zip(EVENTS, event, strict=True)) for event in told])
    columns = ("stop_reason_key", "event_type", "reason", "is_planned")
    members = [(name, name, name, None) for name in ("not_applicable", "unknown")]
    assert only(rows(build_dim_stop_reason(events)), *columns) == [
        ("MAINTENANCE|overheating", "MAINTENANCE", "Overheating", True),
        ("MAINTENANCE|scheduled", "MAINTENANCE", "SCHEDULED", True),
        ("STOP|overheating", "STOP", "OVERHEATING", False),
        ("STOP|powerlos", "STOP", "POWER_LOSS", False),
        *members,
    ]
    assert only(rows(build_dim_stop_reason(events.limit(0))), *columns) == members
