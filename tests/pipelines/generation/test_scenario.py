"""A scenario with a bad value is refused, by key, value and what is allowed."""

import csv
from copy import deepcopy
from typing import Any

import pytest

from factory_simulation.domain import FactoryError
from factory_simulation.pipelines.generation.chaos import Chaos
from factory_simulation.pipelines.generation.master_data import (
    describe_reference_factories,
    describe_reference_machines,
    describe_reference_products,
    describe_reference_shifts,
)
from factory_simulation.pipelines.generation.scenario_loading import load_scenario
from tests.conftest import PROJECT
from tests.pipelines.generation.world import SCENARIOS, classic, scenario_of

KINDS = sorted(Chaos.model_fields)


def refused(*path: Any, value: Any, scenario: str = "classic") -> str:
    """Return what is said of a scenario with one value replaced."""
    known = deepcopy(SCENARIOS)
    part = known[scenario]
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    with pytest.raises(FactoryError) as error:
        load_scenario(scenario, known, {})
    message = str(error.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("process", "defect_rate"), 1.5, "process.defect_rate = 1.5: Input should be less than"),
        (("calendar", "days"), 0, "calendar.days = 0: Input should be greater than or equal to 1"),
        (("calendar", "start_date"), "2025-02-30", "calendar.start_date = '2025-02-30'"),
        (("calendar", "start_date"), "1969-12-31", "start_date must lie between 1970-01-01 and"),
        (("calendar", "closes_at_minute"), 300, "opens_at_minute must be before closes_at_minute"),
        (("calendar", "closes_at_minute"), 500, "the factory is open for 140"),
        (("calendar", "gap_minutes"), {"low": 9, "high": 5}, "low (9) must not exceed high (5)"),
        (("calendar", "batches_per_day", "high"), 1000, "batches_per_day.high must be at most 999"),
        (("sensors", "readings_per_batch", "high"), 100, "readings_per_batch.high must be at most"),
        (("factories", 0, "timezone"), "Mars/Olympus", "'Mars/Olympus' is not an IANA time zone"),
        (("factories", 0, "factory_id"), "Alpha", "factories.0.factory_id = 'Alpha'"),
        (("factories",), [], "factories = []: List should have at least 1 item"),
        (("machines", 0, "machine_id"), "smelter 1", "machines.0.machine_id = 'smelter 1'"),
        (("machines", 0, "machine_id"), "SMELTER-02", "each machine_id may stand once"),
        (("machines", 0, "count"), 2, "each machine_id may stand once"),
        (("machines", 0, "count"), 0, "machines.0.count = 0: Input should be greater than or"),
        (("machines", 0, "factory_id"), "beta", "machine SMELTER-01: factory 'beta' is none of al"),
        (("machines", 0, "kind"), "crusher", "kind 'crusher' is none of assembler, smelter"),
        (("machines", 0, "product_name"), "Copper", "'Copper' is none of Gear Wheel, Iron Plate"),
        (("machines",), [], "machines = []: List should have at least 1 item"),
        (("landing",), {"format": "xml"}, "landing.format = 'xml': Input should be 'text' or"),
        (("materials", "opening_stock"), {"Tin": 1}, "opening_stock: product 'Tin' is none of"),
        (("chaos", "gremlins"), {"rate": 0.1}, "chaos.gremlins: Extra inputs are not permitted"),
        (("chaos", "spike"), {"times": {"low": 9, "high": 5}}, "low (9) must not exceed high (5)"),
        (("chaos", "spike"), {"often": 1}, "chaos.spike.often = 1: Extra inputs are not permitted"),
        (("chaos", "machine_stop"), {"reasons": []}, "chaos.machine_stop.reasons"),
        (("chaos", "maintenance"), {"every_days": 0}, "chaos.maintenance.every_days = 0"),
    ],
)
def test_bad_values_are_named_with_what_is_allowed(path, value, told):
    assert told in refused(*path, value=value)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rate", [-0.1, 1.01, "often", None])
def test_a_bad_rate_of_any_kind_of_fault_is_refused(kind, rate):
    told = refused("chaos", kind, value={"rate": [rate] if rate is None else rate})
    shown = [rate] if rate is None else rate
    assert f"chaos.{kind}.rate = {shown!r}: Input should be" in told


def test_every_kind_of_fault_is_off_unless_it_is_named():
    for kind, settings in Chaos():
        shares = {name: value for name, value in settings if name in {"rate", "entries"}}
        assert shares["rate"] == 0, kind
        assert not any(shares.values()), kind
    assert Chaos().longest_delay == 0
    chaos = scenario_of("clean").chaos
    assert chaos == Chaos()


@pytest.mark.parametrize(
    ("chaos", "days"),
    [
        ({}, 0),
        ({"late_arrival": {"rate": 0, "days": {"low": 1, "high": 3}}}, 0),
        ({"late_arrival": {"rate": 0.1, "days": {"low": 1, "high": 3}}}, 3),
        ({"late_arrival": {"beyond": 0.1, "beyond_days": {"low": 5, "high": 9}}}, 9),
        ({"conflicting_copy": {"rate": 0.1, "days": {"low": 1, "high": 4}}}, 4),
        ({"redelivered_file": {"rate": 0.1}}, 1),
        ({"redelivered_file": {"corrected": 0.1}}, 1),
        (
            {
                "late_arrival": {"rate": 0.1, "days": {"low": 1, "high": 2}},
                "conflicting_copy": {"rate": 0.1, "days": {"low": 1, "high": 4}},
                "redelivered_file": {"rate": 0.1, "corrected": 0.1},
            },
            7,
        ),
    ],
)
def test_the_longest_delay_is_the_sum_of_all_that_can_delay_a_row(chaos, days):
    assert Chaos.model_validate(chaos).longest_delay == days


def test_products_of_one_material_take_equally_much_of_it_where_stock_is_limited():
    limited = {
        "products": {"Bolt": {"made_from": "Iron Plate", "input_per_unit": 3}},
        "materials": {"limit_production": True},
    }
    told = "products made from Iron Plate must all take the same input_per_unit"
    with pytest.raises(FactoryError, match=told):
        classic(limited)
    limited["products"]["Bolt"]["input_per_unit"] = 2
    assert classic(limited).materials.limit_production


def test_a_factory_without_time_for_the_least_number_of_batches_is_refused():
    hours = {"opens_at_minute": 0, "closes_at_minute": 514}
    told = "ASSEMBLER-01: 8 batches a day take at least 515 minutes, the factory is open for 514"
    assert told in refused("factories", 0, value={**SCENARIOS["classic"]["factories"][0], **hours})
    hours["closes_at_minute"] = 515
    factory = {**SCENARIOS["classic"]["factories"][0], **hours}
    assert classic({"factories": [factory]}).working_minutes(None) == (0, 515)


def table_of(name: str) -> list[dict[str, str]]:
    with (PROJECT / f"data/reference/{name}.csv").open() as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize(
    ("name", "describe"),
    [
        ("machines", describe_reference_machines),
        ("factories", describe_reference_factories),
        ("products", describe_reference_products),
        ("shifts", describe_reference_shifts),
    ],
)
def test_reference_data_tells_of_the_classic_factory_what_the_scenario_does(name, describe):
    described = describe(classic()).to_pylist()
    known = table_of(name)
    assert len(known) == len(described)
    for row, ours in zip(known, described, strict=True):
        for column, value in ours.items():
            if column.endswith(("_c", "_bar")):
                continue
            told = float(row[column]) if isinstance(value, int | float) else row[column]
            assert told == (value if isinstance(value, int | float) else str(value)), column


def test_operating_limits_of_reference_data_are_no_narrower_than_the_scenario_s():
    described = describe_reference_machines(classic()).to_pylist()
    for row, ours in zip(table_of("machines"), described, strict=True):
        for measure in ("temperature_{}_c", "pressure_{}_bar"):
            low, high = measure.format("low"), measure.format("high")
            assert float(row[low]) <= ours[low] < ours[high] <= float(row[high])


def test_a_plate_s_limits_lie_a_quarter_of_the_range_outside_of_what_a_machine_sees():
    limits = {
        row["machine_kind"]: [row[f"{name}"] for name in row if name.endswith(("_c", "_bar"))]
        for row in describe_reference_machines(classic()).to_pylist()
    }
    assert limits == {"smelter": [1150, 1450, 1.25, 2.75], "assembler": [20, 50, 0.7, 1.3]}


@pytest.mark.parametrize(
    ("opens", "closes", "halves"),
    [
        (0, 1440, [("early", 0, 720), ("late", 720, 1440)]),
        (30, 991, [("early", 30, 511), ("late", 511, 991)]),
        (600, 602, [("early", 600, 601), ("late", 601, 602)]),
        (600, 601, [("early", 600, 601)]),
    ],
)
def test_shifts_are_the_halves_of_the_hours_of_each_factory(opens, closes, halves):
    scenario = scenario_of("campus")
    first, *others = scenario.factories
    hours = {"opens_at_minute": opens, "closes_at_minute": closes}
    changed = scenario.model_copy(update={"factories": [first.model_copy(update=hours), *others]})
    shifts = [tuple(row.values()) for row in describe_reference_shifts(changed).to_pylist()]
    assert [shift[1:] for shift in shifts if shift[0] == "phoenix"] == halves
    assert [shift for shift in shifts if shift[0] == "pune"] == [
        ("pune", "early", 30, 510),
        ("pune", "late", 510, 990),
    ]
