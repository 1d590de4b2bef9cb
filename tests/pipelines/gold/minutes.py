"""What machines did, counted minute by minute in plain Python: what machine time is held against.

All times are whole minutes since 1970-01-01 UTC.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

DAY = 1440
OFF = "off_shift"
NONE = "not_applicable"


@dataclass(frozen=True)
class Shift:
    """A shift of a factory, in minutes of the day."""

    factory: str
    name: str
    start: int
    end: int

    @property
    def key(self) -> str:
        return f"{self.factory}|{self.name}"


@dataclass(frozen=True)
class Machine:
    """A machine: where it stands, since which day, and what its plate names."""

    name: str
    factory: str
    product: str = "ironplate"
    installed: int = 0


@dataclass(frozen=True)
class Batch:
    """A batch, with the seconds that a unit takes by the plate."""

    key: str
    machine: str
    start: int
    end: int
    good: int = 0
    defective: int = 0
    seconds_per_unit: Fraction = Fraction(48)


@dataclass(frozen=True)
class Event:
    """A stop or maintenance."""

    machine: str
    type: str
    start: int
    end: int
    reason: str = "not_applicable"


@dataclass(frozen=True)
class Minute:
    """What a machine did in a minute, and in which worked shift."""

    shift: str
    state: str
    reason: str


Cell = tuple[str, int, str]
"""A machine, a day since 1970-01-01, a shift."""


@dataclass
class Amounts:
    """What a cell comes to, in seconds and units; times by the plate are exact."""

    planned: int = 0
    run: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    batches: int = 0
    parts: int = 0
    good: Fraction = Fraction(0)
    defective: Fraction = Fraction(0)
    ideal_good: Fraction = Fraction(0)
    process: Fraction = Fraction(0)
    startup: Fraction = Fraction(0)

    @property
    def ideal(self) -> Fraction:
        return self.ideal_good + self.process + self.startup


@dataclass
class Plant:
    """Machines with all that is told of them."""

    machines: list[Machine]
    shifts: list[Shift]
    batches: list[Batch]
    events: list[Event] = field(default_factory=list)
    minor_stop: int = 5
    changeover: int = 20

    def __post_init__(self) -> None:
        self.factory_of = {machine.name: machine.factory for machine in self.machines}

    def occurrence(self, factory: str, minute: int) -> tuple[str, int]:
        """Return the shift by the clock and the day on which it began."""
        day = minute // DAY
        for shift in self.shifts:
            for begun in (day - 1, day):
                start, end = begun * DAY + shift.start, begun * DAY + shift.end
                if shift.factory == factory and start <= minute < end:
                    return shift.key, begun
        return OFF, day

    def days_of(self, machine: Machine) -> set[int]:
        """Return the days on which a machine was to run."""
        worked = {
            self.occurrence(machine.factory, batch.start)[1]
            for batch in self.batches
            if self.factory_of[batch.machine] == machine.factory
        }
        own = {
            self.occurrence(machine.factory, told.start)[1]
            for told in (*self.batches, *self.events)
            if told.machine == machine.name
        }
        return own | {day for day in worked if machine.installed <= day}

    def minutes(self) -> dict[tuple[str, int], Minute]:
        """Return what every machine did in every minute that counts."""
        return {
            (machine.name, minute): told
            for machine in self.machines
            for minute, told in self._minutes_of(machine)
        }

    def _minutes_of(self, machine: Machine) -> Iterator[tuple[int, Minute]]:
        days = self.days_of(machine)
        running = {m for b in self.batches if b.machine == machine.name for m in span(b)}
        events = [event for event in self.events if event.machine == machine.name]
        told = running | {minute for event in events for minute in span(event)}
        shift_of: dict[int, tuple[str, int]] = {}
        for day in days:
            for minute in range(day * DAY, (day + 2) * DAY):
                key, begun = self.occurrence(machine.factory, minute)
                if key != OFF and begun == day:
                    shift_of[minute] = key, begun
        gaps = set(shift_of) - told
        runs = defaultdict(set)
        for minute in running & set(shift_of):
            runs[shift_of[minute]].add(minute)
        lengths = dict(stretch_lengths(gaps, shift_of))
        for minute in sorted(told | set(shift_of)):
            shift = shift_of.get(minute, (OFF, 0))
            event = first_event(events, minute)
            if minute in running:
                yield minute, Minute(shift[0], "RUN", NONE)
            elif event:
                yield minute, Minute(shift[0], event.type, event.reason)
            else:
                own = runs[shift]
                between = bool(own) and min(own) < minute < max(own)
                state = self._judge(lengths[minute]) if between else "IDLE"
                yield minute, Minute(shift[0], state, NONE)

    def _judge(self, length: int) -> str:
        if length <= self.minor_stop:
            return "MINOR_STOP"
        return "CHANGEOVER" if length <= self.changeover else "IDLE"

    def startups(self) -> set[str]:
        """Return the batches that are the first of a shift, or after something stood still."""
        found = set()
        for machine in self.machines:
            own = sorted(
                (b for b in self.batches if b.machine == machine.name),
                key=lambda b: (b.start, b.key),
            )
            seen = set()
            before = -1
            for batch in own:
                shift = self.occurrence(machine.factory, batch.start)
                is_first = shift[0] != OFF and shift not in seen
                seen.add(shift)
                ends = (event.end for event in self.events if event.machine == machine.name)
                if is_first or any(before < end <= batch.start for end in ends):
                    found.add(batch.key)
                before = batch.start
        return found

    def cells(self) -> dict[Cell, Amounts]:
        """Return what each machine, date and shift comes to."""
        minutes, startups = self.minutes(), self.startups()
        cells: dict[Cell, Amounts] = defaultdict(Amounts)
        for (machine, minute), told in minutes.items():
            cell = cells[machine, minute // DAY, told.shift]
            is_in_shift = told.shift != OFF
            if told.state == "RUN":
                cell.run += 60
            elif is_in_shift:
                cell.lost[told.state] += 60
            if told.state == "RUN" or (is_in_shift and told.state != "MAINTENANCE"):
                cell.planned += 60
        for batch in self.batches:
            where = Counter(
                (batch.machine, minute // DAY, minutes[batch.machine, minute].shift)
                for minute in span(batch)
            )
            shift = self.occurrence(self.factory_of[batch.machine], batch.start)[0]
            begun = (batch.machine, batch.start // DAY, shift)
            for place, count in (where or Counter({begun: 1})).items():
                share = Fraction(count, batch.end - batch.start or 1)
                cell = cells[place]
                cell.parts += share < 1
                cell.good += batch.good * share
                cell.defective += batch.defective * share
                cell.ideal_good += batch.good * share * batch.seconds_per_unit
                defective = batch.defective * share * batch.seconds_per_unit
                if batch.key in startups:
                    cell.startup += defective
                else:
                    cell.process += defective
            cells[begun if begun in (where or {begun}) else min(where)].batches += 1
        return dict(cells)


def span(told: Batch | Event) -> range:
    return range(told.start, told.end)


def first_event(events: Iterable[Event], minute: int) -> Event | None:
    """Return the maintenance that holds, else the stop; of several, the one that began first."""
    holding = [event for event in events if event.start <= minute < event.end]
    order = sorted(holding, key=lambda e: (e.type != "MAINTENANCE", e.start, e.end, e.reason))
    return order[0] if order else None


def stretch_lengths(
    minutes: set[int], shift_of: dict[int, tuple[str, int]]
) -> Iterator[tuple[int, int]]:
    """Yield minutes with the length of the stretch of the same shift that each is in."""
    stretch: list[int] = []
    for minute in [*sorted(minutes), None]:
        last = stretch[-1] if stretch else None
        goes_on = minute is not None and last == minute - 1
        if stretch and not (goes_on and shift_of[minute] == shift_of[last]):
            yield from ((each, len(stretch)) for each in stretch)
            stretch = []
        if minute is not None:
            stretch.append(minute)
