"""Wiring of the silver pipeline."""

from kedro.pipeline import Pipeline, node
from kedro.pipeline.node import Node

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
from factory_simulation.pipelines.silver.registry import (
    assess_machine_registry,
    clean_machine_registry,
    identify_machine_versions,
)
from factory_simulation.pipelines.silver.sensors import (
    assess_sensor_readings,
    clean_sensor_readings,
)

_PARAMETERS = "params:silver"
_MACHINES, _CLOCKS, _NOTES = "reference_machines", "silver_clocks", "silver_note_spellings"
_SPELLINGS, _ANCHORS = "silver_machine_spellings", "silver_batch_anchors"
_VERSIONS = "silver_machine_versions"
_ASSESSED = {
    "production": "silver_assessed_production_batches",
    "sensors": "silver_assessed_sensor_readings",
    "checks": "silver_assessed_qc_checks",
    "entries": "silver_assessed_operator_logs",
    "events": "silver_assessed_machine_events",
    "registry": "silver_assessed_machine_registry",
}


def create_pipeline() -> Pipeline:
    """Return bronze -> names -> assessed rows -> kept rows, quarantine and claims."""
    return Pipeline([*_names(), *_registry(), *_assessed(), *_kept(), *_accounts()])


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
    ]


def _assessed() -> list[Node]:
    return [
        node(
            assess_production_batches,
            ["bronze_production_batches", "silver_product_spellings", _SPELLINGS],
            _ASSESSED["production"],
        ),
        node(identify_batches, [_ASSESSED["production"], _MACHINES, _VERSIONS], _ANCHORS),
        node(
            assess_sensor_readings,
            ["bronze_sensor_logs", _SPELLINGS, _MACHINES],
            _ASSESSED["sensors"],
        ),
        node(
            assess_qc_checks,
            ["bronze_qc_checks", _ANCHORS, _NOTES, _CLOCKS, _PARAMETERS],
            _ASSESSED["checks"],
        ),
        node(
            assess_operator_logs,
            ["bronze_operator_logs", _SPELLINGS, _NOTES],
            _ASSESSED["entries"],
        ),
        node(assess_machine_events, ["bronze_machine_events", _SPELLINGS], _ASSESSED["events"]),
    ]


def _kept() -> list[Node]:
    return [
        node(
            clean_production_batches,
            [_ASSESSED["production"], _ANCHORS],
            "silver_production_batches",
        ),
        node(find_lost_batches, [_ANCHORS, _ASSESSED["production"]], "silver_lost_batches"),
        node(
            clean_sensor_readings,
            [_ASSESSED["sensors"], _ANCHORS, _MACHINES, _PARAMETERS],
            "silver_sensor_readings",
        ),
        node(clean_qc_checks, [_ASSESSED["checks"], _MACHINES], "silver_qc_checks"),
        node(
            clean_operator_logs,
            [_ASSESSED["entries"], _ANCHORS, _MACHINES, _CLOCKS, _PARAMETERS],
            "silver_operator_logs",
        ),
        node(clean_machine_events, [_ASSESSED["events"], _MACHINES], "silver_machine_events"),
    ]


def _accounts() -> list[Node]:
    claims = [
        node(
            collect_production_repairs,
            [
                _ASSESSED["production"],
                _ANCHORS,
                "silver_production_batches",
                "silver_lost_batches",
            ],
            "silver_production_repairs",
        ),
        node(
            collect_sensor_repairs,
            [_ASSESSED["sensors"], "silver_sensor_readings"],
            "silver_sensor_repairs",
        ),
        node(
            collect_check_repairs,
            [_ASSESSED["checks"], "silver_qc_checks"],
            "silver_check_repairs",
        ),
        node(
            collect_entry_repairs,
            [_ASSESSED["entries"], "silver_operator_logs"],
            "silver_entry_repairs",
        ),
        node(
            collect_event_repairs,
            [_ASSESSED["events"], "silver_machine_events"],
            "silver_event_repairs",
        ),
        node(
            collect_registry_repairs,
            [_ASSESSED["registry"], "silver_machine_registry"],
            "silver_registry_repairs",
        ),
    ]
    every_claim = [output for claim in claims for output in claim.outputs]
    return [
        node(collect_quarantine, list(_ASSESSED.values()), "silver_quarantine"),
        *claims,
        node(collect_repairs, every_claim, "silver_repairs"),
    ]
