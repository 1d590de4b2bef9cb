"""A scenario simulated in memory, node by node, without a catalog."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import ibis
import ibis.expr.types as ir
import yaml

from factory_simulation.pipelines.generation import inject, mark, simulate, world
from factory_simulation.pipelines.generation.scenario import Scenario, load_scenario
from tests.conftest import PROJECT

CLASSIC = yaml.safe_load((PROJECT / "conf/base/scenarios/classic.yml").read_text())


def classic(**overrides: Any) -> Scenario:
    """Return the classic scenario with other `seed`, `start_date` or `days`."""
    return load_scenario("classic", CLASSIC, overrides)


@dataclass
class World:
    """The tables of a scenario, each computed once."""

    scenario: Scenario
    arrival_date: str | None = None

    def __post_init__(self) -> None:
        self.con = ibis.duckdb.connect()
        self.machines = self._small(world.describe_machines(self.scenario))
        self.days = self._small(world.describe_days(self.scenario, self.arrival_date))
        self.counters = self._small(world.describe_counters(self.scenario))
        self.employees = self._small(world.describe_employees(self.scenario))
        self.notes = self._small(world.describe_notes(self.scenario))
        self.product_spellings = self._small(world.describe_product_spellings(self.scenario))
        self.machine_spellings = self._small(world.describe_machine_spellings(self.scenario))

    @cached_property
    def batches(self) -> ir.Table:
        return self._stored(
            simulate.simulate_production_batches(
                self.machines, self.days, self.counters, self.scenario
            )
        )

    @cached_property
    def readings(self) -> ir.Table:
        return self._stored(
            simulate.simulate_sensor_readings(
                self.batches, self.machines, self.counters, self.scenario
            )
        )

    @cached_property
    def checks(self) -> ir.Table:
        return self._stored(
            simulate.simulate_qc_checks(self.batches, self.employees, self.notes, self.scenario)
        )

    @cached_property
    def entries(self) -> ir.Table:
        return self._stored(
            simulate.simulate_operator_entries(
                self.batches, self.employees, self.notes, self.scenario
            )
        )

    @cached_property
    def production_faults(self) -> ir.Table:
        return self._stored(mark.mark_production_faults(self.batches, self.scenario))

    @cached_property
    def sensor_faults(self) -> ir.Table:
        return self._stored(mark.mark_sensor_faults(self.readings, self.scenario))

    @cached_property
    def landed_batches(self) -> ir.Table:
        return self._stored(
            inject.inject_production_faults(
                self.batches,
                self.production_faults,
                self.product_spellings,
                self.counters,
                self.arrival_date,
            )
        )

    @cached_property
    def landed_readings(self) -> ir.Table:
        return self._stored(
            inject.inject_sensor_faults(self.readings, self.sensor_faults, self.arrival_date)
        )

    @cached_property
    def landed_checks(self) -> ir.Table:
        faults = mark.mark_qc_faults(self.checks, self.scenario)
        return self._stored(
            inject.inject_qc_faults(self.checks, faults, self.scenario, self.arrival_date)
        )

    @cached_property
    def landed_entries(self) -> ir.Table:
        faults = mark.mark_operator_faults(self.entries, self.scenario)
        return self._stored(
            inject.inject_operator_faults(
                self.entries, faults, self.machine_spellings, self.scenario, self.arrival_date
            )
        )

    def _small(self, rows: Any) -> ir.Table:
        return self.con.create_table(ibis.util.gen_name("small"), rows)

    def _stored(self, expression: ir.Table) -> ir.Table:
        return self.con.create_table(ibis.util.gen_name("stored"), expression)


def records(table: ir.Table) -> list[dict[str, Any]]:
    return table.to_pyarrow().to_pylist()
