"""Where faults fall, and what they make of a clean value, in a world that is full of them."""

import math
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.pipelines.generation.world import World, records, storm, with_chaos

Row = dict[str, Any]
RATE = 0.1
VALUES = ("temperature", "pressure", "energy_kwh", "efficiency_percent")
OF_SENSORS = {
    "missing_value": {"rate": RATE, "pressure_when_hot": 0.3, "temperature_when_hot": 0.2},
    "decimal_comma": {"rate": RATE},
    "unit_mixup": {"rate": RATE},
    "swapped_columns": {"rate": RATE},
    "spike": {"rate": RATE, "times": {"low": 7, "high": 9}},
    "stuck_sensor": {"rate": RATE},
    "clock_drift": {"rate": 0.5, "minutes": 3},
    "machine_id_variant": {"elsewhere": RATE},
    "meter_drift": {"rate": 0.5, "per_day": 0.04, "most": 0.3},
}
OF_PEOPLE = {
    "note_typo": {"rate": 0.4},
    "clock_reset": {"rate": RATE},
    "local_time": {"rate": 0.3, "entries": 0.4},
    "orphan": {"rate": 0.2},
    "machine_id_variant": {"rate": 0.5},
}


def busy(**chaos: Any) -> World:
    """Thirty days of seven machines in Berlin, whose clocks are set back among them."""
    stocked = storm({"materials": {"limit_production": False}}, days=30, seed=9)
    return World(with_chaos(stocked, **chaos))


@pytest.fixture(scope="module")
def world() -> World:
    return busy(**OF_SENSORS, **{k: v for k, v in OF_PEOPLE.items() if k not in OF_SENSORS})


@pytest.fixture(scope="module")
def readings(world: World) -> list[Row]:
    return world.landed("sensor_logs")


@pytest.fixture(scope="module")
def true(world: World) -> dict[str, Row]:
    return {f"{row['batch_id']}/{row['reading_number']}": row for row in records(world.readings)}


def about(rate: float, count: int) -> Any:
    """Return what four standard deviations allow of a share of so many rows."""
    return pytest.approx(rate, abs=4 * math.sqrt(rate * (1 - rate) / count))


@pytest.mark.parametrize(
    ("column", "kinds"),
    [
        (
            "temperature",
            [
                ("swapped_columns", "at_random"),
                ("stuck_sensor", "batch"),
                ("unit_mixup", "at_random"),
                ("spike", "at_random"),
                ("decimal_comma", "at_random"),
                ("missing_value", "at_random"),
            ],
        ),
        (
            "pressure",
            [
                ("swapped_columns", "at_random"),
                ("unit_mixup", "at_random"),
                ("spike", "at_random"),
                ("decimal_comma", "at_random"),
                ("missing_value", "at_random"),
            ],
        ),
        ("efficiency_percent", [("decimal_comma", "at_random"), ("missing_value", "at_random")]),
        ("machine_id", [("machine_id_variant", "at_random")]),
    ],
)
def test_each_kind_falls_at_its_rate_on_cells_that_no_kind_before_it_hit(readings, column, kinds):
    spared = readings
    for kind, mechanism in kinds:
        hit = [
            row
            for row in spared
            if (row[f"{column}_fault"], row[f"{column}_mechanism"]) == (kind, mechanism)
        ]
        clumps = 4 if kind == "stuck_sensor" else 1
        assert len(hit) / len(spared) == about(RATE, len(spared) // clumps), kind
        spared = [row for row in spared if row not in hit]
    known = {*kinds, (None, None)}
    rest = {(row[f"{column}_fault"], row[f"{column}_mechanism"]) for row in readings} - known
    assert {fault for fault, _mechanism in rest} <= {"missing_value"}


def test_values_are_missing_where_it_is_hot_and_nowhere_else_for_that_reason(readings, true):
    ranges = {"SMELTER": (120_000, 140_000), "ASSEMBLER": (2_500, 4_500)}
    hot, missing = Counter(), Counter()
    for row in readings:
        clean = true[row["event_key"]]
        low, high = ranges[clean["machine_id"].split("-")[0]]
        is_hot = clean["centi_celsius"] >= high - (high - low) / 4
        for column in ("temperature", "pressure"):
            if row[f"{column}_mechanism"] in {"depending_on_temperature", "depending_on_itself"}:
                assert is_hot
                assert row[column] is None
                missing[row[f"{column}_mechanism"], column] += 1
            elif row[f"{column}_fault"] is None and is_hot:
                hot[column] += 1
    assert set(missing) == {
        ("depending_on_temperature", "pressure"),
        ("depending_on_itself", "temperature"),
    }
    for (_mechanism, column), rate in zip(sorted(missing), (0.2, 0.3), strict=True):
        count = missing[_mechanism, column]
        assert count / (count + hot[column]) == about(rate, count + hot[column])


def test_swapped_columns_hold_each_other_s_clean_values(readings):
    swapped = [row for row in readings if row["temperature_fault"] == "swapped_columns"]
    assert swapped
    for row in readings:
        both = {row["temperature_fault"], row["pressure_fault"]}
        assert ("swapped_columns" not in both) or both == {"swapped_columns"}
    for row in swapped:
        assert row["temperature"] == row["pressure_clean"]
        assert row["pressure"] == row["temperature_clean"]


def test_a_stuck_sensor_shows_one_temperature_that_the_machine_may_see(readings, true):
    shown = defaultdict(set)
    for row in readings:
        if row["temperature_fault"] == "stuck_sensor":
            clean = true[row["event_key"]]
            shown[clean["batch_id"]].add(row["temperature"])
            kind = clean["machine_id"].split("-")[0]
            low, high = {"SMELTER": (1200, 1400), "ASSEMBLER": (25, 45)}[kind]
            assert low <= float(row["temperature"]) <= high
    assert {len(values) for values in shown.values()} == {1}
    for row in readings:
        if true[row["event_key"]]["batch_id"] in shown:
            assert row["temperature_fault"] in {"stuck_sensor", "swapped_columns"}


def test_a_spike_is_so_many_times_the_highest_value(readings, true):
    seen = set()
    for row in readings:
        kind = true[row["event_key"]]["machine_id"].split("-")[0]
        for column, highest in (
            ("temperature", {"SMELTER": 1400, "ASSEMBLER": 45}),
            ("pressure", {"SMELTER": 2.5, "ASSEMBLER": 1.2}),
        ):
            if row[f"{column}_fault"] == "spike":
                seen.add(round(float(row[column]) / highest[kind], 6))
    assert seen == {7, 8, 9}


def test_a_comma_stands_where_the_point_was(readings):
    for column in VALUES:
        hurt = [row for row in readings if row[f"{column}_fault"] == "decimal_comma"]
        assert hurt
        for row in hurt:
            assert row[column].count(",") == 1
            assert row[column].replace(",", ".") == row[f"{column}_clean"]


def test_meters_of_some_machines_show_more_each_day_up_to_the_most(readings, true):
    drifting = set()
    for row in readings:
        if row["energy_kwh_fault"] == "meter_drift":
            drifting.add(true[row["event_key"]]["machine_id"])
    assert 0 < len(drifting) < 7
    first = min(row["event_day"] for row in true.values())
    for row in readings:
        clean = true[row["event_key"]]
        share = min(4 * (clean["event_day"] - first), 30)
        is_hit = row["energy_kwh_fault"] == "meter_drift"
        assert is_hit == (clean["machine_id"] in drifting and share > 0)
        if is_hit:
            shown = clean["energy_e4_kwh"] * (100 + share) // 100
            assert round(float(row["energy_kwh"]) * 10_000) == shown


def test_half_of_clocks_are_off_by_whole_minutes_of_at_most_three(readings, true):
    off = Counter()
    for row in readings:
        told = datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC).timestamp()
        off[told - true[row["event_key"]]["read_seconds"]] += 1
        is_hit = row["timestamp_fault"] == "clock_drift"
        assert is_hit == (row["timestamp"] != row["timestamp_clean"])
    assert set(off) == {minutes * 60 for minutes in range(-3, 4)}
    expected = 0.5 + 0.5 / 7
    assert off[0] / off.total() == about(expected, off.total())


# --- people ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "column", "rate", "key", "truth", "seconds"),
    [
        ("qc_checks", "check_timestamp", 0.3 * (1 - RATE), "check_id", "checks", "check_seconds"),
        ("operator_logs", "log_timestamp", 0.4, "log_id", "entries", "log_seconds"),
    ],
)
def test_local_times_are_those_of_the_factory_s_zone(
    world, table, column, rate, key, truth, seconds
):
    told = {row[key]: row[seconds] for row in records(getattr(world, truth))}
    rows = [row for row in world.landed(table) if row["row_mechanism"] != "unknown_batch"]
    local = [row for row in rows if row[f"{column}_fault"] == "local_time"]
    assert len(local) / len(rows) == about(rate, len(rows))
    offsets = set()
    for row in local:
        at = datetime.fromtimestamp(told[row[key]], ZoneInfo("Europe/Berlin"))
        assert row[column] == at.strftime("%Y-%m-%dT%H:%M:%S")
        offsets.add(at.utcoffset())
    assert offsets == {timedelta(hours=1), timedelta(hours=2)}


def test_reset_clocks_count_from_1970_on(world):
    checks = [r for r in world.landed("qc_checks") if r["row_mechanism"] != "unknown_batch"]
    reset = [row for row in checks if row["check_timestamp_fault"] == "clock_reset"]
    assert len(reset) / len(checks) == about(RATE, len(checks))
    assert all(row["check_timestamp"].startswith("1970-01-01T") for row in reset)
    assert len({row["check_timestamp"] for row in reset}) > len(reset) / 2


def test_typos_change_two_letters_of_phrases_and_leave_notes_that_name_a_batch(world):
    phrases = {row["phrase"] for row in records(world.phrases)}
    typed, kept = 0, 0
    for table, column in (("operator_logs", "notes"), ("qc_checks", "defect_notes")):
        for row in world.landed(table):
            note, clean = row[column], row[f"{column}_clean"]
            if row[f"{column}_fault"] is None:
                assert note == clean
                kept += clean is not None
                continue
            typed += 1
            assert clean in phrases
            assert note not in phrases
            differ = [i for i, pair in enumerate(zip(note, clean, strict=True)) if len({*pair}) > 1]
            assert differ == [differ[0], differ[0] + 1]
            assert 1 <= differ[0] <= 12
            assert note[differ[0] : differ[0] + 2] == clean[differ[1]] + clean[differ[0]]
            assert note[differ[0] : differ[0] + 2].islower()
    assert 0.15 < typed / (typed + kept) < 0.35


def test_orphans_land_beside_a_fifth_of_checks_and_carry_no_other_fault(world):
    checks = world.landed("qc_checks")
    orphans = [row for row in checks if row["row_mechanism"] == "unknown_batch"]
    others = len(checks) - len(orphans)
    assert len(orphans) / others == about(0.2, others)
    batches = {row["batch_id"] for row in records(world.batches)}
    for row in orphans:
        assert row["batch_id"] not in batches
        assert row["check_timestamp"] == row["check_timestamp_clean"]
        assert row["check_timestamp_fault"] is row["defect_notes_fault"] is None
    assert len({row["check_id"] for row in checks}) == len(checks)
