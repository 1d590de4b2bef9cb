"""The report as it is opened from a disk, in a real browser."""

from pathlib import Path

import pytest

from factory_simulation.dashboard.published import Published
from factory_simulation.dashboard.report import write
from tests.dashboard.publishing import publish
from tests.dashboard.test_report import hostile

WIDE, PHONE = {"width": 1280, "height": 1000}, {"width": 400, "height": 800}


@pytest.fixture
def opened(browser, request):
    """Open a file; what goes wrong in it, or what it asks for, fails the test at its end."""
    errors: list[str] = []
    contexts = []

    def open_file(path: Path, viewport: dict[str, int] = WIDE):
        contexts.append(browser.new_context(viewport=viewport))
        page = contexts[-1].new_page()
        page.on("console", lambda message: message.type == "error" and errors.append(message.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("dialog", lambda dialog: errors.append(f"dialog {dialog.message}"))
        page.on(
            "request",
            lambda asked: (
                asked.url.startswith((path.as_uri(), "data:"))
                or errors.append(f"asked for {asked.url}")
            ),
        )
        page.goto(path.as_uri())
        return page

    yield open_file
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture(scope="module")
def published(classic_week) -> Published:
    return Published(Path(classic_week.parameters["serving_dir"]))


def drawn(page) -> dict[str, bool]:
    """Return for each chart whether anything is drawn in it."""
    marks = ".main-svg path, .main-svg image"
    return {
        chart.get_attribute("data-chart"): chart.locator(marks).count() > 0
        for chart in page.locator("[data-chart]").all()
    }


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_all_charts_are_drawn_and_no_host_is_asked(published, tmp_path, opened, viewport):
    write(published, tmp_path / "report.html")
    page = opened(tmp_path / "report.html", viewport)
    page.locator(".main-svg").last.wait_for(state="attached")
    charts = drawn(page)
    assert {"units_by_day", "truth_by_day", "units_by_machine", "oee_by_machine"} <= charts.keys()
    assert {"flow", "outcomes", "scores", "conservation", "costs"} <= charts.keys()
    assert all(charts.values()), charts
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_names_with_markup_do_nothing_and_long_ones_leave_room(published, tmp_path, opened):
    write(publish(published, tmp_path / "hostile", **hostile(published)), tmp_path / "report.html")
    page = opened(tmp_path / "report.html")
    page.locator(".main-svg").last.wait_for(state="attached")
    assert page.locator("img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDE["width"]
    labels = page.locator('[data-chart="units_by_machine"] .ytick text').all_text_contents()
    assert len(labels) == 3
    assert all(label.startswith("<img src=x onerror=alert(1)></script>") for label in labels)


def test_on_paper_charts_fit_the_page_and_afterwards_the_window(published, tmp_path, opened):
    write(published, tmp_path / "report.html")
    page = opened(tmp_path / "report.html")
    page.locator(".main-svg").last.wait_for(state="attached")
    size = "chart => [chart.clientWidth, chart.querySelector('.main-svg').clientHeight]"
    chart = page.locator('[data-chart="units_by_day"] .js-plotly-plot')
    before = chart.evaluate(size)
    background = "getComputedStyle(document.body).backgroundColor"
    page.emulate_media(media="print")
    assert page.evaluate(background) == "rgb(255, 255, 255)"
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    width, height = chart.evaluate("c => [c._fullLayout.width, c._fullLayout.height]")
    assert width < 186 / 25.4 * 96
    assert height == before[1]
    assert chart.evaluate("c => c._fullLayout.font.color") == "#14181d"
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert chart.evaluate(size) == before
    assert chart.evaluate("c => c._fullLayout.font.color") == "#e6ebf0"
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
