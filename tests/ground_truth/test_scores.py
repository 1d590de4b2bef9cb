"""Every kind of fault is found and put right as well as anyone could, over ten seeds."""

import json
from typing import Any

import pytest

from tests.ground_truth.worlds import SIZES, worlds

Score = dict[str, Any]

CERTAIN = {
    ("product_name_variant", "production_batches"),
    ("machine_id_variant", "operator_logs"),
    ("duplicate", "production_batches"),
    ("late_arrival", "production_batches"),
    ("local_time", "qc_checks"),
}
"""Of these, all that is injected is found and put right exactly, wherever all batches land."""


pytestmark = pytest.mark.slow


def below_ceiling(score: Score) -> list[str]:
    """Return what falls short of the best that can be done, a line each."""
    exact = score["exact"] / score["injected"] if score["injected"] else None
    shown = f"{score['fault_type']} in {score['table']}"
    told = []
    if score["injected"] and score["recall"] < score["ceiling"]:
        told.append(f"{shown}: recall {score['recall']} below {score['ceiling']}")
    if exact is not None and exact < score["exact_ceiling"]:
        told.append(f"{shown}: {exact} exact, below {score['exact_ceiling']}")
    return told


@worlds(*SIZES)
def test_every_kind_is_at_its_ceiling(world):
    assert [line for score in world.scores for line in below_ceiling(score)] == []


@worlds(*SIZES)
def test_settled_totals_are_exact_wherever_nothing_was_lost(world):
    assert world.error is None
    settled = [row for row in world.validation["comparisons"] if row["settled"]]
    assert settled
    assert {row["relative_error"] for row in settled if row["recoverable"]} == {0.0}
    assert {row["unexplained_error"] for row in settled} == {0.0}
    assert {row["level"] for row in settled} == {"factory", "site", "machine", "product", "stock"}


@worlds(*SIZES)
def test_no_row_is_unaccounted_for(world):
    for name, row in world.conservation.items():
        assert row["landed"] == row["kept"] + row["duplicate"] + row["quarantined"], name


@worlds("classic", "campus", "scale")
def test_where_all_batches_land_nothing_is_claimed_in_vain(world):
    scores = world.scores
    assert {score["false_positives"] for score in scores} == {0}
    assert {score["precision"] for score in scores} == {1.0}
    certain = [score for score in scores if (score["fault_type"], score["table"]) in CERTAIN]
    assert {(score["fault_type"], score["table"]) for score in certain} == CERTAIN
    for score in certain:
        assert score["recall"] == score["repair_accuracy"] == 1.0
    missing = next(score for score in scores if score["fault_type"] == "missing_value")
    assert missing["recall"] == missing["repair_accuracy"] == 1.0


@worlds("clean")
def test_a_world_without_faults_is_left_alone(world):
    assert world.scores == []
    rows = world.conservation.values()
    assert {(row["duplicate"], row["quarantined"]) for row in rows} == {(0, 0)}
    assert {row["relative_error"] for row in world.validation["comparisons"]} == {0.0}
    assert world.validation["provisional_dates"] == []


@worlds("storm")
def test_a_storm_has_every_kind_and_few_claims_in_vain(world):
    scores = world.scores
    assert len({score["fault_type"] for score in scores}) >= 22
    in_vain = {
        (score["fault_type"], score["table"]) for score in scores if score["false_positives"]
    }
    # an entry of a batch that was lost may fit another one, in local time
    assert in_vain <= {("local_time", "operator_logs")}
    local = next(s for s in scores if (s["fault_type"], s["table"]) in in_vain) if in_vain else None
    assert local is None or local["precision"] > 0.85


@worlds(*SIZES)
def test_scores_are_written_as_the_contract_says(world):
    keys = {"fault_type", "table", "injected", "detected", "repaired", "false_positives"}
    keys |= {"precision", "recall", "repair_accuracy", "ceiling"}
    assert all(keys <= score.keys() for score in world.scores)
    json.dumps(world.scores, allow_nan=False)
