"""Rows of OEE, held against a plant's minutes."""

from collections import defaultdict

import pytest

from tests.conftest import Rows
from tests.pipelines.gold.minutes import NONE, Amounts, Plant
from tests.pipelines.gold.plant import day_of

LOSS_OF_STATE = {
    "STOP": "equipment_failure_seconds",
    "CHANGEOVER": "setup_and_adjustment_seconds",
    "MINOR_STOP": "minor_stops_seconds",
    "IDLE": "idle_seconds",
}
KEYS = ("production_date", "factory_id", "machine_id", "shift_key", "product_key")
LEVELS = {
    "machine_shift": KEYS,
    "machine": ("production_date", "factory_id", "machine_id", "product_key"),
    "shift": ("production_date", "factory_id", "shift_key"),
    "line": ("production_date", "factory_id", "product_key"),
    "factory": ("production_date", "factory_id"),
}
NEAR = {"abs": 1e-3}
"""The time of a unit is rounded to microseconds."""


def assert_cells(plant: Plant, rows: Rows) -> None:
    """Hold what each machine did in each shift of a date against the minutes."""
    expected = {
        (day_of(day), machine, shift): amounts
        for (machine, day, shift), amounts in plant.cells().items()
    }
    found = {
        (row["production_date"], row["machine_id"], row["shift_key"]): row
        for row in rows
        if row["level"] == "machine_shift"
    }
    assert found.keys() == expected.keys()
    for key, row in found.items():
        assert_amounts(row, expected[key])
    for metric, of_plant in (("units_good", "good"), ("units_defective", "defective")):
        made = sum(getattr(batch, of_plant) for batch in plant.batches)
        assert sum(row[metric] for row in found.values()) == made
    assert sum(row["batches"] for row in found.values()) == len(plant.batches)


def assert_amounts(row: dict, amounts: Amounts) -> None:
    assert (row["planned_seconds"], row["run_seconds"]) == (amounts.planned, amounts.run)
    for state, loss in LOSS_OF_STATE.items():
        assert row[loss] == amounts.lost[state], loss
    assert row["batches"] == amounts.batches
    # a part of a batch has whole units
    for name, units in (("good", amounts.good), ("defective", amounts.defective)):
        off = abs(row[f"units_{name}"] - units)
        assert off < amounts.parts or off == amounts.parts == 0
    assert row["ideal_seconds"] == pytest.approx(float(amounts.ideal), **NEAR)
    assert row["ideal_good_seconds"] == pytest.approx(float(amounts.ideal_good), **NEAR)
    assert row["process_defects_seconds"] == pytest.approx(float(amounts.process), **NEAR)
    assert row["startup_rejects_seconds"] == pytest.approx(float(amounts.startup), **NEAR)
    speed = row["reduced_speed_seconds"] - row["faster_than_plate_seconds"]
    assert speed == pytest.approx(amounts.run - float(amounts.ideal), **NEAR)
    assert min(row["reduced_speed_seconds"], row["faster_than_plate_seconds"]) == 0


def assert_levels(plant: Plant, rows: Rows) -> None:
    """Hold every level against what its machines and shifts add up to, and its shares."""
    product_of = {machine.name: machine.product for machine in plant.machines}
    base = [row for row in rows if row["level"] == "machine_shift"]
    measures = [
        name
        for name in (rows[0] if rows else {})
        if name.endswith("_seconds") or name.startswith("units_") or name == "batches"
    ]
    count = 0
    for level, keys in LEVELS.items():
        sums: dict[tuple, dict[str, float]] = defaultdict(lambda: dict.fromkeys(measures, 0))
        for row in base:
            assert row["product_key"] == product_of[row["machine_id"]]
            for name in measures:
                sums[tuple(row[key] for key in keys)][name] += row[name]
        found = [row for row in rows if row["level"] == level]
        assert len(found) == len(sums)
        count += len(found)
        for row in found:
            expected = sums[tuple(row[key] for key in keys)]
            assert {name: row[name] for name in measures} == pytest.approx(expected, abs=1e-4)
            assert all(row[key] == NONE for key in KEYS if key not in keys)
            assert_row(row)
    assert count == len(rows)


def assert_row(row: dict) -> None:
    """Hold a row's shares against its measures, and its losses against its planned time."""
    planned, run, ideal = row["planned_seconds"], row["run_seconds"], row["ideal_seconds"]
    good, produced = row["units_good"], row["units_produced"]
    assert row["availability"] == (pytest.approx(run / planned) if planned else None)
    assert row["effectiveness"] == (pytest.approx(ideal / run) if run else None)
    assert row["quality_ratio"] == (pytest.approx(good / produced) if produced else None)
    whole = planned and run and produced
    oee = run / planned * ideal / run * good / produced if whole else None
    assert row["oee"] == (pytest.approx(oee) if whole else None)
    assert row["availability"] is None or row["availability"] <= 1
    lost = sum(row[loss] for loss in LOSS_OF_STATE.values()) + sum(
        row[f"{loss}_seconds"] for loss in ("reduced_speed", "process_defects", "startup_rejects")
    )
    used = row["ideal_good_seconds"] + lost - row["faster_than_plate_seconds"]
    assert used == pytest.approx(planned, abs=1e-3)
    assert (row["over_one_reason"] is not None) == (ideal > run)
    assert row["has_production"] == bool(run or produced)
