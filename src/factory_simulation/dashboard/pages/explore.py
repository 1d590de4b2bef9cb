"""Explore: any published table, as it is, to search, filter, sort and download."""

import marimo as mo

from factory_simulation.dashboard.html import literally, render
from factory_simulation.dashboard.published import Published

FIRST = "gold.daily_production"
"""The table that is shown at first."""

_ROWS_PER_PAGE = 15


def explored(published: Published, name: str) -> str:
    """Return what a table holds: what a row is, how many there are, what its columns mean."""
    return render("explored", name=name, about=published.about(name))


def explore(published: Published, name: str) -> mo.ui.table:
    """Return the rows of a table, a page at a time: what is asked of it is asked of the engine."""
    about = published.about(name)
    columns = about["columns"]
    rows = published.table(name)
    return mo.ui.table(
        rows.order_by(about["key"]) if about["key"] else rows,
        selection=None,
        pagination=True,
        page_size=_ROWS_PER_PAGE,
        show_column_summaries=False,
        freeze_columns_left=about["key"][:1],
        format_mapping={each["name"]: literally for each in columns if each["type"] == "string"},
        header_tooltip={each["name"]: _tooltip(each["unit"], each["meaning"]) for each in columns},
        max_columns=None,
    )


def _tooltip(unit: str, meaning: str) -> str:
    return " ".join(part for part in (meaning, f"[{unit}]" if unit else "") if part)
