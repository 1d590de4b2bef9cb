"""The lineage graph beside the app: the site that ``kedro viz build`` made, at ``/lineage/``.

The app's server finds this by its entry point, and asks for its token here as it does elsewhere.
"""

from pathlib import Path

from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from factory_simulation.dashboard.html import render

PREFIX = "/lineage"
SITE = Path("build")
"""Where ``kedro viz build`` leaves its site, below the folder that the app was started in."""

_POLICY = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:"
"""The site asks other hosts for its font; it does without, as all that is shown here is local."""


class Lineage:
    """Answers for the lineage graph, and hands everything else on.

    Args:
        app: What answers everything else.
        site: The folder of the site. It may be made, or made anew, at any time.
    """

    def __init__(self, app: ASGIApp, site: Path = SITE) -> None:
        self._app = app
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for the graph from somebody who may see the app."""
        path = _path_below_prefix(scope)
        if path is None:
            await self._app(scope, receive, send)
            return
        answer: ASGIApp = self._answer(scope, path)
        await answer({**scope, "path": path or "/", "root_path": ""}, receive, send)

    def _answer(self, scope: Scope, path: str) -> ASGIApp:
        base = scope["path"].removesuffix(path)
        if not scope["user"].is_authenticated:
            return RedirectResponse(base.removesuffix(PREFIX) + "/")  # where the token is asked for
        if not path:
            return RedirectResponse(f"{base}/")
        if not (self._site / "index.html").is_file():
            return HTMLResponse(render("no_lineage"), status_code=404)
        return _Site(directory=self._site, html=True)


class _Site(StaticFiles):
    """The files of the site, which may load nothing from other hosts."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file."""
        response = await super().get_response(path, scope)
        response.headers["content-security-policy"] = _POLICY
        return response


def _path_below_prefix(scope: Scope) -> str | None:
    """Return what a request asks for below the prefix; None where it is for something else."""
    if scope["type"] != "http":
        return None
    prefix = scope["app"].state.base_url + PREFIX
    path: str = scope["path"]
    return path.removeprefix(prefix) if f"{path}/".startswith(f"{prefix}/") else None


MIDDLEWARE = Middleware(Lineage)
"""What the entry point names."""
