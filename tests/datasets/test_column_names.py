"""Names of columns that conf maps onto ours: what is taken, and what is refused in one line."""

from typing import Any

import pytest

from factory_simulation.datasets.column_names import checked_column_names
from factory_simulation.domain import FactoryError


@pytest.mark.parametrize("nothing", [None, {}, {"qc_checks": None}, {"qc_checks": {}}])
def test_nothing_is_mapped_where_nothing_is_said(nothing: Any):
    assert not any(checked_column_names(nothing).values())


def test_names_are_taken_as_the_reader_has_them():
    given = {
        "qc_checks": {" Result ": "pass_fail", "_who": "inspector_name"},
        "sensor_logs": {7: "pressure"},
    }
    assert checked_column_names(given) == {
        "qc_checks": {"result": "pass_fail", "landed_who": "inspector_name"},
        "sensor_logs": {"7": "pressure"},
    }


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["qc_checks"], "column_names = ['qc_checks']: must map tables to names of their columns"),
        (
            {"qc_cheks": {"result": "pass_fail"}},
            "column_names.qc_cheks: no such landed table; there are production_batches, ",
        ),
        (
            {"qc_checks": "pass_fail"},
            "column_names.qc_checks = 'pass_fail': must map the names in the files to ours",
        ),
        (
            {"qc_checks": {"result": "passfail"}},
            "column_names.qc_checks.result = passfail: qc_checks has no such column; it has check_",
        ),
        (
            {"qc_checks": {"result": ["pass_fail"]}},
            "column_names.qc_checks.result = ['pass_fail']: qc_checks has no such column",
        ),
        (
            {"qc_checks": {"Batch_ID": "check_id"}},
            "column_names.qc_checks.Batch_ID = check_id: batch_id is a column of qc_checks itself",
        ),
        (
            {"qc_checks": {"result": "pass_fail", "outcome": "pass_fail"}},
            "column_names.qc_checks.outcome = pass_fail: result stands for pass_fail already: ",
        ),
        (
            {"qc_checks": {"result": "pass_fail", "RESULT": "check_id"}},
            "column_names.qc_checks.RESULT = check_id: the name result is mapped twice: remove",
        ),
    ],
)
def test_what_is_not_clear_is_refused_in_one_line(given: Any, told: str):
    with pytest.raises(FactoryError) as error:
        checked_column_names(given)
    assert str(error.value).startswith(told)
    assert "\n" not in str(error.value)
