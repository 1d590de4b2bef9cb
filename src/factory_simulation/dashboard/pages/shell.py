"""What surrounds the pages: the title, and what is shown where there is nothing to show."""

from datetime import date

from factory_simulation.dashboard.html import render
from factory_simulation.dashboard.published import Published
from factory_simulation.domain import FactoryError

FLOOR, HEALTH, FLOW, QUALITY, TRUTH, EXPLORE = PAGES = (
    "Production floor",
    "Machine health",
    "Product flow",
    "Data quality",
    "Truth",
    "Explore",
)


def title(published: Published) -> str:
    """Return the name of the app, and of which run it shows what."""
    return render("title", run_id=published.run_id, published_at=published.published_at)


def nothing_published(error: FactoryError) -> str:
    """Say what to do before the first run."""
    return render("nothing_published", error=error)


def nothing_made() -> str:
    """Say that no batch is in what was published."""
    return render("nothing_made")


def shown(day: date) -> str:
    """Return the mark by which the player knows that a day is shown."""
    return render("shown", day=day)
