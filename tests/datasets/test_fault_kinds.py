"""The kinds of faults as a table: what the domain says of each."""

import pytest
from kedro.io import DatasetError

from factory_simulation.datasets.fault_kinds import FaultKinds
from factory_simulation.domain import FaultType, Method
from factory_simulation.fault_kinds import (
    FAULT_KINDS,
    OUTCOMES,
    QUARANTINED_ROW,
    FaultOutcome,
    Severity,
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
        assert kind.meaning[0].isupper()
        assert kind.meaning.endswith(".")
        assert kind.meaning.count(". ") == 0
    assert {kind.severity for kind in FAULT_KINDS.values()} == set(Severity)


def test_every_method_has_an_outcome():
    assert set(OUTCOMES) == set(Method)
    assert set(OUTCOMES.values()) == set(FaultOutcome)


def test_nobody_writes_them(kinds: FaultKinds):
    with pytest.raises(DatasetError, match="not written by the pipeline"):
        kinds.save(object())
