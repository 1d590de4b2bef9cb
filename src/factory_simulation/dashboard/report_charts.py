"""The charts of the report: of all dates of a run, and readable on paper."""

from collections.abc import Sequence
from datetime import date

import plotly.graph_objects as go

from factory_simulation.dashboard import theme
from factory_simulation.dashboard.html import plain
from factory_simulation.dashboard.pages.quality import Cost, Kind
from factory_simulation.dashboard.queries import production
from factory_simulation.dashboard.queries.answers import Groups, Row
from factory_simulation.fault_kinds import FaultOutcome

MOST_NUMBERED = 200
"""Up to so many units of machines and days are written out."""

_LEAST_HEIGHT = 240
_MADE, _PROVISIONAL = "#56b4e9", "#c9ced6"
_ROW_HEIGHT, _AROUND = 24, 110
_MOST_HEIGHT = 960
"""Of a page of paper, in pixels."""
_BAR_OF_DAY = 0.8 * 24 * 60 * 60 * 1000
"""How wide the bar of a day is, in milliseconds."""
_LEAST_LABELLED = 0.14
"""So large a share of a bar has room for its number."""
_ROOM_FOR_TEXT = 0.6
"""Of a chart's width, beside its bars."""
_FACTORS = {
    "availability": ("diamond", 9),
    "effectiveness": ("x", 8),
    "quality_ratio": ("triangle-up-open", 14),
}
"""The symbols of OEE's factors, and their sizes: one is seen where it is on another."""
_MOST_DAYS_NAMED, _MOST_DAYS_APART = 14, 90


def units_by_day(
    totals: dict[date, Row], settled: set[date], truth: dict[date, float]
) -> go.Figure:
    """Return the units made by day, and beside them the true ones where they are known.

    Args:
        totals: What was made on each day.
        settled: The days of which nothing more is expected.
        truth: The units that were truly made on each day.
    """
    chart = theme.figure(
        barmode="overlay", xaxis=_days([*totals, *truth]), yaxis=_axis("units by day")
    )
    for title, colour, pattern, of_days in (
        ("units made, settled", _MADE, "", [day for day in totals if day in settled]),
        ("provisional", _PROVISIONAL, "/", [day for day in totals if day not in settled]),
    ):
        if of_days:
            chart.add_bar(
                x=of_days,
                y=[totals[day]["units_produced"] for day in of_days],
                width=_BAR_OF_DAY,
                name=title,
                marker={"color": colour, "pattern": {"shape": pattern, "solidity": 0.4}},
                hovertemplate="%{x|%Y-%m-%d}: %{y:,} units<extra></extra>",
            )
    if truth:
        chart.add_scatter(
            x=list(truth),
            y=list(truth.values()),
            name="truth",
            mode="markers",
            marker={"symbol": "diamond-open", "size": 10, "color": theme.ACCENT},
            hovertemplate="%{x|%Y-%m-%d}: %{y:,} units in truth<extra></extra>",
        )
    return chart


def units_by_machine(machines: Sequence[str], days: Sequence[date], by_day: Groups) -> go.Figure:
    """Return the units of each machine and day; what made nothing is left blank."""
    made = {
        (row["machine_id"], day): row["units_produced"]
        for day, of_day in by_day.items()
        for row in of_day
    }
    chart = theme.figure(
        _height(len(machines)), xaxis=_days(days), yaxis=_named(machines), margin={"t": 12}
    )
    is_numbered = len(machines) * len(days) <= MOST_NUMBERED
    chart.add_heatmap(
        x=list(days),
        y=list(range(len(machines))),
        z=[[made.get((machine, day)) for day in days] for machine in machines],
        customdata=[[plain(machine)] * len(days) for machine in machines],
        colorscale="Cividis",
        colorbar={"title": {"text": "units by day"}, "thickness": 12},
        xgap=1 if len(days) <= _MOST_DAYS_APART else 0,
        ygap=1,
        hoverongaps=False,
        texttemplate="%{z:,}" if is_numbered else None,
        hovertemplate="%{customdata}, %{x|%Y-%m-%d}: %{z:,} units<extra></extra>",
    )
    return chart


def oee(machines: Sequence[Row]) -> go.Figure:
    """Return OEE of each machine as a bar, and its factors as marks."""
    chart = theme.figure(
        _height(len(machines)),
        xaxis={
            **_axis("share (%)"),
            "ticksuffix": " %",
            "rangemode": "tozero",
        },
        yaxis=_named([row["machine_id"] for row in machines]),
        bargap=0.35,
    )
    places = list(range(len(machines)))
    colours = theme.colours(_FACTORS)
    for kpi in reversed(production.SHARES):
        shares = [None if row[kpi.name] is None else row[kpi.name] * 100 for row in machines]
        named = {
            "x": shares,
            "y": places,
            "name": kpi.title,
            "customdata": [plain(row["machine_id"]) for row in machines],
            "hovertemplate": f"%{{customdata}}: {kpi.title} %{{x:.1f}} %<extra></extra>",
        }
        if kpi.name in _FACTORS:
            symbol, size = _FACTORS[kpi.name]
            chart.add_scatter(
                **named,
                mode="markers",
                marker={"symbol": symbol, "size": size, "color": colours[kpi.name]},
            )
        else:
            chart.add_bar(
                **named,
                orientation="h",
                marker={"color": _MADE},
                text=["" if share is None else f"{share:.1f} %" for share in shares],
                textposition="inside",
                insidetextanchor="start",
                textangle=0,
                insidetextfont={"color": theme.GROUND, "size": 10},
                constraintext="none",
            )
    return chart


def outcomes(kinds: Sequence[Kind]) -> go.Figure:
    """Return what became of the faults of each kind, in shares of these."""
    chart = theme.figure(
        _height(len(kinds)),
        barmode="stack",
        xaxis={**_axis("% of the faults of a kind"), "range": [0, 100], "ticksuffix": " %"},
        yaxis=_named([f"{kind.of.title} ({kind.total['found']:,})" for kind in kinds]),
        bargap=0.3,
        margin={"r": 24},
        legend={"traceorder": "normal"},
    )
    for outcome in FaultOutcome:
        counts = [kind.total[outcome] for kind in kinds]
        if not any(counts):
            continue
        shares = [n / kind.total["found"] for n, kind in zip(counts, kinds, strict=True)]
        chart.add_bar(
            x=[share * 100 for share in shares],
            y=list(range(len(kinds))),
            name=outcome.value,
            orientation="h",
            marker={"color": theme.OUTCOMES[outcome]},
            customdata=counts,
            text=[
                f"{n:,} {outcome.value}" if share >= _LEAST_LABELLED else ""
                for n, share in zip(counts, shares, strict=True)
            ],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            insidetextfont={"color": theme.GROUND},
            hovertemplate=f"%{{customdata:,}} {outcome.value}<extra></extra>",
        )
    return chart


def costs(found: Sequence[Cost]) -> go.Figure:
    """Return by how much the figure farthest off would have been, for each kind of fault.

    Args:
        found: What would have been off, the figure farthest off first; those that are deviations
            themselves have no bar.
    """
    compared = [
        (cost.title, cost.figures[0], cost.figures[0].relative * 100)
        for cost in found
        if cost.figures[0].relative is not None
    ]
    ends = [0.0, *(off for _title, _figure, off in compared)]
    room = (max(ends) - min(ends)) * _ROOM_FOR_TEXT
    chart = theme.figure(
        _height(len(compared)),
        xaxis={
            **_axis("% by which the figure would have been off"),
            "range": [min(ends) - room, max(ends) + room],
            "ticksuffix": " %",
        },
        yaxis=_named([title for title, _figure, _off in compared]),
        margin={"t": 12, "r": 16},
        bargap=0.4,
    )
    chart.add_bar(
        x=[off for _title, _figure, off in compared],
        y=list(range(len(compared))),
        orientation="h",
        marker={"color": theme.ACCENT},
        text=[f"{figure.kpi.title} {off:+,.1f} %" for _title, figure, off in compared],
        textposition="auto",
        cliponaxis=False,
        textangle=0,
        insidetextfont={"color": theme.GROUND},
        hovertemplate="%{text}<extra></extra>",
    )
    return chart


def _height(rows: int) -> int:
    return min(max(_LEAST_HEIGHT, rows * _ROW_HEIGHT + _AROUND), _MOST_HEIGHT)


def _axis(title: str) -> dict[str, object]:
    return {**theme.AXIS, "title": {"text": title}}


def _days(days: Sequence[date]) -> dict[str, object]:
    """Return an axis of dates, of which a few are written on all of them."""
    few = sorted(set(days)) if len(set(days)) <= _MOST_DAYS_NAMED else None
    ticks = {} if few is None else {"tickvals": few, "ticktext": [f"{day:%a %d}" for day in few]}
    return {
        **_axis("date (UTC)"),
        "type": "date",
        "tickformat": "%Y-%m-%d",
        "showgrid": False,
        **ticks,
    }


def _named(names: Sequence[str]) -> dict[str, object]:
    """Return an axis that goes down from name to name, which may be alike as they are shown."""
    return {
        **theme.AXIS,
        "tickvals": list(range(len(names))),
        "ticktext": [plain(name) for name in names],
        "range": [len(names) - 0.5, -0.5],
        "showgrid": False,
        "zeroline": False,
    }
