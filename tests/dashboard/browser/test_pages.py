"""Every page of the app in a real browser: it shows what gold says, and nothing goes wrong."""

import json
from csv import DictReader
from pathlib import Path
from typing import Any

import pytest
from pyarrow import csv

from factory_simulation.dashboard.pages import explore, shell
from factory_simulation.fault_kinds import FAULT_KINDS
from tests.conftest import Workspace, make_workspace

WORD_JOINER = "\N{WORD JOINER}"
PHONE = {"width": 400, "height": 900}
MARKS = {
    shell.FLOOR: "machines",
    shell.HEALTH: "health of the machine",
    shell.FLOW: "books of material",
    shell.QUALITY: "faults by kind",
    shell.TRUTH: "verdict",
    shell.EXPLORE: "what the table holds",
}
"""The label of a region that each page has."""


@pytest.fixture(scope="session")
def campus_days(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A few days of the campus: two factories, forty machines."""
    made = make_workspace(tmp_path_factory.mktemp("campus"), scenario="campus", days=4)
    made.run()
    return made


@pytest.fixture(params=["classic_week", "seed_week", "campus_days"])
def workspace(request: pytest.FixtureRequest) -> Workspace:
    return request.getfixturevalue(request.param)


@pytest.fixture
def tab(workspace: Workspace, serve, open_tab):
    return open_tab(serve(Path(workspace.parameters["serving_dir"])))


def test_each_page_shows_something_and_nothing_goes_wrong(tab):
    for title in shell.PAGES:
        tab.show(title)
        tab.page.locator(f'[aria-label="{MARKS[title]}"]').wait_for()
        tab.page.wait_for_timeout(1500)  # what is drawn after it
        assert tab.page.get_by_text("Traceback").count() == 0
        assert tab.page.get_by_text("internal error").count() == 0
        assert tab.page.locator("[data-testid='cell-error'], .marimo-error").count() == 0


def test_on_a_phone_no_page_is_wider_than_the_screen(workspace, serve, open_tab):
    tab = open_tab(serve(Path(workspace.parameters["serving_dir"])), PHONE)
    for title in shell.PAGES:
        tab.show(title)
        tab.page.locator(f'[aria-label="{MARKS[title]}"]').wait_for()
        tab.page.wait_for_timeout(1500)
        width = tab.page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], title


def test_the_cards_show_what_gold_says(tab, workspace):
    made = workspace.query(
        "SELECT machine_id, sum(batches)::DOUBLE AS batches, "
        "sum(units_produced)::DOUBLE AS units_produced, sum(energy_kwh)::DOUBLE AS energy_kwh "
        f"FROM gold.daily_production WHERE production_date = DATE '{tab.day}' GROUP BY 1"
    )
    oee = workspace.query(
        "SELECT machine_id, oee FROM gold.oee_daily "
        f"WHERE level = 'machine' AND production_date = DATE '{tab.day}'"
    )
    assert made
    for row in made:
        card = f'.fs-card[data-machine="{row.pop("machine_id")}"]'
        shown = {name: tab.value(name, card) for name in row}
        assert shown == pytest.approx(row), card
    for row in oee:
        if row["oee"] is not None:
            card = f'.fs-card[data-machine="{row["machine_id"]}"]'
            assert tab.value("oee", card) == pytest.approx(row["oee"]), card


def test_a_factory_and_a_line_that_are_chosen_are_all_that_is_shown(tab, workspace):
    machines = workspace.query(
        "SELECT DISTINCT machine_id, factory_name, product_name FROM gold.dim_machine"
    )
    factory, line = machines[0]["factory_name"], machines[0]["product_name"]
    tab.choose("factory", factory)
    tab.choose("line", line)
    expected = {
        row["machine_id"]
        for row in machines
        if row["factory_name"] == factory and row["product_name"] == line
    }
    cards = tab.page.locator(".fs-card")
    tab.page.wait_for_function(
        "count => document.querySelectorAll('.fs-card').length === count", arg=len(expected)
    )
    shown = {card.get_attribute("data-machine") for card in cards.all()}
    assert shown == expected


def test_a_machine_that_is_chosen_shows_what_gold_says_of_it(tab, workspace):
    tab.show("Machine health")
    rows = workspace.query("SELECT * FROM gold.machine_health ORDER BY machine_id DESC LIMIT 2")
    for row in rows:
        tab.choose("machine", row["machine_id"])
        heading = f'section[data-machine="{row["machine_id"]}"]'
        tab.page.locator(heading).wait_for()
        shown = {
            name: tab.value(name, heading)
            for name in ("efficiency_percent", "wear_days", "change_percent_per_day")
        }
        assert shown == pytest.approx({name: row[name] for name in shown})


def test_a_batch_that_is_chosen_shows_what_went_into_it(tab, workspace):
    tab.show("Product flow")
    tab.page.locator("marimo-table").get_by_role("checkbox").first.click()
    family = tab.page.locator("section[data-chosen]")
    key = family.get_attribute("data-chosen")
    lots = workspace.query(f"SELECT lot_key FROM gold.genealogy WHERE batch_key = '{key}'")
    assert lots
    shown = family.locator('[data-side="ancestors"] tr[data-generation="1"] [data-lot]')
    assert {lot.get_attribute("title") for lot in shown.all()} == {lot["lot_key"] for lot in lots}


def test_an_event_that_is_chosen_stays_chosen_while_it_is_listed(tab, workspace):
    tab.show("Data quality")
    found = workspace.query(
        "SELECT count(*)::DOUBLE AS n FROM silver.repairs WHERE fault_type = 'missing_value' "
        f"AND _event_date = DATE '{tab.day}'"
    )
    shown = '[data-kind="missing_value"] [data-of="day"]'
    tab.page.locator(shown).first.wait_for()
    assert tab.value("found", '[data-kind="missing_value"]') == found[0]["n"]
    events = tab.page.locator("marimo-table").last
    events.get_by_role("checkbox").nth(1).click()
    chosen = tab.page.locator("[data-event]")
    key = chosen.get_attribute("data-event")
    file, row = (chosen.get_attribute(f"data-source-{name}") for name in ("file", "row"))
    assert key.startswith(f"{file}:{row}|")
    tab.choose("kind of fault", FAULT_KINDS[key.split("|")[2]].title)
    tab.page.wait_for_timeout(2000)
    assert chosen.get_attribute("data-event") == key
    tab.control("a day back").click()
    tab.page.get_by_text("Choose an event").wait_for()


def test_a_table_is_downloaded_as_gold_has_it(tab, workspace, tmp_path):
    tab.show("Explore")
    tab.page.get_by_role("button", name="Export").click()
    with tab.page.expect_download() as started:
        tab.page.get_by_role("button", name="Download CSV").click()
    started.value.save_as(tmp_path / "table.csv")
    downloaded = csv.read_csv(tmp_path / "table.csv")
    made = workspace.query(
        "SELECT count(*) AS rows, sum(units_produced) AS units FROM " + explore.FIRST
    )[0]
    assert downloaded.num_rows == made["rows"]
    assert sum(downloaded["units_produced"].to_pylist()) == made["units"]


@pytest.mark.parametrize("suffix", [".csv", ".json"])
def test_an_event_that_is_chosen_leads_to_the_row_as_it_landed(tab, workspace, suffix):
    tab.show("Data quality")
    log = tab.page.locator("marimo-table")
    log.get_by_placeholder("Search").fill(suffix)
    entry = log.locator("tbody tr").filter(has_text=suffix).first
    log.locator("tbody tr").filter(has_not_text=suffix).first.wait_for(state="detached")
    place = entry.locator("td").last.inner_text().replace(WORD_JOINER, "")
    file, _, row = place.rpartition(":")
    assert file.endswith(suffix)
    entry.get_by_role("checkbox").click()
    chosen = tab.page.locator("[data-event]")
    chosen.wait_for()
    assert chosen.get_attribute("data-source-file") == file
    assert chosen.get_attribute("data-source-row") == row
    landed = landed_rows(workspace.landing / file)[int(row) - 1]
    shown = json.loads(chosen.locator('[data-measure="raw_row"]').text_content())
    came = {name: value for name, value in shown.items() if not name.startswith("_")}
    assert came == {name: None if value is None else str(value) for name, value in landed.items()}


def landed_rows(path: Path) -> list[dict[str, Any]]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".csv":
        return list(DictReader(text.splitlines()))
    return json.loads(text) if text[0] == "[" else [json.loads(line) for line in text.splitlines()]
