"""The app stays open while runs publish, and shows each by itself."""

from pathlib import Path

from tests.conftest import Workspace


def test_it_waits_for_the_first_run_and_shows_it_and_the_next(
    workspace: Workspace, serve, open_tab
):
    tab = open_tab(serve(Path(workspace.parameters["serving_dir"])))
    assert "make run" in tab.page.locator(".fs-empty").inner_text()
    workspace.run(days=1)
    tab.wait_for_day("2025-12-01")
    workspace.run(days=2)
    tab.page.locator('[aria-label="day"][max="1"]').wait_for()
    tab.control("a day on").click()
    tab.wait_for_day("2025-12-02")
    made = workspace.query("SELECT sum(units_produced) AS units FROM gold.daily_production")
    shown = tab.page.locator('[data-measure="units_produced"] .fs-period data')
    assert float(shown.get_attribute("value")) == made[0]["units"]
