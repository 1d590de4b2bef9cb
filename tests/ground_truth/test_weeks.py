"""The whole loop, from raw files to the report."""

import pytest

from tests.conftest import Workspace


def test_classic_week_is_exact(classic_week: Workspace):
    report = classic_week.report("validation")
    assert report["status"] == "passed"
    assert report["settled_comparisons"] == len(report["comparisons"]) == 210
    assert all(row["relative_error"] == 0 and row["settled"] for row in report["comparisons"])


@pytest.mark.parametrize(
    ("seed", "start_date", "days"),
    [(0, "2025-12-01", 7), (7, "2024-02-27", 4), (2**40, "1999-12-31", 1)],
)
def test_other_seeds_and_dates_are_exact_too(workspace, seed, start_date, days):
    workspace.run(seed=seed, start_date=start_date, days=days)
    report = workspace.report("validation")
    assert report["status"] == "passed"
    assert report["exact_comparisons"] == report["settled_comparisons"] == days * 30


def test_seed_week_is_exact(seed_week: Workspace):
    report = seed_week.report("validation")
    assert report["status"] == "passed"
    assert report["totals"] == {
        "batches": 212,
        "units_produced": 14483,
        "units_defective": 178,
        "energy_kwh": 1567.14,
    }
    assert all(row["relative_error"] == 0 and row["settled"] for row in report["comparisons"])
    assert len(report["comparisons"]) == 154


def test_seed_week_loses_no_row(seed_week: Workspace):
    assert seed_week.report("conservation") == {
        "production_batches": {"landed": 218, "kept": 212, "duplicate": 6, "quarantined": 0},
        "sensor_logs": {"landed": 853, "kept": 853, "duplicate": 0, "quarantined": 0},
        "qc_checks": {"landed": 88, "kept": 88, "duplicate": 0, "quarantined": 0},
        "operator_logs": {"landed": 51, "kept": 51, "duplicate": 0, "quarantined": 0},
        "machine_events": {"landed": 0, "kept": 0, "duplicate": 0, "quarantined": 0},
        "machine_registry": {"landed": 0, "kept": 0, "duplicate": 0, "quarantined": 0},
    }


def test_a_day_of_another_generator_is_exact(foreign_day: Workspace):
    report = foreign_day.report("validation")
    assert report["status"] == "passed"
    assert report["exact_comparisons"] == report["settled_comparisons"] == 22
    assert report["totals"] == {
        "batches": 35,
        "units_produced": 2420,
        "units_defective": 27,
        "energy_kwh": 263.49,
    }
    assert foreign_day.report("conservation") == {
        "production_batches": {"landed": 36, "kept": 35, "duplicate": 1, "quarantined": 0},
        "sensor_logs": {"landed": 143, "kept": 143, "duplicate": 0, "quarantined": 0},
        "qc_checks": {"landed": 13, "kept": 13, "duplicate": 0, "quarantined": 0},
        "operator_logs": {"landed": 6, "kept": 6, "duplicate": 0, "quarantined": 0},
        "machine_events": {"landed": 0, "kept": 0, "duplicate": 0, "quarantined": 0},
        "machine_registry": {"landed": 0, "kept": 0, "duplicate": 0, "quarantined": 0},
    }
