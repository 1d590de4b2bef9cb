"""What dirt costs: what a date's figures would be, had one kind of fault not been repaired.

A landed row adds what it says to the date on which it happened. Had a kind of fault been left as it
was, some rows would count twice, or not, or on another date, or with another number: what that adds
or takes away is summed up by date, factory and kind, and added to what is published.
"""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import DuplicateKind, FaultType, Member, QcResult, Reason
from factory_simulation.expressions import time
from factory_simulation.expressions.numbers import from_micro, micro
from factory_simulation.expressions.versions import valid_at
from factory_simulation.metrics import DEVIATIONS, DIRT_KPIS, formulas, quotient

_KEY = ("event_date", "factory_id", "fault_type")
_COUNTS = (
    *("batches", "units_produced", "units_defective"),
    *("batches_inspected", "batches_passed_first", "units_escaped"),
    *("checks", "checks_failed"),
)
_SUMS = (*_COUNTS, "plate_micro_kwh", "metered_micro_kwh")
_PUBLISHED = Member.NOT_APPLICABLE.value
_COPIES = {
    FaultType.DUPLICATE: DuplicateKind.COPY,
    FaultType.CONFLICTING_COPY: DuplicateKind.SUPERSEDED,
}
_NOTHING, _ONCE = ibis.literal(0, "int64"), ibis.literal(1, "int64")


def summarise_production_dirt(
    assessed: ir.Table, batches: ir.Table, checks: ir.Table, versions: ir.Table
) -> ir.Table:
    """One row per date, factory and kind of fault of batches: what it would add to the totals.

    Rows of the kind ``not_applicable`` are the totals as published. A copy, and what a later row
    corrected, would count as one batch more; a batch under a name that is not known, under an id
    that its machine used before, or that landed after its date, would be missing.
    """
    rows = _said_of_batches(assessed, batches, checks, versions)
    standing = rows.filter(_.duplicate_kind.isnull())
    missing = {
        FaultType.PRODUCT_NAME_VARIANT: _.is_product_renamed,
        FaultType.MACHINE_ID_VARIANT: _.is_machine_renamed,
        FaultType.REUSED_ID: _.is_id_reused,
        FaultType.LATE_ARRIVAL: _.is_late,
    }
    return _summed(
        _stated(standing, _PUBLISHED),
        *[
            _stated(rows.filter(_.duplicate_kind == kind.value), fault)
            for fault, kind in _COPIES.items()
        ],
        *[_without(standing.filter(is_hit), fault) for fault, is_hit in missing.items()],
        _stated(_known_in_time(rows), FaultType.LATE_ARRIVAL, affected=_NOTHING),
    )


def summarise_metering_dirt(assessed: ir.Table, readings: ir.Table, machines: ir.Table) -> ir.Table:
    """One row per date, factory and kind of fault of readings: what it would add to the totals.

    A reading's energy is what was read, or else estimated; where the meter drifts, it is what
    silver corrected it to. A copy counts with what was read alone. A row with a decimal comma, or
    of a machine whose name is not known, would be dropped, as rows that are no numbers are.
    """
    rows = _said_of_readings(assessed, readings)
    commas = [
        (_[f"{name}_fault"] == FaultType.DECIMAL_COMMA.value).fill_null(False)
        for name in ("temperature", "pressure", "energy_kwh", "efficiency_percent")
    ]
    has_comma = commas[0] | commas[1] | commas[2] | commas[3]
    as_read = _.read_micro_kwh - _.metered_micro_kwh
    strayed = rows.filter(_.is_clock_repaired, _.told_date != _.event_date)
    return _summed(
        _stated(rows, _PUBLISHED),
        _stated(_copied_readings(assessed, machines), FaultType.DUPLICATE),
        _without(rows.filter(_.machine_id != _.landed_machine_id), FaultType.MACHINE_ID_VARIANT),
        _without(rows.filter(has_comma), FaultType.DECIMAL_COMMA),
        _without(rows.filter(_.is_energy_missing), FaultType.MISSING_VALUE),
        _stated(
            rows.filter(_.is_meter_drifting).mutate(metered_micro_kwh=as_read),
            FaultType.METER_DRIFT,
        ),
        *_moved(strayed, FaultType.CLOCK_DRIFT),
    )


def summarise_inspection_dirt(assessed: ir.Table, checks: ir.Table, machines: ir.Table) -> ir.Table:
    """One row per date, factory and kind of fault of checks: what it would add to the totals.

    A check counts on the date on which it was done. One without a batch has no factory that is
    known. One whose clock was reset would be missing: nobody looks at the report of 1970.
    """
    told = assessed.select(
        "is_clock_reset",
        told_row_id="_row_id",
        told_date=time.date_of_iso_8601(_.check_timestamp),
    )
    rows = _counted(checks.join(told, [("_row_id", "told_row_id")]).mutate(event_date=_.check_date))
    factories = machines.select("machine_id", "factory_id")
    copies = assessed.filter(_.duplicate_kind == DuplicateKind.COPY.value).mutate(
        event_date=time.date_of(_.check_seconds)
    )
    orphans = assessed.filter(_.reasons == Reason.UNKNOWN_BATCH.value).mutate(
        event_date=time.date_of_iso_8601(_.check_timestamp),
        factory_id=ibis.literal(Member.UNKNOWN.value),
    )
    local = rows.filter(_.is_local_time, ~_.is_clock_reset, _.told_date != _.event_date)
    return _summed(
        _stated(rows, _PUBLISHED),
        _stated(_counted(copies.join(factories, "machine_id")), FaultType.DUPLICATE),
        _stated(_counted(orphans), FaultType.ORPHAN),
        _without(rows.filter(_.is_clock_reset), FaultType.CLOCK_RESET),
        *_moved(local, FaultType.LOCAL_TIME),
    )


def build_dirt_measures(production: ir.Table, metering: ir.Table, inspection: ir.Table) -> ir.Table:
    """One row per date, factory and kind of fault: its measures, had that kind stayed unrepaired.

    Of the kind ``not_applicable`` they are as published, with all kinds repaired. A kind that no
    row of a date has is not there.
    """
    stated = production.union(metering, inspection)
    deltas = _totals(stated)
    published = deltas.filter(_.fault_type == _PUBLISHED)
    places = deltas.select("event_date", "factory_id").distinct()
    base = places.left_join(published, ["event_date", "factory_id"]).select(
        "event_date",
        "factory_id",
        **{f"base_{name}": _[name].fill_null(0) for name in _SUMS},
    )
    faulty = deltas.filter(_.fault_type != _PUBLISHED)
    unrepaired = faulty.join(base, ["event_date", "factory_id"]).select(
        *_KEY,
        "rows_affected",
        **{name: (_[f"base_{name}"] + _[name]).cast("int64") for name in _SUMS},
    )
    as_published = base.select(
        "event_date",
        "factory_id",
        fault_type=ibis.literal(_PUBLISHED),
        rows_affected=_NOTHING,
        **{name: _[f"base_{name}"].cast("int64") for name in _SUMS},
    )
    return as_published.union(unrepaired).select(
        *_KEY,
        "rows_affected",
        *_COUNTS,
        units_good=(_.units_produced - _.units_defective).cast("int64"),
        energy_kwh=from_micro(_.plate_micro_kwh),
        nameplate_kwh=from_micro(_.plate_micro_kwh),
        metered_kwh=from_micro(_.metered_micro_kwh),
    )


def summarise_dirt_costs(measures: ir.Table) -> ir.Table:
    """One row per date, factory, kind of fault and KPI: as published, and had it not been repaired.

    Both are the same expression over two sets of measures. What has no base has no value, and what
    was nothing has no relative difference, nor has what is a difference already.
    """
    deviations = [kpi.name for kpi in DEVIATIONS]
    kpis = measures.mutate(**formulas(*DIRT_KPIS))
    names = [kpi.name for kpi in DIRT_KPIS]
    published = kpis.filter(_.fault_type == _PUBLISHED).select(
        "event_date", "factory_id", **{f"published_{name}": _[name] for name in names}
    )
    compared = kpis.filter(_.fault_type != _PUBLISHED).join(published, ["event_date", "factory_id"])
    return (
        ibis.union(
            *[
                compared.select(
                    *_KEY,
                    kpi=ibis.literal(name),
                    rows_affected=_.rows_affected,
                    value=_[f"published_{name}"],
                    value_unrepaired=_[name],
                )
                for name in names
            ]
        )
        .mutate(difference=_.value_unrepaired - _.value)
        .mutate(base=ibis.ifelse(_.kpi.isin(deviations), None, _.value))
        .mutate(relative_difference=quotient(_["difference"], _.base))
        .select(
            *_KEY,
            "kpi",
            "rows_affected",
            "value",
            "value_unrepaired",
            "difference",
            "relative_difference",
        )
    )


def _said_of_batches(
    assessed: ir.Table, batches: ir.Table, checks: ir.Table, versions: ir.Table
) -> ir.Table:
    """One row per landed row of a batch that can be read, with what it adds to its date."""
    identity = ["machine_id", "batch_id", "production_date", "occurrence"]
    valid = assessed.filter(_.reasons == "")
    known = batches.drop("machine_id", "production_date", "units_produced", "units_defective")
    standing = (
        valid.filter(_.duplicate_kind.isnull())
        .select(*identity, standing_row_id="_row_id")
        .join(
            known.rename(own_batch_id="batch_id", known_row_id="_row_id"),
            [("standing_row_id", "known_row_id")],
        )
        .select(
            *identity,
            "own_batch_id",
            "factory_id",
            *("is_product_renamed", "is_machine_renamed", "is_id_reused", "is_late"),
        )
    )
    seen = _results_of_batches(checks)
    rows = valid.join(standing, identity)
    judged = rows.left_join(
        seen,
        [
            rows.machine_id == seen.seen_machine_id,
            rows.production_date == seen.seen_date,
            rows.own_batch_id == seen.seen_batch_id,
        ],
    )
    priced = valid_at(
        judged, versions, key="machine_id", day="production_date", take=["kwh_per_unit"]
    )
    return _with_sums(
        priced.mutate(event_date=_.production_date),
        batches=_ONCE,
        units_produced=_.units_produced,
        units_defective=_.units_defective,
        batches_inspected=_flag(_.has_passed_first.notnull()),
        batches_passed_first=_.has_passed_first.fill_null(0),
        units_escaped=ibis.ifelse(_.has_failed.fill_null(0) > 0, 0, _.units_defective),
        plate_micro_kwh=_.units_produced * micro(_.kwh_per_unit),
    )


def _known_in_time(rows: ir.Table) -> ir.Table:
    """Return, of each batch of which the last version landed late, the last one that did not."""
    arrival = ["_arrival_date", "_source_file", "_source_row"]
    last_first = ibis.window(
        group_by=["machine_id", "production_date", "own_batch_id"],
        order_by=[ibis.desc(column) for column in arrival],
    )
    return (
        rows.filter(
            _.is_late,
            _.duplicate_kind == DuplicateKind.SUPERSEDED.value,
            _["_arrival_date"] <= _.production_date,
        )
        .mutate(place=ibis.row_number().over(last_first))
        .filter(_.place == 0)
    )


def _results_of_batches(checks: ir.Table) -> ir.Table:
    """One row per batch with a check: whether its first check passed it, and whether any failed."""
    batch = ["machine_id", "batch_date", "batch_id"]
    place = ibis.row_number().over(group_by=batch, order_by=["check_at", "check_id", "_row_id"])
    ordered = checks.mutate(
        place=place,
        has_passed=_flag(_.result == QcResult.PASS.value),
    )
    return (
        ordered.group_by(batch)
        .aggregate(
            has_passed_first=ibis.ifelse(_.place == 0, _.has_passed, _NOTHING).max(),
            has_failed=(1 - _.has_passed).max(),
        )
        .select(
            "has_passed_first",
            "has_failed",
            seen_machine_id="machine_id",
            seen_date="batch_date",
            seen_batch_id="batch_id",
        )
    )


def _said_of_readings(assessed: ir.Table, readings: ir.Table) -> ir.Table:
    """One row per reading, with its energy as published, as read, and the date that it told."""
    told = assessed.select(
        "landed_machine_id",
        *("temperature_fault", "pressure_fault", "energy_kwh_fault", "efficiency_percent_fault"),
        told_row_id="_row_id",
        told_date=time.date_of(_.told_seconds),
    )
    best = ibis.ifelse(
        _.is_meter_drifting,
        ibis.coalesce(_.energy_kwh_imputed, _.energy_kwh),
        ibis.coalesce(_.energy_kwh, _.energy_kwh_imputed),
    )
    return _with_sums(
        readings.join(told, [("_row_id", "told_row_id")]).mutate(
            event_date=_.reading_date, read_micro_kwh=micro(_.energy_kwh).fill_null(0)
        ),
        metered_micro_kwh=micro(best).fill_null(0),
    )


def _copied_readings(assessed: ir.Table, machines: ir.Table) -> ir.Table:
    """One row per landed row that is a copy of a reading, with the energy that was read."""
    return _with_sums(
        assessed.filter(_.duplicate_kind == DuplicateKind.COPY.value)
        .join(machines.select("machine_id", "factory_id"), "machine_id")
        .mutate(event_date=time.date_of(_.told_seconds)),
        metered_micro_kwh=micro(_.energy_kwh).fill_null(0),
    )


def _counted(checks: ir.Table) -> ir.Table:
    """Add what a check adds to its date."""
    return _with_sums(checks, checks=_ONCE, checks_failed=_flag(_.result == QcResult.FAIL.value))


def _with_sums(rows: ir.Table, **said: Deferred | ir.IntegerValue) -> ir.Table:
    """Set all measures that are summed up: what is said, and nothing of the others."""
    return rows.mutate(**{name: said.get(name, _NOTHING).cast("int64") for name in _SUMS})


def _stated(rows: ir.Table, fault: str, affected: ir.IntegerValue = _ONCE) -> ir.Table:
    """Say that rows count under a kind of fault."""
    return rows.select(
        "event_date",
        "factory_id",
        *_SUMS,
        fault_type=ibis.literal(str(fault)),
        rows_affected=affected,
    )


def _without(rows: ir.Table, fault: FaultType) -> ir.Table:
    """Say that rows would be missing under a kind of fault."""
    return _stated(rows.mutate(**{name: -_[name] for name in _SUMS}), fault)


def _moved(rows: ir.Table, fault: FaultType) -> list[ir.Table]:
    """Say that rows would count on the date that they told."""
    return [_without(rows, fault), _stated(rows.mutate(event_date=_.told_date), fault)]


def _summed(*stated: ir.Table) -> ir.Table:
    return _totals(ibis.union(*stated))


def _totals(stated: ir.Table) -> ir.Table:
    sums = {name: _[name].sum().cast("int64") for name in ("rows_affected", *_SUMS)}
    return stated.group_by(_KEY).aggregate(**sums).select(*_KEY, "rows_affected", *_SUMS)


def _flag(condition: Deferred) -> Deferred:
    return ibis.ifelse(condition, 1, 0).cast("int64")
