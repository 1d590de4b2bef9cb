"""A scenario simulated in memory, node by node, without a catalog."""

from copy import deepcopy
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import ibis
import ibis.expr.types as ir
import yaml

from factory_simulation.pipelines.generation import (
    events,
    master_data,
    plan,
    production,
    registry,
    summarise,
    world,
)
from factory_simulation.pipelines.generation.chaos import Chaos
from factory_simulation.pipelines.generation.inject import (
    ledger,
    machine_events,
    operators,
    quality,
    sensors,
)
from factory_simulation.pipelines.generation.inject import production as inject_production
from factory_simulation.pipelines.generation.inject import registry as inject_registry
from factory_simulation.pipelines.generation.inject.landed import land_rows
from factory_simulation.pipelines.generation.scenario import Scenario
from factory_simulation.pipelines.generation.scenario_loading import load_scenario
from tests.conftest import PROJECT

SCENARIOS: dict[str, Any] = {}
for _path in sorted((PROJECT / "conf/base/scenarios").glob("*.yml")):
    SCENARIOS |= yaml.safe_load(_path.read_text())


def scenario_of(name: str, changes: dict[str, Any] | None = None, **overrides: Any) -> Scenario:
    """Return a scenario of the project, with changed blocks and other `seed`, `days` and so on."""
    known = deepcopy(SCENARIOS) | {"changed": {"based_on": name, **(changes or {})}}
    return load_scenario("changed", known, overrides)


def classic(changes: dict[str, Any] | None = None, **overrides: Any) -> Scenario:
    return scenario_of("classic", changes, **overrides)


def storm(changes: dict[str, Any] | None = None, **overrides: Any) -> Scenario:
    return scenario_of("storm", changes, **overrides)


def with_chaos(scenario: Scenario, **kinds: dict[str, Any]) -> Scenario:
    """Return the scenario with these kinds of fault and no others."""
    return scenario.model_copy(update={"chaos": Chaos.model_validate(kinds)})


@dataclass
class World:
    """The tables of a scenario, each computed once."""

    scenario: Scenario
    arrival_dates: str | None = None

    def __post_init__(self) -> None:
        self.con = ibis.duckdb.connect()
        self.machines = self._small(world.describe_machines(self.scenario))
        self.days = self._small(world.describe_days(self.scenario, self.arrival_dates))
        self.registry_days = self._small(registry.describe_registry_days(self.scenario))
        self.counters = self._small(world.describe_counters(self.scenario))
        self.offsets = self._small(world.describe_offsets(self.scenario))
        self.employees = self._small(world.describe_employees(self.scenario))
        self.notes = self._small(world.describe_notes(self.scenario))
        self.product_spellings = self._small(world.describe_product_spellings(self.scenario))
        self.machine_spellings = self._small(world.describe_machine_spellings(self.scenario))
        self.phrases = self._small(master_data.describe_reference_phrases(self.scenario))
        self.recipes = self._small(master_data.describe_reference_products(self.scenario))
        self.opening_stock = self._small(
            master_data.describe_reference_opening_stock(self.scenario)
        )

    # --- truth ---------------------------------------------------------------------------------

    @cached_property
    def plans(self) -> ir.Table:
        return self._stored(
            plan.simulate_plans(self.machines, self.days, self.counters, self.scenario)
        )

    @cached_property
    def versions(self) -> ir.Table:
        return self._stored(
            registry.simulate_machine_versions(self.machines, self.registry_days, self.scenario)
        )

    @cached_property
    def batches(self) -> ir.Table:
        return self._stored(
            production.simulate_production_batches(
                self.plans, self.machines, self.versions, self.scenario
            )
        )

    @cached_property
    def readings(self) -> ir.Table:
        return self._stored(
            events.simulate_sensor_readings(
                self.batches, self.machines, self.counters, self.scenario
            )
        )

    @cached_property
    def checks(self) -> ir.Table:
        return self._stored(
            events.simulate_qc_checks(self.batches, self.employees, self.notes, self.scenario)
        )

    @cached_property
    def entries(self) -> ir.Table:
        return self._stored(
            events.simulate_operator_entries(
                self.batches, self.employees, self.notes, self.scenario
            )
        )

    @cached_property
    def events(self) -> ir.Table:
        return self._stored(plan.simulate_machine_events(self.plans, self.machines, self.scenario))

    @cached_property
    def stock(self) -> ir.Table:
        return self._stored(
            summarise.summarise_stock(self.batches, self.recipes, self.opening_stock)
        )

    # --- what lands ----------------------------------------------------------------------------

    @cached_property
    def landed_batches(self) -> ir.Table:
        return self._stored(
            inject_production.inject_production_faults(
                self.batches,
                self.product_spellings,
                self.machine_spellings,
                self.counters,
                self.scenario,
            )
        )

    @cached_property
    def landed_readings(self) -> ir.Table:
        return self._stored(
            sensors.inject_sensor_faults(
                self.readings, self.machines, self.machine_spellings, self.counters, self.scenario
            )
        )

    @cached_property
    def landed_checks(self) -> ir.Table:
        return self._stored(
            quality.inject_qc_faults(
                self.checks, self.landed_batches, self.offsets, self.counters, self.scenario
            )
        )

    @cached_property
    def landed_entries(self) -> ir.Table:
        return self._stored(
            operators.inject_operator_faults(
                self.entries,
                self.batches,
                self.machine_spellings,
                self.offsets,
                self.counters,
                self.scenario,
            )
        )

    @cached_property
    def landed_events(self) -> ir.Table:
        return self._stored(
            machine_events.inject_machine_event_faults(
                self.events, self.machine_spellings, self.counters, self.scenario
            )
        )

    @cached_property
    def landed_registry(self) -> ir.Table:
        return self._stored(
            inject_registry.inject_registry_faults(
                self.versions, self.registry_days, self.machine_spellings, self.scenario
            )
        )

    @property
    def injected(self) -> dict[str, ir.Table]:
        """What lands, and what is lost, by landing file."""
        return {
            "production_batches": self.landed_batches,
            "sensor_logs": self.landed_readings,
            "qc_checks": self.landed_checks,
            "operator_logs": self.landed_entries,
            "machine_events": self.landed_events,
            "machine_registry": self.landed_registry,
        }

    def landed(self, table: str) -> list[dict[str, Any]]:
        """Return the rows of a landing file, in their order there."""
        return sorted(
            records(land_rows(self.injected[table], self.arrival_dates)),
            key=lambda row: (row["_arrival_date"], row["_source_row"]),
        )

    @cached_property
    def ledger(self) -> ir.Table:
        return self._stored(
            ledger.record_faults(self.machines, self.scenario, self.arrival_dates, **self.injected)
        )

    def _small(self, rows: Any) -> ir.Table:
        return self.con.create_table(ibis.util.gen_name("small"), rows)

    def _stored(self, expression: ir.Table) -> ir.Table:
        return self.con.create_table(ibis.util.gen_name("stored"), expression)


def records(table: ir.Table) -> list[dict[str, Any]]:
    return table.to_pyarrow().to_pylist()


@cache
def storm_world() -> World:
    """The storm, which several modules look at; do not write into it."""
    return World(storm())
