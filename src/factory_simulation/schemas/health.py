"""Contracts of how machines are: their efficiency, its course, and what changes it."""

import ibis.expr.datatypes as dt
import pandera.ibis as pa

from factory_simulation.domain import ForecastOutcome, HealthState
from factory_simulation.expressions.rules import both_or_neither


class _OfMachine(pa.DataFrameModel):
    factory_id: dt.String
    machine_id: dt.String


class BatchEfficiency(_OfMachine):
    """One row per batch of which a sensor reading tells the efficiency."""

    batch_key: dt.String
    sequence_number: dt.Int64 = pa.Field(
        ge=1, description="place of the batch in its machine's life, by its start"
    )
    batch_date: dt.Date
    start_at: dt.Timestamp
    efficiency_bp: dt.Int64 = pa.Field(
        ge=0, le=20_000, description="efficiency, in whole basis points (hundredths of a percent)"
    )
    worn_since: dt.Date = pa.Field(
        description="date of the machine's last maintenance, or of its first batch if later"
    )
    wear_days: dt.Int64 = pa.Field(ge=0, description="days from worn_since to the batch")
    is_worn_out: dt.Boolean = pa.Field(
        description="the machine is at its floor, where its line no longer holds"
    )
    is_repeat: dt.Boolean = pa.Field(
        description="all batches of the machine's day tell the same, and it is not the first"
    )

    class Config:
        strict = True
        unique = ["batch_key"]


class MachineHealth(_OfMachine):
    """One row per machine.

    Efficiencies are in percent, changes in percentage points per day of wear. Intervals hold what
    is true in as many cases as the parameter ``health.confidence`` says.
    """

    last_batch_date: dt.Date
    batches: dt.Int64 = pa.Field(ge=1)
    batches_fitted: dt.Int64 = pa.Field(
        ge=0, description="batches that the line is fitted to: neither worn out nor repeats"
    )
    wear_days: dt.Int64 = pa.Field(ge=0, description="days of wear on the last batch's date")
    efficiency_percent: dt.Float64 = pa.Field(
        ge=-400, le=400, description="efficiency that the line has on the last batch's date"
    )
    last_efficiency_percent: dt.Float64 = pa.Field(
        ge=0, le=200, description="efficiency that was read of the last batch"
    )
    change_percent_per_day: dt.Float64 = pa.Field(
        nullable=True, description="slope of the line; null where all batches have the same wear"
    )
    standard_error_percent_per_day: dt.Float64 = pa.Field(
        nullable=True, ge=0, description="of the slope; null for fewer than three batches"
    )
    change_low_percent_per_day: dt.Float64 = pa.Field(nullable=True)
    change_high_percent_per_day: dt.Float64 = pa.Field(nullable=True)
    is_decaying: dt.Boolean = pa.Field(
        description="the slope is more than four standard errors below zero"
    )
    state: dt.String = pa.Field(
        isin=[state.value for state in HealthState],
        description="by efficiency_percent: above 90 healthy, below 70 critical",
    )

    class Config:
        strict = True
        unique = ["machine_id"]

    @pa.dataframe_check
    def slope_is_in_its_interval(cls, data):
        """An interval holds its estimate."""
        slope, t = data.table.change_percent_per_day, data.table
        inside = (t.change_low_percent_per_day <= slope) & (slope <= t.change_high_percent_per_day)
        return inside | t.standard_error_percent_per_day.isnull()

    @pa.dataframe_check
    def no_more_fitted_than_there_are(cls, data):
        """The line is fitted to some of the batches."""
        return data.table.batches_fitted <= data.table.batches


class MachineForecasts(_OfMachine):
    """One row per machine and threshold of efficiency: when its line falls to it.

    Days are from the last batch's date on, with an interval; 0 is reached already, null is never,
    or not within ten years. A forecast holds unless the machine is maintained before.
    """

    threshold_percent: dt.Int64 = pa.Field(ge=0, le=200)
    last_batch_date: dt.Date
    outcome: dt.String = pa.Field(
        isin=[outcome.value for outcome in ForecastOutcome],
        description="reached; expected (with an interval); uncertain (the slope may be none, so "
        "the interval is open); not_falling; unknown (too few batches for a line)",
    )
    crossing_wear_days: dt.Float64 = pa.Field(
        nullable=True,
        description="days of wear at which the line is at the threshold, also if that is past; "
        "null where the slope may be none",
    )
    crossing_wear_days_low: dt.Float64 = pa.Field(nullable=True)
    crossing_wear_days_high: dt.Float64 = pa.Field(nullable=True)
    days: dt.Float64 = pa.Field(nullable=True, ge=0)
    days_low: dt.Float64 = pa.Field(nullable=True, ge=0)
    days_high: dt.Float64 = pa.Field(
        nullable=True, ge=0, description="null where the interval is open"
    )
    expected_date: dt.Date = pa.Field(
        nullable=True, description="last batch's date and days, a begun day counted as one"
    )
    earliest_date: dt.Date = pa.Field(nullable=True)
    latest_date: dt.Date = pa.Field(nullable=True)

    class Config:
        strict = True
        unique = ["machine_id", "threshold_percent"]

    @pa.dataframe_check
    def days_are_in_their_interval(cls, data):
        """An interval holds its estimate, as far as it has ends."""
        t = data.table
        early = (t.days_low <= t.days).fill_null(True)
        return early & (t.days <= t.days_high).fill_null(True)

    @pa.dataframe_check
    def what_is_expected_has_an_interval(cls, data):
        """Only of what is expected or reached is it known by when at the latest."""
        t = data.table
        is_told = t.days_low.notnull() & t.days.notnull() & t.days_high.notnull()
        return is_told | (t.outcome != ForecastOutcome.EXPECTED.value)


class ControlCharts(_OfMachine):
    """One row per batch of ``batch_efficiency``: its place on its machine's control chart.

    Values, limits and moving ranges are in percent of efficiency. Limits are null for machines with
    fewer than twenty batches, which cannot alarm.
    """

    batch_key: dt.String
    sequence_number: dt.Int64 = pa.Field(ge=1)
    batch_date: dt.Date
    start_at: dt.Timestamp
    efficiency_percent: dt.Float64 = pa.Field(ge=0, le=200)
    value_percent: dt.Float64 = pa.Field(
        nullable=True,
        description="what is charted: the efficiency, less the wear of a machine that decays; null "
        "where the batch is worn out or a repeat, which is not charted",
    )
    centre_percent: dt.Float64 = pa.Field(nullable=True, description="mean of the baseline")
    lower_limit_percent: dt.Float64 = pa.Field(nullable=True)
    upper_limit_percent: dt.Float64 = pa.Field(nullable=True)
    moving_range_percent: dt.Float64 = pa.Field(
        nullable=True, ge=0, description="difference to the charted batch before"
    )
    moving_range_limit_percent: dt.Float64 = pa.Field(nullable=True, ge=0)
    is_baseline: dt.Boolean = pa.Field(
        description="the limits are made of this batch too (phase I)"
    )
    is_beyond_limits: dt.Boolean = pa.Field(description="rule 1: more than three sigmas off")
    is_two_of_three: dt.Boolean = pa.Field(description="rule 2: beyond two sigmas on one side")
    is_four_of_five: dt.Boolean = pa.Field(description="rule 3: beyond one sigma on one side")
    is_run_of_eight: dt.Boolean = pa.Field(description="rule 4: eight on one side of the centre")
    is_moving_range_beyond: dt.Boolean
    is_alarm: dt.Boolean = pa.Field(description="any of the rules, or the moving range")

    class Config:
        strict = True
        unique = ["batch_key"]

    @pa.dataframe_check
    def alarms_have_a_reason(cls, data):
        """An alarm is that a rule is broken."""
        t = data.table
        rules = t.is_beyond_limits | t.is_two_of_three | t.is_four_of_five | t.is_run_of_eight
        return both_or_neither(t.is_alarm, rules | t.is_moving_range_beyond)


class MaintenanceEffects(_OfMachine):
    """One row per maintenance: the machine's mean efficiency in percent, just before and after.

    Means are null where there is no batch, errors where there is no more than one on either side.
    """

    event_key: dt.String
    maintained_at: dt.Timestamp
    maintenance_date: dt.Date
    batches_before: dt.Int64 = pa.Field(ge=0)
    batches_after: dt.Int64 = pa.Field(ge=0)
    before_percent: dt.Float64 = pa.Field(nullable=True, ge=0, le=200)
    after_percent: dt.Float64 = pa.Field(nullable=True, ge=0, le=200)
    change_percent: dt.Float64 = pa.Field(nullable=True, ge=-200, le=200)
    standard_error_percent: dt.Float64 = pa.Field(nullable=True, ge=0)
    change_low_percent: dt.Float64 = pa.Field(nullable=True)
    change_high_percent: dt.Float64 = pa.Field(nullable=True)
    is_change: dt.Boolean = pa.Field(description="the interval of the change does not hold zero")

    class Config:
        strict = True
        unique = ["event_key"]


CONTRACTS = {
    "batch_efficiency": BatchEfficiency,
    "machine_health": MachineHealth,
    "machine_forecasts": MachineForecasts,
    "control_charts": ControlCharts,
    "maintenance_effects": MaintenanceEffects,
}
