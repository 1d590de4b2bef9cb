"""What each kind of fault is to people: its name, its meaning, how much it matters."""

from dataclasses import dataclass
from enum import StrEnum

from factory_simulation.domain import FaultType, Method


class FaultOutcome(StrEnum):
    """What became of a value or a row that silver believes was wrong."""

    REPAIRED = "repaired"
    ESTIMATED = "estimated"
    FLAGGED = "flagged"
    REMOVED = "removed"
    REPORTED = "reported"
    QUARANTINED = "quarantined"


OUTCOMES: dict[Method, FaultOutcome] = dict.fromkeys(Method, FaultOutcome.REPAIRED) | {
    Method.ESTIMATED: FaultOutcome.ESTIMATED,
    Method.FLAGGED: FaultOutcome.FLAGGED,
    Method.COPY: FaultOutcome.REMOVED,
    Method.SUPERSEDED: FaultOutcome.REMOVED,
    Method.REPORTED: FaultOutcome.REPORTED,
    Method.QUARANTINED: FaultOutcome.QUARANTINED,
}
"""What each method comes to: all others claim to have found the clean value."""


class Severity(StrEnum):
    """How much a fault matters to those who use the numbers.

    ``info``: what was meant is known. ``warning``: a value is missing, a guess, or was another one
    for a while. ``critical``: something that happened is in no total.
    """

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


QUARANTINED_ROW = "quarantined_row"
"""A kind of fault beside those that can be injected: a landed row that cannot be kept."""


@dataclass(frozen=True)
class FaultKind:
    """What a kind of fault is to people.

    Attributes:
        title: Its name.
        meaning: What it means, in a sentence.
        severity: How much it matters.
        is_data_error: Whether data are wrong; else something befell a machine.
    """

    title: str
    meaning: str
    severity: Severity
    is_data_error: bool = True


FAULT_KINDS: dict[str, FaultKind] = {
    FaultType.PRODUCT_NAME_VARIANT: FaultKind(
        "product name spelled otherwise",
        "A product's name is written in another way than in the master data.",
        Severity.INFO,
    ),
    FaultType.MACHINE_ID_VARIANT: FaultKind(
        "machine id spelled otherwise",
        "A machine's id is written in another way than in the master data.",
        Severity.INFO,
    ),
    FaultType.NOTE_TYPO: FaultKind(
        "typing error in a note", "A standard phrase has letters transposed.", Severity.INFO
    ),
    FaultType.MISSING_VALUE: FaultKind(
        "missing value",
        "A sensor's value is empty; it is told by its siblings, estimated, or stays empty.",
        Severity.WARNING,
    ),
    FaultType.DECIMAL_COMMA: FaultKind(
        "decimal comma", "A number is written with a decimal comma.", Severity.INFO
    ),
    FaultType.UNIT_MIXUP: FaultKind(
        "wrong unit", "A value was landed in another unit and converted back.", Severity.INFO
    ),
    FaultType.PERCENT_AS_SHARE: FaultKind(
        "percentage as a share", "A percentage is written as a share of one.", Severity.INFO
    ),
    FaultType.SWAPPED_COLUMNS: FaultKind(
        "swapped columns", "Temperature and pressure stand in each other's place.", Severity.INFO
    ),
    FaultType.SPIKE: FaultKind(
        "spike", "A value is far beyond what the machine can do, and is left out.", Severity.WARNING
    ),
    FaultType.STUCK_SENSOR: FaultKind(
        "stuck sensor",
        "A sensor repeats one value, so that its readings tell nothing until it is mended.",
        Severity.WARNING,
    ),
    FaultType.METER_DRIFT: FaultKind(
        "drifting meter",
        "An energy meter shows too much until it is calibrated; without its drift the value is an "
        "estimate.",
        Severity.WARNING,
    ),
    FaultType.CLOCK_DRIFT: FaultKind(
        "drifting clock",
        "A sensor's clock is minutes off, so that a reading is told at another time than it was.",
        Severity.INFO,
    ),
    FaultType.CLOCK_RESET: FaultKind(
        "reset clock",
        "A clock was reset, so that a check is told in 1970 and its time is an estimate.",
        Severity.WARNING,
    ),
    FaultType.LOCAL_TIME: FaultKind(
        "local time", "A time is told in local time where UTC was meant.", Severity.INFO
    ),
    FaultType.DUPLICATE: FaultKind(
        "duplicate", "A row landed again, and the copy is left out.", Severity.INFO
    ),
    FaultType.CONFLICTING_COPY: FaultKind(
        "corrected row",
        "A row was corrected by one that landed later, so that totals were others before.",
        Severity.WARNING,
    ),
    FaultType.LOST_ROW: FaultKind(
        "lost row",
        "A batch never landed, so that it is missing from all totals.",
        Severity.CRITICAL,
    ),
    FaultType.ORPHAN: FaultKind(
        "check without a batch",
        "A check names a batch that is not there, so that it counts nowhere.",
        Severity.CRITICAL,
    ),
    FaultType.REUSED_ID: FaultKind(
        "reused id",
        "Two batches landed under one id; one of them gets an id of its own.",
        Severity.WARNING,
    ),
    FaultType.LATE_ARRIVAL: FaultKind(
        "late row",
        "A row landed after the date on which it happened, so that totals were lower before.",
        Severity.WARNING,
    ),
    FaultType.DECAY: FaultKind(
        "decaying machine",
        "A machine loses efficiency from day to day.",
        Severity.WARNING,
        is_data_error=False,
    ),
    FaultType.MACHINE_STOP: FaultKind(
        "machine stop", "A machine stood still.", Severity.INFO, is_data_error=False
    ),
    FaultType.MAINTENANCE: FaultKind(
        "maintenance", "A machine was maintained.", Severity.INFO, is_data_error=False
    ),
    QUARANTINED_ROW: FaultKind(
        "row in quarantine",
        "A row breaks rules that no repair can satisfy, so that it counts nowhere.",
        Severity.CRITICAL,
    ),
}
"""What each kind of fault is to people, by its key."""
