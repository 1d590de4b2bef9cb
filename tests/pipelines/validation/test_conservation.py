"""The account of landed rows: each part is counted in the table that holds it, none is derived."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from factory_simulation.datasets.report import JsonReport
from factory_simulation.domain import LANDED_TABLES
from factory_simulation.pipelines.validation.conservation import report_conservation
from tests.conftest import Rows
from tests.pipelines.silver.landed import MakeTable

LANDED = tuple(LANDED_TABLES)
NOTHING = {"landed": 0, "kept": 0, "duplicate": 0, "quarantined": 0}

Report = Callable[..., dict[str, Any]]


@pytest.fixture
def report(table: MakeTable, tmp_path: Path) -> Report:
    """Report on tables with so many rows; those that are not given have none."""

    def run(quarantine: Rows = (), repairs: Rows = (), **counts: int) -> dict[str, Any]:
        tables = {
            name: table(
                {"_row_id": "string"}, [{"_row_id": f"{n}"} for n in range(counts.get(name, 0))]
            )
            for kind in ("landed", "kept")
            for name in [f"{kind}_{landed}" for landed in LANDED]
        }
        dataset = JsonReport(filepath=str(tmp_path / "conservation.json"))
        dataset.save(
            report_conservation(
                table({"_row_id": "string", "table_name": "string"}, quarantine),
                table(
                    {"_row_id": "string", "table_name": "string", "fault_type": "string"}, repairs
                ),
                **tables,
            )
        )
        return dataset.load()

    return run


def claims(table_name: str, *fault_types: str) -> Rows:
    """Claims about one landed table."""
    return [{"table_name": table_name, "fault_type": fault} for fault in fault_types]


def test_each_table_has_its_own_account(report: Report):
    found = report(
        landed_production_batches=9,
        kept_production_batches=5,
        landed_sensor_logs=4,
        kept_sensor_logs=4,
        landed_qc_checks=2,
        landed_operator_logs=1,
        landed_machine_events=3,
        kept_machine_events=2,
        quarantine=[{"table_name": "production_batches"}, {"table_name": "qc_checks"}] * 2,
        repairs=[
            *claims("production_batches", "duplicate", "duplicate"),
            *claims("operator_logs", "duplicate"),
            *claims("machine_events", "duplicate", "machine_stop"),
        ],
    )
    assert found == {
        "production_batches": {"landed": 9, "kept": 5, "duplicate": 2, "quarantined": 2},
        "sensor_logs": {"landed": 4, "kept": 4, "duplicate": 0, "quarantined": 0},
        "qc_checks": {"landed": 2, "kept": 0, "duplicate": 0, "quarantined": 2},
        "operator_logs": {"landed": 1, "kept": 0, "duplicate": 1, "quarantined": 0},
        "machine_events": {"landed": 3, "kept": 2, "duplicate": 1, "quarantined": 0},
        "machine_registry": NOTHING,
    }


def test_what_a_later_row_corrects_is_counted_with_duplicates(report: Report):
    found = report(repairs=claims("production_batches", "conflicting_copy", "duplicate"))
    assert found["production_batches"] == {**NOTHING, "duplicate": 2}


def test_only_duplicates_are_counted_of_what_was_repaired(report: Report):
    faults = [
        "lost_row",
        "reused_id",
        "orphan",
        "late_arrival",
        "missing_value",
        "duplicate",
        "clock_drift",
        "local_time",
    ]
    found = report(repairs=claims("sensor_logs", *faults))
    assert found["sensor_logs"] == {**NOTHING, "duplicate": 1}


def test_a_row_that_is_lost_shows(report: Report):
    found = report(landed_qc_checks=3, kept_qc_checks=1, quarantine=[{"table_name": "qc_checks"}])
    assert found["qc_checks"] == {"landed": 3, "kept": 1, "duplicate": 0, "quarantined": 1}


def test_nothing_landed_is_nothing_to_account_for(report: Report):
    assert report() == dict.fromkeys(LANDED, NOTHING)
