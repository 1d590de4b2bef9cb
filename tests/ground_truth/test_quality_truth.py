"""Quality in gold beside the truth and the landing files, counted in plain Python."""

import csv
from collections import Counter, defaultdict
from typing import Any

import pytest

from tests.conftest import Rows, Workspace
from tests.ground_truth.worlds import World, worlds

pytestmark = pytest.mark.slow

FAILED = "FAIL"
COUNTS = (
    *("batches", "batches_inspected", "batches_passed_first", "batches_failed"),
    *("units_produced", "units_defective", "units_escaped"),
)


def counted(batches: Rows, checks: Rows) -> dict[tuple[Any, ...], list[int]]:
    """Add up true batches and checks by date, machine and product."""
    of_batch: dict[str, Rows] = defaultdict(list)
    for check in sorted(checks, key=lambda row: row["check_seconds"]):
        of_batch[check["batch_id"]].append(check)
    sums: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0] * len(COUNTS))
    for batch in batches:
        results = [check["result"] for check in of_batch[batch["batch_id"]]]
        of_one = [
            1,
            bool(results),
            results[:1] == ["PASS"],
            "FAIL" in results,
            batch["units_produced"],
            batch["units_defective"],
            0 if "FAIL" in results else batch["units_defective"],
        ]
        key = tuple(
            batch[name] for name in ("production_date", "factory_id", "machine_id", "product_name")
        )
        sums[key] = [total + int(value) for total, value in zip(sums[key], of_one, strict=True)]
    return sums


@worlds("classic", "campus")
def test_a_day_is_what_true_batches_and_checks_add_up_to(world: World):
    workspace = world.workspace
    expected = counted(
        workspace.table("truth.production_batches"), workspace.table("truth.qc_checks")
    )
    found = {}
    for row in workspace.table("gold.quality_daily"):
        key = (row["production_date"], row["factory_id"], row["machine_id"], row["product_name"])
        found[key] = [row[name] for name in COUNTS]
        inspected, defective = row["batches_inspected"], row["units_defective"]
        assert row["inspection_coverage"] == inspected / row["batches"]
        assert row["first_pass_yield"] == (
            row["batches_passed_first"] / inspected if inspected else None
        )
        assert row["escape_rate"] == (row["units_escaped"] / defective if defective else None)
        assert row["defect_rate"] == defective / row["units_produced"]
    assert found == expected


@worlds("classic", "campus")
def test_charts_and_inspectors_are_those_of_true_checks(world: World):
    workspace = world.workspace
    batches = {row["batch_id"]: row for row in workspace.table("truth.production_batches")}
    checks = workspace.table("truth.qc_checks")
    failed = [row for row in checks if row["result"] == "FAIL"]
    notes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in failed:
        product = batches[row["batch_id"]]["product_name"]
        for chart in ((f, p) for f in (row["factory_id"], "all") for p in (product, "all")):
            notes[chart][row["defect_notes"]] += 1
    found: dict[tuple[str, str], list[tuple[int, str, int]]] = defaultdict(list)
    for row in workspace.table("gold.defect_pareto"):
        chart = (row["factory_id"], row["product_name"])
        found[chart].append((row["rank"], row["defect_note"], row["checks_failed"]))
    assert found.keys() == notes.keys()
    for chart, counts in notes.items():
        in_order = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        expected = [(rank, *item) for rank, item in enumerate(in_order, start=1)]
        assert sorted(found[chart]) == expected, chart
    bad = {key for key, row in batches.items() if row["units_defective"]}
    for row in workspace.table("gold.inspectors"):
        own = [told for told in checks if f"inspector|{told['employee_id']}" == row["employee_key"]]
        caught = {told["batch_id"] for told in own if told["result"] == "FAIL"} & bad
        assert row["checks"] == len(own)
        assert row["checks_failed"] == sum(told["result"] == "FAIL" for told in own)
        assert row["defective_batches_checked"] == len({told["batch_id"] for told in own} & bad)
        assert row["defective_batches_caught"] == len(caught)
    people = {row["employee_id"] for row in checks}
    assert len(workspace.table("gold.inspectors")) == len(people)


def test_the_week_of_another_generator_has_its_notes_and_checks(seed_week: Workspace):
    checks = []
    for path in sorted(seed_week.landing.glob("*/qc_checks.csv")):
        with path.open(newline="") as file:
            checks += list(csv.DictReader(file))
    notes = Counter(row["defect_notes"] for row in checks if row["pass_fail"] == FAILED)
    chart = [
        row
        for row in seed_week.table("gold.defect_pareto")
        if (row["factory_id"], row["product_name"]) == ("all", "all")
    ]
    assert {row["defect_note"]: row["checks_failed"] for row in chart} == notes
    assert max(row["cumulative_share"] for row in chart) == 1.0
    inspectors = {
        row["employee_key"]: (row["checks"], row["checks_failed"])
        for row in seed_week.table("gold.inspectors")
    }
    assert inspectors == {
        f"inspector|{name}": (
            sum(row["inspector_id"] == name for row in checks),
            sum(row["inspector_id"] == name and row["pass_fail"] == FAILED for row in checks),
        )
        for name in {row["inspector_id"] for row in checks}
    }
    daily = seed_week.table("gold.quality_daily")
    assert sum(row["batches_inspected"] for row in daily) == len(
        {row["batch_id"] for row in checks}
    )
