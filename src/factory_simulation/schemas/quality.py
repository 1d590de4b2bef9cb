"""Contracts of quality in gold."""

from typing import Any

import ibis.expr.datatypes as dt
import pandera.ibis as pa

_IN_A_SHARE: dict[str, Any] = {"ge": 0, "le": 1}


class DefectPareto(pa.DataFrameModel):
    """One row per factory, product and defect note of failed checks.

    ``all`` stands for all factories, and for all products, together.
    """

    factory_id: dt.String = pa.Field(description="the factory of the check's machine, or `all`")
    product_name: dt.String = pa.Field(
        description="the product of the checked batch, or `all`; `unknown` without a batch"
    )
    defect_note: dt.String = pa.Field(
        description="the canonical phrase; `unknown` where none was given"
    )
    defect_kind: dt.String = pa.Field(description="the note up to its first comma")
    checks_failed: dt.Int64 = pa.Field(ge=1)
    rank: dt.Int64 = pa.Field(ge=1, description="1 for the most frequent note of its chart")
    share: dt.Float64 = pa.Field(**_IN_A_SHARE, description="of the chart's failed checks")
    cumulative_share: dt.Float64 = pa.Field(
        **_IN_A_SHARE, description="of this note and all of a smaller rank"
    )

    class Config:
        strict = True
        unique = ["factory_id", "product_name", "defect_note"]

    @pa.dataframe_check
    def adds_up_from_its_own_share(cls, data):
        """What adds up is no less than what is added last."""
        return data.table.share <= data.table.cumulative_share


class QualityDaily(pa.DataFrameModel):
    """One row per production date, factory, machine and product that was made.

    Shares are between 0 and 1, and null where there is nothing to divide by.
    """

    production_date: dt.Date
    factory_id: dt.String
    machine_id: dt.String
    product_name: dt.String
    batches: dt.Int64 = pa.Field(ge=1)
    batches_inspected: dt.Int64 = pa.Field(ge=0, description="batches with a check or more")
    batches_passed_first: dt.Int64 = pa.Field(
        ge=0, description="batches whose first check, by time, passed"
    )
    batches_failed: dt.Int64 = pa.Field(ge=0, description="batches that any check failed")
    units_produced: dt.Int64 = pa.Field(ge=0)
    units_defective: dt.Int64 = pa.Field(ge=0)
    units_escaped: dt.Int64 = pa.Field(
        ge=0, description="defective units in batches that no check failed"
    )
    inspection_coverage: dt.Float64 = pa.Field(**_IN_A_SHARE)
    first_pass_yield: dt.Float64 = pa.Field(nullable=True, **_IN_A_SHARE)
    escape_rate: dt.Float64 = pa.Field(nullable=True, **_IN_A_SHARE)
    defect_rate: dt.Float64 = pa.Field(nullable=True, **_IN_A_SHARE)

    class Config:
        strict = True
        unique = ["production_date", "factory_id", "machine_id", "product_name"]

    @pa.dataframe_check
    def no_more_inspected_than_made(cls, data):
        """A batch is inspected once, however many checks it has."""
        return data.table.batches_inspected <= data.table.batches

    @pa.dataframe_check
    def only_inspected_batches_have_a_result(cls, data):
        """A batch whose first check did not pass has failed, and only an inspected one can."""
        t = data.table
        decided = t.batches_passed_first + t.batches_failed
        return (decided >= t.batches_inspected) & (t.batches_failed <= t.batches_inspected)

    @pa.dataframe_check
    def only_defective_units_escape(cls, data):
        """Good units do not escape, and of what was made no more can be defective."""
        t = data.table
        return (t.units_escaped <= t.units_defective) & (t.units_defective <= t.units_produced)


class Inspectors(pa.DataFrameModel):
    """One row per inspector, and one for checks of which nobody says who made them.

    The interval is a Wilson score interval at 95 %.
    """

    employee_key: dt.String = pa.Field(description="`unknown` where a check names no inspector")
    checks: dt.Int64 = pa.Field(ge=1)
    checks_failed: dt.Int64 = pa.Field(ge=0)
    fail_rate: dt.Float64 = pa.Field(**_IN_A_SHARE)
    fail_rate_low: dt.Float64 = pa.Field(**_IN_A_SHARE)
    fail_rate_high: dt.Float64 = pa.Field(**_IN_A_SHARE)
    defective_batches_checked: dt.Int64 = pa.Field(
        ge=0, description="batches with defective units that the inspector checked"
    )
    defective_batches_caught: dt.Int64 = pa.Field(
        ge=0, description="of these, the ones that the inspector failed"
    )
    catch_rate: dt.Float64 = pa.Field(nullable=True, **_IN_A_SHARE)

    class Config:
        strict = True
        unique = ["employee_key"]

    @pa.dataframe_check
    def interval_holds_the_rate(cls, data):
        """What was seen is within the interval, but for what is rounded off."""
        t = data.table
        return (t.fail_rate_low <= t.fail_rate + 1e-6) & (t.fail_rate <= t.fail_rate_high + 1e-6)

    @pa.dataframe_check
    def no_more_failed_than_checked(cls, data):
        """Only what was checked can fail or be caught."""
        t = data.table
        return (t.checks_failed <= t.checks) & (
            t.defective_batches_caught <= t.defective_batches_checked
        )


CONTRACTS = {
    "defect_pareto": DefectPareto,
    "quality_daily": QualityDaily,
    "inspectors": Inspectors,
}
