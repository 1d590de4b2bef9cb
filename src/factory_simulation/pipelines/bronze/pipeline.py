"""Wiring of the bronze pipeline."""

from kedro.pipeline import Pipeline, node

from factory_simulation.domain import LANDED_TABLES
from factory_simulation.pipelines.bronze.ingest import ingest_landed_rows


def create_pipeline() -> Pipeline:
    """Return landing files -> bronze, one node per table.

    A node confirms its landing files when their rows are stored; only then are they on record.
    """
    return Pipeline(
        [
            node(
                ingest_landed_rows,
                [f"landing_{table}", "params:loaded_at"],
                f"bronze_{table}",
                name=f"ingest_{table}",
                confirms=[f"landing_{table}"],
            )
            for table in LANDED_TABLES
        ]
    )
