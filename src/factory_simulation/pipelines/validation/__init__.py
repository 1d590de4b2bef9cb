"""Validation: gold against the truth, and every landed row accounted for."""

from factory_simulation.pipelines.validation.pipeline import create_pipeline

__all__ = ["create_pipeline"]
