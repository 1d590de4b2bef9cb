"""What is chosen outlives a publication, and a new run is noticed."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from factory_simulation.dashboard.published import Published
from factory_simulation.dashboard.scope import KnownOn, Scope
from factory_simulation.dashboard.session import Session
from factory_simulation.domain import MANIFEST, FactoryError
from tests.conftest import Workspace


@pytest.fixture
def serving(classic_week: Workspace, tmp_path: Path) -> Path:
    return shutil.copytree(classic_week.parameters["serving_dir"], tmp_path / "serving")


def publish_anew(folder: Path) -> None:
    """Publish the same tables as another run."""
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["run_id"], manifest["published_at"] = "another", "2099-01-01T00:00:00Z"
    (folder / "new").write_text(json.dumps(manifest))
    (folder / "new").replace(folder / MANIFEST)


def test_before_the_first_run_there_is_a_reason_and_then_there_is_the_run(serving, tmp_path):
    shutil.move(serving, tmp_path / "later")
    session = Session(serving)
    assert isinstance(session.opened, FactoryError)
    assert not session.opened_anew()
    shutil.move(tmp_path / "later", serving)
    assert session.opened_anew()
    assert isinstance(session.opened, Published)


def test_a_run_that_is_published_is_opened_once(serving):
    session = Session(serving)
    assert not session.opened_anew()
    publish_anew(serving)
    assert session.opened_anew()
    assert session.opened.run_id == "another"
    assert not session.opened_anew()


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_text("{")])
def test_what_is_open_stays_where_the_manifest_is_damaged(serving, spoil):
    session = Session(serving)
    spoil(serving / MANIFEST)
    assert not session.opened_anew()
    assert isinstance(session.opened, Published)


def test_choices_are_kept(serving):
    session = Session(serving)
    published = session.opened
    first = session.lines(published)
    assert first.value is None
    first._on_change("Gear Wheel")
    session.factories(published)._on_change("alpha")
    session.known_on(published)._on_change(KnownOn.SAME_DAY)
    session.machine(published, Scope())._on_change("SMELTER-02")
    assert session.lines(published).value == "Gear Wheel"
    assert session.factories(published).value == "alpha"
    assert session.known_on(published).value is KnownOn.SAME_DAY
    assert session.machine(published, Scope()).value == "SMELTER-02"


def test_a_choice_that_is_gone_falls_back(serving):
    session = Session(serving)
    session.lines(session.opened)._on_change("Moon Cheese")
    assert session.lines(session.opened).value is None


def test_a_scope_without_machines_has_none_to_choose(serving):
    session = Session(serving)
    assert session.machine(session.opened, Scope("nowhere")).value is None


def test_the_player_begins_at_the_last_day_and_stays_where_it_is(serving):
    session = Session(serving)
    days = session.days(session.opened)
    session.play(days)
    assert session.player.days[session.player.index] == "2025-12-07"
    assert session.day(days, 2) == date(2025, 12, 3)
    session.play(days[1:])
    assert session.player.days[session.player.index] == "2025-12-03"


def test_a_day_outside_of_the_period_gives_way_to_its_last(serving):
    session = Session(serving)
    days = session.days(session.opened)
    session.day(days, 6)
    session.play(days[:3])
    assert (session.player.index, session.player.days[-1]) == (2, "2025-12-03")
    assert session.day(days[:3], 6) == date(2025, 12, 3)


def events(*keys: str) -> list[dict[str, str]]:
    return [{"fault_key": key, "row_id": "x", "what came": "a"} for key in keys]


def test_an_event_stays_chosen_while_it_is_among_those_that_are_shown(serving):
    session = Session(serving)
    assert list(session.event(events("a", "b")).value) == []
    session.event(events("a", "b"))._on_change(events("b"))
    assert session.event(events("c", "b")).value[0]["fault_key"] == "b"
    assert list(session.event(events("c")).value) == []
    assert list(session.event(events("c", "b")).value) == []
    assert list(session.event([]).value) == []


def test_each_kind_of_fault_that_was_found_can_be_chosen(serving):
    session = Session(serving)
    choice = session.fault_kind(session.opened)
    assert choice.value is None
    assert choice.options["missing value"] == "missing_value"
    assert "spike" not in choice.options
    choice._on_change("missing_value")
    assert session.fault_kind(session.opened).value == "missing_value"
