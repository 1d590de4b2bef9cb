"""What is published of a run."""

from typing import Any


def publish_tables(**inputs: Any) -> dict[str, Any]:
    """Build what is published: tables and reports, by the names under which readers ask for them.

    A table is asked for as in the warehouse, ``gold.daily_production``; a report as
    ``report.validation``. A report of which there is none is left out.
    """
    made = {name: content for name, content in inputs.items() if content is not None}
    return {name.replace("_", ".", 1): content for name, content in made.items()}
