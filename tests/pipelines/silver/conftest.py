"""What silver knows beforehand: machines, their clocks, spellings that stand for a name."""

from datetime import date

import ibis
import ibis.expr.types as ir
import pytest

from factory_simulation.pipelines.silver.parameters import SilverParameters
from tests.pipelines.silver.landed import MakeTable, Save

_PHOENIX = -7 * 3600


@pytest.fixture
def save(con: ibis.BaseBackend) -> Save:
    """Compute a table once, as the catalog does between two nodes."""
    return lambda computed: con.create_table(ibis.util.gen_name("saved"), computed)


@pytest.fixture
def parameters() -> SilverParameters:
    """How long checks, entries and clocks may be off."""
    return SilverParameters(
        qc_minutes_after_end=60,
        operator_minutes_around_start=10,
        sensor_drift_minutes=5,
        imputation_spread=0.10,
    )


@pytest.fixture
def machines(table: MakeTable) -> ir.Table:
    """Three machines in Phoenix, one in a factory whose clocks show UTC."""
    installed = {"installed_on": date(2024, 1, 15)}
    return table(
        {"machine_id": "string", "factory_id": "string", "installed_on": "date"},
        [
            {"machine_id": "SMELTER-01", "factory_id": "alpha", **installed},
            {"machine_id": "SMELTER-02", "factory_id": "alpha", **installed},
            {"machine_id": "ASSEMBLER-01", "factory_id": "alpha", **installed},
            {"machine_id": "PRESS-01", "factory_id": "greenwich", **installed},
        ],
    )


@pytest.fixture
def factories(table: MakeTable) -> ir.Table:
    return table(
        {"factory_id": "string", "utc_offset_minutes": "int64"},
        [
            {"factory_id": "alpha", "utc_offset_minutes": -420},
            {"factory_id": "greenwich", "utc_offset_minutes": 0},
        ],
    )


@pytest.fixture
def clocks(table: MakeTable) -> ir.Table:
    in_phoenix = {"utc_offset_seconds": _PHOENIX}
    return table(
        {"machine_id": "string", "utc_offset_seconds": "int64"},
        [
            {"machine_id": "SMELTER-01", **in_phoenix},
            {"machine_id": "SMELTER-02", **in_phoenix},
            {"machine_id": "ASSEMBLER-01", **in_phoenix},
            {"machine_id": "PRESS-01", "utc_offset_seconds": 0},
        ],
    )


@pytest.fixture
def products(table: MakeTable) -> ir.Table:
    return table(
        {"product_name": "string"}, [{"product_name": "Iron Plate"}, {"product_name": "Gear Wheel"}]
    )


@pytest.fixture
def product_spellings(table: MakeTable) -> ir.Table:
    return table(
        {"product_spelling": "string", "product_name": "string"},
        [
            {"product_spelling": "Iron Plate", "product_name": "Iron Plate"},
            {"product_spelling": "iron_plates", "product_name": "Iron Plate"},
            {"product_spelling": "Gear Wheel", "product_name": "Gear Wheel"},
        ],
    )


@pytest.fixture
def machine_spellings(table: MakeTable) -> ir.Table:
    return table(
        {"machine_spelling": "string", "machine_id": "string"},
        [
            {"machine_spelling": "SMELTER-01", "machine_id": "SMELTER-01"},
            {"machine_spelling": "smelter #1", "machine_id": "SMELTER-01"},
            {"machine_spelling": "SMELTER-02", "machine_id": "SMELTER-02"},
            {"machine_spelling": "ASSEMBLER-01", "machine_id": "ASSEMBLER-01"},
            {"machine_spelling": "PRESS-01", "machine_id": "PRESS-01"},
        ],
    )
