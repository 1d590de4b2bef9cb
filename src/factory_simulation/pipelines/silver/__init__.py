"""Silver: real-world events, typed, in UTC, under canonical names, each once.

A landed row is assessed first: what it says, which rules it breaks, whether it is a copy. Rows that
break a rule go to quarantine, copies are claimed as such, what is left is kept. Nothing vanishes.
"""

from factory_simulation.pipelines.silver.pipeline import create_pipeline

__all__ = ["create_pipeline"]
