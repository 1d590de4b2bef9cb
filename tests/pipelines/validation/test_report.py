"""The report: the verdict, the totals, and what could not be judged."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from factory_simulation.datasets.report import JsonReport
from factory_simulation.pipelines.validation.compare import report_validation
from tests.conftest import Rows
from tests.pipelines.silver.landed import MakeTable, Row, only
from tests.pipelines.validation.rows import D1, D2, D3, DAILY, FILES, gold

COMPARISONS = {
    "event_date": "date",
    "level": "string",
    "key": "string",
    "metric": "string",
    "truth": "float64",
    "pipeline": "float64",
    "lost": "float64",
    "relative_error": "float64",
    "unexplained_error": "float64",
    "is_recoverable": "boolean",
    "settled": "boolean",
}

ENERGY = {"relative_error": "float64", "is_whole": "boolean", "settled": "boolean"}

Report = Callable[..., dict[str, Any]]


@pytest.fixture
def report(table: MakeTable, tmp_path: Path) -> Report:
    """Write the report as the catalog does, and read it."""

    def run(
        comparisons: Rows = (),
        daily: Rows = (),
        files: Rows = (),
        margin: float = 0.01,
        nowcasts: Rows = (),
        energy: Rows = (),
    ) -> dict[str, Any]:
        dataset = JsonReport(filepath=str(tmp_path / "validation.json"))
        tables = (
            table(COMPARISONS, comparisons),
            table({"is_held": "boolean"}, nowcasts),
            table(ENERGY, energy),
            table(DAILY, daily),
            table(FILES, files),
        )
        dataset.save(report_validation(*tables, margin))
        return dataset.load()

    return run


def compared(relative_error: float, settled: bool = True, **different: Any) -> Row:
    """One comparison as it is stored."""
    return {
        "event_date": D1,
        "level": "machine",
        "key": "SMELTER-01",
        "metric": "units_produced",
        "truth": 100.0,
        "pipeline": 100.0,
        "lost": 0.0,
        "relative_error": relative_error,
        "unexplained_error": relative_error,
        "is_recoverable": True,
        "settled": settled,
        **different,
    }


@pytest.mark.parametrize(
    ("error", "status"),
    [(0.0, "passed"), (0.009, "passed"), (0.01, "passed"), (0.011, "failed"), (1.0, "failed")],
)
def test_validation_fails_if_a_settled_number_is_off_by_more_than_the_margin(
    report: Report, error: float, status: str
):
    found = report([compared(0.0), compared(error, key="SMELTER-02")], margin=0.01)
    assert (found["status"], found["margin"]) == (status, 0.01)
    assert found["worst_relative_error"] == error


def test_the_margin_is_the_one_that_was_given(report: Report):
    comparisons = [compared(0.04)]
    assert report(comparisons, margin=0.05)["status"] == "passed"
    assert report(comparisons, margin=0.03)["status"] == "failed"
    assert report([compared(1e-9)], margin=0)["status"] == "failed"


def test_numbers_that_are_not_settled_are_not_judged(report: Report):
    comparisons = [
        compared(0.0),
        compared(0.005, key="SMELTER-02"),
        compared(0.9, settled=False, event_date=D2),
        compared(0.0, settled=False, event_date=D3),
    ]
    found = report(comparisons)
    assert (found["status"], found["worst_relative_error"]) == ("passed", 0.005)
    assert (found["settled_comparisons"], found["exact_comparisons"]) == (2, 1)


def test_without_a_settled_number_nothing_is_wrong_and_the_report_says_so(report: Report):
    for comparisons in ([], [compared(0.9, settled=False)]):
        found = report(comparisons)
        assert (found["status"], found["worst_relative_error"]) == ("passed", None)
        assert (found["settled_comparisons"], found["exact_comparisons"]) == (0, 0)


def lost(relative_error: float, unexplained_error: float, **different: Any) -> Row:
    """A comparison of which the ledger says that something never landed."""
    return compared(
        relative_error,
        unexplained_error=unexplained_error,
        lost=25.0,
        is_recoverable=False,
        **different,
    )


@pytest.mark.parametrize(
    ("unexplained", "status"), [(0.0, "passed"), (0.01, "passed"), (0.011, "failed")]
)
def test_what_never_landed_is_no_error_and_what_is_left_is_judged(
    report: Report, unexplained: float, status: str
):
    found = report([compared(0.001), lost(0.25, unexplained, key="SMELTER-02")], margin=0.01)
    assert found["status"] == status
    assert found["worst_relative_error"] == 0.001
    assert found["worst_unexplained_error"] == max(unexplained, 0.001)
    assert (found["settled_comparisons"], found["recoverable_comparisons"]) == (2, 1)
    assert found["exact_comparisons"] == 0


def test_an_error_that_a_loss_hides_fails(report: Report):
    """What gold has too much is as large as what was lost: the number looks right."""
    found = report([compared(0.0), lost(0.0, 0.25)])
    assert (found["status"], found["worst_unexplained_error"]) == ("failed", 0.25)


def test_without_a_recoverable_number_there_is_no_worst_error_of_those(report: Report):
    found = report([lost(0.25, 0.0)])
    assert (found["status"], found["worst_relative_error"]) == ("passed", None)
    assert (found["worst_unexplained_error"], found["recoverable_comparisons"]) == (0.0, 0)


def test_what_is_lost_of_numbers_that_are_not_settled_is_not_judged(report: Report):
    found = report([compared(0.0), lost(0.9, 0.9, settled=False, event_date=D2)])
    assert (found["status"], found["worst_unexplained_error"]) == ("passed", 0.0)


def test_totals_add_up_all_of_gold(report: Report):
    daily = [
        gold(10, batches=1, units_defective=1, energy_kwh=0.1),
        gold(20, "SMELTER-02", production_date=D2, batches=2, units_defective=3, energy_kwh=0.2),
    ]
    assert report(daily=daily)["totals"] == {
        "batches": 3,
        "units_produced": 30,
        "units_defective": 4,
        "energy_kwh": 0.3,
    }


def test_provisional_dates_are_told_once_in_order_and_how_far_their_totals_are(report: Report):
    in_all = {"settled": False, "level": "factory", "key": "factory"}
    comparisons = [
        compared(0.25, event_date=D3, **in_all),
        compared(0.5, event_date=D3, metric="batches", **in_all),
        compared(0.75, settled=False, event_date=D3),
        compared(0.0, settled=False, event_date=D2),
        compared(0.0, settled=False, event_date=D2, key="SMELTER-02"),
        compared(0.0, event_date=D1),
    ]
    found = report(comparisons)["provisional_dates"]
    assert found == [
        {"date": "2025-12-02", "relative_error": None},
        {"date": "2025-12-03", "relative_error": 0.5},
    ]


def test_nowcasts_are_counted_by_whether_they_held_what_came(report: Report):
    nowcasts = [{"is_held": True}, {"is_held": False}, {"is_held": True}]
    assert report(nowcasts=nowcasts)["nowcasts"] == {
        "held_against_truth": 3,
        "within_interval": 2,
    }


def test_metered_energy_is_judged_where_all_of_it_was_metered_and_fails_nothing(report: Report):
    energy = [
        dict(zip(ENERGY, row, strict=True))
        for row in (
            (0.0, True, True),
            (0.01, True, True),
            (0.3, True, True),
            (0.9, False, True),
            (0.8, True, False),
            (None, True, True),
        )
    ]
    found = report([compared(0.0)], energy=energy, margin=0.01)
    assert found["metered_energy"] == {
        "machine_days": 5,
        "machine_days_whole": 3,
        "within_margin": 2,
        "worst_relative_error": 0.3,
    }
    assert found["status"] == "passed"


def test_rejected_files_are_told_with_their_reason(report: Report):
    seen = [
        {"source_file": "2025-12-02/b.csv", "status": "rejected", "reason": "no column batch_id"},
        {"source_file": "2025-12-01/a.csv", "status": "ingested"},
        {"source_file": "2025-12-01/c.csv", "status": "withdrawn"},
        {"source_file": "2025-12-01/b.csv", "status": "rejected", "reason": "not UTF-8"},
    ]
    assert report(files=seen)["rejected_files"] == [
        {"source_file": "2025-12-01/b.csv", "reason": "not UTF-8"},
        {"source_file": "2025-12-02/b.csv", "reason": "no column batch_id"},
    ]


def test_every_comparison_is_in_the_report_in_order(report: Report):
    comparisons = [
        compared(0.9, settled=False, event_date=D2, level="factory", key="factory"),
        compared(0.0, level="product", key="Iron Plate"),
        compared(0.25, truth=80.0, pipeline=60.0),
        compared(0.0, metric="batches"),
    ]
    found = report(comparisons)["comparisons"]
    assert only(found, "date", "level", "key", "metric") == [
        ("2025-12-01", "machine", "SMELTER-01", "batches"),
        ("2025-12-01", "machine", "SMELTER-01", "units_produced"),
        ("2025-12-01", "product", "Iron Plate", "units_produced"),
        ("2025-12-02", "factory", "factory", "units_produced"),
    ]
    assert found[1] == {
        "date": "2025-12-01",
        "level": "machine",
        "key": "SMELTER-01",
        "metric": "units_produced",
        "truth": 80.0,
        "pipeline": 60.0,
        "lost": 0.0,
        "relative_error": 0.25,
        "unexplained_error": 0.25,
        "settled": True,
        "recoverable": True,
    }


def test_a_report_on_nothing_says_nothing_is_there(report: Report):
    assert report() == {
        "status": "passed",
        "margin": 0.01,
        "worst_relative_error": None,
        "worst_unexplained_error": None,
        "settled_comparisons": 0,
        "recoverable_comparisons": 0,
        "exact_comparisons": 0,
        "totals": {"batches": 0, "units_produced": 0, "units_defective": 0, "energy_kwh": 0.0},
        "provisional_dates": [],
        "nowcasts": {"held_against_truth": 0, "within_interval": 0},
        "metered_energy": {
            "machine_days": 0,
            "machine_days_whole": 0,
            "within_margin": 0,
            "worst_relative_error": None,
        },
        "rejected_files": [],
        "comparisons": [],
    }
