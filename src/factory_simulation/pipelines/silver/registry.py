"""The machine registry: what was said of each machine day by day, and the history that it makes."""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import (
    EVENT_DATE,
    MACHINE_ATTRIBUTES,
    MACHINE_REGISTRY,
    DuplicateKind,
    Reason,
)
from factory_simulation.expressions import text, time
from factory_simulation.expressions.numbers import from_micro, int64, micro
from factory_simulation.expressions.versions import SINCE_EVER, content_of, cut_versions
from factory_simulation.faults import arrival
from factory_simulation.pipelines.silver.assessment import (
    judge,
    kept,
    machine_rules,
    read_landed,
    with_machine,
)

_RATES = {"units_per_hour": 100_000, "kwh_per_unit": 1_000}
"""The most that a plate says: what is computed from it must fit into int64."""
_ISO_DATE = len("2025-12-01")


def assess_machine_registry(landed: ir.Table, machine_spellings: ir.Table) -> ir.Table:
    """One row per landed row: what it says, why it cannot be kept, whether it is a copy.

    A row is about one machine on its snapshot's date, which is the date of arrival where it names
    none.
    """
    told = text.trimmed(_.snapshot_date)
    moment = ibis.ifelse(told.length() == _ISO_DATE, told.concat("T00:00"), told)
    parsed = (
        read_landed(landed, MACHINE_REGISTRY)
        .pipe(with_machine, machine_spellings)
        .mutate(
            is_date_told=told.notnull(),
            snapshot_seconds=time.parse_iso_8601(moment),
            status=text.upper(text.trimmed(_.status)),
            firmware=text.trimmed(_.firmware),
            owner=text.trimmed(_.owner),
            **{f"{name}_told": _[name] for name in _RATES},
            **{name: text.decimal_number(_[name]) for name in _RATES},
        )
    )
    judged = judge(
        parsed,
        {
            **machine_rules(),
            f"{Reason.NOT_A_TIME}:snapshot_date": _.is_date_told & _.snapshot_seconds.isnull(),
            **{rule: broken for name in _RATES for rule, broken in _rate_rules(name).items()},
        },
    )
    typed = judged.mutate(
        snapshot_date=ibis.ifelse(
            _.is_date_told, time.date_of(_.snapshot_seconds), _["_arrival_date"]
        ),
        **{name: from_micro(micro(_[name])) for name in _RATES},
    )
    return _tell_corrections(typed).select(
        "_row_id",
        "_arrival_date",
        EVENT_DATE,
        "raw_row",
        "reasons",
        "duplicate_kind",
        "machine_id",
        "landed_machine_id",
        "snapshot_date",
        *MACHINE_ATTRIBUTES,
    )


def clean_machine_registry(assessed: ir.Table, machines: ir.Table) -> ir.Table:
    """One row per machine and snapshot date."""
    return (
        kept(assessed)
        .join(machines.select("machine_id", "factory_id"), "machine_id")
        .select(
            "_row_id",
            EVENT_DATE,
            "factory_id",
            "machine_id",
            "snapshot_date",
            *MACHINE_ATTRIBUTES,
            arrival_date=_["_arrival_date"],
            is_late=arrival.find(_["_arrival_date"], _.snapshot_date),
        )
    )


def identify_machine_versions(registry: ir.Table, machines: ir.Table) -> ir.Table:
    """One row per machine and version, from the registry, else one from the machine's plate.

    A machine that a snapshot does not mention is as it was: a torn file retires no machine.
    """
    registered = cut_versions(
        registry, key="machine_id", day="snapshot_date", attributes=MACHINE_ATTRIBUTES
    )
    unknown = [name for name in MACHINE_ATTRIBUTES if name not in _RATES]
    plated = machines.anti_join(registry, "machine_id").select(
        "machine_id",
        *_RATES,
        **{name: ibis.null("string") for name in unknown},
        valid_from=ibis.literal(SINCE_EVER),
        valid_to=ibis.null("date"),
        is_current=ibis.literal(True),
    )
    return registered.union(plated.select(registered.columns))


def _rate_rules(column: str) -> dict[str, Deferred]:
    told, whole = _[f"{column}_told"], micro(_[column])
    in_range = (whole > 0) & (_[column] <= _RATES[column])
    return {
        f"{Reason.EMPTY}:{column}": text.is_blank(told),
        f"{Reason.NOT_A_NUMBER}:{column}": ~text.is_blank(told) & _[column].isnull(),
        f"{Reason.OUT_OF_RANGE}:{column}": ~in_range,
    }


def _tell_corrections(rows: ir.Table) -> ir.Table:
    """Add ``duplicate_kind``: of a machine's snapshot of a date, what arrived last counts.

    It stands in the first row that says so; rows that say it again are copies. Unlike an event, a
    state may be corrected back, so a repeated row has its say.
    """
    landed = ["_arrival_date", "_source_file", "_source_row"]
    snapshot = ["is_valid", "machine_id", "snapshot_date"]
    ordered = rows.mutate(
        is_valid=_.reasons == "", content=content_of(rows, MACHINE_ATTRIBUTES)
    ).mutate(
        number_from_last=int64(
            ibis.row_number().over(
                group_by=snapshot, order_by=[ibis.desc(column) for column in landed]
            )
        ),
        copy_number=int64(ibis.row_number().over(group_by=[*snapshot, "content"], order_by=landed)),
    )
    last_word = ibis.ifelse(_.number_from_last == 0, _.content, None).max()
    told = ordered.mutate(last_word=last_word.over(group_by=snapshot))
    return told.mutate(
        duplicate_kind=ibis.cases(
            (_.is_valid & (_.copy_number > 0), DuplicateKind.COPY.value),
            (_.is_valid & (_.content != _.last_word), DuplicateKind.SUPERSEDED.value),
            else_=None,
        )
    )
