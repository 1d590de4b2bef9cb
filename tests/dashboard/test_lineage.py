"""The lineage graph is shown beside the app, to whoever may see the app, and loads nothing else."""

import asyncio
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import pytest
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse

from factory_simulation.dashboard.lineage import MIDDLEWARE, Lineage


class Visitor:
    """Somebody who asks, and whether they may see the app."""

    def __init__(self, *, is_authenticated: bool) -> None:
        self.is_authenticated = is_authenticated


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "project" / "site"
    (folder / "api").mkdir(parents=True)
    (folder / "index.html").write_text("<p>graph</p>")
    (folder / "api" / "main").write_text('{"nodes": []}')
    (tmp_path / "project" / "secret.txt").write_text("secret")
    return folder


def ask(site: Path, path: str, base_url: str = "", *, is_authenticated: bool = True) -> Answer:
    """Ask a server that has the graph before an app."""
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()  # nobody hangs up
        return {}

    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [],
        "user": Visitor(is_authenticated=is_authenticated),
        "app": SimpleNamespace(state=SimpleNamespace(base_url=base_url)),
    }
    asyncio.run(Lineage(PlainTextResponse("the app"), site)(scope, receive, send))
    start, *bodies = sent
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    text = b"".join(body.get("body", b"") for body in bodies).decode()
    return Answer(start["status"], headers, text)


def test_the_site_is_below_the_app(site):
    assert ask(site, "/lineage/").text == "<p>graph</p>"
    assert ask(site, "/lineage/api/main").text == '{"nodes": []}'
    assert ask(site, "/lineage").headers["location"] == "/lineage/"
    with pytest.raises(HTTPException, match="404"):
        ask(site, "/lineage/nothing")


@pytest.mark.parametrize("path", ["/", "/lineages", "/x/lineage/"])
def test_all_else_is_the_app(site, path):
    assert ask(site, path).text == "the app"


def test_below_a_base_url_it_is_found_too(site):
    assert ask(site, "/factory/lineage/", "/factory").text == "<p>graph</p>"
    assert ask(site, "/factory/lineage", "/factory").headers["location"] == "/factory/lineage/"
    assert ask(site, "/lineage/", "/factory").text == "the app"


@pytest.mark.parametrize("path", ["/lineage", "/lineage/", "/lineage/api/main"])
def test_who_may_not_see_the_app_does_not_see_the_graph(site, path):
    answer = ask(site, path, is_authenticated=False)
    assert answer.status == 307
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize("path", ["../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt"])
def test_nothing_outside_of_the_site_is_served(site, path):
    with pytest.raises(HTTPException, match="404"):
        ask(site, f"/lineage/{path}")


def test_nothing_is_loaded_from_other_hosts(site):
    policy = ask(site, "/lineage/").headers["content-security-policy"]
    assert policy.startswith("default-src 'self'")
    assert "http" not in policy


def test_where_no_graph_is_drawn_it_is_said_how(tmp_path):
    answer = ask(tmp_path / "none", "/lineage/")
    assert answer.status == 404
    assert "make lineage" in answer.text


def test_the_server_of_the_app_finds_it_by_its_entry_point():
    (found,) = entry_points(group="marimo.server.asgi.middleware", name="factory_lineage")
    assert found.load() is MIDDLEWARE
