"""Generation: simulate the truth, put faults where they fall, drop the landing files."""

from factory_simulation.pipelines.generation.pipeline import create_pipeline

__all__ = ["create_pipeline"]
