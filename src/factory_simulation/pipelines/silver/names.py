"""Names: every spelling that landed, and the product or machine that it stands for."""

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.expressions import text
from factory_simulation.faults import note_typo


def match_product_names(batches: ir.Table, products: ir.Table) -> ir.Table:
    """One row per landed spelling of a known product.

    Spellings are matched by their key, so one that nobody foresaw matches too, and a name of other
    letters does not.
    """
    spellings = (
        batches.select(product_spelling=_.product_name)
        .distinct()
        .filter(_.product_spelling.notnull())
    )
    known = products.select("product_name", product_key=text.name_key(_.product_name))
    return (
        spellings.mutate(spelling_key=text.name_key(_.product_spelling))
        .join(known, [("spelling_key", "product_key")])
        .select("product_spelling", "product_name")
    )


def match_machine_ids(
    batches: ir.Table,
    sensors: ir.Table,
    operators: ir.Table,
    events: ir.Table,
    registry: ir.Table,
    machines: ir.Table,
) -> ir.Table:
    """One row per landed spelling of a known machine.

    A spelling is a kind in letters and a number. The number must be the machine's, leading zeros
    aside; the letters are the machine's kind or an abbreviation that fits no other machine of that
    number.
    """
    landed = ibis.union(
        *[
            table.select(machine_spelling=_.machine_id)
            for table in (batches, sensors, operators, events, registry)
        ],
        distinct=True,
    )
    spellings = landed.mutate(key=text.machine_key(_.machine_spelling)).filter(
        text.is_machine_key(_.key)
    )
    known = machines.mutate(known_key=text.machine_key(_.machine_id)).select(
        "machine_id",
        known_kind=text.kind_of(_.known_key),
        known_number=text.number_of(_.known_key),
    )
    candidates = (
        spellings.select("machine_spelling", kind=text.kind_of(_.key), number=text.number_of(_.key))
        .join(known, [("number", "known_number")])
        .mutate(is_exact=ibis.ifelse(_.kind == _.known_kind, 1, 0).cast("int64"))
        .filter((_.is_exact == 1) | text.abbreviates(_.kind, _.known_kind))
    )
    of_spelling = ibis.window(group_by="machine_spelling")
    return (
        candidates.mutate(
            candidate_count=_.count().over(of_spelling),
            exact_count=_.is_exact.sum().over(of_spelling),
        )
        .filter(ibis.ifelse(_.exact_count == 1, _.is_exact == 1, _.candidate_count == 1))
        .select("machine_spelling", "machine_id")
    )


def match_notes(checks: ir.Table, entries: ir.Table, phrases: ir.Table) -> ir.Table:
    """One row per landed note that is a misspelled standard phrase."""
    notes = ibis.union(
        checks.select(note=text.trimmed(_.defect_notes)),
        entries.select(note=text.trimmed(_.notes)),
    )
    return note_typo.match_notes(notes, phrases)
