"""Wiring of the bronze pipeline."""

from kedro.pipeline import Pipeline, node

from factory_simulation.domain import LANDED_TABLES
from factory_simulation.pipelines.bronze.ingest import ingest_rows_of


def create_pipeline() -> Pipeline:
    """Return landing files -> bronze, one node per table.

    A node confirms its landing files when their rows are stored; only then are they on record.
    """
    return Pipeline(
        [
            node(
                ingest_rows_of(contract),
                [f"landing_{table}", "params:loaded_at"],
                f"bronze_{table}",
                name=f"ingest_{table}",
                confirms=[f"landing_{table}"],
            )
            for table, contract in LANDED_TABLES.items()
        ]
    )
