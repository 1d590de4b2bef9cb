"""What never landed: put beside what did, from the rows that the ledger holds."""

import json
from collections.abc import Callable
from datetime import date

import pytest

from factory_simulation.pipelines.validation.lost import restore_lost_batches
from tests.conftest import Rows
from tests.pipelines.silver.landed import Compute, MakeTable, Row, batch
from tests.pipelines.validation.rows import D1, D2, DAILY, LEDGER, gold

MACHINES = {
    "machine_id": "string",
    "valid_from": "date",
    "valid_to": "date",
    "product_name": "string",
    "kwh_per_unit": "float64",
}
SINCE_EVER = {"valid_from": date(1900, 1, 1), "product_name": "Iron Plate"}
KNOWN = [
    {**SINCE_EVER, "machine_id": "SMELTER-01", "valid_to": D2, "kwh_per_unit": 0.12},
    {**SINCE_EVER, "machine_id": "SMELTER-01", "valid_from": D2, "kwh_per_unit": 0.2},
    {**SINCE_EVER, "machine_id": "SMELTER-02", "kwh_per_unit": 0.11},
]

Restore = Callable[..., Rows]


@pytest.fixture
def restore(table: MakeTable, rows: Compute) -> Restore:
    def run(daily: Rows = (), ledger: Rows = ()) -> Rows:
        tables = (table(DAILY, daily), table(MACHINES, KNOWN), table(LEDGER, ledger))
        return rows(restore_lost_batches(*tables))

    return run


def lost(**different: str) -> Row:
    """A batch of 73 plates on the first day that never landed."""
    return {
        "fault_type": "lost_row",
        "table_name": "production_batches",
        "column_name": "*",
        "clean_value": json.dumps(batch(**different)),
        "event_date": D1,
        "factory_id": "alpha",
    }


def test_a_lost_batch_is_added_to_what_its_machine_made_that_day(restore: Restore):
    landed = gold(10, batches=2, units_defective=1, energy_kwh=1.2)
    assert restore([landed], [lost(), lost(units_produced="7", units_defective="0")]) == [
        {**landed, "batches": 4, "units_produced": 90, "units_defective": 2, "energy_kwh": 10.8}
    ]


def test_a_machine_of_which_nothing_landed_has_what_was_lost(restore: Restore):
    made = gold(10, energy_kwh=1.2)
    other = {**lost(machine_id="SMELTER-02"), "event_date": D2, "factory_id": "omega"}
    assert restore([made], [other]) == [
        made,
        {
            **gold(73, "SMELTER-02", units_defective=1, energy_kwh=8.03),
            "production_date": D2,
            "factory_id": "omega",
        },
    ]


def test_a_lost_batch_took_what_its_machines_version_of_that_day_takes(restore: Restore):
    found = restore([], [lost(), {**lost(), "event_date": D2}])
    assert [row["energy_kwh"] for row in found] == [8.76, 14.6]


def test_other_faults_and_other_tables_restore_nothing(restore: Restore):
    made = gold(10, energy_kwh=1.2)
    faults = [
        {**lost(), "fault_type": "conflicting_copy"},
        {**lost(), "fault_type": "duplicate"},
        {**lost(), "table_name": "qc_checks"},
    ]
    assert restore([made], faults) == [made]


def test_a_product_with_marks_in_its_name_is_read_whole(restore: Restore):
    odd = lost(product_name='Iron "Plate", {flat}', batch_id='"machine_id": "X"')
    assert [row["units_produced"] for row in restore([], [odd])] == [73]


def test_nothing_landed_and_nothing_lost_is_nothing(restore: Restore):
    assert restore() == []
    assert restore([gold(10)]) == [gold(10)]
