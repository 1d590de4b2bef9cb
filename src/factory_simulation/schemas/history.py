"""Contracts of what was believed when: of gold, and the versions of batches in silver."""

import ibis.expr.datatypes as dt
import pandera.ibis as pa

from factory_simulation.domain import EVENT_DATE, PRODUCTION_BATCHES, Metric, RestatementCause
from factory_simulation.schemas.partitions import partitioned

_GRAIN = ["event_date", "machine_id", "product_name", "known_date"]


class BatchHistory(pa.DataFrameModel):
    """One row per batch and version of it that stood at the end of an arrival date."""

    row_id: dt.String = pa.Field(alias="_row_id")
    worked_on: dt.Date = pa.Field(alias=EVENT_DATE)
    factory_id: dt.String
    machine_id: dt.String
    product_name: dt.String
    production_date: dt.Date
    known_from: dt.Date
    known_until: dt.Date = pa.Field(nullable=True)
    units_produced: dt.Int64 = pa.Field(ge=0)
    units_defective: dt.Int64 = pa.Field(ge=0)
    is_correction: dt.Boolean

    class Config:
        strict = True
        unique = ["_row_id"]
        metadata = partitioned(of=PRODUCTION_BATCHES)


class _Believed(pa.DataFrameModel):
    event_date: dt.Date
    known_date: dt.Date
    factory_id: dt.String
    machine_id: dt.String
    product_name: dt.String


class Restatements(_Believed):
    """One row per event date, machine, product, known date and cause: by how much totals changed.

    Energy is in kWh.
    """

    cause: dt.String = pa.Field(isin=[cause.value for cause in RestatementCause])
    batches: dt.Int64
    units_produced: dt.Int64
    units_defective: dt.Int64
    energy_kwh: dt.Float64

    class Config:
        strict = True
        unique = [*_GRAIN, "cause"]
        metadata = partitioned("event_date", of=PRODUCTION_BATCHES)


class DailyProductionAsOf(_Believed):
    """One row per event date, machine, product and known date on which the belief changed.

    It holds up to, but not on ``known_until``; null is still. Energy is in kWh.
    """

    known_until: dt.Date = pa.Field(nullable=True)
    batches: dt.Int64 = pa.Field(ge=0)
    units_produced: dt.Int64 = pa.Field(ge=0)
    units_defective: dt.Int64 = pa.Field(ge=0)
    energy_kwh: dt.Float64 = pa.Field(ge=0)

    class Config:
        strict = True
        unique = _GRAIN
        metadata = partitioned("event_date", of=PRODUCTION_BATCHES)


class CompletenessTriangle(pa.DataFrameModel):
    """One row per event date, factory and age in days: what was known of the date by then."""

    event_date: dt.Date
    factory_id: dt.String
    age_days: dt.Int64 = pa.Field(ge=0)
    known_date: dt.Date
    batches: dt.Int64 = pa.Field(ge=0)
    units_produced: dt.Int64 = pa.Field(ge=0)
    completeness: dt.Float64 = pa.Field(nullable=True, ge=0)
    is_settled: dt.Boolean

    class Config:
        strict = True
        unique = ["event_date", "factory_id", "age_days"]


class Nowcasts(pa.DataFrameModel):
    """One row per event date, factory, age in days and metric: what the date would come to.

    ``known``, ``estimate`` and the interval from ``low`` to ``high`` are in the metric's units.
    """

    event_date: dt.Date
    factory_id: dt.String
    age_days: dt.Int64 = pa.Field(ge=0)
    known_date: dt.Date
    is_settled: dt.Boolean
    metric: dt.String = pa.Field(isin=[Metric.BATCHES.value, Metric.UNITS_PRODUCED.value])
    known: dt.Float64 = pa.Field(ge=0)
    estimate: dt.Float64 = pa.Field(ge=0)
    low: dt.Float64 = pa.Field(ge=0)
    high: dt.Float64 = pa.Field(ge=0)

    class Config:
        strict = True
        unique = ["event_date", "factory_id", "age_days", "metric"]
