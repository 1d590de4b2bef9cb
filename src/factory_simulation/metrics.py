"""Key performance indicators: each is one Ibis expression over measures that add up, here alone.

Marts, the app and tests take them from here. A table with the measures of a KPI, at whatever grain,
gets it by ``table.mutate(**formulas(OEE, DEFECT_RATE))``. Measures are added up first and divided
then: the rate of a line is not the mean of its machines' rates. What has no base (nothing was
planned, made, inspected) is null, not 0.
"""

from dataclasses import dataclass

from ibis import Deferred, _

from factory_simulation.expressions.numbers import ratio

SHARE = "share"
"""The unit of what is between 0 and 1."""


@dataclass(frozen=True)
class Kpi:
    """A key performance indicator.

    Attributes:
        name: The column that holds it.
        title: For people.
        unit: Its unit; ``share`` where it is one.
        formula: The expression over a table's measures.
        measures: The columns that the formula needs.
        definition: What it says, in the terms of ISO 22400 where that has one.
    """

    name: str
    title: str
    unit: str
    formula: Deferred
    measures: tuple[str, ...]
    definition: str


def quotient(dividend: Deferred, divisor: Deferred) -> Deferred:
    """Return a quotient, which is null where there is nothing to divide by."""
    return ratio(dividend, divisor.nullif(0))


def formulas(*kpis: Kpi) -> dict[str, Deferred]:
    """Return expressions by column name, for ``mutate``, ``select`` and ``aggregate``."""
    return {kpi.name: kpi.formula for kpi in kpis}


DEFECT_RATE = Kpi(
    name="defect_rate",
    title="defect rate",
    unit=SHARE,
    formula=quotient(_.units_defective, _.units_produced),
    measures=("units_defective", "units_produced"),
    definition="defective units per unit made (scrap ratio)",
)
QUALITY_RATIO = Kpi(
    name="quality_ratio",
    title="quality",
    unit=SHARE,
    formula=quotient(_.units_good, _.units_produced),
    measures=("units_good", "units_produced"),
    definition="good units per unit made (quality ratio)",
)
AVAILABILITY = Kpi(
    name="availability",
    title="availability",
    unit=SHARE,
    formula=quotient(_.run_seconds, _.planned_seconds),
    measures=("run_seconds", "planned_seconds"),
    definition="actual production time per planned busy time (availability)",
)
EFFECTIVENESS = Kpi(
    name="effectiveness",
    title="performance",
    unit=SHARE,
    formula=quotient(_.ideal_seconds, _.run_seconds),
    measures=("ideal_seconds", "run_seconds"),
    definition="time that the plate's rate needs for the units made, per actual production time "
    "(effectiveness)",
)
OEE = Kpi(
    name="oee",
    title="OEE",
    unit=SHARE,
    formula=AVAILABILITY.formula * EFFECTIVENESS.formula * QUALITY_RATIO.formula,
    measures=(
        *("run_seconds", "planned_seconds", "ideal_seconds"),
        *("units_good", "units_produced"),
    ),
    definition="availability times effectiveness times quality ratio (overall equipment "
    "effectiveness index)",
)
KWH_PER_GOOD_UNIT = Kpi(
    name="kwh_per_good_unit",
    title="energy per good unit",
    unit="kWh/unit",
    formula=quotient(_.energy_kwh, _.units_good),
    measures=("energy_kwh", "units_good"),
    definition="energy per good unit",
)
ENERGY_VARIANCE = Kpi(
    name="energy_variance",
    title="energy variance",
    unit=SHARE,
    formula=quotient(_.metered_kwh - _.nameplate_kwh, _.nameplate_kwh),
    measures=("metered_kwh", "nameplate_kwh"),
    definition="by how much more than the plate says was metered, as a share of what it says",
)
INSPECTION_COVERAGE = Kpi(
    name="inspection_coverage",
    title="inspection coverage",
    unit=SHARE,
    formula=quotient(_.batches_inspected, _.batches),
    measures=("batches_inspected", "batches"),
    definition="batches with a check, per batch",
)
FIRST_PASS_YIELD = Kpi(
    name="first_pass_yield",
    title="first-pass yield",
    unit=SHARE,
    formula=quotient(_.batches_passed_first, _.batches_inspected),
    measures=("batches_passed_first", "batches_inspected"),
    definition="batches that passed their first check, per inspected batch (first pass yield)",
)
ESCAPE_RATE = Kpi(
    name="escape_rate",
    title="escape rate",
    unit=SHARE,
    formula=quotient(_.units_escaped, _.units_defective),
    measures=("units_escaped", "units_defective"),
    definition="defective units in batches that no check failed, per defective unit",
)
MATERIAL_YIELD = Kpi(
    name="material_yield",
    title="material yield",
    unit=SHARE,
    formula=quotient(_.units_used_in_good, _.units_used),
    measures=("units_used_in_good", "units_used"),
    definition="input that is in good units, per input used",
)
RAW_MATERIAL_YIELD = Kpi(
    name="raw_material_yield",
    title="yield from raw material",
    unit=SHARE,
    formula=quotient(_.raw_units_in_good, _.raw_units_used),
    measures=("raw_units_in_good", "raw_units_used"),
    definition="raw material that is in good units, per raw material that was used for them over "
    "all stages, scrap on the way included",
)
FAULT_SHARE = Kpi(
    name="fault_share",
    title="share of rows with a fault",
    unit=SHARE,
    formula=quotient(_.rows_affected, _.rows_landed),
    measures=("rows_affected", "rows_landed"),
    definition="landed rows with a fault, per landed row",
)
CHECK_FAIL_RATE = Kpi(
    name="fail_rate",
    title="share of checks that fail",
    unit=SHARE,
    formula=quotient(_.checks_failed, _.checks),
    measures=("checks_failed", "checks"),
    definition="failed checks, per check",
)
CATCH_RATE = Kpi(
    name="catch_rate",
    title="share of batches with defects that are caught",
    unit=SHARE,
    formula=quotient(_.defective_batches_caught, _.defective_batches_checked),
    measures=("defective_batches_caught", "defective_batches_checked"),
    definition="batches with defects that a check failed, per checked batch with defects",
)
ROW_COMPLETENESS = Kpi(
    name="completeness",
    title="completeness",
    unit=SHARE,
    formula=quotient(_.rows_kept + _.rows_duplicate, _.rows_landed + _.rows_lost),
    measures=("rows_kept", "rows_duplicate", "rows_landed", "rows_lost"),
    definition="rows that count, or repeat one that does, per row that landed or should have",
)
LATE_SHARE = Kpi(
    name="late_share",
    title="share of rows that land late",
    unit=SHARE,
    formula=quotient(_.rows_late, _.rows_kept + _.rows_quarantined),
    measures=("rows_late", "rows_kept", "rows_quarantined"),
    definition="rows that landed after the date on which they happened, per row that is no copy",
)

KPIS = (
    *(DEFECT_RATE, QUALITY_RATIO, AVAILABILITY, EFFECTIVENESS, OEE),
    *(KWH_PER_GOOD_UNIT, ENERGY_VARIANCE),
    *(INSPECTION_COVERAGE, FIRST_PASS_YIELD, ESCAPE_RATE),
    *(CHECK_FAIL_RATE, CATCH_RATE),
    *(MATERIAL_YIELD, RAW_MATERIAL_YIELD),
    *(FAULT_SHARE, ROW_COMPLETENESS, LATE_SHARE),
)


def total(name: str, title: str, unit: str, definition: str) -> Kpi:
    """Return a measure as an indicator of its own."""
    return Kpi(name, title, unit, _[name].cast("float64"), (name,), definition)


DEVIATIONS = (ENERGY_VARIANCE,)
"""Shares by which one number is off another: close to 0, so that nothing is told relative to them.
"""

TOTALS = (
    total("batches", "batches", "batches", "batches made"),
    total("units_produced", "units made", "units", "units made, defective ones included"),
    total("units_defective", "defective units", "units", "units made that are defective"),
    total("units_good", "good units", "units", "units made that are not defective"),
    total("energy_kwh", "energy", "kWh", "what the plates say that the units took"),
    total("metered_kwh", "metered energy", "kWh", "what meters showed, estimates included"),
    total("checks", "checks", "checks", "checks done"),
)
"""Measures that people look at as they are."""

DIRT_KPIS = (
    *TOTALS,
    *(DEFECT_RATE, QUALITY_RATIO, KWH_PER_GOOD_UNIT, ENERGY_VARIANCE),
    *(INSPECTION_COVERAGE, FIRST_PASS_YIELD, ESCAPE_RATE, CHECK_FAIL_RATE),
)
"""What is judged by how far faults in the data would have put it off.

Not what depends on time that machines stood or ran, such as OEE: batches do not add up to it.
"""
