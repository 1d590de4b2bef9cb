"""A scenario: machines, calendar, people and fault rates, checked before anything runs.

Rates are shares (0.03 is 3 %), durations minutes. The models convert what they hold to integers,
so that the simulation computes with integers alone and is the same on every engine.
"""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Annotated, Literal, Self
from zoneinfo import available_timezones

from pydantic import Field, model_validator

from factory_simulation.expressions.dates import DateRange
from factory_simulation.faults.settings import IntegerRange, Minutes, Model, Range, Share
from factory_simulation.pipelines.generation.chaos import Chaos

MOST_MACHINES, MOST_BATCHES, MOST_READINGS = 9_999, 999, 99
"""Of a scenario, of a machine's day, of a batch."""
LARGEST_READING = 4000
"""In degrees and bar. Thousandths of it are as many values as a random number can tell apart."""
NOTE_COUNT = 40
"""Texts per topic that people choose from when they write something down."""
_EPOCH = date(1970, 1, 1)
_LAST_START = date(2250, 1, 1)
"""Leaves room for the longest scenario before 2262, where some engines end to count."""
_MOST_UNITS = 10**9
_LEAST_KWH, _LEAST_UNITS = 0.001, 1
"""Of a rate in whole millionths and thousandths, a percent of these is left."""
_WIDER = 0.25
"""By this share of the range a plate's limits lie outside of what a machine sees."""

Seed = Annotated[int, Field(ge=0, lt=2**63, strict=True)]
Days = Annotated[int, Field(ge=1, le=3660, strict=True)]
MachineCount = Annotated[int, Field(ge=1, le=MOST_MACHINES, strict=True)]


class DecimalRange(Range):
    """Numbers from ``low`` to ``high``, both included."""

    low: float = Field(ge=0, le=LARGEST_READING)
    high: float = Field(ge=0, le=LARGEST_READING)

    def scaled(self, places: int) -> tuple[int, int]:
        """Return both ends as integers of ``10**-places``."""
        return round(self.low * 10**places), round(self.high * 10**places)

    def limits(self) -> tuple[float, float]:
        """Return the operating limits on the plate of a machine that sees this range."""
        margin = (self.high - self.low) * _WIDER
        return round(max(0, self.low - margin), 3), round(self.high + margin, 3)


class MachineKind(Model):
    """What machines of one kind have in common: the conditions that their sensors see."""

    temperature_c: DecimalRange
    pressure_bar: DecimalRange


class Machine(Model):
    """One machine, or several alike that are numbered on, and what they make.

    ``factory_id`` may be left out where there is one factory.
    """

    machine_id: str = Field(pattern=r"^[A-Z]+-[0-9]{1,9}$")
    count: MachineCount = 1
    factory_id: str | None = None
    kind: str
    product_name: str = Field(min_length=1)
    units_per_hour: float = Field(gt=0, le=100_000)
    base_efficiency: float = Field(gt=0, le=1)
    efficiency_loss_per_day: Share = 0
    batch_minutes: IntegerRange
    kwh_per_unit: float = Field(gt=0, le=1000)
    installed_on: date


class Recipe(Model):
    """What a product is made from."""

    made_from: str
    input_per_unit: int = Field(ge=1)


class Factory(Model):
    """Where machines stand; working hours of its own, in UTC, replace the calendar's."""

    factory_id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: str
    city: str
    timezone: str
    opens_at_minute: Minutes | None = None
    closes_at_minute: Minutes | None = None

    @model_validator(mode="after")
    def _zone_exists(self) -> Self:
        if self.timezone not in available_timezones():
            raise ValueError(f"timezone {self.timezone!r} is not an IANA time zone")
        return self


class Calendar(Model):
    """When the factory works, in UTC."""

    start_date: date
    days: Days
    opens_at_minute: Minutes
    closes_at_minute: Minutes
    batches_per_day: IntegerRange
    gap_minutes: IntegerRange

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.opens_at_minute >= self.closes_at_minute:
            raise ValueError("opens_at_minute must be before closes_at_minute")
        if self.batches_per_day.high > MOST_BATCHES:
            raise ValueError(f"batches_per_day.high must be at most {MOST_BATCHES}")
        return self

    @model_validator(mode="after")
    def _starts_in_time(self) -> Self:
        if not _EPOCH <= self.start_date <= _LAST_START:
            raise ValueError(f"start_date must lie between {_EPOCH} and {_LAST_START}")
        return self


class Process(Model):
    """How production varies."""

    efficiency_noise: Share
    efficiency_floor: Share
    defect_rate: Share
    defect_rate_noise: Share


class Sensors(Model):
    """How the machines are measured."""

    readings_per_batch: IntegerRange
    energy_noise: Share

    @model_validator(mode="after")
    def _readings_can_be_told_apart(self) -> Self:
        if self.readings_per_batch.high > MOST_READINGS:
            raise ValueError(f"readings_per_batch.high must be at most {MOST_READINGS}")
        return self


class QualityControl(Model):
    """How batches are inspected."""

    inspected_share: Share
    minutes_after_end: IntegerRange
    defects_caught: Share
    inspectors: int = Field(ge=1, le=999)


class Operators(Model):
    """What operators write down."""

    logged_share: Share
    minutes_around_start: Minutes
    operators: int = Field(ge=1, le=999)


class Materials(Model):
    """What is in stock, and whether machines stand still for want of it.

    Attributes:
        opening_stock: Units of each product that every factory has before its first day.
        limit_production: Whether a batch is cut to what its input in stock allows.
    """

    opening_stock: dict[str, Annotated[int, Field(ge=0, le=_MOST_UNITS)]] = Field(
        default_factory=dict
    )
    limit_production: bool = False


class Landing(Model):
    """How files land."""

    format: Literal["text", "parquet"] = "text"


class Registry(Model):
    """The machine registry: how much changes in it, and what it learns too late.

    Attributes:
        changes: How many times an attribute of a machine changes, over the whole scenario.
        late: Share of the changes of which the machine's row lands ``days`` late.
        corrected: Share of the changes that the registry denies first and admits ``days`` later.
        days: How many days late.
    """

    changes: int = Field(default=0, ge=0, strict=True)
    late: Share = 0
    corrected: Share = 0
    days: IntegerRange = Field(default=IntegerRange(low=1, high=3))

    @model_validator(mode="after")
    def _shares_fit(self) -> Self:
        if self.late + self.corrected > 1:
            raise ValueError("late and corrected together must not exceed 1")
        return self

    @property
    def longest_delay(self) -> int:
        """The largest number of days by which a row of a snapshot can be late."""
        return self.days.high if self.changes and (self.late or self.corrected) else 0


class Scenario(Model):
    """A world that can be simulated."""

    name: str
    seed: Seed
    factories: list[Factory] = Field(min_length=1)
    calendar: Calendar
    products: dict[str, Recipe]
    machine_kinds: dict[str, MachineKind]
    machines: list[Machine] = Field(min_length=1)
    process: Process
    sensors: Sensors
    quality_control: QualityControl
    operators: Operators
    materials: Materials = Field(default_factory=Materials)
    landing: Landing = Field(default_factory=Landing)
    chaos: Chaos = Field(default_factory=Chaos)
    registry: Registry | None = None

    @model_validator(mode="after")
    def _machines_fit(self) -> Self:
        ids = [machine.machine_id for machine in self.fleet]
        _require_distinct("machines: each machine_id may stand once", ids)
        if len(ids) > MOST_MACHINES:
            raise ValueError(f"machines: {len(ids)} are too many; at most {MOST_MACHINES}")
        _require_distinct(
            "factories: each factory_id may stand once", [f.factory_id for f in self.factories]
        )
        for machine in self.machines:
            place = f"machine {machine.machine_id}"
            _require_known(f"{place}: kind", machine.kind, self.machine_kinds)
            _require_known(f"{place}: product", machine.product_name, self.products)
            if machine.factory_id is not None or len(self.factories) > 1:
                known = [factory.factory_id for factory in self.factories]
                _require_known(f"{place}: factory", machine.factory_id, known)
            self._require_time(machine)
        return self

    @model_validator(mode="after")
    def _materials_fit(self) -> Self:
        for product in self.materials.opening_stock:
            _require_known("materials.opening_stock: product", product, self.products)
        for name in self.products:
            shares = {r.input_per_unit for r in self.products.values() if r.made_from == name}
            if self.materials.limit_production and len(shares) > 1:
                raise ValueError(
                    f"products made from {name} must all take the same input_per_unit where "
                    "production is limited by stock"
                )
        return self

    @model_validator(mode="after")
    def _registry_fits(self) -> Self:
        if self.registry is None:
            return self
        room = len(self.fleet) * (self.calendar.days - 1)
        if self.registry.changes > room:
            raise ValueError(
                f"registry.changes = {self.registry.changes}: {len(self.fleet)} machines have room "
                f"for {room} in {self.calendar.days} days, one a day from the second day on"
            )
        for machine in self.machines:
            if machine.kwh_per_unit < _LEAST_KWH or machine.units_per_hour < _LEAST_UNITS:
                raise ValueError(
                    f"machine {machine.machine_id}: changes would not show; with a registry "
                    f"kwh_per_unit must be at least {_LEAST_KWH}, units_per_hour {_LEAST_UNITS}"
                )
        return self

    def _require_time(self, machine: Machine) -> None:
        opens, closes = self.working_minutes(machine.factory_id)
        if opens >= closes:
            raise ValueError("opens_at_minute must be before closes_at_minute")
        count = self.calendar.batches_per_day.low
        shortest = count * machine.batch_minutes.low + (count - 1) * self.calendar.gap_minutes.low
        if shortest > closes - opens:
            raise ValueError(
                f"machine {machine.machine_id}: {count} batches a day take at least {shortest} "
                f"minutes, the factory is open for {closes - opens}"
            )

    @property
    def fleet(self) -> list[Machine]:
        """Every machine on its own, with its factory."""
        fleet = []
        for machine in self.machines:
            kind, number = machine.machine_id.split("-")
            factory_id = machine.factory_id or self.factories[0].factory_id
            for i in range(machine.count):
                machine_id = f"{kind}-{int(number) + i:0{len(number)}d}"
                changes = {"machine_id": machine_id, "count": 1, "factory_id": factory_id}
                fleet.append(machine.model_copy(update=changes))
        return fleet

    def working_minutes(self, factory_id: str | None) -> tuple[int, int]:
        """Return when a factory opens and closes, in minutes of the UTC day."""
        known = {factory.factory_id: factory for factory in self.factories}
        factory = known[factory_id or self.factories[0].factory_id]
        opens, closes = factory.opens_at_minute, factory.closes_at_minute
        return (
            self.calendar.opens_at_minute if opens is None else opens,
            self.calendar.closes_at_minute if closes is None else closes,
        )

    def event_dates(self, arrival_dates: DateRange | None) -> list[date]:
        """Return the event dates to simulate: all, or those that can arrive on some dates."""
        start, days = self.calendar.start_date, self.calendar.days
        dates = [start + timedelta(days=i) for i in range(days)]
        if arrival_dates is None:
            return dates
        earliest = arrival_dates.first - timedelta(days=self.chaos.longest_delay)
        return [day for day in dates if earliest <= day <= arrival_dates.last]

    def arrival_dates(self) -> tuple[date, date]:
        """Return the first and the last date on which something can arrive."""
        start = self.calendar.start_date
        registry = self.registry.longest_delay if self.registry else 0
        last = self.calendar.days - 1 + max(self.chaos.longest_delay, registry)
        return start, start + timedelta(days=last)


def _require_distinct(message: str, names: list[str]) -> None:
    if len(set(names)) < len(names):
        raise ValueError(message)


def _require_known(what: str, name: str | None, known: Collection[str]) -> None:
    if name not in known:
        raise ValueError(f"{what} {name!r} is none of {', '.join(sorted(known))}")


def epoch_day(day: date) -> int:
    """Return the days since 1970-01-01."""
    return (day - _EPOCH).days
