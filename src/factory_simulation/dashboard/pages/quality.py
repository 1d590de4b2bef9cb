"""Data quality: each kind of fault, and the events behind it."""

from datetime import date

from factory_simulation.dashboard.pages.parts import Part
from factory_simulation.dashboard.published import Published
from factory_simulation.dashboard.scope import Scope


def quality(published: Published, scope: Scope, day: date) -> list[Part]:
    """Return the page of a day."""
    return []
