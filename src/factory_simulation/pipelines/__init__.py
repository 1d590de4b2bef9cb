"""Pipelines, one per layer: ``pipeline.py`` is the wiring, the other modules are nodes."""
