"""Wiring: parameters are checked, the scenario read and the warehouse opened before a run."""

import gc
from datetime import UTC, datetime
from functools import cache
from time import perf_counter
from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.io import CatalogProtocol, MemoryDataset
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node

from factory_simulation import preflight, summary
from factory_simulation.datasets.column_names import checked_column_names
from factory_simulation.datasets.runs import record_run
from factory_simulation.domain import FactoryError
from factory_simulation.pipelines.generation.scenario import Scenario
from factory_simulation.pipelines.generation.scenario_loading import load_scenario
from factory_simulation.run_parameters import checked_parameters

_OBJECTS_BETWEEN_COLLECTIONS = 200_000


@cache
def _collect_garbage_less_often() -> None:
    """Let Python look for garbage less often than it does by itself.

    An expression is thousands of small objects, a run millions; looking at all of them again and
    again took a fifth of a run. Done once per process: what earlier runs left must be found.
    """
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)


class ProjectHooks:
    """What happens around a run. Each session sets this state anew before it uses it."""

    def __init__(self) -> None:
        self._run: dict[str, Any] = {}
        self._scenario: Scenario
        self._started: dict[str, float] = {}
        self._seconds: dict[str, float] = {}

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Check the parameters of the run and its scenario, and add when it started."""
        loader = context.config_loader
        given = checked_parameters(loader.runtime_params or {}, loader["parameters"])
        chosen = {**loader["parameters"], **given}
        self._scenario = load_scenario(chosen["scenario"], loader["scenarios"], chosen)
        now = datetime.now(UTC)
        run_id = now.strftime("%Y%m%dT%H%M%S.%fZ")
        self._run = {"run_id": run_id, "started_at": now, "parameters": given}
        loader.runtime_params = {
            **given,
            "rebuild": bool(given.get("full_refresh")) and not given.get("date"),
            "landing_format": self._scenario.landing.format,
            "column_names": checked_column_names(chosen.get("column_names")),
            "run_id": run_id,
            "loaded_at": now.strftime("%Y-%m-%d %H:%M:%S"),
        }

    @hook_impl
    def after_catalog_created(self, catalog: CatalogProtocol) -> None:
        """Hand the scenario to the nodes."""
        catalog["scenario"] = MemoryDataset(self._scenario, copy_mode="assign")

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline, catalog: CatalogProtocol) -> None:
        """Make sure that everything the run needs is there, then open the warehouse."""
        self._started, self._seconds = {}, {}
        _collect_garbage_less_often()
        preflight.check_date(pipeline, catalog)
        preflight.check_targets(pipeline, catalog)
        preflight.check_inputs(pipeline, catalog)
        catalog.load("warehouse").forget_small_tables()

    @hook_impl
    def before_dataset_loaded(self, node: Node) -> None:
        """Start the node's clock when its first input is loaded."""
        self._started.setdefault(node.name, perf_counter())

    @hook_impl
    def after_dataset_saved(self, node: Node) -> None:
        """Stop the node's clock when its last output is computed, checked and saved."""
        self._seconds[node.name] = perf_counter() - self._started[node.name]

    @hook_impl
    def after_pipeline_run(
        self, run_params: dict[str, Any], pipeline: Pipeline, catalog: CatalogProtocol
    ) -> None:
        """Record the run and show what came of it; a failed validation fails the run."""
        summary.show(pipeline, catalog, self._seconds)
        try:
            summary.require_valid(pipeline, catalog)
        except FactoryError as error:
            self._record(catalog, run_params, error)
            raise
        self._record(catalog, run_params)

    @hook_impl
    def on_pipeline_error(
        self, error: Exception, run_params: dict[str, Any], catalog: CatalogProtocol
    ) -> None:
        """Record the run that failed."""
        self._record(catalog, run_params, error)

    def _record(
        self, catalog: CatalogProtocol, run_params: dict[str, Any], error: Exception | None = None
    ) -> None:
        record_run(
            catalog.load("warehouse"),
            pipelines=run_params["pipeline_names"] or [],
            error=error,
            **self._run,
        )
