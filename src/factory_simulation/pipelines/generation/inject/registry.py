"""Snapshots of the machine registry, as they land.

Of some changes the registry learns days later. Then the machine's row of that day lands late, or
landed in time with what was known then, and is corrected.
"""

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import MACHINE_REGISTRY, FaultType
from factory_simulation.expressions import text, time
from factory_simulation.expressions.random import Stream
from factory_simulation.expressions.versions import valid_at
from factory_simulation.faults import spelling
from factory_simulation.faults.cells import CellFault, hurt_cells
from factory_simulation.pipelines.generation.inject.landed import number_rows, place, row_fault
from factory_simulation.pipelines.generation.scenario import Scenario
from factory_simulation.pipelines.generation.spellings import MACHINE_SPELLING_COUNT

CELLS = ("machine_id", "arrival")
_MILLI_PLACES, _MICRO_PLACES = 3, 6
_SAID = (
    "machine_id",
    "factory_id",
    "machine_position",
    "machine_random_key",
    "milli_units_per_hour",
    "micro_kwh_per_unit",
    "status",
    "firmware",
    "owner",
)


def inject_registry_faults(
    versions: ir.Table, registry_days: ir.Table, spellings: ir.Table, scenario: Scenario
) -> ir.Table:
    """One row per machine and snapshot that lands, those that are corrected later included."""
    said = _true_rows(versions, registry_days).union(_stale_rows(versions))
    number = spelling.spelling_number(
        scenario.chaos.machine_id_variant.elsewhere,
        MACHINE_SPELLING_COUNT,
        Stream(scenario.seed, "fault.machine_id.registry"),
        _.machine_random_key,
        _.event_day,
        _.arrival_day,
    )
    written = spelling.with_spelling(
        said, spellings, name="machine_id", spelling="machine_spelling", number=number
    ).mutate(
        units_per_hour=text.short_decimal(_.milli_units_per_hour, _MILLI_PLACES),
        kwh_per_unit=text.short_decimal(_.micro_kwh_per_unit, _MICRO_PLACES),
        snapshot_date=time.iso_date_text(_.event_day),
        arrival=time.iso_date_text(_.event_day),
        event_key=_.machine_id.concat("_", time.iso_date_text(_.event_day)),
        is_landed=ibis.literal(True),
        delivery_number=ibis.literal(0, "int64"),
    )
    wrong = ibis.ifelse(_.is_stale, FaultType.CONFLICTING_COPY.value, None)
    hurt = hurt_cells(
        number_rows(written, MACHINE_REGISTRY, ["event_day", "machine_position"], scenario).mutate(
            **row_fault(wrong, "corrected_later")
        ),
        {
            "machine_id": [
                spelling.fault(FaultType.MACHINE_ID_VARIANT, "machine_id", "machine_spelling")
            ],
            "arrival": [
                CellFault(
                    FaultType.LATE_ARRIVAL,
                    mechanism,
                    (_.arrival_day > _.event_day) & (_.was_stale == was_stale),
                    time.iso_date_text(_.arrival_day),
                )
                for mechanism, was_stale in (("corrected_later", True), ("days_late", False))
            ],
        },
    )
    return place(hurt, MACHINE_REGISTRY, CELLS, "event_key")


def _true_rows(versions: ir.Table, registry_days: ir.Table) -> ir.Table:
    """One row per machine and day: what it was, and when the registry says so."""
    machines = versions.filter(_.is_current).select(_of="machine_id")
    of_day = valid_at(
        machines.cross_join(registry_days),
        versions.mutate(_of=_.machine_id),
        key="_of",
        day="event_day",
        take=[*_SAID, "from_day", "delay_days", "is_corrected"],
        valid_from="from_day",
        valid_to="to_day",
    )
    is_news = _.event_day == _.from_day
    return of_day.select(
        *_SAID,
        "event_day",
        arrival_day=_.event_day + ibis.ifelse(is_news, _.delay_days, 0),
        is_stale=ibis.literal(False),
        was_stale=is_news & _.is_corrected,
    )


def _stale_rows(versions: ir.Table) -> ir.Table:
    """One row per change of which the registry did not know in time: what it said instead."""
    unknown = versions.filter(_.is_corrected).select(
        changed_id="machine_id", event_day="from_day", arrival_day="from_day"
    )
    return versions.join(
        unknown, [versions.machine_id == unknown.changed_id, versions.to_day == unknown.event_day]
    ).select(
        *_SAID,
        "event_day",
        "arrival_day",
        is_stale=ibis.literal(True),
        was_stale=ibis.literal(False),
    )
