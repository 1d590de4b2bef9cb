"""Serving: what readers see of a run, published as files, whole or not at all."""

from factory_simulation.pipelines.serving.pipeline import create_pipeline

__all__ = ["create_pipeline"]
