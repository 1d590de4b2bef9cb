"""Product flow: from ore to what is made in the end, and where a batch came from and went."""

from datetime import date

from factory_simulation.dashboard.pages.parts import Part
from factory_simulation.dashboard.published import Published
from factory_simulation.dashboard.scope import Scope


def flow(published: Published, scope: Scope, day: date) -> list[Part]:
    """Return the page of a day."""
    return []
