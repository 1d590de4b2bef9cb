"""Any published table can be looked through, and its texts are shown as they are."""

from pathlib import Path

import pytest

from factory_simulation.dashboard.html import literally
from factory_simulation.dashboard.pages import explore
from factory_simulation.dashboard.published import Published
from factory_simulation.dashboard.session import Session
from factory_simulation.domain import FactoryError
from tests.conftest import Workspace

WORD_JOINER = "\N{WORD JOINER}"


@pytest.fixture(scope="module", params=["classic_week", "foreign_day"])
def workspace(request) -> Workspace:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def published(workspace: Workspace) -> Published:
    return Published(Path(workspace.parameters["serving_dir"]))


def test_each_table_shows_the_rows_that_the_warehouse_has(workspace, published):
    assert explore.FIRST in published.tables
    for name in published.tables:
        table = explore.explore(published, name)
        counted = workspace.query(f"SELECT count(*) AS rows FROM {name}")[0]["rows"]
        assert table.data.count().execute() == counted, name
        assert f'<data value="{counted}">' in explore.explored(published, name), name
        assert list(table.data.columns) == [
            each["name"] for each in published.about(name)["columns"]
        ]


def test_what_a_row_is_and_its_columns_are_said(published):
    said = explore.explored(published, "gold.daily_production")
    assert "One row per date, machine and product" in said
    assert "key: production_date, machine_id, product_name" in said
    assert "kWh" in said


def test_the_table_that_is_chosen_stays_chosen(published):
    session = Session(published._folder)
    chosen = session.table(published, explore.FIRST)
    assert chosen.value == explore.FIRST
    assert list(chosen.options) == sorted(published.tables)
    chosen._update(["gold.dim_date"])
    assert session.table(published, explore.FIRST).value == "gold.dim_date"


def test_a_table_that_is_not_published_is_named(published):
    with pytest.raises(FactoryError, match=r"gold\.nothing is not published"):
        explore.explored(published, "gold.nothing")


@pytest.mark.parametrize(
    "text",
    [
        "http://example.invalid/a.png",
        "see HTTPS://example.invalid",
        "www.example.invalid",
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
        "[a](mailto:x@example.invalid)",
    ],
)
def test_an_address_is_a_text_like_any_other(text):
    shown = literally(text)
    assert shown != text
    assert shown.replace(WORD_JOINER, "") == text
    for scheme in ("http:", "https:", "www.", "data:", "javascript:", "mailto:"):
        at = shown.lower().find(scheme)
        assert at < 0 or shown[at + len(scheme)] == WORD_JOINER


@pytest.mark.parametrize("text", ["SMELTER-01", "07:30", "note: fine", "", None, 12])
def test_any_other_value_is_left_alone(text):
    assert literally(text) == text
