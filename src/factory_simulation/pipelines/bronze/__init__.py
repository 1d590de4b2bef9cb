"""Bronze: every landed row as text, with where it came from. Nothing is dropped or changed."""

from factory_simulation.pipelines.bronze.pipeline import create_pipeline

__all__ = ["create_pipeline"]
