"""Gold and silver against independent computations in plain Python, from raw files and truth."""

import csv
import json
import re
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import Workspace

KWH_PER_UNIT = {"SMELTER-01": 0.12, "SMELTER-02": 0.11, "ASSEMBLER-01": 0.08}


def landed(folder: Path, name: str) -> list[dict]:
    """Read all landed rows of a table as any Python program would."""
    rows = []
    for path in sorted(folder.glob(f"20*/{name}.*")):
        if path.suffix == ".csv":
            with path.open(newline="") as lines:
                rows += list(csv.DictReader(lines))
        else:
            text = path.read_text()
            rows += (
                json.loads(text)
                if text.startswith("[")
                else [json.loads(line) for line in text.splitlines()]
            )
    return rows


def batches_of(folder: Path) -> dict[str, dict]:
    """Return each landed batch once; in both weeks all copies are exact and ids unique."""
    return {row["batch_id"]: row for row in landed(folder, "production_batches")}


@pytest.mark.parametrize("week", ["classic_week", "seed_week"])
def test_daily_production_is_what_the_raw_files_add_up_to(week, request):
    workspace: Workspace = request.getfixturevalue(week)
    expected = defaultdict(lambda: [0, 0, 0, 0.0])
    for batch in batches_of(workspace.landing).values():
        words = re.findall("[a-z]+", batch["product_name"].lower().replace("iron", "iron "))
        product = "Iron Plate" if "iron" in words else "Gear Wheel"
        key = (batch["start_time"][:10], batch["machine_id"], product)
        units = int(batch["units_produced"])
        sums = expected[key]
        sums[0] += 1
        sums[1] += units
        sums[2] += int(batch["units_defective"])
        sums[3] += units * KWH_PER_UNIT[batch["machine_id"]]
    found = {
        (str(row["production_date"]), row["machine_id"], row["product_name"]): row
        for row in workspace.table("gold.daily_production")
    }
    assert found.keys() == expected.keys()
    for key, (count, units, defects, energy) in expected.items():
        row = found[key]
        assert (row["batches"], row["units_produced"], row["units_defective"]) == (
            count,
            units,
            defects,
        )
        assert row["energy_kwh"] == pytest.approx(energy, rel=1e-12)


def test_every_qc_time_of_the_classic_week_is_the_true_one(classic_week: Workspace):
    true = {row["check_id"]: row["check_seconds"] for row in classic_week.table("truth.qc_checks")}
    found = classic_week.table("silver.qc_checks")
    assert {row["check_id"] for row in found} == true.keys()
    for row in found:
        assert row["check_at"] == datetime(1970, 1, 1) + timedelta(seconds=true[row["check_id"]])
        assert not row["is_time_ambiguous"]


def test_every_qc_time_of_the_seed_week_follows_its_batch_by_5_to_30_minutes(seed_week):
    ends = {
        batch["batch_id"]: datetime.fromisoformat(batch["end_time"])
        for batch in batches_of(seed_week.landing).values()
    }
    for row in seed_week.table("silver.qc_checks"):
        delay = row["check_at"] - ends[row["batch_id"]]
        assert timedelta(minutes=5) <= delay <= timedelta(minutes=30)


def test_operator_times_that_are_not_flagged_are_the_true_ones(classic_week: Workspace):
    true = {
        row["log_id"]: row["log_seconds"] for row in classic_week.table("truth.operator_entries")
    }
    found = classic_week.table("silver.operator_logs")
    assert {row["log_id"] for row in found} == true.keys()
    certain = [row for row in found if not row["is_time_ambiguous"]]
    assert len(certain) > 0.7 * len(found)
    for row in certain:
        assert row["log_at"] == datetime(1970, 1, 1) + timedelta(seconds=true[row["log_id"]])


def test_machine_ids_of_operators_are_the_true_ones(classic_week: Workspace):
    true = {
        row["log_id"]: row["machine_id"] for row in classic_week.table("truth.operator_entries")
    }
    found = {row["log_id"]: row["machine_id"] for row in classic_week.table("silver.operator_logs")}
    assert found == true


@pytest.mark.parametrize("week", ["classic_week", "seed_week"])
def test_a_missing_value_stays_missing_and_is_flagged(week, request):
    workspace: Workspace = request.getfixturevalue(week)
    columns = {
        "temperature": ("temperature_c", "is_temperature_missing"),
        "pressure": ("pressure_bar", "is_pressure_missing"),
        "energy_kwh": ("energy_kwh", "is_energy_missing"),
        "efficiency_percent": ("efficiency_percent", "is_efficiency_missing"),
    }
    raw = landed(workspace.landing, "sensor_logs")
    found = workspace.table("silver.sensor_readings")
    for column, (clean, flag) in columns.items():
        missing = sum(row[column] is None for row in raw)
        assert missing > 0
        assert sum(row[clean] is None for row in found) == missing
        assert sum(row[flag] for row in found) == missing


def test_imputed_values_of_the_classic_week_are_near_the_truth(classic_week: Workspace):
    found = classic_week.query(
        """
        SELECT s.energy_kwh_imputed, s.efficiency_percent_imputed,
            b.energy_micro_kwh / 1e6 / r.readings AS energy, b.efficiency_bp / 100 AS efficiency
        FROM silver.sensor_readings s
        JOIN truth.production_batches b USING (batch_id)
        JOIN (SELECT batch_id, count(*) AS readings FROM truth.sensor_readings GROUP BY batch_id) r
            USING (batch_id)
        """
    )
    efficiency_errors = [
        abs(row["efficiency_percent_imputed"] - row["efficiency"])
        for row in found
        if row["efficiency_percent_imputed"] is not None
    ]
    energy_errors = [
        abs(row["energy_kwh_imputed"] / row["energy"] - 1)
        for row in found
        if row["energy_kwh_imputed"] is not None
    ]
    assert min(len(efficiency_errors), len(energy_errors)) > 20
    assert sum(error < 1 for error in efficiency_errors) / len(efficiency_errors) > 0.95
    assert sum(error < 0.05 for error in energy_errors) / len(energy_errors) > 0.95


def test_people_have_the_names_that_landed(classic_week: Workspace, seed_week: Workspace):
    def people(week: Workspace) -> list[dict]:
        return [row for row in week.table("gold.dim_employee") if row["role"] != "unknown"]

    named = people(classic_week)
    assert len(named) == 7
    assert all(" " in row["employee_name"] for row in named)
    assert len(people(seed_week)) > 1
    assert all(row["employee_name"] is None for row in people(seed_week))


def test_one_row_of_each_week_is_no_person(classic_week: Workspace, seed_week: Workspace):
    for week in (classic_week, seed_week):
        members = [row for row in week.table("gold.dim_employee") if row["role"] == "unknown"]
        assert [row["employee_key"] for row in members] == ["unknown"]
