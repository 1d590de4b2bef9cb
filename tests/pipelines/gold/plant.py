"""Tables of a plant, as silver, gold and the reference have them, and gold's nodes on these."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import ibis.expr.types as ir

from factory_simulation.pipelines.gold.dimensions import build_dim_machine
from factory_simulation.pipelines.gold.facts import build_fact_machine_event, build_fact_production
from factory_simulation.pipelines.gold.machine_time import build_fact_machine_time
from factory_simulation.pipelines.gold.oee import summarise_oee_daily
from factory_simulation.pipelines.gold.parameters import GoldParameters
from factory_simulation.pipelines.gold.shifts import build_dim_shift
from tests.conftest import Rows
from tests.pipelines.gold.minutes import DAY, Plant

BATCHES = {
    "_row_id": "string",
    "_event_date": "date",
    "factory_id": "string",
    "machine_id": "string",
    "batch_id": "string",
    "product_name": "string",
    "production_date": "date",
    "start_at": "timestamp",
    "end_at": "timestamp",
    "duration_seconds": "int64",
    "units_produced": "int64",
    "units_defective": "int64",
    "arrival_date": "date",
    "is_late": "boolean",
    "is_id_reused": "boolean",
}
EVENTS = {
    "_row_id": "string",
    "_event_date": "date",
    "factory_id": "string",
    "machine_id": "string",
    "event_id": "string",
    "event_type": "string",
    "reason": "string",
    "start_at": "timestamp",
    "end_at": "timestamp",
    "event_date": "date",
    "duration_seconds": "int64",
}
VERSIONS = {
    "machine_id": "string",
    "valid_from": "date",
    "valid_to": "date",
    "is_current": "boolean",
    "units_per_hour": "float64",
    "kwh_per_unit": "float64",
    "status": "string",
    "firmware": "string",
    "owner": "string",
}
MACHINES = {
    "machine_id": "string",
    "factory_id": "string",
    "machine_kind": "string",
    "product_name": "string",
    "installed_on": "date",
}
FACTORIES = {
    "factory_id": "string",
    "factory_name": "string",
    "city": "string",
    "timezone": "string",
}
SHIFTS = {
    "factory_id": "string",
    "shift_name": "string",
    "start_minute": "int64",
    "end_minute": "int64",
}


def moment(minute: float) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC).replace(tzinfo=None)


def minute_of(at: datetime) -> int:
    return int(at.replace(tzinfo=UTC).timestamp()) // 60


def day_of(day: int) -> date:
    return date(1970, 1, 1) + timedelta(days=day)


class PlantTables:
    """The tables of a plant; all its machines have one version."""

    def __init__(self, plant: Plant, table: Callable[..., ir.Table]) -> None:
        self.plant = plant
        place = plant.factory_of
        rates = {b.machine: 3600 / b.seconds_per_unit for b in plant.batches}
        self.batches = table(
            BATCHES,
            [
                {
                    "factory_id": place[batch.machine],
                    "machine_id": batch.machine,
                    "batch_id": batch.key,
                    "product_name": "Iron Plate",
                    "production_date": moment(batch.start).date(),
                    "start_at": moment(batch.start),
                    "end_at": moment(batch.end),
                    "duration_seconds": round((batch.end - batch.start) * 60),
                    "units_produced": batch.good + batch.defective,
                    "units_defective": batch.defective,
                }
                for batch in plant.batches
            ],
        )
        self.events = table(
            EVENTS,
            [
                {
                    "_row_id": f"{number:03}",
                    "factory_id": place[event.machine],
                    "machine_id": event.machine,
                    "event_type": event.type,
                    "reason": None if event.reason == "unknown" else event.reason.split("|")[-1],
                    "start_at": moment(event.start),
                    "end_at": moment(event.end),
                    "event_date": moment(event.start).date(),
                    "duration_seconds": round((event.end - event.start) * 60),
                }
                for number, event in enumerate(plant.events)
            ],
        )
        self.versions = table(
            VERSIONS,
            [
                {
                    "machine_id": machine.name,
                    "valid_from": date(1900, 1, 1),
                    "is_current": True,
                    "units_per_hour": float(rates.get(machine.name, 75)),
                    "kwh_per_unit": 0.1,
                }
                for machine in plant.machines
            ],
        )
        self.machines = table(
            MACHINES,
            [
                {
                    "machine_id": machine.name,
                    "factory_id": machine.factory,
                    "product_name": machine.product,
                    "installed_on": day_of(machine.installed),
                }
                for machine in plant.machines
            ],
        )
        factories = sorted({machine.factory for machine in plant.machines})
        self.factories = table(FACTORIES, [{"factory_id": name} for name in factories])
        self.shifts = table(
            SHIFTS,
            [
                dict(zip(SHIFTS, (s.factory, s.name, s.start, s.end), strict=True))
                for s in plant.shifts
            ],
        )
        self.parameters = GoldParameters(
            settle_after_days=3,
            nowcast_confidence=0.95,
            minor_stop_minutes=plant.minor_stop,
            changeover_minutes=plant.changeover,
        )

    def machine_time(self) -> ir.Table:
        return build_fact_machine_time(
            self.batches,
            self.events,
            self.versions,
            self.machines,
            self.shifts,
            self.parameters,
        )

    def oee(self, machine_time: ir.Table) -> ir.Table:
        return summarise_oee_daily(
            machine_time,
            build_fact_production(self.batches, self.versions, self.shifts),
            build_fact_machine_event(self.events, self.versions, self.shifts),
            build_dim_machine(self.versions, self.machines, self.factories),
            build_dim_shift(self.shifts),
        )


def stretches(rows: Rows) -> list[tuple]:
    """Return stretches as (machine, shift, state, reason, first minute, last minute) in order."""
    return sorted(
        (
            row["machine_key"].split("|")[0],
            minute_of(row["start_at"]),
            minute_of(row["end_at"]),
            row["shift_key"].split("|")[-1],
            row["state"],
            row["stop_reason_key"],
        )
        for row in rows
    )


def assert_minutes(plant: Plant, rows: Rows) -> None:
    """Hold stretches against the plant's minutes: each is told once, and whatever is the same in
    minutes that follow each other is one row."""
    expected = plant.minutes()
    found = {}
    for row in rows:
        name = row["machine_key"].split("|")[0]
        start, end = minute_of(row["start_at"]), minute_of(row["end_at"])
        assert row["seconds"] == (end - start) * 60 > 0
        assert start // DAY == (end - 1) // DAY
        assert row["date_key"] == int(f"{day_of(start // DAY):%Y%m%d}")
        assert row["factory_id"] == plant.factory_of[name]
        for minute in range(start, end):
            assert (name, minute) not in found
            found[name, minute] = (row["shift_key"], row["state"], row["stop_reason_key"])
    assert found == {key: (told.shift, told.state, told.reason) for key, told in expected.items()}
