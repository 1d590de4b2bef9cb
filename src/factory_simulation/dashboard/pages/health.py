"""Machine health: efficiency over time, where it goes, and what sensors read."""

from datetime import date

from factory_simulation.dashboard.pages.parts import Part
from factory_simulation.dashboard.published import Published
from factory_simulation.dashboard.scope import Scope


def health(published: Published, scope: Scope, day: date, machine_id: str | None) -> list[Part]:
    """Return the page of a day."""
    return []
