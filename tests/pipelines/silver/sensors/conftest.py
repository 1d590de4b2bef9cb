"""Readings, assessed and cleaned as silver does."""

from collections.abc import Callable

import ibis.expr.types as ir
import pytest

from factory_simulation.domain import SENSOR_LOGS
from factory_simulation.pipelines.silver.parameters import SilverParameters
from factory_simulation.pipelines.silver.sensors import (
    assess_sensor_readings,
    clean_sensor_readings,
)
from tests.conftest import Rows
from tests.pipelines.silver.landed import (
    ANCHORS,
    Compute,
    MakeTable,
    Row,
    Save,
    land,
)
from tests.pipelines.silver.sensors.readings import BATCHES, Assess


@pytest.fixture
def assessed(
    table: MakeTable, save: Save, machine_spellings: ir.Table, machines: ir.Table
) -> Callable[..., ir.Table]:
    def run(*landed: Row, extra: tuple[str, ...] = ()) -> ir.Table:
        bronze = land(table, SENSOR_LOGS, *landed, extra=extra)
        return save(assess_sensor_readings(bronze, machine_spellings, machines))

    return run


@pytest.fixture
def assess(assessed: Callable[..., ir.Table], rows: Compute) -> Assess:
    return lambda *landed, **options: rows(assessed(*landed, **options))


@pytest.fixture
def clean(
    assessed: Callable[..., ir.Table],
    table: MakeTable,
    rows: Compute,
    machines: ir.Table,
    parameters: SilverParameters,
) -> Assess:
    def run(*landed: Row, batches: Rows = BATCHES) -> Rows:
        made_batches = table(ANCHORS, batches)
        return rows(clean_sensor_readings(assessed(*landed), made_batches, machines, parameters))

    return run
