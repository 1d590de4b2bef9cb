"""Contracts of data quality in gold."""

from typing import Any

import ibis.expr.datatypes as dt
import pandera.ibis as pa

from factory_simulation.domain import LANDED_TABLES, Method
from factory_simulation.expressions.rules import both_or_neither
from factory_simulation.fault_kinds import FAULT_KINDS, FaultOutcome, Severity
from factory_simulation.schemas.partitions import partitioned

_TABLES = list(LANDED_TABLES)
_KINDS = [str(key) for key in FAULT_KINDS]
_SEVERITIES = [severity.value for severity in Severity]
_IN_A_SHARE: dict[str, Any] = {"ge": 0, "le": 1}


class DimFaultType(pa.DataFrameModel):
    """One row per kind of fault, and one for rows in quarantine."""

    fault_type_key: dt.String = pa.Field(isin=_KINDS)
    title: dt.String
    meaning: dt.String = pa.Field(description="what it means, in a sentence")
    severity: dt.String = pa.Field(
        isin=_SEVERITIES,
        description="info: what was meant is known; warning: a value is missing, a guess, or was "
        "another one for a while; critical: something that happened is in no total",
    )
    is_data_error: dt.Boolean = pa.Field(
        description="false where something befell a machine and the data are right"
    )

    class Config:
        strict = True
        unique = ["fault_type_key"]


class FactDataFault(pa.DataFrameModel):
    """One row per fault that silver believes in, and one per row that it could not keep."""

    fault_key: dt.String = pa.Field(description="the landed row, column, kind, lost event")
    fault_type_key: dt.String = pa.Field(isin=_KINDS)
    event_date: dt.Date = pa.Field(description="when it happened, as far as the row itself tells")
    date_key: dt.Int64
    arrival_date: dt.Date
    table_name: dt.String = pa.Field(isin=_TABLES)
    column_name: dt.String = pa.Field(description="`*` where the row as a whole is at fault")
    machine_id: dt.String = pa.Field(description="`unknown` where the row tells of none")
    severity: dt.String = pa.Field(isin=_SEVERITIES)
    outcome: dt.String = pa.Field(
        isin=[outcome.value for outcome in FaultOutcome],
        description="repaired: the clean value was found; estimated; flagged: no more is known; "
        "removed: a copy, or a row that another one corrects; reported: of a machine; quarantined",
    )
    raw_value: dt.String = pa.Field(nullable=True)
    repaired_value: dt.String = pa.Field(nullable=True)
    method: dt.String = pa.Field(isin=[method.value for method in Method])
    confidence: dt.Float64 = pa.Field(**_IN_A_SHARE)
    reasons: dt.String = pa.Field(
        nullable=True, description="why the row could not be kept; null where it was"
    )
    lost_event_id: dt.String = pa.Field(
        nullable=True, description="what never landed, told of at the row after it"
    )
    row_id: dt.String = pa.Field(description="the landed row: its file and number")
    source_file: dt.String
    source_row: dt.Int64 = pa.Field(ge=1)
    raw_row: dt.String = pa.Field(description="the landed row, as JSON")

    class Config:
        strict = True
        unique = ["fault_key"]
        metadata = partitioned("event_date")

    @pa.dataframe_check
    def row_is_its_file_and_number(cls, data):
        """A fault leads to the line of the file in which it is."""
        t = data.table
        return t.row_id == t.source_file.concat(":", t.source_row.cast("string"))

    @pa.dataframe_check
    def quarantined_rows_have_reasons(cls, data):
        """Whatever was set aside, it is said why."""
        t = data.table
        return (t.outcome != FaultOutcome.QUARANTINED.value) | t.reasons.notnull()


class LandedRows(pa.DataFrameModel):
    """One row per event date and landed table: what landed, and what became of it.

    Delays are whole days between what happened and its arrival, of rows that repeat no other; null
    where there are none.
    """

    event_date: dt.Date = pa.Field(description="when it happened, as far as the rows tell")
    table_name: dt.String = pa.Field(isin=_TABLES)
    rows_landed: dt.Int64 = pa.Field(ge=1)
    rows_kept: dt.Int64 = pa.Field(ge=0)
    rows_duplicate: dt.Int64 = pa.Field(ge=0, description="copies and rows that were corrected")
    rows_quarantined: dt.Int64 = pa.Field(ge=0)
    rows_late: dt.Int64 = pa.Field(
        ge=0, description="rows that landed after the event date, but for duplicates"
    )
    rows_lost: dt.Int64 = pa.Field(ge=0, description="rows believed to exist that never landed")
    completeness: dt.Float64 = pa.Field(**_IN_A_SHARE)
    late_share: dt.Float64 = pa.Field(nullable=True, **_IN_A_SHARE)
    largest_delay_days: dt.Int64 = pa.Field(nullable=True, ge=0)
    mean_delay_days: dt.Float64 = pa.Field(nullable=True, ge=0)

    class Config:
        strict = True
        unique = ["event_date", "table_name"]
        metadata = partitioned("event_date")

    @pa.dataframe_check
    def every_landed_row_is_accounted_for(cls, data):
        """Landed = kept + duplicate + quarantined."""
        t = data.table
        return t.rows_landed == t.rows_kept + t.rows_duplicate + t.rows_quarantined

    @pa.dataframe_check
    def late_rows_have_a_delay(cls, data):
        """A row is late where the largest delay is a day or more, and a copy never is."""
        t = data.table
        first = t.rows_kept + t.rows_quarantined
        return (t.rows_late <= first) & both_or_neither(t.rows_late > 0, t.largest_delay_days > 0)


class DataQualityDaily(pa.DataFrameModel):
    """One row per event date, landed table and kind of fault that was ever found in that table."""

    event_date: dt.Date
    table_name: dt.String = pa.Field(isin=_TABLES)
    fault_type_key: dt.String = pa.Field(isin=_KINDS)
    severity: dt.String = pa.Field(isin=_SEVERITIES)
    rows_landed: dt.Int64 = pa.Field(ge=1)
    rows_affected: dt.Int64 = pa.Field(ge=0, description="landed rows with such a fault")
    fault_share: dt.Float64 = pa.Field(**_IN_A_SHARE)
    trend: dt.Float64 = pa.Field(
        nullable=True,
        ge=-1,
        le=1,
        description="the share, less that of the table's seven dates before; null on its first",
    )
    found: dt.Int64 = pa.Field(
        ge=0, description="faults: a row may have several, of other columns or lost events"
    )
    repaired: dt.Int64 = pa.Field(ge=0)
    estimated: dt.Int64 = pa.Field(ge=0)
    flagged: dt.Int64 = pa.Field(ge=0)
    removed: dt.Int64 = pa.Field(ge=0)
    reported: dt.Int64 = pa.Field(ge=0)
    quarantined: dt.Int64 = pa.Field(ge=0)
    completeness: dt.Float64 = pa.Field(
        **_IN_A_SHARE, description="of the table on that date, whatever the kind of fault"
    )
    largest_delay_days: dt.Int64 = pa.Field(nullable=True, ge=0, description="as completeness")
    mean_delay_days: dt.Float64 = pa.Field(nullable=True, ge=0, description="as completeness")

    class Config:
        strict = True
        unique = ["event_date", "table_name", "fault_type_key"]

    @pa.dataframe_check
    def every_fault_has_one_outcome(cls, data):
        """What was found is the sum of what became of it."""
        t = data.table
        outcomes = t.repaired + t.estimated + t.flagged + t.removed + t.reported + t.quarantined
        return t.found == outcomes

    @pa.dataframe_check
    def rows_have_faults(cls, data):
        """A row is affected by a fault or more, and has landed."""
        t = data.table
        return (t.rows_affected <= t.found) & both_or_neither(t.rows_affected > 0, t.found > 0)


CONTRACTS = {
    "dim_fault_type": DimFaultType,
    "fact_data_fault": FactDataFault,
    "landed_rows": LandedRows,
    "data_quality_daily": DataQualityDaily,
}
