"""Scenarios are put together out of what they are based on, and of what a run asks for."""

from collections import Counter
from datetime import date

import pytest

from factory_simulation.domain import FactoryError
from factory_simulation.expressions.dates import asked_dates
from factory_simulation.pipelines.generation.scenario_loading import (
    load_scenario,
    with_machine_count,
)
from factory_simulation.pipelines.generation.world import describe_employees, describe_machines
from tests.pipelines.generation.world import SCENARIOS, classic, scenario_of

FACTORIES = SCENARIOS["campus"]["factories"]
SMELTER, _, ASSEMBLER = SCENARIOS["classic"]["machines"]


@pytest.mark.parametrize(
    ("name", "machines", "factories", "days", "delay"),
    [
        ("classic", 3, 1, 7, 2),
        ("clean", 3, 1, 7, 0),
        ("storm", 7, 1, 14, 12),
        ("campus", 40, 3, 30, 2),
        ("scale", 100, 1, 30, 2),
        ("turnover", 12, 1, 30, 2),
    ],
)
def test_the_scenarios_of_the_project_load(name, machines, factories, days, delay):
    scenario = load_scenario(name, SCENARIOS, {})
    assert scenario.name == name
    assert len(scenario.fleet) == machines
    assert len(scenario.factories) == factories
    assert scenario.calendar.days == days
    assert scenario.chaos.longest_delay == delay


def test_there_are_no_scenarios_but_those():
    assert sorted(SCENARIOS) == ["campus", "classic", "clean", "scale", "storm", "turnover"]


def test_unknown_scenarios_are_told_the_known_ones():
    told = "'nope': no such scenario; known are campus, classic, clean, scale, storm"
    with pytest.raises(FactoryError, match=told):
        load_scenario("nope", SCENARIOS, {})


def test_a_scenario_that_is_no_mapping_is_refused():
    with pytest.raises(FactoryError, match="scenario odd: its file must hold a mapping under"):
        load_scenario("odd", {"odd": ["classic"]}, {})


def test_blocks_of_the_base_are_merged_key_by_key_and_lists_replaced():
    scenario = classic(
        {
            "calendar": {"days": 3, "gap_minutes": {"high": 7}},
            "machines": [SMELTER],
            "chaos": {"clock_drift": {"minutes": 2}, "spike": {"rate": 0.5}},
        }
    )
    base = classic()
    assert scenario.calendar.days == 3
    assert scenario.calendar.gap_minutes.model_dump() == {"low": 5, "high": 7}
    assert scenario.calendar.start_date == base.calendar.start_date
    assert [machine.machine_id for machine in scenario.machines] == ["SMELTER-01"]
    assert scenario.chaos.clock_drift.model_dump() == {"rate": 1.0, "minutes": 2}
    assert scenario.chaos.spike.rate == 0.5
    assert scenario.chaos.duplicate == base.chaos.duplicate
    assert classic() == base


def test_a_key_without_a_value_takes_away_what_the_base_has():
    scenario = classic({"chaos": {"clock_drift": None, "duplicate": {"rate": None}}})
    assert scenario.chaos.clock_drift.rate == 0
    assert scenario.chaos.duplicate.rate == 0
    assert scenario.chaos.missing_value.rate == 0.075
    assert classic({"chaos": None, "materials": None}).materials.opening_stock == {}
    with pytest.raises(FactoryError, match="scenario changed: process: Field required"):
        classic({"process": None})


def test_bases_have_bases():
    known = {**SCENARIOS, "a": {"based_on": "b", "seed": 5}, "b": {"based_on": "storm", "seed": 4}}
    scenario = load_scenario("a", known, {})
    assert (scenario.name, scenario.seed) == ("a", 5)
    assert scenario.chaos == scenario_of("storm").chaos
    assert load_scenario("b", known, {}).seed == 4


def test_an_unknown_base_is_named_with_what_is_based_on_it():
    known = {"a": {"based_on": "b"}}
    told = "scenario = 'b': no such scenario; a is based on it; known are a"
    with pytest.raises(FactoryError, match=told):
        load_scenario("a", known, {})


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ({"a": {"based_on": "a"}}, "scenario a: based on itself, by a"),
        ({"a": {"based_on": "b"}, "b": {"based_on": "a"}}, "based on itself, by a and b"),
    ],
)
def test_a_scenario_that_is_based_on_itself_is_refused(known, told):
    with pytest.raises(FactoryError, match=told):
        load_scenario("a", known, {})


# --- what a run asks for -----------------------------------------------------------------------


def test_run_parameters_replace_what_the_file_says():
    scenario = classic(seed=7, start_date="2024-02-28", days=3, landing_format="parquet")
    assert scenario.seed == 7
    assert scenario.landing.format == "parquet"
    assert [str(day) for day in scenario.event_dates(None)] == [
        "2024-02-28",
        "2024-02-29",
        "2024-03-01",
    ]
    assert scenario.arrival_dates() == (date(2024, 2, 28), date(2024, 3, 3))


def test_only_dates_from_which_something_can_arrive_are_simulated():
    dates = classic().event_dates(asked_dates("2025-12-04"))
    assert [day.day for day in dates] == [2, 3, 4]
    assert classic().event_dates(asked_dates("2025-12-09")) == [date(2025, 12, 7)]
    assert classic().event_dates(asked_dates("2025-12-10")) == []
    assert classic().event_dates(asked_dates("2025-11-30")) == []


@pytest.mark.parametrize(
    ("name", "count", "groups"),
    [
        ("scale", 10, [6, 4]),
        ("scale", 500, [300, 200]),
        ("scale", 3, [2, 1]),
        ("scale", 1, [1]),
        ("storm", 8, [5, 3]),
        ("storm", 2, [1, 1]),
        ("campus", 40, [10, 9, 9, 4, 4, 4]),
        ("campus", 6, [1, 1, 1, 1, 1, 1]),
        ("campus", 7, [2, 1, 1, 1, 1, 1]),
        ("campus", 400, [100, 90, 90, 40, 40, 40]),
    ],
)
def test_other_numbers_of_machines_keep_the_proportions_of_their_kinds(name, count, groups):
    scenario = scenario_of(name, machines=count)
    assert [machine.count for machine in scenario.machines] == groups
    assert len(scenario.fleet) == sum(groups) == count


def test_every_number_of_machines_is_met():
    scenario = scenario_of("scale")
    for count in range(1, 60):
        sized = with_machine_count(scenario, count)
        kinds = Counter(machine.kind for machine in sized.fleet)
        assert kinds.total() == count
        assert abs(kinds["smelter"] - 0.6 * count) < 1
    assert len(with_machine_count(scenario, 9999).fleet) == 9999


def test_too_many_machines_are_refused():
    known = {"machines": [{**SMELTER, "count": 9_999}, {**ASSEMBLER, "count": 1}]}
    with pytest.raises(FactoryError, match="machines: 10000 are too many; at most 9999"):
        classic(known)


# --- several machines, several factories -------------------------------------------------------


def test_machines_that_are_alike_are_numbered_on():
    wide = {**SMELTER, "machine_id": "SMELTER-098", "count": 4}
    fleet = classic({"machines": [wide, ASSEMBLER]}).fleet
    assert [machine.machine_id for machine in fleet] == [
        "SMELTER-098",
        "SMELTER-099",
        "SMELTER-100",
        "SMELTER-101",
        "ASSEMBLER-01",
    ]
    assert {machine.factory_id for machine in fleet} == {"alpha"}
    assert {machine.count for machine in fleet} == {1}


def test_each_factory_has_its_own_hours_people_and_machines():
    scenario = scenario_of("campus")
    hours = {f.factory_id: scenario.working_minutes(f.factory_id) for f in scenario.factories}
    assert hours == {"phoenix": (360, 1320), "berlin": (0, 960), "pune": (30, 990)}
    machines = describe_machines(scenario).to_pylist()
    for machine in machines:
        told = (machine["opens_at_minute"], machine["closes_at_minute"])
        assert told == hours[machine["factory_id"]]
    assert Counter(m["factory_id"] for m in machines) == {"phoenix": 14, "berlin": 13, "pune": 13}
    people = describe_employees(scenario).to_pylist()
    assert Counter((p["factory_id"], p["role"]) for p in people) == {
        (factory, role): count
        for factory in hours
        for role, count in (("inspector", 3), ("operator", 4))
    }
    assert len({person["employee_id"] for person in people}) == len(people)
    assert len({person["employee_name"] for person in people}) == len(people)


@pytest.mark.parametrize(
    ("factory", "told"),
    [
        ({}, "machine SMELTER-01: factory None is none of berlin, phoenix, pune"),
        ({"factory_id": "rome"}, "machine SMELTER-01: factory 'rome' is none of berlin, phoenix"),
    ],
)
def test_with_several_factories_each_machine_stands_in_one_of_them(factory, told):
    with pytest.raises(FactoryError, match=told):
        classic({"factories": FACTORIES, "machines": [{**SMELTER, **factory}]})


def test_a_factory_may_stand_once():
    twice = [FACTORIES[0], FACTORIES[0]]
    with pytest.raises(FactoryError, match="each factory_id may stand once"):
        classic({"factories": twice, "machines": [{**SMELTER, "factory_id": "phoenix"}]})
