"""The vocabulary of the factory: what lands, what can be wrong with it, and how failure is told.

Everything here is plain Python without a dependency, so every other module may import it.
"""

from dataclasses import dataclass
from enum import StrEnum


class FactoryError(Exception):
    """A failure that the user can mend: one line that names the thing and the remedy."""


class Schema(StrEnum):
    """The schemas of the warehouse."""

    TRUTH = "truth"
    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"
    OPS = "ops"


@dataclass(frozen=True)
class LandedTable:
    """The contract of one landing file.

    Attributes:
        name: The table, and the stem of its file.
        suffix: The suffix under which generation writes it.
        columns: The columns that a file must have, in the order in which they are written.
        optional: Columns that are used where they land and null where they do not.
        numbers: Columns that JSON holds as numbers.
    """

    name: str
    suffix: str
    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


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
)
OPERATOR_LOGS = LandedTable(
    name="operator_logs",
    suffix=".csv",
    columns=("log_id", "machine_id", "operator_id", "log_timestamp", "action", "notes"),
    optional=("operator_name",),
)
LANDED_TABLES: dict[str, LandedTable] = {
    table.name: table for table in (PRODUCTION_BATCHES, SENSOR_LOGS, QC_CHECKS, OPERATOR_LOGS)
}

LINEAGE_COLUMNS = ("_row_id", "_source_file", "_source_row", "_arrival_date", "_loaded_at")
"""What bronze adds to a landed row: its identity, where and when it landed, when it was loaded."""

PARSE_ERROR = "_parse_error"
SURPLUS = "_surplus_fields"
"""Bronze's account of a row that does not fit its file's header; null where it fits."""


class FileStatus(StrEnum):
    """What became of a landing file."""

    INGESTED = "ingested"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


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
    END_BEFORE_START = "end_before_start"
    MORE_DEFECTS_THAN_UNITS = "more_defects_than_units"
    UNKNOWN_PRODUCT = "unknown_product"
    UNKNOWN_MACHINE = "unknown_machine"
    UNKNOWN_BATCH = "unknown_batch"
    NEGATIVE = "negative"
    INVALID_RESULT = "invalid_result"


class FaultType(StrEnum):
    """What can be wrong with a landed row or cell, yet be repaired or at least be named."""

    PRODUCT_NAME_VARIANT = "product_name_variant"
    MACHINE_ID_VARIANT = "machine_id_variant"
    MISSING_VALUE = "missing_value"
    CLOCK_DRIFT = "clock_drift"
    DUPLICATE = "duplicate"
    LATE_ARRIVAL = "late_arrival"
    LOCAL_TIME = "local_time"


class DuplicateKind(StrEnum):
    """How a landed row repeats another."""

    COPY = "copy"
    SUPERSEDED = "superseded"


class Role(StrEnum):
    """What a person does in the factory."""

    INSPECTOR = "inspector"
    OPERATOR = "operator"


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
    """What validation compares, at every level."""

    BATCHES = "batches"
    UNITS_PRODUCED = "units_produced"
    UNITS_DEFECTIVE = "units_defective"
    ENERGY_KWH = "energy_kwh"


class Level(StrEnum):
    """The grains at which validation compares a date."""

    FACTORY = "factory"
    MACHINE = "machine"
    PRODUCT = "product"
