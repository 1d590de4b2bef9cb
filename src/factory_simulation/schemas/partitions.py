"""Contracts of what each layer has worked, and of the dates that a run works."""

import ibis.expr.datatypes as dt
import pandera.ibis as pa

from factory_simulation.domain import EVENT_DATE, LANDED_TABLES, LandedTable

_KEY = ["table_name", "event_date"]


def partitioned(by: str = EVENT_DATE, *, of: LandedTable | None = None) -> dict[str, str]:
    """Return what a contract says of how its table is partitioned.

    Args:
        by: The column with the event date.
        of: The landed table that a partition is of; None if each row says it, in ``table_name``.
    """
    return {"event_date": by} | ({"landed_table": of.name} if of else {})


class _Partition(pa.DataFrameModel):
    table_name: dt.String = pa.Field(isin=list(LANDED_TABLES))
    event_date: dt.Date


class BronzePartitions(_Partition):
    """One row per landed table and event date, with the run that last changed rows of it."""

    bronze_run_id: dt.String

    class Config:
        strict = True
        unique = _KEY


class SilverPartitions(_Partition):
    """One row per landed table and event date that silver has worked.

    ``bronze_run_id`` says what of bronze it has seen, ``state`` with what it worked beside that.
    """

    bronze_run_id: dt.String
    state: dt.String
    silver_run_id: dt.String
    batch_count: dt.Int64 = pa.Field(ge=0)
    repair_count: dt.Int64 = pa.Field(ge=0)
    quarantined_count: dt.Int64 = pa.Field(ge=0)

    class Config:
        strict = True
        unique = _KEY
        metadata = partitioned("event_date")


class GoldPartitions(_Partition):
    """One row per landed table and event date that gold has worked."""

    silver_run_id: dt.String
    state: dt.String
    fact_count: dt.Int64 = pa.Field(ge=0)
    mart_count: dt.Int64 = pa.Field(ge=0)

    class Config:
        strict = True
        unique = _KEY
        metadata = partitioned("event_date")


class WorkedBatches(pa.DataFrameModel):
    """One row per batch and state of it by which other tables have been worked, or are being."""

    row_id: dt.String = pa.Field(alias="_row_id")
    on_date: dt.Date = pa.Field(alias=EVENT_DATE)
    batch_id: dt.String
    landed_batch_id: dt.String
    start_seconds: dt.Int64
    end_seconds: dt.Int64

    class Config:
        strict = True
        unique = ["_row_id", "batch_id", "start_seconds", "end_seconds"]


class LandedDates(_Partition):
    """One row per landed table and event date of which rows have come, changed or gone."""

    bronze_run_id: dt.String
    row_count: dt.Int64 = pa.Field(ge=0)
    is_restated: dt.Boolean

    class Config:
        strict = True
        unique = _KEY


class AffectedDates(_Partition):
    """One row per landed table and event date that silver reads, and whether it restates it."""

    is_restated: dt.Boolean

    class Config:
        strict = True
        unique = _KEY


class RestatedDates(_Partition):
    """One row per landed table and event date that silver has restated and gold has not."""

    silver_run_id: dt.String
    state: dt.String
    is_restated: dt.Boolean

    class Config:
        strict = True
        unique = _KEY
