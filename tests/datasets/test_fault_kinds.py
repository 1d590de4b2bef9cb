"""The kinds of faults as a table: what the domain says of each."""

import pytest
from kedro.io import DatasetError

from factory_simulation.datasets.fault_kinds import FaultKinds
from factory_simulation.domain import FaultType, Method, Reason
from factory_simulation.fault_kinds import (
    FAULT_KINDS,
    OUTCOMES,
    QUARANTINED_ROW,
    WHY,
    FaultOutcome,
    Severity,
    reason_in_words,
)


@pytest.fixture
def kinds() -> FaultKinds:
    connection = {"backend": "duckdb", "warehouse": ":memory:", "settings": {}}
    return FaultKinds(connection=connection)


def test_every_kind_is_a_row(kinds: FaultKinds):
    found = {row["fault_type_key"]: row for row in kinds.engine.fetch(kinds.load()).to_pylist()}
    assert set(found) == {kind.value for kind in FaultType} | {QUARANTINED_ROW}
    assert found["lost_row"] == {
        "fault_type_key": "lost_row",
        "title": "lost row",
        "meaning": "A batch never landed, so that it is missing from all totals.",
        "severity": "critical",
        "is_data_error": True,
    }
    of_machines = {key for key, row in found.items() if not row["is_data_error"]}
    assert of_machines == {"decay", "machine_stop", "maintenance"}


def test_kinds_are_told_in_a_sentence_of_their_own():
    assert len({kind.title for kind in FAULT_KINDS.values()}) == len(FAULT_KINDS)
    for kind in FAULT_KINDS.values():
        for sentence in (kind.meaning, kind.remedy):
            assert is_a_sentence(sentence)
    assert {kind.severity for kind in FAULT_KINDS.values()} == set(Severity)


def is_a_sentence(text: str) -> bool:
    return text[0].isupper() and text.endswith(".") and text.count(". ") == 0


def test_every_method_says_why_in_a_sentence():
    assert set(WHY) == set(Method)
    assert all(is_a_sentence(why) for why in WHY.values())
    assert len(set(WHY.values())) == len(WHY)


def test_every_reason_is_told_in_words_of_a_row_or_of_a_column():
    of_rows = {reason_in_words(reason.value) for reason in Reason}
    assert len(of_rows) == len(Reason)
    assert all(words.startswith("the row ") for words in of_rows)
    assert reason_in_words("empty:batch_id") == "batch_id is empty"
    with pytest.raises(ValueError, match="bad_luck"):
        reason_in_words("bad_luck")


def test_every_method_has_an_outcome():
    assert set(OUTCOMES) == set(Method)
    assert set(OUTCOMES.values()) == set(FaultOutcome)


def test_nobody_writes_them(kinds: FaultKinds):
    with pytest.raises(DatasetError, match="not written by the pipeline"):
        kinds.save(object())
