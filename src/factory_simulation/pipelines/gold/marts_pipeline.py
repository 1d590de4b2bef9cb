"""Wiring of gold's marts: by subject, what facts add up to."""

from kedro.pipeline import node
from kedro.pipeline.node import Node

from factory_simulation.domain import (
    PRODUCTION_BATCHES,
)
from factory_simulation.pipelines.gold.control import build_control_charts
from factory_simulation.pipelines.gold.data_quality import (
    summarise_data_quality,
)
from factory_simulation.pipelines.gold.dirt import (
    build_dirt_measures,
    summarise_dirt_costs,
    summarise_inspection_dirt,
    summarise_metering_dirt,
    summarise_production_dirt,
)
from factory_simulation.pipelines.gold.energy import (
    summarise_batch_energy,
    summarise_energy_daily,
)
from factory_simulation.pipelines.gold.health import (
    summarise_machine_forecasts,
    summarise_machine_health,
)
from factory_simulation.pipelines.gold.history import (
    summarise_completeness,
    summarise_daily_production_as_of,
    summarise_restatements,
)
from factory_simulation.pipelines.gold.maintenance import summarise_maintenance_effects
from factory_simulation.pipelines.gold.marts import (
    summarise_daily_production,
    summarise_daily_stock,
)
from factory_simulation.pipelines.gold.material import (
    build_genealogy,
    summarise_material_daily,
)
from factory_simulation.pipelines.gold.material_yield import summarise_material_yield
from factory_simulation.pipelines.gold.nowcast import summarise_nowcasts
from factory_simulation.pipelines.gold.oee import summarise_oee_daily
from factory_simulation.pipelines.gold.quality import (
    summarise_defect_pareto,
    summarise_inspectors,
    summarise_quality_daily,
)
from factory_simulation.pipelines.gold.wear import build_batch_efficiency
from factory_simulation.pipelines.scope import scoped

_RESTATED, _VERSIONS = "work_restated_dates", "silver_machine_versions"


def marts_of_all_subjects() -> list[Node]:
    """Return the marts of all subjects, from production to what dirt costs."""
    return [
        *_marts(),
        *_oee(),
        *_health(),
        *_energy(),
        *_material(),
        *_quality(),
        *_data_quality(),
        *_dirt(),
    ]


def _marts() -> list[Node]:
    return [
        node(
            scoped(summarise_daily_production, production=PRODUCTION_BATCHES),
            [
                _RESTATED,
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
        node(
            scoped(summarise_restatements, history=PRODUCTION_BATCHES),
            [_RESTATED, "silver_batch_history", _VERSIONS],
            "gold_restatements",
        ),
        node(
            scoped(summarise_daily_production_as_of, restatements=PRODUCTION_BATCHES),
            [_RESTATED, "gold_restatements"],
            "gold_daily_production_as_of",
        ),
        node(
            summarise_completeness,
            ["gold_restatements", "params:gold"],
            "gold_completeness_triangle",
        ),
        node(
            summarise_nowcasts,
            ["gold_completeness_triangle", "gold_fact_production", "params:gold"],
            "gold_nowcasts",
        ),
    ]


def _oee() -> list[Node]:
    return [
        node(
            summarise_oee_daily,
            [
                "gold_fact_machine_time",
                "gold_fact_production",
                "gold_fact_machine_event",
                "gold_dim_machine",
                "gold_dim_shift",
            ],
            "gold_oee_daily",
        ),
    ]


def _health() -> list[Node]:
    efficiency, parameters = "gold_batch_efficiency", "params:gold"
    return [
        node(
            build_batch_efficiency,
            [
                "silver_sensor_readings",
                "silver_production_batches",
                "silver_machine_events",
                parameters,
            ],
            efficiency,
        ),
        node(summarise_machine_health, [efficiency, parameters], "gold_machine_health"),
        node(summarise_machine_forecasts, [efficiency, parameters], "gold_machine_forecasts"),
        node(build_control_charts, [efficiency, parameters], "gold_control_charts"),
        node(
            summarise_maintenance_effects,
            [efficiency, "silver_machine_events", parameters],
            "gold_maintenance_effects",
        ),
    ]


def _energy() -> list[Node]:
    return [
        node(
            summarise_batch_energy,
            [
                "gold_fact_production",
                "gold_fact_sensor_reading",
                "gold_dim_date",
                "gold_dim_machine",
                "gold_dim_product",
            ],
            "gold_batch_energy",
        ),
        node(
            summarise_energy_daily,
            [
                "gold_batch_energy",
                "gold_fact_sensor_reading",
                "gold_dim_date",
                "gold_dim_machine",
            ],
            "gold_energy_daily",
        ),
    ]


def _material() -> list[Node]:
    """Return what is made whole each run: what landed late moves all that was used after it."""
    return [
        node(
            build_genealogy,
            ["gold_fact_production", "gold_dim_product", "reference_opening_stock"],
            "gold_genealogy",
        ),
        node(
            summarise_material_daily,
            ["gold_daily_stock", "gold_daily_production"],
            "gold_material_daily",
        ),
        node(
            summarise_material_yield,
            ["gold_fact_production", "gold_dim_product", "gold_genealogy"],
            "gold_material_yield",
        ),
    ]


def _quality() -> list[Node]:
    return [
        node(
            summarise_defect_pareto,
            ["gold_fact_quality_check", "gold_fact_production", "gold_dim_product"],
            "gold_defect_pareto",
        ),
        node(
            summarise_quality_daily,
            [
                "gold_fact_production",
                "gold_fact_quality_check",
                "gold_dim_date",
                "gold_dim_machine",
                "gold_dim_product",
            ],
            "gold_quality_daily",
        ),
        node(
            summarise_inspectors,
            ["gold_fact_quality_check", "gold_fact_production"],
            "gold_inspectors",
        ),
    ]


def _data_quality() -> list[Node]:
    """Return what is made of silver's claims and of all landed rows, whatever became of them."""
    return [
        node(
            summarise_data_quality,
            ["gold_fact_data_fault", "gold_landed_rows", "gold_dim_fault_type"],
            "gold_data_quality_daily",
        ),
    ]


def _dirt() -> list[Node]:
    machines = "reference_machines"
    by_table = ["gold_production_dirt", "gold_metering_dirt", "gold_inspection_dirt"]
    return [
        node(
            summarise_production_dirt,
            [
                "silver_assessed_production_batches",
                "silver_production_batches",
                "silver_qc_checks",
                _VERSIONS,
            ],
            "gold_production_dirt",
        ),
        node(
            summarise_metering_dirt,
            ["silver_assessed_sensor_readings", "silver_sensor_readings", machines],
            "gold_metering_dirt",
        ),
        node(
            summarise_inspection_dirt,
            ["silver_assessed_qc_checks", "silver_qc_checks", machines],
            "gold_inspection_dirt",
        ),
        node(build_dirt_measures, by_table, "gold_dirt_measures"),
        node(summarise_dirt_costs, "gold_dirt_measures", "gold_dirt_costs"),
    ]
