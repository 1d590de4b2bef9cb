"""History: snapshots of a thing become versions, and an event finds the one that was valid.

A version is valid from a day on, up to and without another; the current one has no end. The first
reaches back to before all events, so that every event has exactly one version: between the versions
of a thing there is no gap and no overlap.
"""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from factory_simulation.expressions import text, time

SINCE_EVER = date(1900, 1, 1)
"""When first versions begin: before all events, also those that a zone or a repair moves back from
the first times that are read."""
END_OF_TIME = date(2262, 2, 1)
"""When current versions end, where a date is needed: after all events, in the same way."""


def content_of(rows: ir.Table, attributes: Sequence[str]) -> ir.StringValue:
    """Return all attributes of a row as one text, in which a missing one is a value too."""
    return text.json_object(
        {name: text.json_text(rows[name].cast("string")) for name in attributes}
    )


def cut_versions(snapshots: ir.Table, *, key: str, day: str, attributes: Sequence[str]) -> ir.Table:
    """One row per thing and version: ``valid_from``, ``valid_to``, ``is_current``, its attributes.

    A version begins with the first snapshot that differs from the one before it, whichever landed
    first; days without a snapshot belong to the version before them. Cut from all snapshots at
    once, history is the same in whatever order they arrived.

    Args:
        snapshots: One row per thing and day.
        key: The column that names the thing.
        day: The column with the day from which on a snapshot holds.
        attributes: Columns of which a change begins a version.
    """
    in_order = {"group_by": key, "order_by": day}
    compared = snapshots.mutate(content=content_of(snapshots, attributes)).mutate(
        content_before=_.content.lag().over(**in_order)
    )
    begun = compared.filter(_.content_before.isnull() | (_.content != _.content_before))
    return begun.mutate(
        day_before=_[day].lag().over(**in_order), valid_to=_[day].lead().over(**in_order)
    ).select(
        key,
        *attributes,
        valid_from=ibis.ifelse(_.day_before.isnull(), ibis.literal(SINCE_EVER), _[day]),
        valid_to=_.valid_to,
        is_current=_.valid_to.isnull(),
    )


def valid_at(
    rows: ir.Table,
    versions: ir.Table,
    *,
    key: str,
    day: str,
    take: Sequence[str],
    valid_from: str = "valid_from",
    valid_to: str = "valid_to",
) -> ir.Table:
    """Add what the version says that was valid on a row's day.

    Args:
        rows: Events; one whose thing has no version is left out.
        versions: One row per thing and version, without overlap.
        key: The column that names the thing, in both tables.
        day: When the event happened, of the type of ``valid_from``.
        take: Columns of the version; the rows must not have such columns.
        valid_from: The version's first day.
        valid_to: The day after its last one; null in the current version.
    """
    known = versions.select(
        *take, version_of=_[key], version_from=_[valid_from], version_to=_[valid_to]
    )
    return rows.join(
        known,
        [
            rows[key] == known.version_of,
            rows[day] >= known.version_from,
            known.version_to.isnull() | (rows[day] < known.version_to),
        ],
    ).drop("version_of", "version_from", "version_to")


def changed_stretches(earlier: ir.Table, versions: ir.Table) -> ir.Table:
    """One row per machine and stretch of days on which it is another version than it was.

    ``first_date`` and ``last_date`` are within the stretch. Versions cover all days without a gap,
    so whatever is new is where an earlier version has changed, ended or gone.

    Args:
        earlier: Versions as they were, at one time or several; those of now may be among them.
        versions: Versions as they are.
    """
    same = [name for name in versions.columns if name not in {"valid_to", "is_current"}]
    now = versions.mutate(content=content_of(versions, same)).select(
        "content", "machine_id", still_to=_.valid_to
    )
    before = earlier.mutate(content=content_of(earlier, same), to=_.valid_to)
    known = before.left_join(now.drop("machine_id"), "content").mutate(
        is_known=_.content_right.notnull(),
        to=_.valid_to.fill_null(END_OF_TIME),
        still_to=_.still_to.fill_null(END_OF_TIME),
    )
    end = ibis.ifelse(_.is_known, ibis.greatest(_.to, _.still_to), _.to)
    return known.filter(~_.is_known | (_.to != _.still_to)).select(
        "machine_id",
        first_date=ibis.ifelse(_.is_known, ibis.least(_.to, _.still_to), _.valid_from),
        last_date=time.date_of((time.epoch_day_of(end) - 1) * time.SECONDS_PER_DAY),
    )
