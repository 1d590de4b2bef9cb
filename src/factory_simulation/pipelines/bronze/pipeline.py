"""Wiring of the bronze pipeline."""

from kedro.pipeline import Pipeline, node

from factory_simulation.domain import LANDED_TABLES
from factory_simulation.pipelines.bronze.ingest import ingest_rows_of
from factory_simulation.pipelines.bronze.schema_changes import (
    report_schema_changes,
    summarise_schema_changes,
)


def create_pipeline() -> Pipeline:
    """Return landing files -> bronze, one node per table, and what changed in their columns.

    A node confirms its landing files when their rows are stored; only then are they on record, and
    their columns with them.
    """
    bronze = [f"bronze_{table}" for table in LANDED_TABLES]
    return Pipeline(
        [
            node(
                summarise_schema_changes,
                ["ops_file_columns", *bronze],
                "ops_schema_changes",
            ),
            node(
                report_schema_changes,
                ["ops_schema_changes", "ops_file_columns"],
                "report_schema_changes",
            ),
        ]
        + [
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
