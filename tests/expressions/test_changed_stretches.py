"""Stretches: on which days a machine is another version than it was."""

from collections.abc import Callable
from datetime import date

import pytest

from factory_simulation.expressions.versions import SINCE_EVER, changed_stretches
from tests.conftest import Rows
from tests.pipelines.silver.landed import Compute, MakeTable, Row

D1, D2, D3, D4, D5, D6 = (date(2025, 12, day) for day in range(1, 7))
LONG_AGO, FAR_AWAY = date(2000, 1, 1), date(2100, 1, 1)
DAYS = (LONG_AGO, D1, D2, D3, D4, D5, D6, FAR_AWAY)
VERSIONS = {
    "machine_id": "string",
    "valid_from": "date",
    "valid_to": "date",
    "is_current": "boolean",
    "kwh_per_unit": "float64",
    "owner": "string",
}

Changed = Callable[[Rows, Rows], dict[str, list[date]]]


@pytest.fixture
def changed(table: MakeTable, rows: Compute) -> Changed:
    """Return, by machine, those of `DAYS` that are in a stretch."""

    def run(earlier: Rows, now: Rows) -> dict[str, list[date]]:
        found = rows(changed_stretches(table(VERSIONS, earlier), table(VERSIONS, now)))
        machines = {stretch["machine_id"] for stretch in found}
        return {
            machine: [
                day
                for day in DAYS
                if any(
                    stretch["first_date"] <= day <= stretch["last_date"]
                    for stretch in found
                    if stretch["machine_id"] == machine
                )
            ]
            for machine in machines
        }

    return run


def version(start: date, end: date | None, owner: str | None = "Ada", **different) -> Row:
    return {
        "machine_id": "SMELTER-01",
        "valid_from": start,
        "valid_to": end,
        "is_current": end is None,
        "kwh_per_unit": 0.12,
        "owner": owner,
        **different,
    }


ALWAYS_ADA = [version(SINCE_EVER, None)]
ADA_THEN_BO = [version(SINCE_EVER, D3), version(D3, None, "Bo")]
BO_FOR_TWO_DAYS = [version(SINCE_EVER, D2), version(D2, D4, "Bo"), version(D4, None)]


def test_what_is_as_it_was_has_none(changed: Changed):
    for versions in ([], ALWAYS_ADA, ADA_THEN_BO, BO_FOR_TWO_DAYS):
        assert changed(versions, versions) == {}


def test_what_was_not_there_before_has_none(changed: Changed):
    assert changed([], ADA_THEN_BO) == {}
    lathe = version(SINCE_EVER, None, machine_id="LATHE-01")
    assert changed(ALWAYS_ADA, [*ALWAYS_ADA, lathe]) == {}


def test_a_version_that_opens_makes_a_stretch_from_its_day_on(changed: Changed):
    assert changed(ALWAYS_ADA, ADA_THEN_BO) == {"SMELTER-01": [D3, D4, D5, D6, FAR_AWAY]}


def test_a_version_that_vanishes_makes_a_stretch_from_its_day_on(changed: Changed):
    assert changed(ADA_THEN_BO, ALWAYS_ADA) == {"SMELTER-01": [D3, D4, D5, D6, FAR_AWAY]}


def test_a_machine_that_vanishes_has_changed_on_all_days(changed: Changed):
    assert changed(ALWAYS_ADA, []) == {"SMELTER-01": list(DAYS)}


def test_a_corrected_attribute_makes_a_stretch_of_its_version(changed: Changed):
    corrected = [version(SINCE_EVER, D2), version(D2, D4, "Cy"), version(D4, None)]
    assert changed(BO_FOR_TWO_DAYS, corrected) == {"SMELTER-01": [D2, D3]}


@pytest.mark.parametrize("different", [{"owner": None}, {"owner": ""}, {"kwh_per_unit": 0.13}])
def test_any_attribute_counts_and_a_missing_one_too(changed: Changed, different: Row):
    corrected = [version(SINCE_EVER, None, **different)]
    assert changed(ALWAYS_ADA, corrected) == {"SMELTER-01": list(DAYS)}
    assert changed(corrected, ALWAYS_ADA) == {"SMELTER-01": list(DAYS)}


def test_a_version_that_begins_on_another_day_is_another_one(changed: Changed):
    before = [version(SINCE_EVER, D4), version(D4, None, "Bo")]
    sooner = [version(SINCE_EVER, D3), version(D3, None, "Bo")]
    assert changed(before, sooner) == {"SMELTER-01": [D3, D4, D5, D6, FAR_AWAY]}
    assert changed(sooner, before) == {"SMELTER-01": [D3, D4, D5, D6, FAR_AWAY]}


def test_each_machine_has_stretches_of_its_own(changed: Changed):
    lathe = [version(SINCE_EVER, None, machine_id="LATHE-01")]
    assert changed([*ALWAYS_ADA, *lathe], [*ADA_THEN_BO, *lathe]) == {
        "SMELTER-01": [D3, D4, D5, D6, FAR_AWAY]
    }


def test_what_was_worked_by_any_earlier_state_counts(changed: Changed):
    # a run noted that Bo comes, and broke off: some days may have been worked so, some not
    assert changed([*ALWAYS_ADA, *ADA_THEN_BO], ADA_THEN_BO) == {
        "SMELTER-01": [D3, D4, D5, D6, FAR_AWAY]
    }
    # then the snapshot was taken back
    assert changed([*ALWAYS_ADA, *ADA_THEN_BO], ALWAYS_ADA) == {
        "SMELTER-01": [D3, D4, D5, D6, FAR_AWAY]
    }


def test_a_stretch_without_an_end_reaches_as_far_as_any_date(table: MakeTable, rows: Compute):
    found = rows(changed_stretches(table(VERSIONS, ALWAYS_ADA), table(VERSIONS, ADA_THEN_BO)))
    assert found == [{"machine_id": "SMELTER-01", "first_date": D3, "last_date": date(2262, 1, 31)}]
