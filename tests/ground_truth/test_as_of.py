"""What was believed on each known date is the truth, restricted to what had arrived."""

import pytest

from tests.conftest import Rows, Workspace

KNOWN_DATES = [f"2025-12-{day:02}" for day in range(1, 10)]
BELIEVED = """
    SELECT event_date, machine_id, product_name, batches, units_produced, units_defective,
           round(energy_kwh * 1000000)::BIGINT AS micro_kwh
    FROM gold.daily_production_as_of
    WHERE known_date <= '{known}' AND (known_until IS NULL OR known_until > '{known}')
    ORDER BY ALL
"""
TRUE_SO_FAR = """
    SELECT production_date AS event_date, machine_id, product_name, count(*) AS batches,
           sum(units_produced)::BIGINT AS units_produced,
           sum(units_defective)::BIGINT AS units_defective,
           sum(energy_micro_kwh)::BIGINT AS micro_kwh
    FROM truth.production_batches
    WHERE batch_id IN (
        SELECT event_key FROM truth.landed_production_batches
        WHERE is_landed AND _arrival_date <= '{known}'
    )
    GROUP BY ALL ORDER BY ALL
"""
RESTATED_SO_FAR = """
    SELECT event_date, machine_id, product_name, sum(batches)::BIGINT AS batches,
           sum(units_produced)::BIGINT AS units_produced,
           sum(units_defective)::BIGINT AS units_defective,
           round(sum(energy_kwh) * 1000000)::BIGINT AS micro_kwh
    FROM gold.restatements WHERE known_date <= '{known}' GROUP BY ALL ORDER BY ALL
"""


@pytest.mark.parametrize("known", KNOWN_DATES)
def test_what_was_believed_is_what_had_arrived(known: str, classic_week: Workspace):
    believed = classic_week.query(BELIEVED.format(known=known))
    assert believed
    assert believed == classic_week.query(TRUE_SO_FAR.format(known=known))


@pytest.mark.parametrize("known", KNOWN_DATES)
def test_restatements_add_up_to_what_was_believed(known: str, classic_week: Workspace):
    restated = classic_week.query(RESTATED_SO_FAR.format(known=known))
    assert restated == classic_week.query(BELIEVED.format(known=known))


def test_what_is_believed_now_is_daily_production(classic_week: Workspace):
    def of(table: str) -> Rows:
        return [
            {name: row[name] for name in ("machine_id", "batches", "units_produced", "energy_kwh")}
            for row in classic_week.query(
                f"SELECT * FROM {table} WHERE known_until IS NULL ORDER BY ALL"
            )
        ]

    now = of("gold.daily_production_as_of")
    daily = of("(SELECT *, NULL AS known_until FROM gold.daily_production)")
    assert len(now) == 21
    assert sorted(map(str, now)) == sorted(map(str, daily))


def test_late_rows_are_told_as_the_cause(classic_week: Workspace):
    late = classic_week.query("SELECT * FROM silver.production_batches WHERE is_late")
    told = classic_week.query(
        "SELECT sum(batches)::BIGINT AS batches FROM gold.restatements WHERE cause = 'late_arrival'"
    )
    assert told == [{"batches": len(late)}]
    assert len(late) == 23


def test_a_day_loaded_by_itself_says_what_was_believed_then(workspace, classic_week):
    workspace.parameters |= {
        "landing_dir": str(classic_week.landing),
        "truth_dir": str(classic_week.truth),
    }
    workspace.run("bronze", "silver", "gold", date="2025-12-01..2025-12-03")
    found = workspace.query(
        "SELECT production_date AS event_date, machine_id, product_name, batches, units_produced, "
        "units_defective, round(energy_kwh * 1000000)::BIGINT AS micro_kwh "
        "FROM gold.daily_production ORDER BY ALL"
    )
    assert found == classic_week.query(BELIEVED.format(known="2025-12-03"))
