"""Wiring of the validation pipeline."""

from kedro.pipeline import Pipeline, node

from factory_simulation.pipelines.validation.compare import compare_with_truth, report_validation
from factory_simulation.pipelines.validation.conservation import report_conservation
from factory_simulation.pipelines.validation.energy import compare_energy_with_truth
from factory_simulation.pipelines.validation.lost import restore_lost_batches
from factory_simulation.pipelines.validation.nowcasts import compare_nowcasts_with_truth
from factory_simulation.pipelines.validation.scores import (
    compare_claims_with_ledger,
    report_fault_scores,
)

_KEPT = {
    "production_batches": "silver_production_batches",
    "sensor_logs": "silver_sensor_readings",
    "qc_checks": "silver_qc_checks",
    "operator_logs": "silver_operator_logs",
    "machine_events": "silver_machine_events",
    "machine_registry": "silver_machine_registry",
}


def create_pipeline() -> Pipeline:
    """Return gold and truth -> comparisons -> reports."""
    tables = {f"landed_{name}": f"bronze_{name}" for name in _KEPT} | {
        f"kept_{name}": table for name, table in _KEPT.items()
    }
    return Pipeline(
        [
            node(
                restore_lost_batches,
                ["gold_daily_production", "gold_dim_machine", "truth_ledger_files"],
                "ops_restored_production",
            ),
            node(
                compare_with_truth,
                {
                    "daily": "gold_daily_production",
                    "stock": "gold_daily_stock",
                    "restored": "ops_restored_production",
                    "products": "reference_products",
                    "opening_stock": "reference_opening_stock",
                    "truth": "truth_files",
                    "files": "ops_ingested_files",
                    "arrival_dates": "landing_dates",
                },
                "ops_comparisons",
            ),
            node(
                compare_claims_with_ledger,
                [
                    "truth_ledger_files",
                    "silver_repairs",
                    "gold_machine_health",
                    "truth_ledger_dates",
                    "ops_ingested_files",
                ],
                "gold_fault_scores",
            ),
            node(report_fault_scores, "gold_fault_scores", "report_fault_scores"),
            node(
                compare_nowcasts_with_truth,
                ["gold_nowcasts", "ops_comparisons"],
                "ops_nowcast_comparisons",
            ),
            node(
                compare_energy_with_truth,
                ["gold_energy_daily", "ops_comparisons"],
                "ops_energy_comparisons",
            ),
            node(
                report_validation,
                [
                    "ops_comparisons",
                    "ops_nowcast_comparisons",
                    "ops_energy_comparisons",
                    "gold_daily_production",
                    "ops_ingested_files",
                    "params:margin",
                ],
                "report_validation",
            ),
            node(
                report_conservation,
                {"quarantine": "silver_quarantine", "repairs": "silver_repairs", **tables},
                "report_conservation",
            ),
        ]
    )
