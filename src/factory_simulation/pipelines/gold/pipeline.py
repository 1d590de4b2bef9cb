"""Wiring of the gold pipeline."""

from kedro.pipeline import Pipeline, node
from kedro.pipeline.node import Node

from factory_simulation.domain import (
    MACHINE_EVENTS,
    MACHINE_REGISTRY,
    OPERATOR_LOGS,
    PRODUCTION_BATCHES,
    QC_CHECKS,
    SENSOR_LOGS,
)
from factory_simulation.pipelines.gold.data_quality import (
    build_dim_fault_type,
    build_fact_data_fault,
    summarise_landed_rows,
)
from factory_simulation.pipelines.gold.dimensions import (
    build_dim_date,
    build_dim_employee,
    build_dim_factory,
    build_dim_machine,
    build_dim_product,
    build_dim_stop_reason,
)
from factory_simulation.pipelines.gold.facts import (
    build_fact_machine_event,
    build_fact_operator_event,
    build_fact_production,
    build_fact_quality_check,
    build_fact_sensor_reading,
)
from factory_simulation.pipelines.gold.machine_time import build_fact_machine_time
from factory_simulation.pipelines.gold.marts_pipeline import marts_of_all_subjects
from factory_simulation.pipelines.gold.scope import (
    build_modelled_versions,
    build_partitions,
    build_restated_dates,
    build_version_links,
)
from factory_simulation.pipelines.gold.shifts import build_dim_shift
from factory_simulation.pipelines.scope import scoped

_RESTATED, _VERSIONS = "work_restated_dates", "silver_machine_versions"
_SHIFTS = "reference_shifts"
_VERSION_LINKS = "linked_modelled_versions"
_SILVER = [
    "silver_production_batches",
    "silver_sensor_readings",
    "silver_qc_checks",
    "silver_operator_logs",
    "silver_machine_events",
]
_ASSESSED = [
    "silver_assessed_production_batches",
    "silver_assessed_sensor_readings",
    "silver_assessed_qc_checks",
    "silver_assessed_operator_logs",
    "silver_assessed_machine_events",
    "silver_assessed_machine_registry",
]


def create_pipeline() -> Pipeline:
    """Return silver -> dimensions and facts -> marts.

    Facts and daily production are worked by event date: those that silver has restated, and those
    of which the machine registry says something else than before.
    """
    return Pipeline(
        [*_dimensions(), *_facts(), *_data_faults(), *marts_of_all_subjects(), *_record()]
    )


def _dimensions() -> list[Node]:
    return [
        node(build_dim_date, [*_SILVER, "gold_landed_rows", "params:gold"], "gold_dim_date"),
        node(build_dim_fault_type, "reference_fault_kinds", "gold_dim_fault_type"),
        node(build_dim_factory, "reference_factories", "gold_dim_factory"),
        node(build_dim_shift, _SHIFTS, "gold_dim_shift"),
        node(build_dim_product, "reference_products", "gold_dim_product"),
        node(
            build_dim_machine,
            [_VERSIONS, "reference_machines", "reference_factories"],
            "gold_dim_machine",
        ),
        node(
            build_dim_employee,
            ["silver_qc_checks", "silver_operator_logs"],
            "gold_dim_employee",
        ),
        node(build_dim_stop_reason, "silver_machine_events", "gold_dim_stop_reason"),
    ]


def _facts() -> list[Node]:
    return [
        node(build_version_links, ["before_ops_modelled_versions", _VERSIONS], _VERSION_LINKS),
        node(
            build_restated_dates,
            [
                "ops_silver_partitions",
                "before_ops_gold_partitions",
                _VERSIONS,
                _VERSION_LINKS,
                "reference_state",
                "params:rebuild",
                *_SILVER,
            ],
            _RESTATED,
        ),
        node(
            scoped(build_fact_production, batches=PRODUCTION_BATCHES),
            [_RESTATED, "silver_production_batches", _VERSIONS, _SHIFTS],
            "gold_fact_production",
        ),
        node(
            scoped(build_fact_sensor_reading, readings=SENSOR_LOGS),
            [_RESTATED, "silver_sensor_readings", _VERSIONS, _SHIFTS],
            "gold_fact_sensor_reading",
        ),
        node(
            scoped(build_fact_quality_check, checks=QC_CHECKS),
            [_RESTATED, "silver_qc_checks", _VERSIONS, _SHIFTS],
            "gold_fact_quality_check",
        ),
        node(
            scoped(build_fact_operator_event, entries=OPERATOR_LOGS),
            [_RESTATED, "silver_operator_logs", _VERSIONS, _SHIFTS],
            "gold_fact_operator_event",
        ),
        node(
            scoped(build_fact_machine_event, events=MACHINE_EVENTS),
            [_RESTATED, "silver_machine_events", _VERSIONS, _SHIFTS],
            "gold_fact_machine_event",
        ),
        node(
            build_fact_machine_time,
            [
                "silver_production_batches",
                "silver_machine_events",
                _VERSIONS,
                "reference_machines",
                _SHIFTS,
                "params:gold",
            ],
            "gold_fact_machine_time",
        ),
    ]


def _data_faults() -> list[Node]:
    """Return what is made of silver's claims and of all landed rows, whatever became of them."""
    landed = {
        "production": PRODUCTION_BATCHES,
        "sensors": SENSOR_LOGS,
        "checks": QC_CHECKS,
        "entries": OPERATOR_LOGS,
        "events": MACHINE_EVENTS,
        "registry": MACHINE_REGISTRY,
    }
    return [
        node(
            scoped(build_fact_data_fault, repairs=None, quarantine=None, **landed),
            [
                _RESTATED,
                "silver_repairs",
                "silver_quarantine",
                "gold_dim_fault_type",
                *_ASSESSED,
            ],
            "gold_fact_data_fault",
        ),
        node(
            scoped(summarise_landed_rows, repairs=None, **landed),
            [_RESTATED, "silver_repairs", *_ASSESSED],
            "gold_landed_rows",
        ),
    ]


def _record() -> list[Node]:
    """Return what comes last, so that a run that is broken off before is done again."""
    return [
        node(
            build_partitions,
            [
                _RESTATED,
                "gold_fact_production",
                "gold_fact_sensor_reading",
                "gold_fact_quality_check",
                "gold_fact_operator_event",
                "gold_fact_machine_event",
                "gold_daily_production",
                "gold_daily_production_as_of",
                "gold_fact_data_fault",
                "gold_landed_rows",
            ],
            "ops_gold_partitions",
        ),
        node(build_modelled_versions, [_VERSIONS, "ops_gold_partitions"], "ops_modelled_versions"),
    ]
