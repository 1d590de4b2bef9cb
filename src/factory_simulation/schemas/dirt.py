"""Contracts of what dirt costs."""

import ibis.expr.datatypes as dt
import pandera.ibis as pa

from factory_simulation.domain import FaultType, Member
from factory_simulation.metrics import DIRT_KPIS

_FAULTS = [fault.value for fault in FaultType]


class _Totals(pa.DataFrameModel):
    """What rows of one landed table add to a date's totals, or take away from them."""

    event_date: dt.Date
    factory_id: dt.String = pa.Field(description="unknown where a check has no batch")
    fault_type: dt.String = pa.Field(
        isin=[Member.NOT_APPLICABLE.value, *_FAULTS],
        description="the kind that was not repaired; not_applicable: what is published",
    )
    rows_affected: dt.Int64 = pa.Field(ge=0, description="landed rows that this is about")
    batches: dt.Int64
    units_produced: dt.Int64
    units_defective: dt.Int64
    batches_inspected: dt.Int64
    batches_passed_first: dt.Int64
    units_escaped: dt.Int64
    checks: dt.Int64 = pa.Field(description="checks done on the date")
    checks_failed: dt.Int64


class DirtDeltas(_Totals):
    """One row per date, factory and kind of fault: by how much its totals would change.

    Energy is in whole millionths of a kWh, so that sums are exact.
    """

    plate_micro_kwh: dt.Int64
    metered_micro_kwh: dt.Int64

    class Config:
        strict = True
        unique = ["event_date", "factory_id", "fault_type"]


class DirtMeasures(_Totals):
    """One row per date, factory and kind of fault: its measures, had that kind stayed unrepaired.

    With the kind ``not_applicable``, the measures as they are published.
    """

    units_good: dt.Int64
    energy_kwh: dt.Float64 = pa.Field(description="what the plates say of the units made")
    nameplate_kwh: dt.Float64 = pa.Field(description="the same, held against what was metered")
    metered_kwh: dt.Float64 = pa.Field(description="of all readings, estimates included")

    class Config:
        strict = True
        unique = ["event_date", "factory_id", "fault_type"]


class DirtCosts(pa.DataFrameModel):
    """One row per date, factory, kind of fault and KPI: published, and had it not been repaired.

    Values are in the KPI's unit (see ``metrics``).
    """

    event_date: dt.Date
    factory_id: dt.String = pa.Field(description="unknown where a check has no batch")
    fault_type: dt.String = pa.Field(isin=_FAULTS, description="the kind that was not repaired")
    kpi: dt.String = pa.Field(isin=[kpi.name for kpi in DIRT_KPIS])
    rows_affected: dt.Int64 = pa.Field(ge=1, description="landed rows with a fault of that kind")
    value: dt.Float64 = pa.Field(nullable=True, description="as published; null without a base")
    value_unrepaired: dt.Float64 = pa.Field(
        nullable=True, description="the same, had this kind of fault alone not been repaired"
    )
    difference: dt.Float64 = pa.Field(nullable=True, description="value_unrepaired less value")
    relative_difference: dt.Float64 = pa.Field(
        nullable=True, description="difference per value; null where that is 0"
    )

    class Config:
        strict = True
        unique = ["event_date", "factory_id", "fault_type", "kpi"]

    @pa.dataframe_check
    def differs_by_the_difference(cls, data):
        """The difference is between the two values."""
        table = data.table
        off = table["value_unrepaired"] - table["value"] - table["difference"]
        return off.abs().fill_null(0.0) <= _ROUNDING


_ROUNDING = 1e-6
CONTRACTS = {
    "production_dirt": DirtDeltas,
    "metering_dirt": DirtDeltas,
    "inspection_dirt": DirtDeltas,
    "dirt_measures": DirtMeasures,
    "dirt_costs": DirtCosts,
}
