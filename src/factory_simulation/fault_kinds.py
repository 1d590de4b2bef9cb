"""What each kind of fault is to people: its name, its meaning, how much it matters."""

from dataclasses import dataclass
from enum import StrEnum

from factory_simulation.domain import FaultType, Method, Reason


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

WHY: dict[Method, str] = {
    Method.NAME_KEY: "All spellings of a name share its letters and digits (of a machine: kind and "
    "number), and no two known names do.",
    Method.PHRASE: "It has the letters of exactly one standard phrase, in another order.",
    Method.PLATE: "Read in this way alone it can be a value of this machine.",
    Method.SIBLINGS: "The other readings of its batch tell it.",
    Method.SEQUENCE: "Ids count a machine's batches of a day, and this one was missing there.",
    Method.EVEN_INTERVALS: "The readings of its batch come at even intervals from its start on.",
    Method.BATCH_END: "A check follows the end of its batch within minutes, and read as UTC it "
    "would not.",
    Method.BATCH_START: "An entry is made within minutes of a batch's start on its machine, and "
    "read as UTC it would not be.",
    Method.OWN_TIME: "The row tells itself when it happened.",
    Method.COPY: "It says the same as a row that arrived before it.",
    Method.SUPERSEDED: "A row that arrived later says otherwise, and the last word counts.",
    Method.REPORTED: "It is told of a machine, and nothing is wrong with the data.",
    Method.ESTIMATED: "Nothing tells the value itself; what is near it is known.",
    Method.FLAGGED: "It is known to be wrong, and nothing tells what is right.",
    Method.QUARANTINED: "No repair makes it a row that can be kept.",
}
"""Why silver claims what it does, by the method that it came to it by; see ``docs/repairs.md``."""
WHY_LOST = "Ids count a machine's batches of a day, and one is missing before this row."
"""Why silver claims that a row was lost, which it only marks."""

_BROKEN: dict[Reason, str] = {
    Reason.TOO_FEW_FIELDS: "has fewer fields than its file's header",
    Reason.TOO_MANY_FIELDS: "has more fields than its file's header",
    Reason.NOT_AN_OBJECT: "is no JSON object",
    Reason.MALFORMED_QUOTES: "has quotes that are not closed, or not where a field ends",
    Reason.MALFORMED_JSON: "is no JSON",
    Reason.EMPTY: "is empty",
    Reason.NOT_A_NUMBER: "is no number that can be meant",
    Reason.NOT_A_TIME: "is no time that can be meant",
    Reason.OUT_OF_RANGE: "is a rate that no plate says",
    Reason.END_BEFORE_START: "ends before it starts",
    Reason.MORE_DEFECTS_THAN_UNITS: "has more defective units than units",
    Reason.UNKNOWN_PRODUCT: "names a product that no reference file knows",
    Reason.UNKNOWN_MACHINE: "names a machine that no reference file knows",
    Reason.UNKNOWN_BATCH: "checks a batch that is not there",
    Reason.NEGATIVE: "is a count below 0",
    Reason.INVALID_RESULT: "says neither PASS nor FAIL",
    Reason.INVALID_TYPE: "is neither a stop nor maintenance",
}


def reason_in_words(reason: str) -> str:
    """Return what is wrong with a row, or with a column of it, as a sentence without its stop.

    Args:
        reason: As silver gives it, such as ``empty:batch_id``.
    """
    code, _, column = reason.partition(":")
    return f"{column or 'the row'} {_BROKEN[Reason(code)]}"


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
        remedy: What is done about it, in a sentence.
        severity: How much it matters.
        is_data_error: Whether data are wrong; else something befell a machine.
    """

    title: str
    meaning: str
    remedy: str
    severity: Severity
    is_data_error: bool = True


FAULT_KINDS: dict[str, FaultKind] = {
    FaultType.PRODUCT_NAME_VARIANT: FaultKind(
        "product name spelled otherwise",
        "A product's name is written in another way than in the master data.",
        "The name of the master data is taken that has the same letters and digits.",
        Severity.INFO,
    ),
    FaultType.MACHINE_ID_VARIANT: FaultKind(
        "machine id spelled otherwise",
        "A machine's id is written in another way than in the master data.",
        "The machine is taken whose kind and number the id has.",
        Severity.INFO,
    ),
    FaultType.NOTE_TYPO: FaultKind(
        "typing error in a note",
        "A standard phrase has letters transposed.",
        "The phrase is put in its place.",
        Severity.INFO,
    ),
    FaultType.MISSING_VALUE: FaultKind(
        "missing value",
        "A sensor's value is empty; it is told by its siblings, estimated, or stays empty.",
        "What other readings of the batch tell of it stands in a column of its own, if they do.",
        Severity.WARNING,
    ),
    FaultType.DECIMAL_COMMA: FaultKind(
        "decimal comma",
        "A number is written with a decimal comma.",
        "The comma is read as a point.",
        Severity.INFO,
    ),
    FaultType.UNIT_MIXUP: FaultKind(
        "wrong unit",
        "A value was landed in another unit and converted back.",
        "The value is converted, as only the converted one lies within the machine's limits.",
        Severity.INFO,
    ),
    FaultType.PERCENT_AS_SHARE: FaultKind(
        "percentage as a share",
        "A percentage is written as a share of one.",
        "The share is read as a percentage.",
        Severity.INFO,
    ),
    FaultType.SWAPPED_COLUMNS: FaultKind(
        "swapped columns",
        "Temperature and pressure stand in each other's place.",
        "The two change places, as each lies within the other's limits.",
        Severity.INFO,
    ),
    FaultType.SPIKE: FaultKind(
        "spike",
        "A value is far beyond what the machine can do, and is left out.",
        "The value is left out, and nothing is put in its place.",
        Severity.WARNING,
    ),
    FaultType.STUCK_SENSOR: FaultKind(
        "stuck sensor",
        "A sensor repeats one value, so that its readings tell nothing until it is mended.",
        "The value stays, and is marked as one that tells nothing.",
        Severity.WARNING,
    ),
    FaultType.METER_DRIFT: FaultKind(
        "drifting meter",
        "An energy meter shows too much until it is calibrated; without its drift the value is an "
        "estimate.",
        "The reading stays, and what counts is an estimate without the drift of that day.",
        Severity.WARNING,
    ),
    FaultType.CLOCK_DRIFT: FaultKind(
        "drifting clock",
        "A sensor's clock is minutes off, so that a reading is told at another time than it was.",
        "The reading gets the time at which it was due, or is marked where nobody can tell it.",
        Severity.INFO,
    ),
    FaultType.CLOCK_RESET: FaultKind(
        "reset clock",
        "A clock was reset, so that a check is told in 1970 and its time is an estimate.",
        "The time becomes an estimate: the middle of the time in which checks follow a batch.",
        Severity.WARNING,
    ),
    FaultType.LOCAL_TIME: FaultKind(
        "local time",
        "A time is told in local time where UTC was meant.",
        "The time is read as local time, and counts in UTC.",
        Severity.INFO,
    ),
    FaultType.DUPLICATE: FaultKind(
        "duplicate",
        "A row landed again, and the copy is left out.",
        "The row that arrived first counts, and the copy does not.",
        Severity.INFO,
    ),
    FaultType.CONFLICTING_COPY: FaultKind(
        "corrected row",
        "A row was corrected by one that landed later, so that totals were others before.",
        "The row that arrived last counts, and the one that it corrects does not.",
        Severity.WARNING,
    ),
    FaultType.LOST_ROW: FaultKind(
        "lost row",
        "A batch never landed, so that it is missing from all totals.",
        "Nothing can be done; a gap in its machine's ids tells of it, noted at the row after it.",
        Severity.CRITICAL,
    ),
    FaultType.ORPHAN: FaultKind(
        "check without a batch",
        "A check names a batch that is not there, so that it counts nowhere.",
        "It is set aside, and counts once its batch arrives.",
        Severity.CRITICAL,
    ),
    FaultType.REUSED_ID: FaultKind(
        "reused id",
        "Two batches landed under one id; one of them gets an id of its own.",
        "The batch gets the id that is missing in its machine's sequence, else one with a mark.",
        Severity.WARNING,
    ),
    FaultType.LATE_ARRIVAL: FaultKind(
        "late row",
        "A row landed after the date on which it happened, so that totals were lower before.",
        "It counts on the date on which it happened, and that date's figures are made anew.",
        Severity.WARNING,
    ),
    FaultType.DECAY: FaultKind(
        "decaying machine",
        "A machine loses efficiency from day to day.",
        "Its slope is measured, and when it crosses a threshold is forecast.",
        Severity.WARNING,
        is_data_error=False,
    ),
    FaultType.MACHINE_STOP: FaultKind(
        "machine stop",
        "A machine stood still.",
        "It counts as time in which the machine did not run.",
        Severity.INFO,
        is_data_error=False,
    ),
    FaultType.MAINTENANCE: FaultKind(
        "maintenance",
        "A machine was maintained.",
        "It counts as time in which the machine did not run, and its effect is measured.",
        Severity.INFO,
        is_data_error=False,
    ),
    QUARANTINED_ROW: FaultKind(
        "row in quarantine",
        "A row breaks rules that no repair can satisfy, so that it counts nowhere.",
        "It is kept as it landed, with all its reasons.",
        Severity.CRITICAL,
    ),
}
"""What each kind of fault is to people, by its key."""
