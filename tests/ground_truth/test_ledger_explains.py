"""Landing files minus the ledger are the clean files, cell by cell, in plain Python."""

import csv
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import PROJECT, Workspace, close_warehouses, make_workspace

Row = dict[str, Any]
_SCENARIOS = PROJECT / "conf" / "base" / "scenarios"
_STAYS_TRUE = {"machine_stop", "maintenance", "decay"}
"""What befell machines is no error of the data: it is in the clean files too."""


@pytest.fixture(params=["classic", "storm"])
def scenario(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def twins(scenario: str, tmp_path: Path) -> tuple[Workspace, Workspace]:
    """A world as it lands, and the same world without a fault in its files."""
    dirty = make_workspace(tmp_path / "dirty", scenario=scenario)
    clean = make_workspace(tmp_path / "clean", scenario="undisturbed")
    config = PROJECT / "conf" / "local" / "scenarios" / f"undisturbed_{scenario}.yml"
    chaos = yaml.safe_load((_SCENARIOS / f"{scenario}.yml").read_text())[scenario]["chaos"]
    machines = {kind: chaos[kind] for kind in ("machine_stop", "maintenance") if kind in chaos}
    others = {kind: None for kind in chaos if kind not in machines}
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(
        yaml.safe_dump({"undisturbed": {"based_on": scenario, "chaos": {**others, **machines}}})
    )
    try:
        dirty.run("generation")
        clean.run("generation")
    finally:
        config.unlink()
    yield dirty, clean
    close_warehouses()


def test_landing_files_minus_the_ledger_are_the_clean_files(twins):
    dirty, clean = twins
    ledger = read_ledger(dirty.truth)
    assert ledger
    assert {fault["fault_type"] for fault in read_ledger(clean.truth)} <= _STAYS_TRUE
    repaired, expected = undone(read_landing(dirty.landing), ledger), read_landing(clean.landing)
    for table in expected:
        ours = Counter(comparable(day, row) for (day, _), row in repaired[table].items())
        theirs = Counter(comparable(day, row) for (day, _), row in expected[table].items())
        assert ours == theirs, table
    assert sum(map(len, expected.values())) > 1000


def comparable(day: str, row: Row) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return a row as text: a file of CSV has no null, and no number either."""
    return day, tuple((name, "" if value is None else str(value)) for name, value in row.items())


def read_ledger(truth: Path) -> list[Row]:
    paths = sorted(truth.glob("*/fault_ledger.json"))
    return [json.loads(line) for path in paths for line in path.read_text().splitlines()]


def read_landing(landing: Path) -> dict[str, dict[tuple[str, int], Row]]:
    """Return the rows of each table by day and number in the day's file."""
    tables: dict[str, dict[tuple[str, int], Row]] = defaultdict(dict)
    for path in sorted(landing.glob("20*/*")):
        text = path.read_text()
        rows = (
            [json.loads(line) for line in text.splitlines()]
            if path.suffix == ".json"
            else list(csv.DictReader(text.splitlines()))
        )
        for number, row in enumerate(rows, start=1):
            tables[path.stem][path.parent.name, number] = row
    return tables


def undone(landed: dict[str, dict[tuple[str, int], Row]], ledger: list[Row]) -> Any:
    """Take every fault of the ledger back."""
    in_rows_last = sorted(ledger, key=lambda fault: fault["column_name"] == "*")
    for number, fault in enumerate(in_rows_last):
        rows = landed[fault["table_name"]]
        if fault["source_file"] is None:
            if fault["fault_type"] == "lost_row":
                rows[fault["event_date"], -number] = json.loads(fault["clean_value"])
            continue
        place = (fault["source_file"].split("/")[0], fault["source_row"])
        assert place[0] == fault["arrival_date"]
        if fault["column_name"] == "*":
            if fault["clean_value"] is None:
                del rows[place]
        elif fault["column_name"] != "_arrival_date":
            shown = rows[place][fault["column_name"]]
            assert ("" if shown is None else str(shown)) == (fault["dirty_value"] or "")
            rows[place][fault["column_name"]] = fault["clean_value"]
    for number, fault in enumerate(ledger, start=len(ledger)):
        if fault["column_name"] == "_arrival_date":
            rows = landed[fault["table_name"]]
            late = rows.pop((fault["arrival_date"], fault["source_row"]))
            rows[fault["clean_value"], -number] = late
    return landed
