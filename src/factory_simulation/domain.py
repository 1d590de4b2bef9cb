"""The vocabulary of the factory: what lands, what can be wrong with it, and how failure is told.

Everything here is plain Python without a dependency, so every other module may import it.
"""

from dataclasses import dataclass
from enum import StrEnum


class FactoryError(Exception):
    """A failure that the user can mend: one line that names the thing and the remedy."""


MANIFEST = "manifest.json"
"""What a serving folder holds, by the last run that published: see ``docs/serving.md``."""


class Schema(StrEnum):
    """The schemas of the warehouse."""

    TRUTH = "truth"
    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"
    OPS = "ops"
    WORK = "work"


@dataclass(frozen=True)
class LandedTable:
    """The contract of one landing file.

    Attributes:
        name: The table, and the stem of its file.
        suffix: The suffix under which generation writes it.
        columns: The columns that a file must have, in the order in which they are written.
        optional: Columns that are used where they land and null where they do not.
        numbers: Columns that JSON holds as numbers.
        dated_by: Columns that tell when a row happened; the first that names a date counts. An id
            names the date that is written in it.
    """

    name: str
    suffix: str
    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    dated_by: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        """All columns that mean something here."""
        return (*self.columns, *self.optional)


BATCH_ID = "batch_id"

PRODUCTION_BATCHES = LandedTable(
    name="production_batches",
    suffix=".csv",
    columns=(
        "batch_id",
        "machine_id",
        "product_name",
        "start_time",
        "end_time",
        "units_produced",
        "units_defective",
    ),
    dated_by=("start_time", BATCH_ID),
)
SENSOR_LOGS = LandedTable(
    name="sensor_logs",
    suffix=".json",
    columns=(
        "machine_id",
        "timestamp",
        "temperature",
        "pressure",
        "energy_kwh",
        "efficiency_percent",
    ),
    numbers=("temperature", "pressure", "energy_kwh", "efficiency_percent"),
    dated_by=("timestamp",),
)
QC_CHECKS = LandedTable(
    name="qc_checks",
    suffix=".csv",
    columns=(
        "check_id",
        "batch_id",
        "check_timestamp",
        "inspector_id",
        "pass_fail",
        "defect_notes",
    ),
    optional=("inspector_name",),
    dated_by=(BATCH_ID, "check_timestamp"),
)
OPERATOR_LOGS = LandedTable(
    name="operator_logs",
    suffix=".csv",
    columns=("log_id", "machine_id", "operator_id", "log_timestamp", "action", "notes"),
    optional=("operator_name",),
    dated_by=("log_timestamp",),
)
MACHINE_EVENTS = LandedTable(
    name="machine_events",
    suffix=".csv",
    columns=("event_id", "machine_id", "event_type", "reason", "start_time", "end_time"),
    dated_by=("start_time",),
)
MACHINE_REGISTRY = LandedTable(
    name="machine_registry",
    suffix=".csv",
    columns=("machine_id", "units_per_hour", "kwh_per_unit", "status", "firmware", "owner"),
    optional=("snapshot_date",),
)
LANDED_TABLES: dict[str, LandedTable] = {
    table.name: table
    for table in (
        PRODUCTION_BATCHES,
        SENSOR_LOGS,
        QC_CHECKS,
        OPERATOR_LOGS,
        MACHINE_EVENTS,
        MACHINE_REGISTRY,
    )
}

MACHINE_ATTRIBUTES = MACHINE_REGISTRY.columns[1:]
"""What the registry says of a machine: where one of these changes, a version of it begins."""

EVENT_DATE = "_event_date"
"""The date by which the rows of bronze, silver and gold are worked off and replaced."""

LINEAGE_COLUMNS = (
    *("_row_id", "_source_file", "_source_row", "_arrival_date"),
    *("_loaded_at", EVENT_DATE),
)
"""What bronze adds to a landed row: its identity, where and when it landed, when it was loaded."""

PARSE_ERROR = "_parse_error"
SURPLUS = "_surplus_fields"
"""Bronze's account of a row that does not fit its file's header; null where it fits."""


WHOLE_ROW = "*"
"""What stands for a column where a fault is about the whole row."""


class FileStatus(StrEnum):
    """What became of a landing file."""

    INGESTED = "ingested"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class ColumnKind(StrEnum):
    """What a column of a landing file is to us."""

    EXPECTED = "expected"
    MAPPED = "mapped"
    EXTRA = "extra"


class ColumnChange(StrEnum):
    """How a column of an arrival date differs from the same table's arrival date before."""

    ADDED = "added"
    MISSING = "missing"
    RENAMED = "renamed"
    RETURNED = "returned"


class Reason(StrEnum):
    """Why a landed row cannot be kept. Where a column is to blame, it follows after a colon."""

    TOO_FEW_FIELDS = "too_few_fields"
    TOO_MANY_FIELDS = "too_many_fields"
    NOT_AN_OBJECT = "not_an_object"
    MALFORMED_QUOTES = "malformed_quotes"
    MALFORMED_JSON = "malformed_json"
    EMPTY = "empty"
    NOT_A_NUMBER = "not_a_number"
    NOT_A_TIME = "not_a_time"
    OUT_OF_RANGE = "out_of_range"
    END_BEFORE_START = "end_before_start"
    MORE_DEFECTS_THAN_UNITS = "more_defects_than_units"
    UNKNOWN_PRODUCT = "unknown_product"
    UNKNOWN_MACHINE = "unknown_machine"
    UNKNOWN_BATCH = "unknown_batch"
    NEGATIVE = "negative"
    INVALID_RESULT = "invalid_result"
    INVALID_TYPE = "invalid_type"


class FaultType(StrEnum):
    """What can be wrong with a landed cell or row, or with a machine; see `docs/faults.md`."""

    PRODUCT_NAME_VARIANT = "product_name_variant"
    MACHINE_ID_VARIANT = "machine_id_variant"
    NOTE_TYPO = "note_typo"
    MISSING_VALUE = "missing_value"
    DECIMAL_COMMA = "decimal_comma"
    UNIT_MIXUP = "unit_mixup"
    PERCENT_AS_SHARE = "percent_as_share"
    SWAPPED_COLUMNS = "swapped_columns"
    SPIKE = "spike"
    STUCK_SENSOR = "stuck_sensor"
    METER_DRIFT = "meter_drift"
    CLOCK_DRIFT = "clock_drift"
    CLOCK_RESET = "clock_reset"
    LOCAL_TIME = "local_time"
    DUPLICATE = "duplicate"
    CONFLICTING_COPY = "conflicting_copy"
    LOST_ROW = "lost_row"
    ORPHAN = "orphan"
    REUSED_ID = "reused_id"
    LATE_ARRIVAL = "late_arrival"
    DECAY = "decay"
    MACHINE_STOP = "machine_stop"
    MAINTENANCE = "maintenance"


class Recoverability(StrEnum):
    """What the landed files tell about a clean value that a fault hides."""

    RECOVERABLE = "recoverable"
    AMBIGUOUS = "ambiguous"
    LOST = "lost"


class MachineEventType(StrEnum):
    """What can happen to a machine."""

    STOP = "STOP"
    MAINTENANCE = "MAINTENANCE"


class HealthState(StrEnum):
    """How well a machine works, by its efficiency."""

    HEALTHY = "healthy"
    WARNING = "warning"
    CRITICAL = "critical"


class ForecastOutcome(StrEnum):
    """What may be said of when a machine's efficiency falls to a threshold."""

    REACHED = "reached"
    EXPECTED = "expected"
    UNCERTAIN = "uncertain"
    NOT_FALLING = "not_falling"
    UNKNOWN = "unknown"


class Method(StrEnum):
    """How silver came to what it claims."""

    NAME_KEY = "name_key"
    PHRASE = "phrase"
    PLATE = "plate"
    SIBLINGS = "siblings"
    SEQUENCE = "sequence"
    EVEN_INTERVALS = "even_intervals"
    BATCH_END = "batch_end"
    BATCH_START = "batch_start"
    OWN_TIME = "own_time"
    COPY = "copy"
    SUPERSEDED = "superseded"
    REPORTED = "reported"
    ESTIMATED = "estimated"
    FLAGGED = "flagged"
    QUARANTINED = "quarantined"


NOT_REPAIRED = (Method.ESTIMATED, Method.FLAGGED)
"""Methods that name what is wrong, but do not claim to have found the clean value."""


class DuplicateKind(StrEnum):
    """How a landed row repeats another."""

    COPY = "copy"
    SUPERSEDED = "superseded"


class RestatementCause(StrEnum):
    """Why what is known of a date changed."""

    ON_TIME = "on_time"
    LATE_ARRIVAL = "late_arrival"
    CORRECTION = "correction"


class Role(StrEnum):
    """What a person does in the factory."""

    INSPECTOR = "inspector"
    OPERATOR = "operator"


class Member(StrEnum):
    """What a key points to where there is nothing to point to, and the rows that say so."""

    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


class LotKind(StrEnum):
    """Where the material comes from that a batch takes."""

    BATCH = "batch"
    DELIVERY = "delivery"
    OPENING_STOCK = "opening_stock"
    UNKNOWN = Member.UNKNOWN.value


ALL = "all"
"""Stands for a key in rows that add up over all of its values."""
OFF_SHIFT = "off_shift"
"""The key of the time outside of all shifts, and the row that says so."""


class MachineState(StrEnum):
    """What a machine does in a stretch of time; of several at once, the first of these counts."""

    RUN = "RUN"
    MAINTENANCE = "MAINTENANCE"
    STOP = "STOP"
    MINOR_STOP = "MINOR_STOP"
    CHANGEOVER = "CHANGEOVER"
    IDLE = "IDLE"


class OeeLevel(StrEnum):
    """The grains at which the OEE of a date is told."""

    MACHINE_SHIFT = "machine_shift"
    MACHINE = "machine"
    SHIFT = "shift"
    LINE = "line"
    FACTORY = "factory"


class OverOne(StrEnum):
    """Why units took less time than their machine's plate says that they take."""

    UNITS_WITHOUT_RUN_TIME = "units_without_run_time"
    OVERLAPPING_BATCHES = "overlapping_batches"
    FASTER_THAN_PLATE = "faster_than_plate"


class RunStatus(StrEnum):
    """How a run ended."""

    FINISHED = "finished"
    FAILED = "failed"


class ValidationStatus(StrEnum):
    """What validation says of a run."""

    PASSED = "passed"
    FAILED = "failed"


class QcResult(StrEnum):
    """The outcome of a quality check."""

    PASS = "PASS"  # noqa: S105 - an outcome, not a password
    FAIL = "FAIL"


class Metric(StrEnum):
    """What validation compares."""

    BATCHES = "batches"
    UNITS_PRODUCED = "units_produced"
    UNITS_DEFECTIVE = "units_defective"
    ENERGY_KWH = "energy_kwh"
    UNITS_IN_STOCK = "units_in_stock"


PRODUCTION_METRICS = (
    Metric.BATCHES,
    Metric.UNITS_PRODUCED,
    Metric.UNITS_DEFECTIVE,
    Metric.ENERGY_KWH,
)
"""What is made; stock is what is left of it."""


class Level(StrEnum):
    """The grains at which validation compares a date: in all, and by what."""

    FACTORY = "factory"
    SITE = "site"
    MACHINE = "machine"
    PRODUCT = "product"
    STOCK = "stock"
