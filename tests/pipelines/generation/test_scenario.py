"""A scenario with a bad value is refused, by key, value and what is allowed."""

import copy
import csv
from typing import Any

import pytest

from factory_simulation.domain import FactoryError
from factory_simulation.pipelines.generation.scenario import load_scenario
from tests.conftest import PROJECT
from tests.pipelines.generation.world import CLASSIC, classic


def refused(*path: Any, value: Any) -> str:
    """Return what is said of the classic scenario with one value replaced."""
    known = copy.deepcopy(CLASSIC)
    part = known["classic"]
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    with pytest.raises(FactoryError) as error:
        load_scenario("classic", known, {})
    message = str(error.value)
    assert "\n" not in message
    return message


def test_unknown_scenarios_are_told_the_known_ones():
    with pytest.raises(FactoryError, match="'nope': no such scenario; known are classic"):
        load_scenario("nope", CLASSIC, {})


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("process", "defect_rate"), 1.5, "process.defect_rate = 1.5: Input should be less than"),
        (("chaos", "late_batches"), "often", "chaos.late_batches = 'often'"),
        (("chaos", "gremlins"), 0.1, "chaos.gremlins = 0.1: Extra inputs are not permitted"),
        (("calendar", "days"), 0, "calendar.days = 0: Input should be greater than or equal to 1"),
        (("calendar", "start_date"), "2025-02-30", "calendar.start_date = '2025-02-30'"),
        (("calendar", "closes_at_minute"), 300, "opens_at_minute must be before closes_at_minute"),
        (("calendar", "closes_at_minute"), 500, "the factory is open for 140"),
        (("calendar", "gap_minutes"), {"low": 9, "high": 5}, "low (9) must not exceed high (5)"),
        (("factory", "timezone"), "Mars/Olympus", "'Mars/Olympus' is not an IANA time zone"),
        (("machines", 0, "machine_id"), "smelter 1", "machines.0.machine_id = 'smelter 1'"),
        (("machines", 0, "machine_id"), "SMELTER-02", "each machine_id may stand once"),
        (("machines", 0, "kind"), "crusher", "kind 'crusher' is none of assembler, smelter"),
        (("machines", 0, "product_name"), "Copper", "'Copper' is none of Gear Wheel, Iron Plate"),
        (("machines",), [], "machines = []: List should have at least 1 item"),
    ],
)
def test_bad_values_are_named_with_what_is_allowed(path, value, told):
    assert told in refused(*path, value=value)


def test_run_parameters_replace_what_the_file_says():
    scenario = classic(seed=7, start_date="2024-02-28", days=3)
    assert scenario.seed == 7
    assert [str(day) for day in scenario.event_dates(None)] == [
        "2024-02-28",
        "2024-02-29",
        "2024-03-01",
    ]


def test_reference_data_tells_of_the_classic_machines_what_the_scenario_does():
    with (PROJECT / "data/reference/machines.csv").open() as lines:
        known = {row["machine_id"]: row for row in csv.DictReader(lines)}
    scenario = classic()
    assert set(known) == {machine.machine_id for machine in scenario.machines}
    for machine in scenario.machines:
        row = known[machine.machine_id]
        assert float(row["kwh_per_unit"]) == machine.kwh_per_unit
        assert float(row["units_per_hour"]) == machine.units_per_hour
        assert row["product_name"] == machine.product_name
        assert row["machine_kind"] == machine.kind
        assert row["installed_on"] == machine.installed_on.isoformat()
        assert row["factory_id"] == scenario.factory.factory_id


def test_reference_data_tells_of_the_classic_factory_and_products_what_the_scenario_does():
    scenario = classic()
    with (PROJECT / "data/reference/factories.csv").open() as lines:
        (factory,) = csv.DictReader(lines)
    assert factory == {
        "factory_id": scenario.factory.factory_id,
        "factory_name": scenario.factory.name,
        "city": scenario.factory.city,
        "timezone": scenario.factory.timezone,
        "utc_offset_minutes": str(scenario.factory.utc_offset_minutes),
    }
    with (PROJECT / "data/reference/products.csv").open() as lines:
        products = {row["product_name"]: row for row in csv.DictReader(lines)}
    assert {
        name: (row["made_from"], int(row["input_per_unit"])) for name, row in products.items()
    } == {
        name: (recipe.made_from, recipe.input_per_unit)
        for name, recipe in scenario.products.items()
    }
