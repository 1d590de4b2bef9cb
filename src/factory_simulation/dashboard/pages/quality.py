"""Data quality: each kind of fault, and the events behind it."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup

from factory_simulation import metrics
from factory_simulation.dashboard import sparkline, theme
from factory_simulation.dashboard.html import (
    LONGEST,
    change,
    number,
    percent,
    points,
    render,
    short,
    with_blanks,
)
from factory_simulation.dashboard.pages.parts import Part
from factory_simulation.dashboard.published import Published
from factory_simulation.dashboard.queries import production
from factory_simulation.dashboard.queries import quality as queries
from factory_simulation.dashboard.queries.answers import Row, remembered
from factory_simulation.dashboard.queries.flow import Period
from factory_simulation.dashboard.scope import Scope
from factory_simulation.domain import WHOLE_ROW, Method
from factory_simulation.fault_kinds import (
    FAULT_KINDS,
    QUARANTINED_ROW,
    WHY,
    WHY_LOST,
    FaultKind,
    FaultOutcome,
    reason_in_words,
)

MOST_EVENTS = 1000
"""So many events of a day can be chosen from at once."""
MOST_FIGURES = 3
"""So many figures are listed of each kind of fault that would have put them off."""
LONGEST_VALUE, LONGEST_ROW = 400, 4000
"""So many characters of a landed value and of a whole row are shown."""

_DECIMALS = {"kWh": 1, "kWh/unit": 4}
_SAME = 1e-9
"""Sums of energy that differ by no more are equal."""

_NONE_FOUND: Row = {
    **dict.fromkeys(queries.COUNTS, 0),
    **dict.fromkeys(("fault_share", "share_before")),
}
"""What is known of a kind where rows landed, and none of those that are looked at had it."""

_LEFT = {
    FaultOutcome.REMOVED: "left out",
    FaultOutcome.QUARANTINED: "set aside",
    FaultOutcome.FLAGGED: "marked as wrong; no value is claimed",
}
"""What became of a cell or row that has no value now."""


@dataclass(frozen=True)
class Kind:
    """A kind of fault: of the day, and of all dates. None is what nobody knows."""

    key: str
    of: FaultKind
    look: theme.Look
    tables: list[str]
    day: Row | None
    total: Row
    bars: list[sparkline.Bars]


@dataclass(frozen=True)
class Figure:
    """A KPI as published, and what it would have been had a kind of fault not been repaired."""

    kpi: metrics.Kpi
    published: float | None
    unrepaired: float | None

    @property
    def is_off(self) -> bool:
        """Whether it would have been another one."""
        if self.published is None or self.unrepaired is None:
            return self.published is not self.unrepaired
        return not math.isclose(self.published, self.unrepaired, rel_tol=_SAME)

    @property
    def relative(self) -> float | None:
        """The difference per what is published; None where that is none, 0, or a deviation."""
        if not self.published or self.unrepaired is None or self.kpi in metrics.DEVIATIONS:
            return None
        return self.unrepaired / self.published - 1

    @property
    def distance(self) -> float:
        """How far it is off; what is off by nothing that compares comes last."""
        return -1 if self.relative is None else abs(self.relative)

    def shown(self, value: float | None) -> Markup:
        """Return a value in the KPI's unit."""
        if self.kpi.unit == metrics.SHARE:
            return percent(value, 2)
        return number(value, _DECIMALS.get(self.kpi.unit, 0), self.kpi.unit)

    def off(self) -> Markup:
        """Return by how much it is off, and to which side."""
        if self.published is None or self.unrepaired is None:
            return Markup("cannot be told")
        if self.relative is not None:
            off = change(self.unrepaired, self.published)
        elif self.kpi.unit == metrics.SHARE:
            off = points(self.unrepaired, self.published)
        else:
            off = self.shown(self.unrepaired - self.published)
        side = "too high" if self.unrepaired > self.published else "too low"
        return Markup("{} {}").format(off, side)


@dataclass(frozen=True)
class Cost:
    """What a kind of fault would have cost: the figures farthest off, and how many more."""

    key: str
    title: str
    rows_affected: int
    figures: list[Figure]
    more: int


@dataclass(frozen=True)
class EventLog:
    """The events of a day, as a table shows them, and a sentence on how many there are."""

    rows: list[dict[str, Any]]
    summary: str


@dataclass(frozen=True)
class Field:
    """A cell of a landed row: what came, what we made of it, and why."""

    column: str
    came: str | None
    made: str
    why: str
    is_chosen: bool


def quality(published: Published, scope: Scope, day: date, first: date, last: date) -> list[Part]:
    """Return what was wrong on a day and between two dates, and what it would have cost."""
    shown = {"day": day, "first": first, "last": last, "is_everything": scope.is_everything}
    kinds = kinds_of(published, scope, day, first, last)
    last_days = sparkline.last_days(day, len(production.days(published)))
    found = {kind.key for kind in kinds}
    table = render(
        "quality",
        **shown,
        groups=[
            ("", [kind for kind in kinds if kind.of.is_data_error]),
            ("what befell machines", [kind for kind in kinds if not kind.of.is_data_error]),
        ],
        outcomes=theme.OUTCOMES,
        not_found=[
            k.title for key, k in FAULT_KINDS.items() if key not in found and k.is_data_error
        ],
        outside=queries.found_outside(published, scope, first, last),
        nowhere=queries.found_nowhere(published).get(day, 0),
        fault_share=metrics.FAULT_SHARE,
        last_days=last_days,
        spark_width=sparkline.width(last_days),
        spark_height=sparkline.HEIGHT,
    )
    landed = render(
        "quality_landed",
        **shown,
        landed=queries.landed_by_day(published).get(day, []),
        completeness=metrics.ROW_COMPLETENESS,
        colours=theme.ROWS,
    )
    heading = render("quality_heading", day=day)
    dear = costs(published, scope, day)
    return [table, f'<div class="fs-family fs-top">{landed}{dear}</div>', heading]


def costs(published: Published, scope: Scope, day: date, period: Period = None) -> str:
    """Return what faults would have cost, on a day or in a period in which that day is."""
    return render(
        "quality_costs",
        first=day if period is None else period[0],
        last=day if period is None else period[1],
        is_of_line=scope.product_name is not None,
        costs=costs_of(published, scope, day, period),
        most=MOST_FIGURES,
    )


def kinds_of(published: Published, scope: Scope, day: date, first: date, last: date) -> list[Kind]:
    """Return the kinds that were found between two dates, in the order in which they matter."""
    by_day = queries.kinds_by_day(published, scope)
    total = queries.kinds_in_all(published, scope, first, last)
    most = _most_rows(published, scope)
    last_days = sparkline.last_days(day, len(production.days(published)))
    of_days = [{row["fault_type_key"]: row for row in by_day.get(at, [])} for at in last_days]
    landed = {row["table_name"] for row in queries.landed_by_day(published).get(day, [])}
    kinds = []
    for key, tables in queries.kinds(published).items():
        if key not in total or not total[key]["found"]:
            continue
        look = theme.SEVERITIES[FAULT_KINDS[key].severity]
        rows = [of_day.get(key) for of_day in of_days]
        bars = [None if row is None else (row["rows_affected"], look.colour) for row in rows]
        kinds.append(
            Kind(
                key=key,
                of=FAULT_KINDS[key],
                look=look,
                tables=tables,
                day=rows[-1] or (None if landed.isdisjoint(tables) else _NONE_FOUND),
                total=total[key],
                bars=sparkline.bars(bars, most.get(key, 0)),
            )
        )
    return kinds


def costs_of(published: Published, scope: Scope, day: date, period: Period = None) -> list[Cost]:
    """Return what faults would have cost, the kind first that would have cost most."""
    at = day if period is None else period[1]
    found = []
    for row in queries.dirt_by_day(published, scope, period).get(at, []):
        figures = [
            Figure(kpi, row[f"published_{kpi.name}"], row[kpi.name]) for kpi in metrics.DIRT_KPIS
        ]
        off = sorted((f for f in figures if f.is_off), key=lambda f: f.distance, reverse=True)
        if off:
            found.append(
                Cost(
                    key=row["fault_type"],
                    title=FAULT_KINDS[row["fault_type"]].title,
                    rows_affected=row["rows_affected"],
                    figures=off[:MOST_FIGURES],
                    more=len(off[MOST_FIGURES:]),
                )
            )
    return sorted(found, key=lambda cost: cost.figures[0].distance, reverse=True)


def event_log(published: Published, scope: Scope, day: date, kind: str | None) -> EventLog:
    """Return the events of a day, of a kind or of all, the most severe ones first."""
    events = queries.events(published, scope, day, kind, MOST_EVENTS)
    summary = render(
        "quality_events",
        day=day,
        kind=None if kind is None else FAULT_KINDS[kind].title,
        count=queries.count_events(published, scope, day, kind),
        shown=len(events),
    )
    return EventLog([_event(row) for row in events], summary)


def landed_row(published: Published, chosen: Sequence[dict[str, Any]]) -> str:
    """Return the landed row of the event that is chosen: what came, what was made of it, why."""
    if not chosen:
        return render("no_event")
    faults = queries.faults_of_row(published, chosen[0]["row_id"])
    fault = next(row for row in faults if row["fault_key"] == chosen[0]["fault_key"])
    return render(
        "landed_row",
        fault=fault,
        kind=FAULT_KINDS[fault["fault_type_key"]],
        look=theme.SEVERITIES[FAULT_KINDS[fault["fault_type_key"]].severity],
        colour=theme.OUTCOMES[FaultOutcome(fault["outcome"])],
        fields=_fields(fault, faults),
        others=len(faults) - 1,
        raw=short(fault["raw_row"], LONGEST_ROW),
        more=max(len(fault["raw_row"]) - LONGEST_ROW, 0),
    )


@remembered
def _most_rows(published: Published, scope: Scope) -> dict[str, int]:
    """Return the most rows that had a kind of fault on a day, so that bars keep their scale."""
    most: dict[str, int] = {}
    for rows in queries.kinds_by_day(published, scope).values():
        for row in rows:
            key = row["fault_type_key"]
            most[key] = max(most.get(key, 0), row["rows_affected"])
    return most


def _event(row: Row) -> dict[str, Any]:
    """Return an event as a table shows it, with its keys."""
    look = theme.SEVERITIES[FAULT_KINDS[row["fault_type_key"]].severity]
    return {
        "fault_key": row["fault_key"],
        "row_id": row["row_id"],
        "severity": f"{look.symbol} {look.title}",
        "fault": FAULT_KINDS[row["fault_type_key"]].title,
        "machine": short(row["machine_id"]),
        "column": _column(row["column_name"]),
        "what came": _clipped(_came(row), LONGEST) or "(empty)",
        "what we made of it": short(_made(row)),
        "file and row": short(row["row_id"]),
    }


def _fields(chosen: Row, faults: list[Row]) -> list[Field]:
    """Return the cells of a landed row; what is wrong with it as a whole comes first."""
    landed: dict[str, str | None] = json.loads(chosen["raw_row"])
    fields = [_field(fault, chosen) for fault in faults if fault["column_name"] not in landed]
    for column, came in landed.items():
        of_cell = [fault for fault in faults if fault["column_name"] == column]
        fields += [_field(fault, chosen) for fault in of_cell]
        if not of_cell and not (column.startswith("_") and came is None):
            fields.append(Field(column, _clipped(came), "", "", is_chosen=False))
    return fields


def _field(fault: Row, chosen: Row) -> Field:
    return Field(
        column=_column(fault["column_name"]),
        came=_clipped(_came(fault)),
        made=short(_made(fault), LONGEST_VALUE),
        why=_why(fault),
        is_chosen=fault["fault_key"] == chosen["fault_key"],
    )


def _column(name: str) -> str:
    return {WHOLE_ROW: "the row as a whole", "_arrival_date": "date"}.get(name, name)


def _came(fault: Row) -> str | None:
    """Return what landed; None where a cell was empty."""
    if fault["lost_event_id"] is not None:
        return "nothing, before this row"
    if fault["column_name"] == WHOLE_ROW:
        return "the row"
    came: str | None = fault["raw_value"]
    return came


def _made(fault: Row) -> str:
    """Return what was made of what landed."""
    if fault["lost_event_id"] is not None:
        return f"batch {fault['lost_event_id']} was lost"
    outcome, value = FaultOutcome(fault["outcome"]), fault["repaired_value"]
    if value is None:
        return _LEFT.get(outcome, outcome.value)
    return f"{value} (estimate)" if outcome is FaultOutcome.ESTIMATED else str(value)


def _why(fault: Row) -> str:
    """Say why: the reasons of a row that was set aside, else the rule."""
    if fault["lost_event_id"] is not None:
        return WHY_LOST
    if fault["fault_type_key"] == QUARANTINED_ROW:
        reasons = [reason_in_words(reason) for reason in fault["reasons"].split(", ")]
        return f"{short('; '.join(reasons), LONGEST_VALUE)}."
    return WHY[Method(fault["method"])]


def _clipped(text: str | None, longest: int = LONGEST_VALUE) -> str | None:
    return None if text is None else with_blanks(short(text, longest))
