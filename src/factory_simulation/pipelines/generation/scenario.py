"""A scenario: machines, calendar, people and fault rates, checked before anything runs.

Rates are shares (0.03 is 3 %), durations minutes. The models convert what they hold to integers,
so that the simulation computes with integers alone and is the same on every engine.
"""

from datetime import date, timedelta
from typing import Annotated, Any, Self
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from factory_simulation.domain import FactoryError

BASIS_POINTS = 10_000
MINUTES_PER_DAY = 1440
MOST_MACHINES, MOST_BATCHES, MOST_READINGS = 999, 999, 99
"""Of a scenario, of a machine's day, of a batch: positions in landing files are made of these."""
LARGEST_READING = 4000
"""In degrees and bar. Thousandths of it are as many values as a random number can tell apart."""
NOTE_COUNT = 40
"""Texts per topic that people choose from when they write something down."""
_EPOCH = date(1970, 1, 1)
_LAST_START = date(2250, 1, 1)
"""Leaves room for the longest scenario before 2262, where some engines end to count."""

Seed = Annotated[int, Field(ge=0, lt=2**63, strict=True)]
Days = Annotated[int, Field(ge=1, le=3660, strict=True)]
Share = Annotated[float, Field(ge=0, le=1)]
Minutes = Annotated[int, Field(ge=0, le=MINUTES_PER_DAY)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Range(_Model):
    low: float
    high: float

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low ({self.low}) must not exceed high ({self.high})")
        return self


class IntegerRange(_Range):
    """Whole numbers from ``low`` to ``high``, both included."""

    low: int = Field(ge=0, le=MINUTES_PER_DAY)
    high: int = Field(ge=0, le=MINUTES_PER_DAY)


class DecimalRange(_Range):
    """Numbers from ``low`` to ``high``, both included."""

    low: float = Field(ge=0, le=LARGEST_READING)
    high: float = Field(ge=0, le=LARGEST_READING)

    def scaled(self, places: int) -> tuple[int, int]:
        """Return both ends as integers of ``10**-places``."""
        return round(self.low * 10**places), round(self.high * 10**places)


class MachineKind(_Model):
    """What machines of one kind have in common: the conditions that their sensors see."""

    temperature_c: DecimalRange
    pressure_bar: DecimalRange


class Machine(_Model):
    """One machine and what it makes."""

    machine_id: str = Field(pattern=r"^[A-Z]+-[0-9]+$")
    kind: str
    product_name: str = Field(min_length=1)
    units_per_hour: float = Field(gt=0, le=100_000)
    base_efficiency: float = Field(gt=0, le=1)
    efficiency_loss_per_day: Share = 0
    batch_minutes: IntegerRange
    kwh_per_unit: float = Field(gt=0, le=1000)
    installed_on: date


class Recipe(_Model):
    """What a product is made from."""

    made_from: str
    input_per_unit: int = Field(ge=1)


class Factory(_Model):
    """Where the machines stand."""

    factory_id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: str
    city: str
    timezone: str
    utc_offset_minutes: int = Field(ge=-720, le=840)

    @model_validator(mode="after")
    def _zone_exists(self) -> Self:
        if self.timezone not in available_timezones():
            raise ValueError(f"timezone {self.timezone!r} is not an IANA time zone")
        return self


class Calendar(_Model):
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

    @property
    def minutes_open(self) -> int:
        """How long a working day is."""
        return self.closes_at_minute - self.opens_at_minute


class Process(_Model):
    """How production varies."""

    efficiency_noise: Share
    efficiency_floor: Share
    defect_rate: Share
    defect_rate_noise: Share


class Sensors(_Model):
    """How the machines are measured."""

    readings_per_batch: IntegerRange
    energy_noise: Share

    @model_validator(mode="after")
    def _readings_can_be_told_apart(self) -> Self:
        if self.readings_per_batch.high > MOST_READINGS:
            raise ValueError(f"readings_per_batch.high must be at most {MOST_READINGS}")
        return self


class QualityControl(_Model):
    """How batches are inspected."""

    inspected_share: Share
    minutes_after_end: IntegerRange
    defects_caught: Share
    inspectors: int = Field(ge=1, le=999)


class Operators(_Model):
    """What operators write down."""

    logged_share: Share
    minutes_around_start: Minutes
    operators: int = Field(ge=1, le=999)


class Chaos(_Model):
    """How often each kind of fault falls, and how hard."""

    product_name_variants: Share
    machine_id_variants: Share
    missing_sensor_values: Share
    sensor_clock_drift: Share
    sensor_clock_drift_minutes: Minutes
    duplicate_batches: Share
    late_batches: Share
    late_days: IntegerRange
    local_qc_times: Share
    local_operator_times: Share


class Scenario(_Model):
    """A world that can be simulated."""

    name: str
    seed: Seed
    factory: Factory
    calendar: Calendar
    products: dict[str, Recipe]
    machine_kinds: dict[str, MachineKind]
    machines: list[Machine] = Field(min_length=1, max_length=MOST_MACHINES)
    process: Process
    sensors: Sensors
    quality_control: QualityControl
    operators: Operators
    chaos: Chaos

    @model_validator(mode="after")
    def _machines_fit(self) -> Self:
        ids = [machine.machine_id for machine in self.machines]
        if len(set(ids)) < len(ids):
            raise ValueError("machines: each machine_id may stand once")
        for machine in self.machines:
            if machine.kind not in self.machine_kinds:
                known = ", ".join(sorted(self.machine_kinds))
                raise ValueError(
                    f"machine {machine.machine_id}: kind {machine.kind!r} is none of {known}"
                )
            if machine.product_name not in self.products:
                known = ", ".join(sorted(self.products))
                raise ValueError(
                    f"machine {machine.machine_id}: product {machine.product_name!r} "
                    f"is none of {known}"
                )
            count = self.calendar.batches_per_day.low
            shortest = (
                count * machine.batch_minutes.low + (count - 1) * self.calendar.gap_minutes.low
            )
            if shortest > self.calendar.minutes_open:
                raise ValueError(
                    f"machine {machine.machine_id}: {count} batches a day take at least {shortest} "
                    f"minutes, the factory is open for {self.calendar.minutes_open}"
                )
        return self

    def event_dates(self, arrival_date: date | None) -> list[date]:
        """Return the event dates to simulate: all, or those that can arrive on one date."""
        start, days = self.calendar.start_date, self.calendar.days
        dates = [start + timedelta(days=i) for i in range(days)]
        if arrival_date is None:
            return dates
        earliest = arrival_date - timedelta(days=self.chaos.late_days.high)
        return [day for day in dates if earliest <= day <= arrival_date]

    def arrival_dates(self) -> tuple[date, date]:
        """Return the first and the last date on which something can arrive."""
        start = self.calendar.start_date
        tail = self.chaos.late_days.high if self.chaos.late_batches else 0
        return start, start + timedelta(days=self.calendar.days - 1 + tail)


def epoch_day(day: date) -> int:
    """Return the days since 1970-01-01."""
    return (day - _EPOCH).days


def basis_points(share: float) -> int:
    """Return a share in hundredths of a percent."""
    return round(share * BASIS_POINTS)


def load_scenario(name: str, known: dict[str, Any], overrides: dict[str, Any]) -> Scenario:
    """Read a scenario out of the configuration and check it.

    Args:
        name: Which one.
        known: The configuration of every scenario, by name.
        overrides: Of these, ``seed``, ``start_date`` and ``days`` replace the scenario's.

    Raises:
        FactoryError: If there is no such scenario, or a value is not allowed.
    """
    if name not in known:
        raise FactoryError(
            f"scenario = {name!r}: no such scenario; known are {', '.join(sorted(known))}"
        )
    if not isinstance(known[name], dict):
        raise FactoryError(f"scenario {name}: its file must hold a mapping under the key {name!r}")
    raw = {**known[name], "name": name}
    calendar = dict(raw.get("calendar") or {})
    calendar.update({k: v for k, v in overrides.items() if k in {"start_date", "days"}})
    raw["calendar"] = calendar
    if "seed" in overrides:
        raw["seed"] = overrides["seed"]
    try:
        return Scenario.model_validate(raw)
    except ValidationError as error:
        raise FactoryError(describe_invalid(f"scenario {name}", error)) from error


def describe_invalid(what: str, error: ValidationError) -> str:
    """Return one line per bad value: its key, the value, and what is allowed."""
    problems = []
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"])
        shown = "" if isinstance(problem["input"], dict) else f" = {problem['input']!r}"
        problems.append(
            f"{key}{shown}: {problem['msg'].removeprefix('Value error, ')}".lstrip(": ")
        )
    return f"{what}: {'; '.join(problems)}"
