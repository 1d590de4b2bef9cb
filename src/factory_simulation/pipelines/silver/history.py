"""What was believed of batches, and when."""

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.domain import EVENT_DATE, DuplicateKind

_BATCH = ("machine_id", "batch_id", "production_date", "occurrence")


def collect_batch_history(assessed: ir.Table, machines: ir.Table) -> ir.Table:
    """One row per batch and version of it that stood at the end of an arrival date.

    A version is known from the date on which it landed until the one on which a correction did;
    the last has no end. Of versions that landed on one date, the last one counts. Days are known
    as they ended: what a file said before it was delivered anew under the same date is not kept.
    """
    versions = assessed.filter(
        _.reasons == "",
        _.duplicate_kind.isnull() | (_.duplicate_kind == DuplicateKind.SUPERSEDED.value),
    )
    in_order = ibis.window(
        group_by=_BATCH, order_by=["_arrival_date", "_source_file", "_source_row"]
    )
    known = (
        versions.mutate(known_until=_["_arrival_date"].lead().over(in_order))
        .filter(_.known_until.isnull() | (_.known_until > _["_arrival_date"]))
        .mutate(version=ibis.row_number().over(in_order))
    )
    return known.join(machines.select("machine_id", "factory_id"), "machine_id").select(
        "_row_id",
        EVENT_DATE,
        "factory_id",
        "machine_id",
        "product_name",
        "production_date",
        "known_until",
        "units_produced",
        "units_defective",
        known_from=_["_arrival_date"],
        is_correction=_.version > 0,
    )
