"""Contracts of shifts, of machine time and of OEE."""

import ibis.expr.datatypes as dt
import pandera.ibis as pa

from factory_simulation.domain import MachineState, OeeLevel, OverOne
from factory_simulation.expressions.time import MINUTES_PER_DAY

_LOST = ("equipment_failure", "setup_and_adjustment", "minor_stops", "idle")
_LOST_WHILE_RUNNING = ("reduced_speed", "process_defects", "startup_rejects")
_LEAST, _SHARE = 1e-3, 1e-9
"""By so many seconds, and by such a share, sums of floats may be off."""


class DimShift(pa.DataFrameModel):
    """One row per factory and shift, one for the time outside of all, one for all shifts at once.

    These are ``off_shift`` and ``not_applicable``.
    """

    shift_key: dt.String
    factory_id: dt.String
    shift_name: dt.String
    start_minute: dt.Int64 = pa.Field(
        nullable=True, ge=0, lt=MINUTES_PER_DAY, description="in minutes after midnight UTC"
    )
    end_minute: dt.Int64 = pa.Field(
        nullable=True,
        ge=1,
        le=2 * MINUTES_PER_DAY,
        description="in minutes after midnight UTC; past 1440 it is of the next day",
    )
    planned_minutes: dt.Int64 = pa.Field(ge=0, description="how long it lasts; 0 off shift")

    class Config:
        strict = True
        unique = ["shift_key"]


class FactMachineTime(pa.DataFrameModel):
    """One row per machine, date, shift and longest stretch of time in one state.

    Stretches of a machine do not overlap, and fill the shifts that were worked.
    """

    machine_key: dt.String
    date_key: dt.Int64
    shift_key: dt.String = pa.Field(
        description="the shift that was worked; off_shift outside of those"
    )
    stop_reason_key: dt.String = pa.Field(
        description="why it stopped or was maintained, where it was"
    )
    factory_id: dt.String
    state: dt.String = pa.Field(isin=[state.value for state in MachineState])
    start_at: dt.Timestamp
    end_at: dt.Timestamp
    seconds: dt.Int64 = pa.Field(gt=0)

    class Config:
        strict = True
        unique = ["machine_key", "start_at"]


class OeeDaily(pa.DataFrameModel):
    """One row per date, level and what there is at that level; look at one level at a time.

    Keys that a level does not tell apart are ``not_applicable``. All but the four shares add up.
    """

    production_date: dt.Date
    date_key: dt.Int64
    level: dt.String = pa.Field(isin=[level.value for level in OeeLevel])
    factory_id: dt.String
    machine_id: dt.String
    shift_key: dt.String
    product_key: dt.String = pa.Field(description="what the machine's plate says that it makes")
    has_production: dt.Boolean
    batches: dt.Int64 = pa.Field(ge=0, description="batches that began here")
    units_produced: dt.Int64 = pa.Field(ge=0)
    units_good: dt.Int64 = pa.Field(ge=0)
    units_defective: dt.Int64 = pa.Field(ge=0)
    planned_seconds: dt.Int64 = pa.Field(
        ge=0, description="time of shifts without planned maintenance, and what ran beside that"
    )
    run_seconds: dt.Int64 = pa.Field(ge=0, description="actual production time, told once")
    ideal_seconds: dt.Float64 = pa.Field(
        ge=0, description="what all units take at the rate on the plate"
    )
    ideal_good_seconds: dt.Float64 = pa.Field(
        ge=0, description="what good units take at the rate on the plate"
    )
    equipment_failure_seconds: dt.Int64 = pa.Field(ge=0, description="unplanned stops")
    setup_and_adjustment_seconds: dt.Int64 = pa.Field(ge=0, description="change-overs")
    minor_stops_seconds: dt.Int64 = pa.Field(ge=0, description="short gaps between batches")
    idle_seconds: dt.Int64 = pa.Field(
        ge=0, description="planned, but without a batch, and nobody said why"
    )
    reduced_speed_seconds: dt.Float64 = pa.Field(
        ge=0, description="run time that units did not take by the plate"
    )
    process_defects_seconds: dt.Float64 = pa.Field(
        ge=0, description="ideal time of defective units, but for start-up"
    )
    startup_rejects_seconds: dt.Float64 = pa.Field(
        ge=0,
        description="ideal time of defective units of the first batch of a shift or after "
        "a stop or maintenance",
    )
    faster_than_plate_seconds: dt.Float64 = pa.Field(
        ge=0, description="ideal time that was not taken; no loss, but the other way round"
    )
    availability: dt.Float64 = pa.Field(nullable=True, ge=0, le=1)
    effectiveness: dt.Float64 = pa.Field(nullable=True, ge=0)
    quality_ratio: dt.Float64 = pa.Field(nullable=True, ge=0, le=1)
    oee: dt.Float64 = pa.Field(nullable=True, ge=0)
    over_one_reason: dt.String = pa.Field(
        nullable=True,
        isin=[reason.value for reason in OverOne],
        description="why units took less than their ideal time",
    )

    class Config:
        strict = True
        unique = [
            *("production_date", "level"),
            *("factory_id", "machine_id", "shift_key", "product_key"),
        ]

    @pa.dataframe_check
    def losses_explain_planned_time(cls, data):
        """Planned time is that of good units, plus all losses, less what was faster than plate."""
        rows = data.table
        explained = rows.ideal_good_seconds - rows.faster_than_plate_seconds
        for loss in (*_LOST, *_LOST_WHILE_RUNNING):
            explained += rows[f"{loss}_seconds"]
        most = rows.planned_seconds + rows.ideal_seconds
        return (explained - rows.planned_seconds).abs() <= _LEAST + most * _SHARE

    @pa.dataframe_check
    def over_one_only_for_a_reason(cls, data):
        """More than the plate allows is told why."""
        rows = data.table
        return (rows.effectiveness <= 1) | rows.over_one_reason.notnull()

    @pa.dataframe_check
    def units_are_good_or_defective(cls, data):
        """Every unit is one or the other."""
        return data.table.units_produced == data.table.units_good + data.table.units_defective


CONTRACTS = {
    "dim_shift": DimShift,
    "fact_machine_time": FactMachineTime,
    "oee_daily": OeeDaily,
}
