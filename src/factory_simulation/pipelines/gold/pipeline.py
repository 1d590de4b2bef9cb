"""Wiring of the gold pipeline."""

from kedro.pipeline import Pipeline, node

from factory_simulation.pipelines.gold.dimensions import (
    build_dim_date,
    build_dim_employee,
    build_dim_factory,
    build_dim_machine,
    build_dim_product,
)
from factory_simulation.pipelines.gold.facts import (
    build_fact_machine_event,
    build_fact_operator_event,
    build_fact_production,
    build_fact_quality_check,
    build_fact_sensor_reading,
)
from factory_simulation.pipelines.gold.machines import build_machine_decay
from factory_simulation.pipelines.gold.marts import (
    summarise_daily_production,
    summarise_daily_stock,
)


def create_pipeline() -> Pipeline:
    """Return silver -> dimensions and facts -> marts."""
    return Pipeline(
        [
            node(
                build_dim_date,
                [
                    "silver_production_batches",
                    "silver_sensor_readings",
                    "silver_qc_checks",
                    "silver_operator_logs",
                    "silver_machine_events",
                ],
                "gold_dim_date",
            ),
            node(build_dim_factory, "reference_factories", "gold_dim_factory"),
            node(build_dim_product, "reference_products", "gold_dim_product"),
            node(
                build_dim_machine,
                ["silver_machine_versions", "reference_machines", "reference_factories"],
                "gold_dim_machine",
            ),
            node(
                build_dim_employee,
                ["silver_qc_checks", "silver_operator_logs"],
                "gold_dim_employee",
            ),
            node(
                build_fact_production,
                ["silver_production_batches", "silver_machine_versions"],
                "gold_fact_production",
            ),
            node(
                build_fact_sensor_reading,
                ["silver_sensor_readings", "silver_machine_versions"],
                "gold_fact_sensor_reading",
            ),
            node(
                build_fact_quality_check,
                ["silver_qc_checks", "silver_machine_versions"],
                "gold_fact_quality_check",
            ),
            node(
                build_fact_operator_event,
                ["silver_operator_logs", "silver_machine_versions"],
                "gold_fact_operator_event",
            ),
            node(
                build_fact_machine_event,
                ["silver_machine_events", "silver_machine_versions"],
                "gold_fact_machine_event",
            ),
            node(
                build_machine_decay,
                ["silver_sensor_readings", "silver_machine_events"],
                "gold_machine_decay",
            ),
            node(
                summarise_daily_production,
                [
                    "gold_fact_production",
                    "gold_dim_date",
                    "gold_dim_machine",
                    "gold_dim_product",
                ],
                "gold_daily_production",
            ),
            node(
                summarise_daily_stock,
                ["gold_daily_production", "reference_products", "reference_opening_stock"],
                "gold_daily_stock",
            ),
        ]
    )
