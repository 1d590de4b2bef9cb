"""The ledger says of every fault what it did, and of nothing else."""

import json
from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import Any

import pytest

from factory_simulation.domain import LANDED_TABLES, WHOLE_ROW, FaultType, Recoverability
from factory_simulation.pipelines.generation.inject.ledger import export_ledger
from tests.pipelines.generation.world import World, records, scenario_of, storm_world

Row = dict[str, Any]
REPORTED = {"machine_stop", "maintenance"}


@pytest.fixture(scope="module")
def storm() -> World:
    return storm_world()


@pytest.fixture(scope="module")
def ledger(storm: World) -> list[Row]:
    return records(storm.ledger)


@pytest.fixture(scope="module")
def of_rows(ledger: list[Row]) -> list[Row]:
    return [fault for fault in ledger if fault["column_name"] == WHOLE_ROW]


@pytest.fixture(scope="module")
def of_cells(ledger: list[Row]) -> list[Row]:
    named = {WHOLE_ROW}
    return [
        f for f in ledger if f["column_name"] not in named and f["fault_type"] != FaultType.DECAY
    ]


@pytest.fixture(scope="module")
def landed(storm: World) -> dict[tuple[str, int], Row]:
    """Every row that lands, by its file and its place there."""
    return {
        (row["_source_file"], row["_source_row"]): row
        for table in LANDED_TABLES
        for row in storm.landed(table)
    }


def iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def decimal(number: int, places: int) -> str:
    return repr(round(number / 10**places, places))


@pytest.fixture(scope="module")
def truth(storm: World) -> dict[str, dict[str, Row]]:
    """What would land of each event if no fault fell on it, written down without the injection."""
    batches = {
        row["batch_id"]: {
            "batch_id": row["batch_id"],
            "machine_id": row["machine_id"],
            "product_name": row["product_name"],
            "start_time": iso(row["start_seconds"]),
            "end_time": iso(row["end_seconds"]),
            "units_produced": str(row["units_produced"]),
            "units_defective": str(row["units_defective"]),
            "_arrival_date": row["production_date"].isoformat(),
        }
        for row in records(storm.batches)
    }
    readings = {
        f"{row['batch_id']}/{row['reading_number']}": {
            "machine_id": row["machine_id"],
            "timestamp": iso(row["read_seconds"]),
            "temperature": decimal(row["centi_celsius"], 2),
            "pressure": decimal(row["milli_bar"], 3),
            "energy_kwh": decimal(row["energy_e4_kwh"], 4),
            "efficiency_percent": decimal(row["efficiency_bp"], 2),
        }
        for row in records(storm.readings)
    }
    checks = {
        row["check_id"]: {
            "check_id": row["check_id"],
            "batch_id": row["batch_id"],
            "check_timestamp": iso(row["check_seconds"]),
            "inspector_id": row["employee_id"],
            "inspector_name": row["employee_name"],
            "pass_fail": row["result"],
            "defect_notes": row["defect_notes"],
        }
        for row in records(storm.checks)
    }
    entries = {
        row["log_id"]: {
            "log_id": row["log_id"],
            "machine_id": row["machine_id"],
            "operator_id": row["employee_id"],
            "operator_name": row["employee_name"],
            "log_timestamp": iso(row["log_seconds"]),
            "action": row["action"],
            "notes": row["notes"],
        }
        for row in records(storm.entries)
    }
    events = {
        row["event_id"]: {
            **{name: row[name] for name in ("event_id", "machine_id", "event_type", "reason")},
            "start_time": iso(row["start_seconds"]),
            "end_time": iso(row["end_seconds"]),
        }
        for row in records(storm.events)
    }
    tables = (batches, readings, checks, entries, events)
    names = ("production_batches", "sensor_logs", "qc_checks", "operator_logs", "machine_events")
    return dict(zip(names, tables, strict=True))


def shown(row: Row, column: str) -> str | None:
    return row[column].isoformat() if column == "_arrival_date" else row[column]


def test_every_kind_of_fault_is_on_record_in_a_storm(ledger):
    assert {fault["fault_type"] for fault in ledger} == {kind.value for kind in FaultType}


def test_faults_have_ids_of_their_own(ledger):
    ids = [fault["fault_id"] for fault in ledger]
    assert len(set(ids)) == len(ids) > 5000


def test_no_cell_has_two_faults(of_cells):
    places = [(f["source_file"], f["source_row"], f["column_name"]) for f in of_cells]
    assert len(set(places)) == len(places)


def test_the_dirty_value_is_what_landed_and_the_clean_one_what_is_true(of_cells, landed, truth):
    for fault in of_cells:
        row = landed[fault["source_file"], fault["source_row"]]
        column, clean = fault["column_name"], truth[fault["table_name"]][fault["event_id"]]
        assert fault["dirty_value"] == shown(row, column), fault
        assert fault["clean_value"] == clean[column], fault
        is_same = fault["dirty_value"] == fault["clean_value"]
        if fault["fault_type"] not in {*REPORTED, FaultType.STUCK_SENSOR}:
            assert not is_same, fault
        assert fault["arrival_date"] == row["_arrival_date"]
        assert fault["factory_id"] == row["factory_id"] == "berlin"
        assert fault["event_date"] == row["event_date"]


def test_whatever_landed_otherwise_than_it_is_true_is_on_record(ledger, landed, truth):
    faults = defaultdict(set)
    for fault in ledger:
        faults[fault["source_file"], fault["source_row"]].add(fault["column_name"])
    intact = 0
    for place, row in landed.items():
        table = place[0].split("/")[1].split(".")[0]
        clean = truth[table].get(row["event_key"])
        if WHOLE_ROW in faults[place] and row["row_mechanism"] != "batch_lost":
            continue
        hurt = {column for column, value in clean.items() if shown(row, column) != value}
        assert hurt <= faults[place], place
        intact += not faults[place]
    assert intact > 500


def test_rows_that_are_faults_as_a_whole_have_no_faults_in_their_cells(of_rows, of_cells):
    whole = {
        (f["source_file"], f["source_row"]): f["mechanism"] for f in of_rows if f["source_file"]
    }
    kept = Counter(whole.get((f["source_file"], f["source_row"])) for f in of_cells)
    assert set(kept) <= {None, "batch_lost", "batch_lost_and_redelivered"}
    assert set(whole.values()) >= {"exact", "respelled", "file_redelivered", "corrected_later"}


def test_copies_repeat_a_row_that_landed_before_them(of_rows, landed):
    by_event = defaultdict(list)
    for place, row in landed.items():
        by_event[place[0].split("/")[1], row["event_key"]].append((*place, row))
    copies = [fault for fault in of_rows if fault["fault_type"] == FaultType.DUPLICATE]
    assert len(copies) > 100
    for fault in copies:
        place = fault["source_file"], fault["source_row"]
        copy = landed[place]
        told = json.loads(fault["dirty_value"])
        assert told == {name: copy[name] for name in told}
        before = [
            {name: row[name] for name in told}
            for file, number, row in by_event[place[0].split("/")[1], copy["event_key"]]
            if (file, number) < place
        ]
        assert before
        if fault["mechanism"] == "respelled":
            told["product_name"] = None
            before = [{**row, "product_name": None} for row in before]
        assert told in before


def test_a_corrected_row_shows_a_wrong_count_and_the_right_one_follows(of_rows, landed, truth):
    right = defaultdict(list)
    for row in landed.values():
        if "product_name" in row and row["row_fault"] != FaultType.CONFLICTING_COPY:
            right[row["event_key"]].append(row["_arrival_date"])
    corrected = [f for f in of_rows if f["fault_type"] == FaultType.CONFLICTING_COPY]
    assert {f["mechanism"] for f in corrected} == {"file_corrected", "corrected_later"}
    for fault in corrected:
        row = landed[fault["source_file"], fault["source_row"]]
        true = int(truth["production_batches"][fault["event_id"]]["units_produced"])
        assert 1 <= int(row["units_produced"]) - true <= 9
        assert min(right[fault["event_id"]]) > row["_arrival_date"]
    wrong = {f["event_id"] for f in corrected}
    for row in landed.values():
        if "product_name" in row and row["event_key"] not in wrong:
            true = truth["production_batches"][row["event_key"]]
            assert row["units_produced"] == true["units_produced"]


def test_lost_rows_are_on_record_without_a_place(of_rows, truth, landed):
    lost = [fault for fault in of_rows if fault["fault_type"] == FaultType.LOST_ROW]
    assert lost
    seen = {row["event_key"] for row in landed.values()}
    for fault in lost:
        assert fault["source_file"] is fault["source_row"] is fault["dirty_value"] is None
        assert fault["event_id"] not in seen
        clean = truth["production_batches"][fault["event_id"]]
        told = json.loads(fault["clean_value"])
        assert told["start_time"] == clean["start_time"]
        assert fault["recoverability"] == Recoverability.LOST
    missing = set(truth["production_batches"]) - seen
    assert {fault["event_id"] for fault in lost} == missing


def test_the_clean_value_of_a_lost_row_is_the_clean_row(of_rows, truth):
    for fault in of_rows:
        if fault["fault_type"] == FaultType.LOST_ROW:
            clean = dict(truth["production_batches"][fault["event_id"]])
            del clean["_arrival_date"]
            assert json.loads(fault["clean_value"]) == clean


def test_checks_of_unknown_batches_name_one_that_never_was_or_never_landed(of_rows, truth, landed):
    known = {row["batch_id"]: row["event_key"] for row in landed.values() if "product_name" in row}
    orphans = [fault for fault in of_rows if fault["fault_type"] == FaultType.ORPHAN]
    mechanisms = Counter(fault["mechanism"] for fault in orphans)
    assert set(mechanisms) == {"unknown_batch", "batch_lost", "batch_lost_and_redelivered"}
    for fault in orphans:
        row = landed[fault["source_file"], fault["source_row"]]
        assert (row["batch_id"] in truth["production_batches"]) == (
            fault["mechanism"] != "unknown_batch"
        )
        assert known.get(row["batch_id"]) != row["batch_id"]


def test_machines_that_decay_are_on_record_once(ledger):
    decay = [f for f in ledger if f["fault_type"] == FaultType.DECAY]
    assert [(f["event_id"], f["dirty_value"], f["source_file"]) for f in decay] == [
        (f"SMELTER-0{number}", "-1.0", None) for number in range(1, 5)
    ]


def test_without_chaos_nothing_is_on_record_but_each_date_is():
    clean = World(scenario_of("clean", days=2))
    assert records(clean.ledger) == []
    exported = records(export_ledger(clean.ledger, None, **clean.injected))
    assert sorted(str(row["arrival_date"]) for row in exported) == ["2025-12-01", "2025-12-02"]
    assert all(row["fault_id"] is None for row in exported)
