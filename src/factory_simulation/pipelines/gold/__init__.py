"""Gold: a star schema over silver's events, and what it adds up to by day."""

from factory_simulation.pipelines.gold.pipeline import create_pipeline

__all__ = ["create_pipeline"]
