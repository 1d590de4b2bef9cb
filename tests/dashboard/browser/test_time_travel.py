"""Time travel in a real browser: play, pause, step and choose, and see what gold knows then."""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Workspace
from tests.dashboard.browser.conftest import Tab

WEEK = [f"2025-12-{day:02}" for day in range(1, 8)]
KNOWN = {"latest": "as known now", "the same evening": "as known that evening"}
MEASURES = ("batches", "units_produced", "units_defective", "energy_kwh")


@pytest.fixture
def tab(classic_week: Workspace, serve, open_tab) -> Tab:
    return open_tab(serve(Path(classic_week.parameters["serving_dir"])))


def known(workspace: Workspace, day: str, known_on: str | None) -> dict[str, Any]:
    """Return what gold says was known of a day; None is what is known now."""
    held = (
        "known_until IS NULL"
        if known_on is None
        else f"known_date <= DATE '{known_on}' AND "
        f"(known_until IS NULL OR known_until > DATE '{known_on}')"
    )
    sums = ", ".join(f"sum({name})::DOUBLE AS {name}" for name in MEASURES)
    return workspace.query(
        f"SELECT {sums} FROM gold.daily_production_as_of "
        f"WHERE event_date = DATE '{day}' AND batches > 0 AND {held}"
    )[0]


def totals(tab: Tab) -> dict[str, float]:
    return {name: tab.value(name, ".fs-totals") for name in MEASURES}


def test_it_begins_on_the_last_day(tab):
    assert tab.day == WEEK[-1]
    assert tab.page.locator(".fs-card").count() == 3


def test_a_day_that_is_chosen_shows_what_gold_says_of_it(tab, classic_week):
    for day in (WEEK[2], WEEK[0], WEEK[5]):
        tab.go_to(day, WEEK)
        assert totals(tab) == pytest.approx(known(classic_week, day, None))


def test_as_known_on_shows_what_gold_said_then(tab, classic_week):
    late = classic_week.query(
        "SELECT event_date::VARCHAR AS day FROM gold.daily_production_as_of "
        "WHERE batches > 0 AND known_date > event_date ORDER BY ALL"
    )
    day = late[0]["day"]
    tab.go_to(day, WEEK)
    now, then = known(classic_week, day, None), known(classic_week, day, day)
    assert now["batches"] != then["batches"]
    for option, expected in ((day, then), ("the same evening", then), ("latest", now)):
        tab.choose("as known on", option)
        tab.page.locator(".fs-day small").filter(has_text=KNOWN.get(option, option)).wait_for()
        assert totals(tab) == pytest.approx(expected)


def test_play_advances_and_pause_stops_at_once(tab):
    tab.control("back to the first day").click()
    tab.wait_for_day(WEEK[0])
    tab.control("play").click()
    tab.wait_for_day(WEEK[2])
    tab.control("pause").click()
    assert tab.control("play").is_visible()
    time.sleep(2)  # a day that had been asked for is still shown
    stopped = tab.day
    assert stopped < WEEK[5]
    time.sleep(3)
    assert tab.day == stopped


def test_a_week_plays_in_under_ten_seconds_day_after_day(tab):
    tab.control("back to the first day").click()
    tab.wait_for_day(WEEK[0])
    tab.page.evaluate(
        """() => {
          window.seen = [];
          const note = () => {
            const day = document.querySelector('[data-day-shown]')?.dataset.dayShown;
            if (day && window.seen.at(-1) !== day) window.seen.push(day);
          };
          new MutationObserver(note).observe(
            document.body, {subtree: true, childList: true, attributes: true});
          note();
        }"""
    )
    began = time.monotonic()
    tab.control("play").click()
    tab.wait_for_day(WEEK[-1])
    assert time.monotonic() - began < 10
    seen = tab.page.evaluate("window.seen")
    assert seen == sorted(set(seen))
    assert len(seen) >= len(WEEK) - 1  # a machine that is busy skips a day rather than lagging


def test_steps_and_keys(tab):
    tab.control("a day back").click()
    tab.wait_for_day(WEEK[-2])
    tab.control("a day on").click()
    tab.wait_for_day(WEEK[-1])
    tab.page.keyboard.press("Home")
    tab.wait_for_day(WEEK[0])
    tab.page.keyboard.press("ArrowRight")
    tab.wait_for_day(WEEK[1])
    tab.page.keyboard.press("End")
    tab.wait_for_day(WEEK[-1])
    tab.page.evaluate("document.activeElement.blur()")
    tab.page.keyboard.press("Space")  # from the first day again
    tab.wait_for_day(WEEK[0])
    tab.page.keyboard.press("Space")
    assert tab.control("play").is_visible()
