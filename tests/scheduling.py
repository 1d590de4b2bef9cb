"""Which tests run in one process where they are spread over several: those that share a run.

pytest-xdist's own groups (`--dist=loadgroup`) are not kept together under pytest 9.
"""

import re

from xdist.scheduler import LoadScopeScheduling

from factory_simulation.engine_comparison import ENVIRONMENTS

_WORLD = re.compile(r"\[(?:.*-)?(\w+ seed \d+)(?:-.*)?\]$")
_ENGINE = re.compile(rf"\[(?:.*-)?({'|'.join(ENVIRONMENTS)})(?:-.*)?\]$")


def group_of(nodeid: str) -> str:
    """Return what a test shares: a world in all files, else an engine in a file, else the file."""
    if world := _WORLD.search(nodeid):
        return world[1]
    path = nodeid.partition("::")[0]
    engine = _ENGINE.search(nodeid)
    return f"{path} {engine[1]}" if engine else path


class GroupScheduling(LoadScopeScheduling):
    """Hands out groups of tests, in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)
