"""What silver knows beforehand: machines, their clocks, spellings that stand for a name."""

from datetime import date

import ibis
import ibis.expr.types as ir
import pytest

from factory_simulation.pipelines.silver.parameters import SilverParameters
from factory_simulation.pipelines.silver.registry import identify_machine_versions
from tests.pipelines.silver.landed import MakeTable, Row, Save, seconds

HOUR = 3600
MACHINES = {
    "machine_id": "string",
    "factory_id": "string",
    "units_per_hour": "float64",
    "kwh_per_unit": "float64",
    "installed_on": "date",
    "temperature_low_c": "float64",
    "temperature_high_c": "float64",
    "pressure_low_bar": "float64",
    "pressure_high_bar": "float64",
}
CLOCKS = {
    "factory_id": "string",
    "local_year": "int64",
    "local_from_seconds": "int64",
    "local_to_seconds": "int64",
    "utc_offset_seconds": "int64",
}


@pytest.fixture
def save(con: ibis.BaseBackend) -> Save:
    """Compute a table once, as the catalog does between two nodes."""
    return lambda computed: con.create_table(ibis.util.gen_name("saved"), computed)


@pytest.fixture
def parameters() -> SilverParameters:
    """How long checks, entries and clocks may be off, and how much readings."""
    return SilverParameters(
        qc_minutes_after_end=60,
        operator_minutes_around_start=10,
        sensor_drift_minutes=5,
        imputation_spread=0.10,
        meter_tolerance=0.025,
        meter_most=1.0,
    )


@pytest.fixture
def machines(table: MakeTable) -> ir.Table:
    """Machines in Phoenix, Greenwich and Berlin; the plates of the last two have no limits."""
    hot = {
        "temperature_low_c": 1100.0,
        "temperature_high_c": 1500.0,
        "pressure_low_bar": 1.0,
        "pressure_high_bar": 3.0,
    }
    warm = {
        "temperature_low_c": 15.0,
        "temperature_high_c": 60.0,
        "pressure_low_bar": 0.5,
        "pressure_high_bar": 1.5,
    }
    plate = {"units_per_hour": 75.0, "kwh_per_unit": 0.12, "installed_on": date(2024, 1, 15)}
    return table(
        MACHINES,
        [
            {"machine_id": "SMELTER-01", "factory_id": "alpha", **plate, **hot},
            {"machine_id": "SMELTER-02", "factory_id": "alpha", **plate, **hot},
            {"machine_id": "ASSEMBLER-01", "factory_id": "alpha", **plate, **warm},
            {"machine_id": "PRESS-01", "factory_id": "greenwich", **plate},
            {"machine_id": "LATHE-01", "factory_id": "berlin", **plate},
        ],
    )


@pytest.fixture
def versions(table: MakeTable, save: Save, machines: ir.Table) -> ir.Table:
    """Machines of which no registry landed: each is as its plate says, since ever."""
    attributes = dict.fromkeys(("units_per_hour", "kwh_per_unit"), "float64")
    attributes |= dict.fromkeys(("status", "firmware", "owner"), "string")
    registry = table({"machine_id": "string", "snapshot_date": "date", **attributes}, [])
    return save(identify_machine_versions(registry, machines))


@pytest.fixture
def factories(table: MakeTable) -> ir.Table:
    known = ("alpha", "greenwich", "berlin")
    return table({"factory_id": "string"}, [{"factory_id": name} for name in known])


@pytest.fixture
def clocks(table: MakeTable) -> ir.Table:
    """Local time in 2025, in which Berlin's clocks go forward on March 30, back on October 26."""
    stretches = {
        "alpha": [("2025-01-01T00:00", "2026-01-01T00:00", -7)],
        "greenwich": [("2025-01-01T00:00", "2026-01-01T00:00", 0)],
        "berlin": [
            ("2025-01-01T00:00", "2025-03-30T02:00", 1),
            ("2025-03-30T03:00", "2025-10-26T03:00", 2),
            ("2025-10-26T02:00", "2026-01-01T00:00", 1),
        ],
    }
    return table(
        CLOCKS,
        [
            stretch(factory_id, *told)
            for factory_id, of_factory in stretches.items()
            for told in of_factory
        ],
    )


def stretch(factory_id: str, start: str, end: str, hours: int) -> Row:
    """A stretch of local time in 2025, with its offset in hours."""
    return {
        "factory_id": factory_id,
        "local_year": 2025,
        "local_from_seconds": seconds(start),
        "local_to_seconds": seconds(end),
        "utc_offset_seconds": hours * HOUR,
    }


@pytest.fixture
def phrases(table: MakeTable) -> ir.Table:
    """Standard phrases, two of which have the same letters."""
    told = ("Cracked edge", "Bent", "All quiet", "Tools lost", "Lost tools")
    return table({"phrase": "string", "topic": "string"}, [{"phrase": phrase} for phrase in told])


@pytest.fixture
def note_spellings(table: MakeTable) -> ir.Table:
    return table(
        {"landed_note": "string", "phrase": "string"},
        [
            {"landed_note": "Carcked edge", "phrase": "Cracked edge"},
            {"landed_note": "All qiuet", "phrase": "All quiet"},
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
    own = ("SMELTER-01", "SMELTER-02", "ASSEMBLER-01", "PRESS-01", "LATHE-01")
    return table(
        {"machine_spelling": "string", "machine_id": "string"},
        [
            *[{"machine_spelling": name, "machine_id": name} for name in own],
            {"machine_spelling": "smelter #1", "machine_id": "SMELTER-01"},
        ],
    )
