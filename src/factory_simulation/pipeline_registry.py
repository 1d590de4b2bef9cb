"""The pipelines of the project, by name."""

from kedro.pipeline import Pipeline

from factory_simulation.pipelines import bronze, generation, gold, serving, silver, validation


def register_pipelines() -> dict[str, Pipeline]:
    """Return each layer's pipeline, and all of them as the default."""
    layers = {
        "generation": generation.create_pipeline(),
        "bronze": bronze.create_pipeline(),
        "silver": silver.create_pipeline(),
        "gold": gold.create_pipeline(),
        "validation": validation.create_pipeline(),
        "serving": serving.create_pipeline(),
    }
    return {**layers, "__default__": sum(layers.values(), Pipeline([]))}
