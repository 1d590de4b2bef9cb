"""What the app says was made is what gold has, as known on any date."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from factory_simulation.dashboard.published import Published
from factory_simulation.dashboard.queries import production
from factory_simulation.dashboard.scope import KnownOn, Scope
from tests.conftest import Workspace

SETTLE_AFTER_DAYS = 3  # conf/base/parameters_gold.yml
SUMS = (
    "sum(batches)::BIGINT AS batches, sum(units_produced)::BIGINT AS units_produced, "
    "sum(units_defective)::BIGINT AS units_defective, sum(energy_kwh) AS energy_kwh"
)


@pytest.fixture(scope="module")
def published(classic_week: Workspace) -> Published:
    return Published(Path(classic_week.parameters["serving_dir"]))


def totals(workspace: Workspace, day: str, source: str) -> dict[date, dict[str, Any]]:
    """Add up a source by day; of what changed in the end to nothing, nothing is left."""
    rows = workspace.query(f"SELECT {day} AS day, {SUMS} FROM {source} GROUP BY ALL")
    return {row["day"]: row for row in rows if row["batches"]}


def assert_same(found: dict[date, dict[str, Any]], expected: dict[date, dict[str, Any]]) -> None:
    assert found.keys() == expected.keys()
    for day, row in expected.items():
        for name in production.MEASURES:
            assert found[day][name] == pytest.approx(row[name], abs=1e-6), (day, name)
        rate = row["units_defective"] / row["units_produced"]
        assert found[day]["defect_rate"] == pytest.approx(rate)


SCOPES = [
    (Scope(), "true"),
    (Scope("alpha"), "factory_id = 'alpha'"),
    (Scope("nowhere"), "factory_id = 'nowhere'"),
    (Scope(product_name="Gear Wheel"), "product_name = 'Gear Wheel'"),
]
"""Scopes, and the condition on gold that says the same."""
ARRIVALS = [date(2025, 11, 30) + timedelta(days) for days in range(12)]


@pytest.mark.parametrize(("scope", "condition"), SCOPES)
def test_what_is_known_now_is_daily_production(scope, condition, published, classic_week):
    source = f"gold.daily_production WHERE {condition}"
    found = production.totals_by_day(published, scope)
    assert_same(found, totals(classic_week, "production_date", source))


@pytest.mark.parametrize(
    "known_on", [date(2025, 11, 30), *(date(2025, 12, n) for n in range(1, 11))]
)
def test_what_was_known_then_is_all_that_had_changed_by_then(known_on, published, classic_week):
    source = f"gold.restatements WHERE known_date <= DATE '{known_on}'"
    found = production.totals_by_day(published, Scope(known_on=known_on))
    assert_same(found, totals(classic_week, "event_date", source))


def test_what_was_known_the_same_evening_is_without_what_came_late(published, classic_week):
    found = production.totals_by_day(published, Scope(known_on=KnownOn.SAME_DAY))
    source = "gold.restatements WHERE known_date <= event_date"
    assert_same(found, totals(classic_week, "event_date", source))
    now = production.totals_by_day(published, Scope())
    assert any(found[day]["batches"] < now[day]["batches"] for day in found)


def test_the_period_adds_up(published):
    by_day = production.totals_by_day(published, Scope())
    first, last = date(2025, 12, 2), date(2025, 12, 4)
    found = production.totals(published, Scope(), first, last)
    for name in production.MEASURES:
        of_days = [row[name] for day, row in by_day.items() if first <= day <= last]
        assert len(of_days) == 3
        assert found[name] == pytest.approx(sum(of_days))


def test_a_period_without_production_is_nothing_and_has_no_rate(published):
    found = production.totals(published, Scope(), date(2020, 1, 1), date(2020, 1, 2))
    assert (found["batches"], found["energy_kwh"], found["defect_rate"]) == (0, 0, None)


def test_each_machine_has_what_it_made_and_its_oee(published, classic_week):
    found = production.machines_by_day(published, Scope())
    expected = classic_week.query(
        "SELECT o.production_date AS day, o.machine_id, p.batches, p.units_produced, p.energy_kwh, "
        "o.oee, o.availability, o.effectiveness, o.quality_ratio, "
        "(SELECT avg(efficiency_bp) / 100 FROM gold.batch_efficiency e "
        "WHERE e.machine_id = o.machine_id AND e.batch_date = o.production_date) AS efficiency "
        "FROM gold.oee_daily o JOIN gold.daily_production p USING (production_date, machine_id) "
        "WHERE o.level = 'machine'"
    )
    assert len(expected) == sum(len(rows) for rows in found.values()) > 0
    for row in expected:
        [shown] = [r for r in found[row["day"]] if r["machine_id"] == row["machine_id"]]
        for name in ("batches", "units_produced", "energy_kwh", "oee", "availability"):
            assert shown[name] == pytest.approx(row[name]), (row["day"], name)
        assert shown["efficiency_percent"] == pytest.approx(row["efficiency"])


def test_a_line_has_the_oee_of_its_line(published, classic_week):
    scope = Scope(product_name="Iron Plate")
    expected = classic_week.query(
        "SELECT production_date, oee FROM gold.oee_daily JOIN gold.dim_product USING (product_key) "
        "WHERE level = 'line' AND product_name = 'Iron Plate'"
    )
    assert expected
    for row in expected:
        day = row["production_date"]
        found = production.oee_in_all(published, scope, day, day)
        assert found["oee"] == pytest.approx(row["oee"])


def test_a_factory_has_the_oee_of_the_factory(published, classic_week):
    scope = Scope()
    expected = classic_week.query(
        "SELECT production_date, oee FROM gold.oee_daily WHERE level = 'factory'"
    )
    assert expected
    for row in expected:
        day = row["production_date"]
        found = production.oee_in_all(published, scope, day, day)
        assert found["oee"] == pytest.approx(row["oee"])


def test_a_date_is_settled_once_it_is_old_enough(published):
    days = production.days(published)
    for known_on in production.arrival_dates(published):
        for day in days:
            old_enough = (known_on - day).days >= SETTLE_AFTER_DAYS
            scope = Scope(known_on=known_on)
            assert production.is_settled(published, scope, day) == old_enough, (known_on, day)


def test_settled_now_is_what_gold_says(published, classic_week):
    rows = classic_week.query(
        "SELECT DISTINCT event_date, is_settled FROM gold.completeness_triangle"
    )
    assert {row["is_settled"] for row in rows} == {True, False}
    for row in rows:
        settled = production.is_settled(published, Scope(), row["event_date"])
        assert settled == row["is_settled"]


def test_the_same_evening_nothing_is_settled(published):
    scope = Scope(known_on=KnownOn.SAME_DAY)
    assert not any(
        production.is_settled(published, scope, day) for day in production.days(published)
    )
