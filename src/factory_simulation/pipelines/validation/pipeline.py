"""Wiring of the validation pipeline."""

from kedro.pipeline import Pipeline, node

from factory_simulation.pipelines.validation.compare import compare_with_truth, report_validation
from factory_simulation.pipelines.validation.conservation import report_conservation

_KEPT = {
    "production_batches": "silver_production_batches",
    "sensor_logs": "silver_sensor_readings",
    "qc_checks": "silver_qc_checks",
    "operator_logs": "silver_operator_logs",
}


def create_pipeline() -> Pipeline:
    """Return gold and truth -> comparisons -> reports."""
    tables = {f"landed_{name}": f"bronze_{name}" for name in _KEPT} | {
        f"kept_{name}": table for name, table in _KEPT.items()
    }
    return Pipeline(
        [
            node(
                compare_with_truth,
                ["gold_daily_production", "truth_files", "ops_ingested_files", "landing_dates"],
                "ops_comparisons",
            ),
            node(
                report_validation,
                ["ops_comparisons", "gold_daily_production", "ops_ingested_files", "params:margin"],
                "report_validation",
            ),
            node(
                report_conservation,
                {"quarantine": "silver_quarantine", "repairs": "silver_repairs", **tables},
                "report_conservation",
            ),
        ]
    )
