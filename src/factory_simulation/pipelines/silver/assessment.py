"""What is done alike to the landed rows of every table: reading, judging, telling copies apart."""

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import (
    LINEAGE_COLUMNS,
    PARSE_ERROR,
    SURPLUS,
    DuplicateKind,
    LandedTable,
    Reason,
)
from factory_simulation.expressions import rules, text
from factory_simulation.faults import spelling


def read_landed(rows: ir.Table, contract: LandedTable) -> ir.Table:
    """One row per row of bronze, with the columns of the contract, optional ones included.

    Columns beyond the contract go no farther than ``raw_row``, which holds the whole row as JSON,
    and ``extra_row``, which holds these alone: whatever they are called, they meet no other.
    """
    known = [name for name in contract.known if name in rows.columns]
    missing = {name: ibis.null("string") for name in contract.optional if name not in known}
    extra = [
        name
        for name in rows.columns
        if name not in {*known, *LINEAGE_COLUMNS, PARSE_ERROR, SURPLUS}
    ]
    return rows.select(
        *LINEAGE_COLUMNS,
        PARSE_ERROR,
        *known,
        **missing,
        raw_row=_as_json(rows, [*known, *extra, SURPLUS]),
        extra_row=_as_json(rows, extra),
    )


def _as_json(rows: ir.Table, names: Sequence[str]) -> ir.StringValue:
    return text.json_object({name: text.json_text(rows[name]) for name in names})


def with_machine(rows: ir.Table, spellings: ir.Table) -> ir.Table:
    """Add the canonical ``machine_id``; what landed stays as ``landed_machine_id``."""
    return spelling.find(rows, spellings, name="machine_id", spelling="machine_spelling")


def time_rules(column: str, seconds: Deferred) -> dict[str, Deferred]:
    """Return the rules of a column that must hold a time."""
    return {
        f"{Reason.EMPTY}:{column}": text.is_blank(_[column]),
        f"{Reason.NOT_A_TIME}:{column}": ~text.is_blank(_[column]) & seconds.isnull(),
    }


def machine_rules() -> dict[str, Deferred]:
    """Return the rules of the column that names a machine."""
    return {
        f"{Reason.EMPTY}:machine_id": text.is_blank(_.landed_machine_id),
        Reason.UNKNOWN_MACHINE: ~text.is_blank(_.landed_machine_id) & _.machine_id.isnull(),
    }


def judge(rows: ir.Table, broken: Mapping[str, Deferred]) -> ir.Table:
    """Add ``reasons``: why a row cannot be kept; empty where it can.

    Of a row whose fields do not fit its file's header, no field can be trusted; that is its only
    reason.
    """
    resolved = {str(name): rows.bind(rule)[0] for name, rule in broken.items()}
    parse_error = rows[PARSE_ERROR]
    return rows.mutate(
        reasons=ibis.ifelse(parse_error.notnull(), parse_error, rules.broken_rules(resolved))
    )


def tell_copies(
    rows: ir.Table, *, content: Sequence[str], identity: Sequence[str] = ()
) -> ir.Table:
    """Add ``duplicate_kind``: null for the one row that stands for an event.

    Of rows with the same content the first to arrive stands. Of rows of one identity with other
    content, the last to arrive corrects the ones before; a copy of an old one that arrives
    later still corrects nothing.

    Args:
        rows: Judged rows; those with reasons are left out of the comparison.
        content: Columns that are equal in copies.
        identity: Columns that name an event, where an event can be corrected.
    """
    arrival = ["_arrival_date", "_source_file", "_source_row"]
    is_valid = _.reasons == ""
    numbered = rows.mutate(is_valid=is_valid).mutate(
        copy_number=ibis.row_number().over(
            group_by=["is_valid", *identity, *content], order_by=arrival
        )
    )
    is_copy = _.is_valid & (_.copy_number > 0)
    if not identity:
        kind = ibis.ifelse(is_copy, DuplicateKind.COPY.value, None)
        return numbered.mutate(duplicate_kind=kind).drop("is_valid", "copy_number")
    return (
        numbered.mutate(is_first=_.copy_number == 0)
        .mutate(
            version_number=ibis.row_number().over(
                group_by=["is_valid", "is_first", *identity],
                order_by=[ibis.desc(column) for column in arrival],
            )
        )
        .mutate(
            duplicate_kind=ibis.cases(
                (is_copy, DuplicateKind.COPY.value),
                (_.is_valid & (_.version_number > 0), DuplicateKind.SUPERSEDED.value),
                else_=None,
            )
        )
        .drop("is_valid", "copy_number", "is_first", "version_number")
    )


def kept(assessed: ir.Table) -> ir.Table:
    """Return the rows that stand for events."""
    return assessed.filter(_.reasons == "", _.duplicate_kind.isnull())
