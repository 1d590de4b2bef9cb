"""How well machines work: efficiency by batch, where it goes, and what their sensors read.

All is as known now.
"""

from dataclasses import dataclass
from enum import StrEnum

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.dashboard.published import Published
from factory_simulation.dashboard.queries.answers import Groups, Row, grouped, remembered, rows
from factory_simulation.domain import Method

RULES = {
    "is_beyond_limits": "beyond three sigmas",
    "is_two_of_three": "two of three beyond two sigmas",
    "is_four_of_five": "four of five beyond one sigma",
    "is_run_of_eight": "eight in a row on one side",
    "is_moving_range_beyond": "a leap beyond the limit of the moving range",
}
"""The rules that a batch on a control chart may break, by their column, in words."""


@dataclass(frozen=True)
class Thresholds:
    """Efficiencies in percent between the states of machines, as the run was told them."""

    healthy_above: float
    critical_below: float
    floor: float


@dataclass(frozen=True)
class Quantity:
    """What a sensor reads.

    Attributes:
        column: Its column of ``silver.sensor_readings``.
        landed: Its column as it lands, by which repairs name it.
        imputed: The column of what takes its place where it is missing or off.
    """

    title: str
    unit: str
    column: str
    landed: str
    imputed: str | None = None


QUANTITIES = (
    Quantity("temperature", "°C", "temperature_c", "temperature"),
    Quantity("pressure", "bar", "pressure_bar", "pressure"),
    Quantity("energy", "kWh", "energy_kwh", "energy_kwh", "energy_kwh_imputed"),
    Quantity(
        "efficiency", "%", "efficiency_percent", "efficiency_percent", "efficiency_percent_imputed"
    ),
)


class Status(StrEnum):
    """Where the value of a reading comes from."""

    MEASURED = "measured"
    REPAIRED = "repaired"
    IMPUTED = "imputed"
    DOUBTFUL = "doubtful"
    UNKNOWN = "unknown"


@remembered
def thresholds(published: Published) -> Thresholds | None:
    """Return the thresholds that forecasts are made for; None where no efficiency was read."""
    asked = published.table("gold.machine_forecasts").select("threshold_percent").distinct()
    found = sorted((row["threshold_percent"] for row in rows(asked)), reverse=True)
    return Thresholds(*found) if found else None


@remembered
def summary(published: Published, machine_id: str) -> Row | None:
    """Return what is known of a machine's efficiency; None where no sensor told any."""
    found = rows(_of(published.table("gold.machine_health"), machine_id))
    return found[0] if found else None


@remembered
def forecasts(published: Published, machine_id: str) -> list[Row]:
    """Return when a machine falls to each threshold, the highest first."""
    table = _of(published.table("gold.machine_forecasts"), machine_id)
    return rows(table.order_by(ibis.desc("threshold_percent")))


@remembered
def maintenance(published: Published, machine_id: str) -> list[Row]:
    """Return each maintenance of a machine and what it brought."""
    return rows(_of(published.table("gold.maintenance_effects"), machine_id).order_by("event_key"))


@remembered
def batches(published: Published, machine_id: str) -> list[Row]:
    """Return the batches of a machine of which a sensor tells the efficiency, in their order.

    Each with its wear and its place on the control chart.
    """
    wear = ("batch_key", "worn_since", "wear_days", "is_worn_out", "is_repeat")
    charted = _of(published.table("gold.control_charts"), machine_id)
    worn = _of(published.table("gold.batch_efficiency"), machine_id).select(*wear)
    return rows(charted.inner_join(worn, "batch_key").order_by("sequence_number", "batch_key"))


@remembered
def efficiency_by_day(published: Published, machine_id: str) -> list[Row]:
    """Return the mean, least and greatest efficiency of a machine's batches on each day."""
    charted = _of(published.table("gold.control_charts"), machine_id)
    daily = charted.group_by(day=_.batch_date).aggregate(
        batches=_.count(),
        mean_percent=_.efficiency_percent.mean(),
        low_percent=_.efficiency_percent.min(),
        high_percent=_.efficiency_percent.max(),
    )
    return rows(daily.order_by("day"))


@remembered
def readings_by_day(published: Published, machine_id: str) -> Groups:
    """Return by day a row for each quantity of each reading of a machine, in order of time.

    ``value`` is the repaired or imputed one where there is one, and null where nobody knows it.
    What counts instead of a reading of a drifting meter is imputed too: it is an estimate.
    """
    readings = _of(published.table("silver.sensor_readings"), machine_id)
    values = ibis.union(
        *[
            readings.select(
                "_row_id",
                "read_at",
                "is_clock_repaired",
                day="reading_date",
                quantity=ibis.literal(quantity.landed),
                is_imputed=readings[quantity.imputed].notnull()
                if quantity.imputed
                else ibis.literal(False),
                value=ibis.coalesce(readings[quantity.imputed], readings[quantity.column])
                if quantity.imputed
                else readings[quantity.column],
            )
            for quantity in QUANTITIES
        ]
    )
    cells = (
        published.table("silver.repairs")
        .filter(_._row_id.isin(readings._row_id))
        .group_by("_row_id", quantity=_.column_name)
        .aggregate(
            faults=_.fault_type.collect(distinct=True),
            is_flagged=(_.method == Method.FLAGGED).any(),
        )
    )
    known = values.left_join(cells, ["_row_id", "quantity"]).mutate(
        status=ibis.cases(
            (_.value.isnull(), Status.UNKNOWN.value),
            (_.is_flagged.fill_null(False), Status.DOUBTFUL.value),
            (_.is_imputed, Status.IMPUTED.value),
            (_.faults.notnull(), Status.REPAIRED.value),
            else_=Status.MEASURED.value,
        )
    )
    columns = ("day", "quantity", "read_at", "value", "status", "faults", "is_clock_repaired")
    return grouped(known.select(*columns).order_by("day", "quantity", "read_at"), "day")


def _of(table: ir.Table, machine_id: str) -> ir.Table:
    return table.filter(_.machine_id == machine_id)
