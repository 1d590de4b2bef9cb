"""Wiring of the silver pipeline."""

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
from factory_simulation.pipelines.scope import scoped
from factory_simulation.pipelines.silver.claims import (
    collect_check_repairs,
    collect_entry_repairs,
    collect_event_repairs,
    collect_production_repairs,
    collect_registry_repairs,
    collect_repairs,
    collect_sensor_repairs,
)
from factory_simulation.pipelines.silver.clocks import locate_clocks
from factory_simulation.pipelines.silver.history import collect_batch_history
from factory_simulation.pipelines.silver.machine_events import (
    assess_machine_events,
    clean_machine_events,
)
from factory_simulation.pipelines.silver.names import (
    match_machine_ids,
    match_notes,
    match_product_names,
)
from factory_simulation.pipelines.silver.operators import (
    assess_operator_logs,
    clean_operator_logs,
)
from factory_simulation.pipelines.silver.production import (
    assess_production_batches,
    clean_production_batches,
    find_lost_batches,
    identify_batches,
)
from factory_simulation.pipelines.silver.quality import assess_qc_checks, clean_qc_checks
from factory_simulation.pipelines.silver.quarantine import collect_quarantine
from factory_simulation.pipelines.silver.record import (
    collect_batch_links,
    collect_partitions,
    collect_version_links,
    collect_worked_batches,
    collect_worked_versions,
)
from factory_simulation.pipelines.silver.registry import (
    assess_machine_registry,
    clean_machine_registry,
    identify_machine_versions,
)
from factory_simulation.pipelines.silver.scope import find_affected_dates, find_landed_dates
from factory_simulation.pipelines.silver.sensors import (
    assess_sensor_readings,
    clean_sensor_readings,
)

_PARAMETERS = "params:silver"
_MACHINES, _CLOCKS, _NOTES = "reference_machines", "silver_clocks", "silver_note_spellings"
_SPELLINGS, _ANCHORS = "silver_machine_spellings", "silver_batch_anchors"
_VERSIONS = "silver_machine_versions"
_LANDED, _AFFECTED = "work_landed_dates", "work_affected_dates"
_PARTITIONS, _WORKED = "ops_bronze_partitions", "ops_silver_partitions"
_BATCH_LINKS, _VERSION_LINKS = "linked_worked_batches", "linked_worked_versions"
_BRONZE = [
    "bronze_production_batches",
    "bronze_sensor_logs",
    "bronze_qc_checks",
    "bronze_operator_logs",
    "bronze_machine_events",
    "bronze_machine_registry",
]
_ASSESSED = {
    "production": "silver_assessed_production_batches",
    "sensors": "silver_assessed_sensor_readings",
    "checks": "silver_assessed_qc_checks",
    "entries": "silver_assessed_operator_logs",
    "events": "silver_assessed_machine_events",
    "registry": "silver_assessed_machine_registry",
}


def create_pipeline() -> Pipeline:
    """Return bronze -> names -> assessed rows -> kept rows, quarantine and claims.

    Names and the machine registry are worked whole, all else by event date: see ``scope``.
    """
    return Pipeline(
        [
            *_names(),
            *_registry(),
            *_batches(),
            *_assessed(),
            *_kept(),
            *_accounts(),
            *_record(),
        ]
    )


def _names() -> list[Node]:
    return [
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
                "bronze_machine_events",
                "bronze_machine_registry",
                _MACHINES,
            ],
            _SPELLINGS,
        ),
        node(
            match_notes,
            ["bronze_qc_checks", "bronze_operator_logs", "reference_phrases"],
            _NOTES,
        ),
        node(locate_clocks, [_MACHINES, "reference_factories", "reference_time_zones"], _CLOCKS),
    ]


def _registry() -> list[Node]:
    return [
        node(
            assess_machine_registry,
            ["bronze_machine_registry", _SPELLINGS],
            _ASSESSED["registry"],
        ),
        node(clean_machine_registry, [_ASSESSED["registry"], _MACHINES], "silver_machine_registry"),
        node(identify_machine_versions, ["silver_machine_registry", _MACHINES], _VERSIONS),
        node(collect_version_links, ["before_ops_worked_versions", _VERSIONS], _VERSION_LINKS),
    ]


def _batches() -> list[Node]:
    """Return what is made of batches: all other tables look for theirs among them."""
    return [
        node(
            find_landed_dates,
            [
                _PARTITIONS,
                "before_ops_silver_partitions",
                _VERSIONS,
                _VERSION_LINKS,
                "reference_state",
                _PARAMETERS,
                "params:rebuild",
                *_BRONZE,
            ],
            _LANDED,
        ),
        node(
            scoped(assess_production_batches, landed=PRODUCTION_BATCHES),
            [_LANDED, "bronze_production_batches", "silver_product_spellings", _SPELLINGS],
            _ASSESSED["production"],
        ),
        node(
            scoped(identify_batches, assessed=PRODUCTION_BATCHES),
            [_LANDED, _ASSESSED["production"], _MACHINES, _VERSIONS],
            _ANCHORS,
        ),
        node(collect_batch_links, ["before_ops_worked_batches", _ANCHORS], _BATCH_LINKS),
        node(
            find_affected_dates,
            [_LANDED, _PARTITIONS, _BATCH_LINKS, "bronze_qc_checks", _PARAMETERS],
            _AFFECTED,
        ),
    ]


def _assessed() -> list[Node]:
    return [
        node(
            scoped(assess_sensor_readings, landed=SENSOR_LOGS),
            [_AFFECTED, "bronze_sensor_logs", _SPELLINGS, _MACHINES],
            _ASSESSED["sensors"],
        ),
        node(
            scoped(assess_qc_checks, landed=QC_CHECKS),
            [_AFFECTED, "bronze_qc_checks", _ANCHORS, _NOTES, _CLOCKS, _PARAMETERS],
            _ASSESSED["checks"],
        ),
        node(
            scoped(assess_operator_logs, landed=OPERATOR_LOGS),
            [_AFFECTED, "bronze_operator_logs", _SPELLINGS, _NOTES],
            _ASSESSED["entries"],
        ),
        node(
            scoped(assess_machine_events, landed=MACHINE_EVENTS),
            [_AFFECTED, "bronze_machine_events", _SPELLINGS],
            _ASSESSED["events"],
        ),
    ]


def _kept() -> list[Node]:
    batches = {"assessed": PRODUCTION_BATCHES, "anchors": PRODUCTION_BATCHES}
    return [
        node(
            scoped(clean_production_batches, **batches),
            [_AFFECTED, _ASSESSED["production"], _ANCHORS],
            "silver_production_batches",
        ),
        node(
            scoped(find_lost_batches, **batches),
            [_AFFECTED, _ANCHORS, _ASSESSED["production"]],
            "silver_lost_batches",
        ),
        node(
            scoped(collect_batch_history, assessed=PRODUCTION_BATCHES),
            [_AFFECTED, _ASSESSED["production"], _MACHINES],
            "silver_batch_history",
        ),
        node(
            scoped(clean_sensor_readings, assessed=SENSOR_LOGS, anchors=SENSOR_LOGS),
            [_AFFECTED, _ASSESSED["sensors"], _ANCHORS, _MACHINES, _PARAMETERS],
            "silver_sensor_readings",
        ),
        node(
            scoped(clean_qc_checks, assessed=QC_CHECKS),
            [_AFFECTED, _ASSESSED["checks"], _MACHINES],
            "silver_qc_checks",
        ),
        node(
            scoped(clean_operator_logs, assessed=OPERATOR_LOGS),
            [_AFFECTED, _ASSESSED["entries"], _ANCHORS, _MACHINES, _CLOCKS, _PARAMETERS],
            "silver_operator_logs",
        ),
        node(
            scoped(clean_machine_events, assessed=MACHINE_EVENTS),
            [_AFFECTED, _ASSESSED["events"], _MACHINES],
            "silver_machine_events",
        ),
    ]


def _accounts() -> list[Node]:
    claims = [
        node(
            scoped(
                collect_production_repairs,
                **dict.fromkeys(("assessed", "anchors", "batches", "lost"), PRODUCTION_BATCHES),
            ),
            [
                _AFFECTED,
                _ASSESSED["production"],
                _ANCHORS,
                "silver_production_batches",
                "silver_lost_batches",
            ],
            "silver_production_repairs",
        ),
        node(
            scoped(collect_sensor_repairs, assessed=SENSOR_LOGS, readings=SENSOR_LOGS),
            [_AFFECTED, _ASSESSED["sensors"], "silver_sensor_readings"],
            "silver_sensor_repairs",
        ),
        node(
            scoped(collect_check_repairs, assessed=QC_CHECKS, checks=QC_CHECKS),
            [_AFFECTED, _ASSESSED["checks"], "silver_qc_checks"],
            "silver_check_repairs",
        ),
        node(
            scoped(collect_entry_repairs, assessed=OPERATOR_LOGS, entries=OPERATOR_LOGS),
            [_AFFECTED, _ASSESSED["entries"], "silver_operator_logs"],
            "silver_entry_repairs",
        ),
        node(
            scoped(collect_event_repairs, assessed=MACHINE_EVENTS, events=MACHINE_EVENTS),
            [_AFFECTED, _ASSESSED["events"], "silver_machine_events"],
            "silver_event_repairs",
        ),
        node(
            scoped(collect_registry_repairs, assessed=MACHINE_REGISTRY, registry=MACHINE_REGISTRY),
            [_AFFECTED, _ASSESSED["registry"], "silver_machine_registry"],
            "silver_registry_repairs",
        ),
    ]
    every_table = {
        "production": PRODUCTION_BATCHES,
        "sensors": SENSOR_LOGS,
        "checks": QC_CHECKS,
        "entries": OPERATOR_LOGS,
        "events": MACHINE_EVENTS,
        "registry": MACHINE_REGISTRY,
    }
    every_claim = [output for claim in claims for output in claim.outputs]
    return [
        node(
            scoped(collect_quarantine, **every_table),
            [_AFFECTED, *_ASSESSED.values()],
            "silver_quarantine",
        ),
        *claims,
        node(scoped(collect_repairs, **every_table), [_AFFECTED, *every_claim], "silver_repairs"),
    ]


def _record() -> list[Node]:
    """Return what comes last, so that a run that is broken off before is done again."""
    return [
        node(
            collect_partitions,
            [
                _AFFECTED,
                _PARTITIONS,
                "silver_production_batches",
                "silver_repairs",
                "silver_quarantine",
                "reference_state",
                _PARAMETERS,
                "params:run_id",
            ],
            _WORKED,
        ),
        node(collect_worked_batches, [_ANCHORS, _WORKED], "ops_worked_batches"),
        node(collect_worked_versions, [_VERSIONS, _WORKED], "ops_worked_versions"),
    ]
