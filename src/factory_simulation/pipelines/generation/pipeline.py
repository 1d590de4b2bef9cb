"""Wiring of the generation pipeline."""

from kedro.pipeline import Pipeline, node
from kedro.pipeline.node import Node

from factory_simulation.domain import LANDED_TABLES
from factory_simulation.pipelines.generation.events import (
    simulate_operator_entries,
    simulate_qc_checks,
    simulate_sensor_readings,
)
from factory_simulation.pipelines.generation.inject.landed import land_rows
from factory_simulation.pipelines.generation.inject.ledger import export_ledger, record_faults
from factory_simulation.pipelines.generation.inject.machine_events import (
    inject_machine_event_faults,
)
from factory_simulation.pipelines.generation.inject.operators import inject_operator_faults
from factory_simulation.pipelines.generation.inject.production import inject_production_faults
from factory_simulation.pipelines.generation.inject.quality import inject_qc_faults
from factory_simulation.pipelines.generation.inject.registry import inject_registry_faults
from factory_simulation.pipelines.generation.inject.sensors import inject_sensor_faults
from factory_simulation.pipelines.generation.master_data import (
    describe_reference_factories,
    describe_reference_machines,
    describe_reference_opening_stock,
    describe_reference_phrases,
    describe_reference_products,
    describe_reference_shifts,
)
from factory_simulation.pipelines.generation.plan import simulate_machine_events, simulate_plans
from factory_simulation.pipelines.generation.production import simulate_production_batches
from factory_simulation.pipelines.generation.registry import (
    describe_registry_days,
    simulate_machine_versions,
)
from factory_simulation.pipelines.generation.summarise import summarise_stock, summarise_truth
from factory_simulation.pipelines.generation.world import (
    describe_counters,
    describe_days,
    describe_employees,
    describe_machine_spellings,
    describe_machines,
    describe_notes,
    describe_offsets,
    describe_product_spellings,
)

_DATE, _SCENARIO = "params:date", "scenario"
_MACHINES, _COUNTERS, _OFFSETS = "scenario_machines", "scenario_counters", "scenario_offsets"
_BATCHES, _VERSIONS = "truth_production_batches", "truth_machine_versions"
_REGISTRY_DAYS = "scenario_registry_days"
_PEOPLE_AND_NOTES = ["scenario_employees", "scenario_notes"]
_PRODUCT_SPELLINGS, _MACHINE_SPELLINGS = (
    "scenario_product_spellings",
    "scenario_machine_spellings",
)
_INJECTED = {table: f"truth_landed_{table}" for table in LANDED_TABLES}


def create_pipeline() -> Pipeline:
    """Return scenario -> truth -> rows as they land -> landing files, truth files and ledger."""
    return Pipeline([*_world(), *_truth(), *_injection(), *_outcome()])


def _world() -> list[Node]:
    return [
        node(describe_machines, _SCENARIO, _MACHINES),
        node(describe_days, [_SCENARIO, _DATE], "scenario_days"),
        node(describe_registry_days, _SCENARIO, _REGISTRY_DAYS),
        node(describe_counters, _SCENARIO, _COUNTERS),
        node(describe_offsets, _SCENARIO, _OFFSETS),
        node(describe_employees, _SCENARIO, "scenario_employees"),
        node(describe_notes, _SCENARIO, "scenario_notes"),
        node(describe_product_spellings, _SCENARIO, _PRODUCT_SPELLINGS),
        node(describe_machine_spellings, _SCENARIO, _MACHINE_SPELLINGS),
        node(describe_reference_machines, _SCENARIO, "reference_machines"),
        node(describe_reference_factories, _SCENARIO, "reference_factories"),
        node(describe_reference_products, _SCENARIO, "reference_products"),
        node(describe_reference_phrases, _SCENARIO, "reference_phrases"),
        node(describe_reference_opening_stock, _SCENARIO, "reference_opening_stock"),
        node(describe_reference_shifts, _SCENARIO, "reference_shifts"),
    ]


def _truth() -> list[Node]:
    return [
        node(simulate_plans, [_MACHINES, "scenario_days", _COUNTERS, _SCENARIO], "truth_plans"),
        node(simulate_machine_versions, [_MACHINES, _REGISTRY_DAYS, _SCENARIO], _VERSIONS),
        node(
            simulate_production_batches, ["truth_plans", _MACHINES, _VERSIONS, _SCENARIO], _BATCHES
        ),
        node(
            simulate_sensor_readings,
            [_BATCHES, _MACHINES, _COUNTERS, _SCENARIO],
            "truth_sensor_readings",
        ),
        node(simulate_qc_checks, [_BATCHES, *_PEOPLE_AND_NOTES, _SCENARIO], "truth_qc_checks"),
        node(
            simulate_operator_entries,
            [_BATCHES, *_PEOPLE_AND_NOTES, _SCENARIO],
            "truth_operator_entries",
        ),
        node(
            simulate_machine_events, ["truth_plans", _MACHINES, _SCENARIO], "truth_machine_events"
        ),
        node(
            summarise_stock,
            [_BATCHES, "reference_products", "reference_opening_stock"],
            "truth_stock",
        ),
    ]


def _injection() -> list[Node]:
    return [
        node(
            inject_production_faults,
            [_BATCHES, _PRODUCT_SPELLINGS, _MACHINE_SPELLINGS, _COUNTERS, _SCENARIO],
            _INJECTED["production_batches"],
        ),
        node(
            inject_sensor_faults,
            ["truth_sensor_readings", _MACHINES, _MACHINE_SPELLINGS, _COUNTERS, _SCENARIO],
            _INJECTED["sensor_logs"],
        ),
        node(
            inject_qc_faults,
            [
                "truth_qc_checks",
                _INJECTED["production_batches"],
                _OFFSETS,
                _COUNTERS,
                _SCENARIO,
            ],
            _INJECTED["qc_checks"],
        ),
        node(
            inject_operator_faults,
            [
                "truth_operator_entries",
                _BATCHES,
                _MACHINE_SPELLINGS,
                _OFFSETS,
                _COUNTERS,
                _SCENARIO,
            ],
            _INJECTED["operator_logs"],
        ),
        node(
            inject_machine_event_faults,
            ["truth_machine_events", _MACHINE_SPELLINGS, _COUNTERS, _SCENARIO],
            _INJECTED["machine_events"],
        ),
        node(
            inject_registry_faults,
            [_VERSIONS, _REGISTRY_DAYS, _MACHINE_SPELLINGS, _SCENARIO],
            _INJECTED["machine_registry"],
        ),
    ]


def _outcome() -> list[Node]:
    landing = [
        node(land_rows, [injected, _DATE], f"landing_{table}", name=f"land_{table}")
        for table, injected in _INJECTED.items()
    ]
    ledger = {"scenario": _SCENARIO, "machines": _MACHINES, "arrival_dates": _DATE, **_INJECTED}
    export = {"ledger": "truth_fault_ledger", "arrival_dates": _DATE, **_INJECTED}
    return [
        *landing,
        node(record_faults, ledger, "truth_fault_ledger"),
        node(export_ledger, export, "truth_ledger_files"),
        node(
            summarise_truth,
            [
                _BATCHES,
                _INJECTED["production_batches"],
                _INJECTED["machine_registry"],
                _VERSIONS,
                "truth_stock",
                _SCENARIO,
                _DATE,
            ],
            "truth_files",
        ),
    ]
