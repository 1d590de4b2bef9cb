"""Which event dates gold works: those that silver has restated since, and no others."""

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import (
    EVENT_DATE,
    MACHINE_EVENTS,
    OPERATOR_LOGS,
    PRODUCTION_BATCHES,
    QC_CHECKS,
    SENSOR_LOGS,
)
from factory_simulation.expressions.versions import changed_stretches
from factory_simulation.pipelines.scope import state_of

_PARTITION = ("table_name", "event_date")


def build_version_links(modelled_versions: ir.Table, versions: ir.Table) -> ir.Table:
    """Build the list of machines' versions as facts have pointed to them, and as they are now.

    It is noted before facts are worked, so that a run that is broken off leaves none behind that
    points to a version that nobody remembers.
    """
    return modelled_versions.union(versions.select(modelled_versions.columns), distinct=True)


def build_modelled_versions(versions: ir.Table, *_recorded: ir.Table) -> ir.Table:
    """Build the list of machines' versions that all facts now point to.

    Args:
        versions: The versions.
        _recorded: What must be on record before.
    """
    return versions


def build_restated_dates(  # noqa: PLR0913, PLR0917 - what there is, what was done, and five tables
    partitions: ir.Table,
    worked: ir.Table,
    versions: ir.Table,
    version_links: ir.Table,
    reference_state: str,
    rebuild: bool,
    batches: ir.Table,
    readings: ir.Table,
    checks: ir.Table,
    entries: ir.Table,
    events: ir.Table,
) -> ir.Table:
    """Build the list of landed tables and event dates that silver has restated since.

    So are dates with rows of a day on which their machine is another version than it was. All dates
    count where gold is worked with something else than the last time, or all is to be rebuilt.
    """
    state = state_of(reference_state)
    done = worked.filter(_.state == state, ibis.literal(not rebuild)).select(
        *_PARTITION, "silver_run_id"
    )
    restated = partitions.anti_join(done, [*_PARTITION, "silver_run_id"])
    recut = changed_stretches(version_links, versions).rename(recut_machine_id="machine_id")
    happened = ibis.union(
        *[
            rows.select(
                "machine_id",
                on_date=rows[date],
                event_date=rows[EVENT_DATE],
                table_name=ibis.literal(table.name),
            ).distinct()
            for table, date, rows in (
                (PRODUCTION_BATCHES, "production_date", batches),
                (SENSOR_LOGS, "reading_date", readings),
                (QC_CHECKS, "check_date", checks),
                (OPERATOR_LOGS, "log_date", entries),
                (MACHINE_EVENTS, "event_date", events),
            )
        ]
    )
    repointed = happened.join(
        recut,
        [
            happened.machine_id == recut.recut_machine_id,
            happened.on_date >= recut.first_date,
            happened.on_date <= recut.last_date,
        ],
    ).select(*_PARTITION)
    return restated.union(partitions.semi_join(repointed, _PARTITION), distinct=True).select(
        *_PARTITION,
        "silver_run_id",
        state=ibis.literal(state),
        is_restated=ibis.literal(True),
    )


def build_partitions(  # noqa: PLR0913, PLR0917 - the record, and what has to be there before it
    restated: ir.Table,
    production: ir.Table,
    readings: ir.Table,
    checks: ir.Table,
    entries: ir.Table,
    events: ir.Table,
    daily_production: ir.Table,
    as_of: ir.Table,
    *_recorded: ir.Table,
) -> ir.Table:
    """Build the record of what this run has restated: rows of facts and of daily marts.

    It is made last, from all that must be there before: what is not on record is worked again.
    What is in ``_recorded`` must be there too, and is not counted.
    """
    facts = {
        PRODUCTION_BATCHES: production,
        SENSOR_LOGS: readings,
        QC_CHECKS: checks,
        OPERATOR_LOGS: entries,
        MACHINE_EVENTS: events,
    }
    counts = ibis.union(
        *[
            rows.group_by(event_date=rows[EVENT_DATE])
            .aggregate(fact_count=_.count())
            .mutate(table_name=ibis.literal(table.name))
            for table, rows in facts.items()
        ]
    )
    daily = (
        daily_production.select(event_date=_.production_date)
        .union(as_of.select("event_date"))
        .group_by("event_date")
        .aggregate(mart_count=_.count())
        .mutate(table_name=ibis.literal(PRODUCTION_BATCHES.name))
    )
    return (
        restated.left_join(counts, _PARTITION)
        .drop("table_name_right", "event_date_right")
        .left_join(daily, _PARTITION)
        .select(
            *_PARTITION,
            "silver_run_id",
            "state",
            fact_count=_.fact_count.fill_null(0).cast("int64"),
            mart_count=_.mart_count.fill_null(0).cast("int64"),
        )
    )
