"""Wiring of the silver pipeline."""

from kedro.pipeline import Pipeline, node

from factory_simulation.pipelines.silver.claims import collect_repairs
from factory_simulation.pipelines.silver.clocks import locate_clocks
from factory_simulation.pipelines.silver.names import match_machine_ids, match_product_names
from factory_simulation.pipelines.silver.operators import (
    assess_operator_logs,
    clean_operator_logs,
)
from factory_simulation.pipelines.silver.production import (
    assess_production_batches,
    clean_production_batches,
)
from factory_simulation.pipelines.silver.quality import assess_qc_checks, clean_qc_checks
from factory_simulation.pipelines.silver.quarantine import collect_quarantine
from factory_simulation.pipelines.silver.sensors import (
    assess_sensor_readings,
    clean_sensor_readings,
)

_PARAMETERS = "params:silver"
_ASSESSED = {
    "production": "silver_assessed_production_batches",
    "sensors": "silver_assessed_sensor_readings",
    "checks": "silver_assessed_qc_checks",
    "entries": "silver_assessed_operator_logs",
}


def create_pipeline() -> Pipeline:
    """Return bronze -> names -> assessed rows -> kept rows, quarantine and claims."""
    names = [
        node(
            match_product_names,
            ["bronze_production_batches", "reference_products"],
            "silver_product_spellings",
        ),
        node(
            match_machine_ids,
            [
                "bronze_production_batches",
                "bronze_sensor_logs",
                "bronze_operator_logs",
                "reference_machines",
            ],
            "silver_machine_spellings",
        ),
        node(locate_clocks, ["reference_machines", "reference_factories"], "silver_clocks"),
    ]
    assessed = [
        node(
            assess_production_batches,
            ["bronze_production_batches", "silver_product_spellings", "silver_machine_spellings"],
            _ASSESSED["production"],
        ),
        node(
            assess_sensor_readings,
            ["bronze_sensor_logs", "silver_machine_spellings"],
            _ASSESSED["sensors"],
        ),
        node(
            assess_qc_checks,
            ["bronze_qc_checks", _ASSESSED["production"], "silver_clocks", _PARAMETERS],
            _ASSESSED["checks"],
        ),
        node(
            assess_operator_logs,
            ["bronze_operator_logs", "silver_machine_spellings"],
            _ASSESSED["entries"],
        ),
    ]
    kept = [
        node(
            clean_production_batches,
            [_ASSESSED["production"], "reference_machines"],
            "silver_production_batches",
        ),
        node(
            clean_sensor_readings,
            [_ASSESSED["sensors"], _ASSESSED["production"], "reference_machines", _PARAMETERS],
            "silver_sensor_readings",
        ),
        node(clean_qc_checks, [_ASSESSED["checks"], "reference_machines"], "silver_qc_checks"),
        node(
            clean_operator_logs,
            [
                _ASSESSED["entries"],
                _ASSESSED["production"],
                "reference_machines",
                "silver_clocks",
                _PARAMETERS,
            ],
            "silver_operator_logs",
        ),
    ]
    accounts = [
        node(collect_quarantine, list(_ASSESSED.values()), "silver_quarantine"),
        node(
            collect_repairs,
            [
                _ASSESSED["production"],
                "silver_production_batches",
                _ASSESSED["sensors"],
                "silver_sensor_readings",
                _ASSESSED["checks"],
                "silver_qc_checks",
                _ASSESSED["entries"],
                "silver_operator_logs",
            ],
            "silver_repairs",
        ),
    ]
    return Pipeline([*names, *assessed, *kept, *accounts])
