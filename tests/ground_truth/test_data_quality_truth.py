"""Data quality in gold beside the ledger and the landing files, read in plain Python."""

import csv
import json
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Rows, Workspace
from tests.ground_truth.worlds import World, worlds

pytestmark = pytest.mark.slow

NOT_OF_ROWS = {"decay"}
"""What is found in a machine's history is a claim about no landed row."""
GIVEN_UP = ("duplicate", "conflicting_copy")

Kind = tuple[str, str]


def ledger_of(world: World) -> Rows:
    files = sorted(world.workspace.truth.glob("*/fault_ledger.json"))
    return [json.loads(line) for path in files for line in path.read_text().splitlines()]


def landed_rows(landing: Path) -> dict[str, Any]:
    """Return what each file has in each row, by `file:number`."""
    rows = {}
    for path in sorted(landing.glob("20*/*")):
        if path.suffix == ".csv":
            with path.open(newline="") as file:
                found: list[Any] = list(csv.DictReader(file))
        else:
            text = path.read_text()
            is_array = text.lstrip().startswith("[")
            found = json.loads(text) if is_array else [json.loads(x) for x in text.splitlines()]
        for number, row in enumerate(found, start=1):
            rows[f"{path.parent.name}/{path.name}:{number}"] = row
    return rows


def table_of(row_id: str) -> str:
    return row_id.split("/")[1].split(".", maxsplit=1)[0]


def perfect(world: World) -> set[Kind]:
    """Return the kinds and tables of which all is found, and nothing in vain."""
    return {
        (score["fault_type"], score["table"])
        for score in world.scores
        if score["recall"] == score["precision"] == 1.0
    } - {(kind, "production_batches") for kind in NOT_OF_ROWS}


def kind_of(fault: dict[str, Any]) -> Kind:
    return fault["fault_type"], fault["table_name"]


def place_of(fault: dict[str, Any]) -> tuple[str, str]:
    is_landed = fault["source_file"] is not None
    row = f"{fault['source_file']}:{fault['source_row']}" if is_landed else fault["event_id"]
    return row, fault["column_name"]


@worlds("classic", "campus", "storm")
def test_faults_are_those_of_the_ledger_wherever_scores_are_perfect(world: World):
    expected: dict[Kind, set[tuple[str, str]]] = defaultdict(set)
    for fault in ledger_of(world):
        expected[kind_of(fault)].add(place_of(fault))
    found: dict[Kind, set[tuple[str, str]]] = defaultdict(set)
    counts: Counter[Kind] = Counter()
    for row in world.workspace.table("gold.fact_data_fault"):
        kind = (row["fault_type_key"], row["table_name"])
        found[kind].add((row["lost_event_id"] or row["row_id"], row["column_name"]))
        counts[kind] += 1
    daily: Counter[Kind] = Counter()
    for row in world.workspace.table("gold.data_quality_daily"):
        daily[row["fault_type_key"], row["table_name"]] += row["found"]
    kinds = perfect(world)
    assert len(kinds) >= 5
    for kind in kinds:
        assert found[kind] == expected[kind], kind
        assert counts[kind] == daily[kind] == len(expected[kind]), kind
    assert daily == counts


@worlds("classic", "campus", "storm")
def test_faults_of_batches_and_rows_late_are_on_the_dates_of_the_ledger(world: World):
    kinds = {kind for kind, table in perfect(world) if table == "production_batches"}
    expected = Counter(
        (fault["fault_type"], fault["event_date"], fault["arrival_date"])
        for fault in ledger_of(world)
        if fault["table_name"] == "production_batches"
        and fault["fault_type"] in kinds - {"lost_row"}
    )
    faults = world.workspace.table("gold.fact_data_fault")
    found = Counter(
        (row["fault_type_key"], str(row["event_date"]), str(row["arrival_date"]))
        for row in faults
        if row["table_name"] == "production_batches"
        and row["fault_type_key"] in kinds - {"lost_row"}
    )
    assert found == expected
    assert found
    late = Counter()
    for kind, event_date, _ in expected.elements():
        late[event_date] += kind == "late_arrival"
    assert "late_arrival" in kinds
    assert +late == +Counter(
        {
            str(row["event_date"]): row["rows_late"]
            for row in world.workspace.table("gold.landed_rows")
            if row["table_name"] == "production_batches"
        }
    )


@worlds("classic", "campus", "storm")
def test_every_landed_row_is_counted_once_and_every_fault_leads_to_its_row(world: World):
    rows = landed_rows(world.workspace.landing)
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for row in world.workspace.table("gold.landed_rows"):
        names = ("landed", "kept", "duplicate", "quarantined")
        counted[row["table_name"]].update({name: row[f"rows_{name}"] for name in names})
    in_files = Counter(map(table_of, rows))
    assert {name: counts["landed"] for name, counts in counted.items()} == in_files
    for name, counts in world.conservation.items():
        assert {key: counted[name][key] for key in counts} == counts, name
    for fault in world.workspace.table("gold.fact_data_fault"):
        landed = rows[fault["row_id"]]
        raw = json.loads(fault["raw_row"])
        assert {key: raw[key] or None for key in landed} == {
            key: None if value in {"", None} else str(value) for key, value in landed.items()
        }
        assert str(fault["arrival_date"]) == fault["row_id"][:10]


@worlds("classic", "campus", "storm")
def test_what_was_given_up_adds_up_over_dates_to_what_was_conserved(world: World):
    daily = world.workspace.table("gold.data_quality_daily")
    for name, counts in world.conservation.items():
        found = Counter()
        for row in daily:
            if row["table_name"] == name:
                found[row["fault_type_key"]] += row["found"]
        assert sum(found[kind] for kind in GIVEN_UP) == counts["duplicate"]
        assert found["quarantined_row"] == counts["quarantined"]


@worlds("classic", "campus", "storm")
def test_every_key_of_a_fault_has_its_row_in_the_dimensions(world: World):
    query = world.workspace.query
    for key, dimension in (("date_key", "dim_date"), ("fault_type_key", "dim_fault_type")):
        dangling = (
            f"SELECT {key} FROM gold.fact_data_fault EXCEPT SELECT {key} FROM gold.{dimension}"
        )
        assert query(dangling) == []
    machines = {row["machine_id"] for row in world.workspace.table("gold.dim_machine")}
    found = {row["machine_id"] for row in query("SELECT machine_id FROM gold.fact_data_fault")}
    assert found <= machines | {"unknown"}


def test_the_week_of_another_generator_is_counted_as_it_landed(seed_week: Workspace):
    rows = landed_rows(seed_week.landing)
    expected: dict[date, list[int]] = defaultdict(lambda: [0, 0])
    seen = set()
    for row_id, row in rows.items():
        if table_of(row_id) == "production_batches":
            day = date.fromisoformat(row["start_time"][:10])
            is_copy = (row["batch_id"], row["start_time"]) in seen
            seen.add((row["batch_id"], row["start_time"]))
            expected[day][0] += 1
            expected[day][1] += is_copy
    found = {
        row["event_date"]: [row["rows_landed"], row["rows_duplicate"]]
        for row in seed_week.table("gold.landed_rows")
        if row["table_name"] == "production_batches"
    }
    assert found == expected
    empty = sum(
        value is None
        for row_id, row in rows.items()
        if table_of(row_id) == "sensor_logs"
        for value in row.values()
    )
    assert empty == sum(
        row["found"]
        for row in seed_week.table("gold.data_quality_daily")
        if row["fault_type_key"] == "missing_value"
    )
