"""Scores: claims against a ledger, as a count in plain Python has them too."""

import random
from collections.abc import Callable
from datetime import date

import pytest

from factory_simulation.pipelines.validation.scores import (
    compare_claims_with_ledger,
    report_fault_scores,
)
from tests.conftest import Rows
from tests.pipelines.silver.landed import Compute, MakeTable, Row
from tests.pipelines.validation.rows import D1, D2, FILES, LEDGER, files

REPAIRS = {
    "_row_id": "string",
    "table_name": "string",
    "column_name": "string",
    "fault_type": "string",
    "raw_value": "string",
    "repaired_value": "string",
    "method": "string",
    "confidence": "float64",
    "lost_event_id": "string",
}
DECAY = {"machine_id": "string", "is_decaying": "boolean"}
COUNTS = ("injected", "detected", "repaired", "exact", "estimated", "false_positives")
SHARES = ("precision", "recall", "repair_accuracy", "ceiling", "exact_ceiling")

Score = Callable[..., Rows]


@pytest.fixture
def score(table: MakeTable, rows: Compute) -> Score:
    def run(
        ledger: Rows = (),
        repairs: Rows = (),
        decay: Rows = (),
        dates: tuple[date, ...] = (D1,),
        seen: Rows | None = None,
    ) -> Rows:
        return rows(
            compare_claims_with_ledger(
                table(LEDGER, ledger),
                table(REPAIRS, repairs),
                table(DECAY, decay),
                table({"arrival_date": "date"}, [{"arrival_date": day} for day in dates]),
                table(FILES, files(D1, D1, D2) if seen is None else seen),
            )
        )

    return run


def fault(row: int | None = 1, **different) -> Row:
    """A machine's name that was spelled in another way, in one row of the first day."""
    return {
        "fault_type": "machine_id_variant",
        "table_name": "operator_logs",
        "source_file": None if row is None else f"{D1}/operator_logs.csv",
        "source_row": row,
        "column_name": "machine_id",
        "clean_value": "SMELTER-01",
        "dirty_value": "smelter 1",
        "event_id": f"LOG-{row}",
        "event_date": D1,
        "arrival_date": D1,
        "detection_chance": 1.0,
        "repair_chance": 1.0,
        **different,
    }


def claim(row: int = 1, day: date = D1, **different) -> Row:
    """What silver claims of it."""
    return {
        "_row_id": f"{day}/operator_logs.csv:{row}",
        "table_name": "operator_logs",
        "column_name": "machine_id",
        "fault_type": "machine_id_variant",
        "repaired_value": "SMELTER-01",
        "method": "name_key",
        **different,
    }


def counts(row: Row) -> tuple[int, ...]:
    return tuple(row[name] for name in COUNTS)


def test_a_fault_that_is_found_and_undone_scores_in_full(score: Score):
    assert score([fault()], [claim()]) == [
        {
            "fault_type": "machine_id_variant",
            "table": "operator_logs",
            **dict(zip(COUNTS, (1, 1, 1, 1, 0, 0), strict=True)),
            **dict.fromkeys(SHARES, 1.0),
        }
    ]


ONE_CLAIM = {
    # injected, detected, repaired, exact, estimated, false positives
    "of another value": ({"repaired_value": "SMELTER-02"}, (1, 1, 1, 0, 0, 0)),
    "of no value": ({"repaired_value": None}, (1, 1, 1, 0, 0, 0)),
    "that only flags": ({"method": "flagged"}, (1, 1, 0, 0, 0, 0)),
    "that estimates": ({"method": "estimated"}, (1, 1, 0, 0, 1, 0)),
    "that estimates another": (
        {"method": "estimated", "repaired_value": "0"},
        (1, 1, 0, 0, 1, 0),
    ),
    "that sets aside": ({"method": "quarantined", "repaired_value": None}, (1, 1, 1, 0, 0, 0)),
    "of another column": ({"column_name": "notes"}, (1, 0, 0, 0, 0, 1)),
    "of another row": ({"_row_id": f"{D1}/operator_logs.csv:2"}, (1, 0, 0, 0, 0, 1)),
    "of another file": ({"_row_id": f"{D1}/operator_logs.csv.gz:1"}, (1, 0, 0, 0, 0, 1)),
    "of a day without a ledger": ({"_row_id": f"{D2}/operator_logs.csv:1"}, (1, 0, 0, 0, 0, 0)),
}


@pytest.mark.parametrize("case", ONE_CLAIM)
def test_a_claim_is_right_in_its_very_cell(score: Score, case: str):
    different, expected = ONE_CLAIM[case]
    (found,) = score([fault()], [claim(**different)])
    assert counts(found) == expected


def test_a_claim_of_another_kind_or_table_has_a_row_of_its_own(score: Score):
    found = score([fault()], [claim(fault_type="note_typo"), claim(table_name="qc_checks")])
    assert {(row["fault_type"], row["table"]): counts(row) for row in found} == {
        ("machine_id_variant", "operator_logs"): (1, 0, 0, 0, 0, 0),
        ("machine_id_variant", "qc_checks"): (0, 0, 0, 0, 0, 1),
        ("note_typo", "operator_logs"): (0, 0, 0, 0, 0, 1),
    }


def test_a_share_of_nothing_is_null(score: Score):
    claimed, injected = score([fault()], [claim(fault_type="note_typo")])[::-1]
    assert [claimed[name] for name in SHARES] == [0.0, None, None, None, None]
    assert [injected[name] for name in SHARES] == [None, 0.0, None, 1.0, 1.0]


def test_ceilings_are_what_the_best_reader_could_find_and_undo(score: Score):
    chances = [(1.0, 1.0), (1.0, 0.0), (0.0, 0.0), (0.5, 0.25)]
    ledger = [
        fault(row, detection_chance=detection, repair_chance=repair)
        for row, (detection, repair) in enumerate(chances, start=1)
    ]
    (found,) = score(ledger, [claim()])
    assert (found["ceiling"], found["exact_ceiling"]) == (2.5 / 4, 1.25 / 4)
    assert (found["recall"], found["precision"]) == (0.25, 1.0)


WHOLE = {"column_name": "*", "clean_value": None}


def test_a_row_that_should_not_be_there_is_undone_by_giving_it_up(score: Score):
    kinds = {
        "duplicate": "copy",
        "conflicting_copy": "superseded",
        "orphan": "quarantined",
    }
    found = score(
        [fault(fault_type=kind, **WHOLE) for kind in kinds],
        [
            claim(fault_type=kind, method=method, column_name="*", repaired_value=None)
            for kind, method in kinds.items()
        ],
    )
    assert [counts(row) for row in found] == [(1, 1, 1, 1, 0, 0)] * 3


def test_a_check_of_a_lost_batch_that_is_set_aside_is_not_undone(score: Score):
    """It happened: the ledger has its clean row, though it looks like an orphan."""
    kept = fault(fault_type="orphan", column_name="*", clean_value="{}")
    given_up = claim(
        fault_type="orphan", column_name="*", method="quarantined", repaired_value=None
    )
    (found,) = score([kept], [given_up])
    assert counts(found) == (1, 1, 1, 0, 0, 0)


def lost(event_id: str) -> Row:
    whole = {"column_name": "*", "clean_value": "{}", "dirty_value": None}
    row = fault(None, fault_type="lost_row", table_name="production_batches", **whole)
    return {**row, "event_id": event_id, "repair_chance": 0.0}


def missed(event_id: str, row: int = 4) -> Row:
    place = {"_row_id": f"{D1}/production_batches.csv:{row}", "table_name": "production_batches"}
    whole = {"column_name": "*", "repaired_value": None, "method": "flagged"}
    return claim(fault_type="lost_row", **place, **whole, lost_event_id=event_id)


def test_a_lost_row_is_found_by_the_event_that_it_told_of(score: Score):
    ledger = [lost("B3"), lost("B4"), lost("B9")]
    (found,) = score(ledger, [missed("B3"), missed("B4"), missed("B7", 8)])
    assert counts(found) == (3, 2, 0, 0, 0, 1)
    assert (found["precision"], found["recall"]) == (2 / 3, 2 / 3)
    assert (found["ceiling"], found["exact_ceiling"]) == (1.0, 0.0)


def test_decay_is_a_fault_of_a_machine(score: Score):
    ledger = [
        {
            **fault(None, fault_type="decay", table_name="production_batches"),
            "column_name": "efficiency_percent",
            "event_id": machine_id,
            "clean_value": "0.0",
        }
        for machine_id in ("M-1", "M-2")
    ]
    decay = [
        {"machine_id": machine_id, "is_decaying": is_decaying}
        for machine_id, is_decaying in [("M-1", True), ("M-2", False), ("M-3", True)]
    ]
    (found,) = score(ledger, decay=decay)
    assert counts(found) == (2, 1, 0, 0, 1, 1)


def test_without_a_ledger_nothing_is_scored(score: Score):
    decaying = [{"machine_id": "M-1", "is_decaying": True}]
    assert score([], [claim()], decaying, dates=()) == []
    assert score() == []


NOT_READ = {
    "nothing has come": [],
    "another day has": files(D2),
    "its files were rejected": files(D1, status="rejected"),
    "its files were withdrawn": files(D1, status="withdrawn"),
}


@pytest.mark.parametrize("case", NOT_READ)
def test_what_the_ledger_has_of_days_that_were_not_read_is_left_out(score: Score, case: str):
    ledger = [fault(), lost("B3")]
    assert score(ledger, [claim()], dates=(D1, D2), seen=NOT_READ[case]) == []
    assert len(score(ledger, [claim()], seen=[*NOT_READ[case], *files(D1)])) == 2


def test_what_landed_counts_to_its_arrival_and_what_never_did_to_its_event(score: Score):
    late = fault(event_date=D1, arrival_date=D2)
    never = {**lost("B3"), "event_date": D1, "arrival_date": D2}
    (found,) = score([late, never], dates=(D1,))
    assert found["fault_type"] == "lost_row"
    (found,) = score([late, never], dates=(D2,))
    assert found["fault_type"] == "machine_id_variant"
    assert score([fault()], [claim()], dates=(D2,)) == []


def test_on_a_day_with_an_empty_ledger_every_claim_is_wrong(score: Score):
    (found,) = score([], [claim(), claim(2), claim(day=D2)])
    assert counts(found) == (0, 0, 0, 0, 0, 2)
    assert found["precision"] == 0.0


def test_scores_are_those_of_a_plain_count(score: Score):
    """Hundreds of faults and claims that hit or miss each other by chance."""
    dice = random.Random(20251201)  # noqa: S311 - test data, not a secret
    kinds = ("machine_id_variant", "note_typo", "local_time")
    tables = ("operator_logs", "qc_checks")
    places = [(k, t, c, r) for k in kinds for t in tables for c in "ab" for r in range(1, 26)]
    methods = ("name_key", "estimated", "flagged")
    faults = [
        fault(
            row,
            fault_type=kind,
            table_name=table,
            column_name=column,
            clean_value=dice.choice("xyz"),
            detection_chance=dice.choice((0.0, 0.5, 1.0)),
            repair_chance=dice.choice((0.0, 0.25, 1.0)),
        )
        for kind, table, column, row in dice.sample(places, 150)
        if kind != "local_time" or table == "qc_checks"
    ]
    claims = [
        claim(
            row,
            dice.choice((D1, D1, D1, D2)),
            fault_type=kind,
            table_name=table,
            column_name=column,
            repaired_value=dice.choice(("x", "y", None)),
            method=dice.choice(methods),
        )
        for kind, table, column, row in dice.sample(places, 150)
    ]
    assert {(r["fault_type"], r["table"]): r for r in score(faults, claims)} == expected(
        faults, claims
    )


def expected(faults: Rows, claims: Rows) -> dict[tuple[str, str], Row]:
    """Count one fault and one claim after the other."""
    known = [row for row in claims if row["_row_id"].startswith(str(D1))]

    def place(row: Row) -> tuple:
        where = row.get("_row_id") or f"{row['source_file']}:{row['source_row']}"
        return row["fault_type"], row["table_name"], row["column_name"], where

    said = {place(row): row for row in known}
    scored = {}
    for kind in sorted({place(row)[:2] for row in (*faults, *known)}):
        true = [row for row in faults if place(row)[:2] == kind]
        found = [(row, said[place(row)]) for row in true if place(row) in said]
        repaired = [pair for pair in found if pair[1]["method"] == "name_key"]
        exact = [1 for row, told in repaired if row["clean_value"] == told["repaired_value"]]
        estimated = [1 for _, told in found if told["method"] == "estimated"]
        right = {place(row) for row in true}
        wrong = [row for row in known if place(row)[:2] == kind and place(row) not in right]

        def share(part: float, whole: float) -> float | None:
            return part / whole if whole else None

        scored[kind] = {
            "fault_type": kind[0],
            "table": kind[1],
            "injected": len(true),
            "detected": len(found),
            "repaired": len(repaired),
            "exact": len(exact),
            "estimated": len(estimated),
            "false_positives": len(wrong),
            "precision": share(len(found), len(found) + len(wrong)),
            "recall": share(len(found), len(true)),
            "repair_accuracy": share(len(exact), len(repaired)),
            "ceiling": share(sum(row["detection_chance"] for row in true), len(true)),
            "exact_ceiling": share(sum(row["repair_chance"] for row in true), len(true)),
        }
    return scored


def test_the_report_is_in_the_order_of_kinds_and_tables(table: MakeTable):
    names = [("spike", "sensor_logs"), ("decay", "qc_checks"), ("decay", "operator_logs")]
    scores = table(
        {"fault_type": "string", "table": "string"},
        [{"fault_type": kind, "table": name} for kind, name in names],
    )
    reported = report_fault_scores(scores).to_pyarrow().to_pylist()
    assert [(row["fault_type"], row["table"]) for row in reported] == sorted(names)
