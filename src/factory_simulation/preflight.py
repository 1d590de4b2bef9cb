"""What must be there before a run begins, so that nothing is half done for want of it."""

from typing import cast

from kedro.io import CatalogProtocol
from kedro.pipeline import Pipeline

from factory_simulation.datasets.landing import LandingFiles
from factory_simulation.datasets.ledger import LedgerFiles
from factory_simulation.datasets.published import PublishedFolder
from factory_simulation.datasets.reference import ReferenceTable
from factory_simulation.datasets.report import JsonReport
from factory_simulation.datasets.truth import TruthFiles
from factory_simulation.datasets.warehouse import Warehouse, WarehouseTable
from factory_simulation.domain import FactoryError, Schema
from factory_simulation.expressions.dates import asked_dates

_TABLE_LAYERS = {Schema.TRUTH, Schema.BRONZE, Schema.SILVER, Schema.GOLD}

_FILES = ("landing_", "truth_files", "truth_ledger_", "reference_", "report_", "serving_")


def check_date(pipeline: Pipeline, catalog: CatalogProtocol) -> None:
    """Refuse to generate arrival dates on which nothing of the scenario can arrive."""
    chosen = asked_dates(catalog.load("params:date"))
    if chosen is None or "scenario_days" not in pipeline.datasets():
        return
    scenario = catalog.load("scenario")
    first, last = scenario.arrival_dates()
    if not first <= chosen.first <= chosen.last <= last:
        raise FactoryError(
            f"parameter date = {chosen}: scenario {scenario.name} arrives from {first} to {last}"
        )


def check_targets(pipeline: Pipeline, catalog: CatalogProtocol) -> None:
    """Refuse to write files where that is not possible, or where somebody else's would mix in."""
    for name in sorted(pipeline.all_outputs()):
        is_file = name.startswith(_FILES)
        dataset = catalog.get(name) if is_file else None
        if isinstance(
            dataset,
            LandingFiles | TruthFiles | LedgerFiles | ReferenceTable | JsonReport | PublishedFolder,
        ):
            dataset.check_target()


def check_inputs(pipeline: Pipeline, catalog: CatalogProtocol) -> None:
    """Look for the inputs that the run itself does not make: files first, then tables.

    The warehouse is opened in between, so a missing folder leaves no empty warehouse behind.
    """
    warehouse = cast("Warehouse", catalog.get("warehouse"))
    names = sorted(name for name in pipeline.inputs() if not name.startswith("param"))
    inputs = {name: catalog.get(name) for name in names}
    tables = {}
    for name, dataset in inputs.items():
        if isinstance(dataset, LandingFiles):
            dataset.listed_files()
        elif isinstance(dataset, TruthFiles):
            dataset.facts()
        elif isinstance(dataset, ReferenceTable):
            dataset.check()
        elif isinstance(dataset, WarehouseTable) and dataset.is_optional:
            continue
        elif name.partition("_")[0] in _TABLE_LAYERS and not name.startswith(_FILES):
            tables[name] = dataset
    if tables and not warehouse.may_hold_tables():
        raise FactoryError(_missing_table(next(iter(tables)), warehouse))
    warehouse.engine.create_schemas(list(Schema))
    for name, dataset in tables.items():
        if not dataset.exists():  # type: ignore[union-attr]
            raise FactoryError(_missing_table(name, warehouse))


def _missing_table(name: str, warehouse: Warehouse) -> str:
    schema, _, table = name.partition("_")
    pipeline = "generation" if schema == Schema.TRUTH else schema
    return f"{schema}.{table} is not in {warehouse.place}: run --pipelines {pipeline},… first"
