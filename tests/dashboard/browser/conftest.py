"""A real browser at the app: Chromium, driven by Playwright, over what a run has published."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Locator, Page, sync_playwright

from tests.conftest import PROJECT

WIDE = {"width": 1280, "height": 1000}
_PATIENCE_S = 60
_QUIET = (  # Chromium has much to ask of its maker's hosts
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


@dataclass
class Tab:
    """The app in an open browser tab.

    Attributes:
        page: The tab.
        errors: What went wrong in it: errors on the console, and requests to other hosts.
    """

    page: Page
    errors: list[str] = field(default_factory=list)

    def open(self, url: str) -> None:
        """Open the app and wait for it to show something."""
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self._note_request(request.url, url))
        self.page.goto(url)
        self.page.locator("[data-day-shown], .fs-empty").first.wait_for(state="attached")

    @property
    def day(self) -> str:
        """The day that is shown."""
        shown = self.page.locator("[data-day-shown]").first
        return shown.get_attribute("data-day-shown") or ""

    def wait_for_day(self, day: str) -> None:
        """Wait until a day is shown."""
        self.page.locator(f'[data-day-shown="{day}"]').wait_for(state="attached")

    def show(self, title: str) -> None:
        """Open a page of the app."""
        self.page.get_by_role("tab", name=title).click()

    def control(self, name: str) -> Locator:
        """Return a control of time travel, by its label."""
        return self.page.get_by_label(name, exact=True)

    def go_to(self, day: str, days: list[str]) -> None:
        """Choose a day on the slider."""
        self.control("day").fill(str(days.index(day)))
        self.wait_for_day(day)

    def choose(self, label: str, option: str) -> None:
        """Choose an option of a drop-down list, or of the searchable one that long lists have."""
        control = self.page.get_by_label(label, exact=True)
        control.wait_for()
        if control.evaluate("element => element.tagName") == "SELECT":
            control.select_option(option)
            return
        control.click()
        self.page.get_by_role("option", name=option, exact=True).click()

    def value(self, measure: str, within: str = "body") -> float:
        """Return the exact value that is shown of a measure."""
        found = self.page.locator(f'{within} [data-measure="{measure}"] data').first
        return float(found.get_attribute("value") or "nan")

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def _note_request(self, asked: str, url: str) -> None:
        if not asked.startswith((url, "data:", "blob:")):
            self.errors.append(f"asked for {asked}")


@pytest.fixture(scope="module")
def browser(pytestconfig: pytest.Config) -> Iterator[Browser]:
    """Chromium, as it is installed; skip where it is not, or fail where it is promised.

    Of a module, as Playwright keeps an event loop running, in which no other can be run.
    """
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with contextlib.ExitStack() as running:
        try:
            if path is None:
                raise FileNotFoundError("there is no chromium; CHROMIUM=… says where one is")
            playwright = running.enter_context(sync_playwright())
            launched = playwright.chromium.launch(executable_path=path, args=list(_QUIET))
        except (Error, FileNotFoundError) as error:
            if pytestconfig.getoption("--promise-engines"):
                pytest.fail(f"a browser is promised: {error}")
            pytest.skip(f"browser: {error}")
        yield launched
        launched.close()


@pytest.fixture
def open_tab(browser: Browser) -> Iterator[Callable[..., Tab]]:
    """Open the app at an address; what went wrong in it fails the test at its end."""
    opened: list[Tab] = []

    def open_at(url: str, viewport: dict[str, int] = WIDE) -> Tab:
        page = browser.new_context(viewport=viewport, accept_downloads=True).new_page()
        page.set_default_timeout(_PATIENCE_S * 1000)
        opened.append(Tab(page))
        opened[-1].open(url)
        return opened[-1]

    yield open_at
    for tab in opened:
        tab.page.context.close()
    assert [error for tab in opened for error in tab.errors] == []


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], str]]:
    """Serve the app over a folder, as `make app` does; return its address."""
    with contextlib.ExitStack() as running:
        served: dict[Path, str] = {}

        def start(serving: Path) -> str:
            if serving not in served:
                log = tmp_path_factory.mktemp("app") / "log.txt"
                served[serving] = running.enter_context(_server(serving, log))
            return served[serving]

        yield start


@contextlib.contextmanager
def _server(serving: Path, log: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "marimo", "run", "marimo_app.py", "--headless", "--no-token"),
        *("--host", "127.0.0.1", "--port", str(port), "--", "--serving-dir", str(serving)),
    ]
    url = f"http://127.0.0.1:{port}/"
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=PROJECT, stdout=out, stderr=subprocess.STDOUT)
    try:
        _wait_for(url, process, log)
        yield url
    finally:
        process.terminate()
        process.wait()


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):  # noqa: S310
            return
        time.sleep(0.2)
    pytest.fail(f"the app does not start: {log.read_text(errors='replace')}")
