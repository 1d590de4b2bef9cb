"""Wiring of the generation pipeline."""

from kedro.pipeline import Pipeline, node

from factory_simulation.pipelines.generation.inject import (
    inject_operator_faults,
    inject_production_faults,
    inject_qc_faults,
    inject_sensor_faults,
)
from factory_simulation.pipelines.generation.mark import (
    mark_operator_faults,
    mark_production_faults,
    mark_qc_faults,
    mark_sensor_faults,
)
from factory_simulation.pipelines.generation.simulate import (
    simulate_operator_entries,
    simulate_production_batches,
    simulate_qc_checks,
    simulate_sensor_readings,
)
from factory_simulation.pipelines.generation.summarise import summarise_truth
from factory_simulation.pipelines.generation.world import (
    describe_counters,
    describe_days,
    describe_employees,
    describe_machine_spellings,
    describe_machines,
    describe_notes,
    describe_product_spellings,
)

_DATE = "params:date"


def create_pipeline() -> Pipeline:
    """Return scenario -> truth -> marks -> landing files and truth files."""
    world = [
        node(describe_machines, "scenario", "scenario_machines"),
        node(describe_days, ["scenario", _DATE], "scenario_days"),
        node(describe_counters, "scenario", "scenario_counters"),
        node(describe_employees, "scenario", "scenario_employees"),
        node(describe_notes, "scenario", "scenario_notes"),
        node(describe_product_spellings, "scenario", "scenario_product_spellings"),
        node(describe_machine_spellings, "scenario", "scenario_machine_spellings"),
    ]
    truth = [
        node(
            simulate_production_batches,
            ["scenario_machines", "scenario_days", "scenario_counters", "scenario"],
            "truth_production_batches",
        ),
        node(
            simulate_sensor_readings,
            ["truth_production_batches", "scenario_machines", "scenario_counters", "scenario"],
            "truth_sensor_readings",
        ),
        node(
            simulate_qc_checks,
            ["truth_production_batches", "scenario_employees", "scenario_notes", "scenario"],
            "truth_qc_checks",
        ),
        node(
            simulate_operator_entries,
            ["truth_production_batches", "scenario_employees", "scenario_notes", "scenario"],
            "truth_operator_entries",
        ),
        node(
            summarise_truth,
            ["truth_production_batches", "truth_production_faults", _DATE],
            "truth_files",
        ),
    ]
    marks = [
        node(
            mark_production_faults,
            ["truth_production_batches", "scenario"],
            "truth_production_faults",
        ),
        node(mark_sensor_faults, ["truth_sensor_readings", "scenario"], "truth_sensor_faults"),
        node(mark_qc_faults, ["truth_qc_checks", "scenario"], "truth_qc_faults"),
        node(mark_operator_faults, ["truth_operator_entries", "scenario"], "truth_operator_faults"),
    ]
    landing = [
        node(
            inject_production_faults,
            [
                "truth_production_batches",
                "truth_production_faults",
                "scenario_product_spellings",
                "scenario_counters",
                _DATE,
            ],
            "landing_production_batches",
        ),
        node(
            inject_sensor_faults,
            ["truth_sensor_readings", "truth_sensor_faults", _DATE],
            "landing_sensor_logs",
        ),
        node(
            inject_qc_faults,
            ["truth_qc_checks", "truth_qc_faults", "scenario", _DATE],
            "landing_qc_checks",
        ),
        node(
            inject_operator_faults,
            [
                "truth_operator_entries",
                "truth_operator_faults",
                "scenario_machine_spellings",
                "scenario",
                _DATE,
            ],
            "landing_operator_logs",
        ),
    ]
    return Pipeline([*world, *truth, *marks, *landing])
