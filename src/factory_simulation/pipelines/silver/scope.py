"""Which event dates silver works: those that new rows touch, and no others.

What a date is made from, beside its own rows:

- batches and machine events: nothing;
- readings: the batches in which they were taken, and the other readings of these. A batch that runs
  across midnight ties its days together, so days are worked as islands of days tied so;
- checks: the batches of the id that they name, whenever these ran, and copies of them;
- operator entries: batches that start within a day or two, because an entry may be in local time;
- the machine registry, which is small: itself, as a whole. Where it cuts a machine's history anew,
  the batches of those days are worked again.

Links between dates count as they are and as they were: a batch that was corrected leaves the days
that it was tied to.
"""

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import (
    EVENT_DATE,
    MACHINE_EVENTS,
    MACHINE_REGISTRY,
    OPERATOR_LOGS,
    PRODUCTION_BATCHES,
    QC_CHECKS,
    SENSOR_LOGS,
    LandedTable,
)
from factory_simulation.expressions import text, time
from factory_simulation.expressions.versions import changed_stretches
from factory_simulation.pipelines.silver.parameters import SilverParameters
from factory_simulation.pipelines.silver.record import worked_with

_FARTHEST_DAYS = 2
"""Half a day around a batch's start, in a zone that is half a day and more away from UTC."""
_PARTITION = ("table_name", "event_date")
_IDS = ("batch_id", "landed_batch_id")


def find_landed_dates(  # noqa: PLR0913, PLR0917 - what there is, what was done, and six tables
    partitions: ir.Table,
    worked: ir.Table,
    versions: ir.Table,
    version_links: ir.Table,
    reference_state: str,
    parameters: SilverParameters,
    rebuild: bool,
    production: ir.Table,
    sensors: ir.Table,
    checks: ir.Table,
    entries: ir.Table,
    events: ir.Table,
    registry: ir.Table,
) -> ir.Table:
    """One row per landed table and event date of which rows have come, changed or gone.

    So do dates of batches on which a machine is another version now than it was. All dates count
    where silver is worked with something else than the last time: other master data, other
    parameters, another version of this package; and where all is rebuilt. ``row_count`` is what
    is there now.
    """
    state = worked_with(reference_state, parameters)
    by_table = {
        PRODUCTION_BATCHES: production,
        SENSOR_LOGS: sensors,
        QC_CHECKS: checks,
        OPERATOR_LOGS: entries,
        MACHINE_EVENTS: events,
        MACHINE_REGISTRY: registry,
    }
    counts = ibis.union(
        *[
            rows.group_by(event_date=rows[EVENT_DATE])
            .aggregate(row_count=_.count())
            .mutate(table_name=ibis.literal(table.name))
            for table, rows in by_table.items()
        ]
    )
    done = worked.filter(_.state == state, ibis.literal(not rebuild)).select(
        *_PARTITION, "bronze_run_id"
    )
    changed = partitions.anti_join(done, [*_PARTITION, "bronze_run_id"])
    recut = partitions.filter(_.table_name == PRODUCTION_BATCHES.name).semi_join(
        _dates_within(changed_stretches(version_links, versions), partitions), "event_date"
    )
    return (
        changed.union(recut, distinct=True)
        .left_join(counts, _PARTITION)
        .select(
            *_PARTITION,
            "bronze_run_id",
            row_count=_.row_count.fill_null(0).cast("int64"),
            is_restated=ibis.literal(True),
        )
    )


def find_affected_dates(
    landed: ir.Table,
    partitions: ir.Table,
    batches: ir.Table,
    checks: ir.Table,
    parameters: SilverParameters,
) -> ir.Table:
    """One row per landed table and event date that silver reads to work what landed.

    Dates that are read for what they say of others, and are not restated themselves, have
    ``is_restated`` false.

    Args:
        landed: What rows have come, changed or gone.
        partitions: All that is in bronze.
        batches: The batches as they are, and as they were when other tables were last worked.
        checks: All landed checks.
        parameters: How far clocks can be off.
    """
    produced = _dates(landed, PRODUCTION_BATCHES)
    readings = _reading_dates(landed, partitions, batches, parameters.sensor_drift)
    restated, context = _check_dates(landed, produced, batches, checks)
    return ibis.union(
        _scope(produced, PRODUCTION_BATCHES),
        _scope(readings, SENSOR_LOGS),
        _scope(restated, QC_CHECKS),
        _scope(context, QC_CHECKS, is_restated=False),
        _scope(_entry_dates(landed, produced, partitions), OPERATOR_LOGS),
        _scope(_dates(landed, MACHINE_EVENTS), MACHINE_EVENTS),
        _scope(_registry_dates(landed, partitions), MACHINE_REGISTRY),
    )


def _scope(dates: ir.Table, table: LandedTable, *, is_restated: bool = True) -> ir.Table:
    return dates.select(
        "event_date",
        table_name=ibis.literal(table.name),
        is_restated=ibis.literal(is_restated),
    )


def _dates(partitions: ir.Table, *tables: LandedTable) -> ir.Table:
    names = [table.name for table in tables]
    return partitions.filter(_.table_name.isin(names)).select("event_date").distinct()


def _reading_dates(
    landed: ir.Table, partitions: ir.Table, batches: ir.Table, drift: int
) -> ir.Table:
    """Return the dates on which batches or readings landed, and those tied to them."""
    touched = _dates(landed, PRODUCTION_BATCHES, SENSOR_LOGS)
    islands = _islands(
        batches.select(
            first_date=time.date_of(_.start_seconds - drift),
            last_date=time.date_of(_.end_seconds + drift),
        )
    )
    reached = _dates_within(islands, touched).select("first_date", "last_date").distinct()
    tied = _dates_within(reached, partitions.select("event_date").distinct()).select("event_date")
    return touched.union(tied, distinct=True)


def _dates_within(stretches: ir.Table, dates: ir.Table) -> ir.Table:
    """One row per stretch and date in it."""
    return stretches.join(
        dates,
        [stretches.first_date <= dates.event_date, stretches.last_date >= dates.event_date],
    )


def _islands(stretches: ir.Table) -> ir.Table:
    """One row per run of dates that stretches of more than a date tie together."""
    order = ["first_date", "last_date"]
    before = ibis.window(order_by=order, preceding=(None, 1))
    so_far = ibis.cumulative_window(order_by=order)
    return (
        stretches.filter(_.first_date < _.last_date)
        .distinct()
        .mutate(reached=_.last_date.max().over(before))
        .mutate(is_apart=ibis.ifelse((_.first_date > _.reached).fill_null(True), 1, 0))
        .mutate(island=_.is_apart.sum().over(so_far))
        .group_by("island")
        .aggregate(first_date=_.first_date.min(), last_date=_.last_date.max())
    )


def _check_dates(
    landed: ir.Table, produced: ir.Table, batches: ir.Table, checks: ir.Table
) -> tuple[ir.Table, ir.Table]:
    """Return the dates of checks that are restated, and others that have copies of theirs."""
    told = checks.select(event_date=_[EVENT_DATE], batch_id=text.trimmed(_.batch_id))
    called = ibis.union(*[batches.select("_row_id", batch_id=_[name]) for name in _IDS])
    landed_dates = _dates(landed, QC_CHECKS)
    changed = batches.semi_join(produced, [(EVENT_DATE, "event_date")])
    touched = ibis.union(
        told.semi_join(landed_dates, "event_date").select("batch_id"),
        *[changed.select(batch_id=_[name]) for name in _IDS],
    )
    restated = _dates_that_name(_with_other_ids(touched, called), told).union(
        landed_dates, distinct=True
    )
    named = told.semi_join(restated, "event_date").select("batch_id")
    context = _dates_that_name(_with_other_ids(named, called), told)
    return restated, context.anti_join(restated, "event_date")


def _with_other_ids(ids: ir.Table, called: ir.Table) -> ir.Table:
    """Return ids, and the others by which batches of these ids may be called."""
    batches = called.semi_join(ids, "batch_id").select("_row_id")
    return ids.union(called.semi_join(batches, "_row_id").select("batch_id"))


def _dates_that_name(ids: ir.Table, told: ir.Table) -> ir.Table:
    return told.semi_join(ids, "batch_id").select("event_date").distinct()


def _registry_dates(landed: ir.Table, partitions: ir.Table) -> ir.Table:
    """Return all dates of the registry where anything of it landed: it is worked whole."""
    of_registry = partitions.filter(_.table_name == MACHINE_REGISTRY.name)
    return of_registry.semi_join(landed, "table_name").select("event_date")


def _entry_dates(landed: ir.Table, produced: ir.Table, partitions: ir.Table) -> ir.Table:
    """Return the dates on which entries landed, and those of entries near batches that did."""
    known = _dates(partitions, OPERATOR_LOGS).mutate(day=time.epoch_day_of(_.event_date))
    days = produced.select(day=time.epoch_day_of(_.event_date))
    shifts = range(-_FARTHEST_DAYS, _FARTHEST_DAYS + 1)
    near = ibis.union(*[days.mutate(day=_.day + shift) for shift in shifts])
    return (
        known.semi_join(near, "day")
        .select("event_date")
        .union(_dates(landed, OPERATOR_LOGS), distinct=True)
    )
