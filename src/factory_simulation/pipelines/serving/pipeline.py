"""Wiring of the serving pipeline."""

from kedro.pipeline import Pipeline, node

from factory_simulation.pipelines.serving.publish import publish_tables
from factory_simulation.schemas import gold

BESIDE_GOLD = (
    *("silver_repairs", "silver_quarantine", "silver_sensor_readings"),
    *("ops_ingested_files", "ops_schema_changes", "ops_comparisons", "ops_nowcast_comparisons"),
)
"""What else readers need, to show what landed, what was wrong with it and how well it was met."""
REPORTS = ("report_validation", "report_conservation", "report_fault_scores")


def create_pipeline() -> Pipeline:
    """Return gold, and what tells of its making -> the serving folder.

    What validation makes is among the inputs, so that publishing comes after it where both run;
    where it never ran, those tables are empty and there are no reports.
    """
    names = (*(f"gold_{table}" for table in gold.CONTRACTS), *BESIDE_GOLD, *REPORTS)
    return Pipeline([node(publish_tables, {name: name for name in names}, "serving_folder")])
