"""Truth: what validation found. The only page that knows one."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from factory_simulation.dashboard import theme
from factory_simulation.dashboard.html import render, words
from factory_simulation.dashboard.pages.parts import Part, wide
from factory_simulation.dashboard.published import Published
from factory_simulation.dashboard.queries import production
from factory_simulation.dashboard.queries import truth as queries
from factory_simulation.dashboard.queries.answers import Row, remembered
from factory_simulation.dashboard.scope import Scope
from factory_simulation.domain import Level, Metric
from factory_simulation.fault_kinds import FAULT_KINDS

MOST_COMPARISONS = 200
"""So many comparisons of a day are listed, those that are farthest off first."""
MOST_DATES = 14
"""So many dates are named where something is said of them."""

METRICS = {
    Metric.BATCHES: ("batches", ""),
    Metric.UNITS_PRODUCED: ("units", ""),
    Metric.UNITS_DEFECTIVE: ("defective", "units"),
    Metric.ENERGY_KWH: ("energy", "kWh"),
    Metric.UNITS_IN_STOCK: ("in stock", "units"),
}
"""What is compared, in words, and its unit."""
_OF_WHOLE = tuple(metric for metric in METRICS if metric is not Metric.UNITS_IN_STOCK)
_LEVELS = {
    Level.MACHINE: "machine",
    Level.PRODUCT: "product",
    Level.SITE: "factory",
    Level.STOCK: "stock",
}
_BAR_HEIGHT, _CHART_MARGIN = 26, 110
_HALF_A_DAY, _ONE_DAY = timedelta(hours=12), timedelta(days=1)
_MOST_HEIGHT = 700
_MOST_WITH_NUMBERS = 31
_DARKEST = 90
"""Percent: where more is known of all dates, colours do not make much of little."""
_PIPELINE, _CEILING = "#7cc4f2", theme.ACCENT


@dataclass(frozen=True)
class Comparison:
    """A number of the pipeline beside the truth."""

    row: Row
    title: str
    unit: str
    of: str

    @property
    def decimals(self) -> int:
        """How many decimals it is shown with."""
        return 2 if self.unit == "kWh" else 0


def verdict(published: Published) -> str:
    """Return whether the run passed, and by how much."""
    said = queries.verdict(published)
    if said is None:
        return render("not_validated")
    return render(
        "verdict",
        said=said,
        changed=queries.changed_since(published),
        without_truth=queries.without_truth(published),
        metrics={metric: METRICS[metric] for metric in _OF_WHOLE},
        most=MOST_DATES,
    )


def of_day(published: Published, scope: Scope, day: date, first: date, last: date) -> list[Part]:
    """Return the comparisons of a period by date, that day marked, and all of the day."""
    if queries.verdict(published) is None:
        return []
    totals = [
        Comparison(row, *METRICS[Metric(metric)], of="all that is looked at")
        for metric, found in queries.totals_by_day(published, scope).items()
        for row in found
        if row["event_date"] == day
    ]
    single = sorted(
        queries.comparisons_by_day(published, scope).get(day, []),
        key=lambda row: -row["unexplained_error"],
    )
    said = render(
        "truth_day",
        day=day,
        totals=totals,
        comparisons=[
            Comparison(row, *METRICS[Metric(row["metric"])], of=_of(row))
            for row in single[:MOST_COMPARISONS]
        ],
        exact=sum(row["relative_error"] == 0 for row in single),
        but_for_losses=sum(
            row["relative_error"] != 0 and row["unexplained_error"] == 0 for row in single
        ),
        count=len(single),
    )
    return [wide(by_day(published, scope, first, last, day)), said]


def whole(published: Published, scope: Scope) -> list[Part]:
    """Return what does not follow the day: faults, landed rows, and what was known when."""
    scored = [] if queries.verdict(published) is None else scores(published)
    return [*scored, *conservation(published), *arrivals(published, scope)]


def by_day(
    published: Published, scope: Scope, first: date, last: date, day: date | None = None
) -> go.Figure:
    """Return the pipeline's totals and the truth's, date by date, and mark a day."""
    chart = go.Figure(_by_day(published, scope, first, last))
    if day is not None:
        midnight = datetime.combine(day, time(0))
        chart.add_vrect(
            x0=(midnight - _HALF_A_DAY).isoformat(),
            x1=(midnight + _HALF_A_DAY).isoformat(),
            fillcolor=theme.faded(theme.ACCENT, 0.22),
            line_width=0,
            layer="below",
            row="all",
            col="all",
        )
    return chart


@remembered
def _by_day(published: Published, scope: Scope, first: date, last: date) -> go.Figure:
    totals = queries.totals_by_day(published, scope)
    chart = make_subplots(rows=2, cols=2, horizontal_spacing=0.09, vertical_spacing=0.16)
    chart.update_layout(theme.figure(height=440).layout)
    named: set[str] = set()
    for place, metric in enumerate(_OF_WHOLE):
        title, unit = METRICS[metric]
        rows = [row for row in totals.get(metric.value, []) if first <= row["event_date"] <= last]
        drawn = (
            ("truth", {"color": theme.TEXT, "size": 11, "symbol": "circle-open"}, "truth", rows),
            *(
                (
                    name,
                    {"color": colour, "size": 6, "symbol": symbol},
                    "pipeline",
                    [row for row in rows if row["settled"] == is_settled],
                )
                for name, colour, symbol, is_settled in (
                    ("pipeline, settled", _PIPELINE, "circle", True),
                    ("pipeline, provisional", theme.ACCENT, "diamond", False),
                )
            ),
        )
        for name, marker, column, shown in drawn:
            if not shown:
                continue
            chart.add_scatter(
                row=place // 2 + 1,
                col=place % 2 + 1,
                name=name,
                legendgroup=name,
                showlegend=name not in named,
                mode="markers",
                x=[row["event_date"] for row in shown],
                y=[row[column] for row in shown],
                marker=marker,
                hovertemplate=f"%{{y:,.6~g}} {unit}<br>%{{x|%Y-%m-%d}}<extra>{name}</extra>",
            )
            named.add(name)
        chart.update_yaxes(
            title_text=f"{title} ({unit})" if unit else title,
            row=place // 2 + 1,
            col=place % 2 + 1,
            rangemode="tozero",
        )
    chart.update_xaxes(theme.AXIS, range=[first - _ONE_DAY, last + _ONE_DAY])
    chart.update_xaxes(matches="x", selector=lambda axis: axis.plotly_name != "xaxis")
    chart.update_yaxes(theme.AXIS)
    chart.update_xaxes(title_text="date", row=2)
    return chart


def scores(published: Published) -> list[Part]:
    """Return how well faults were found and repaired, beside what could be had at best."""
    rows = queries.scores(published)
    said = scores_table(rows)
    return [wide(scores_chart(rows)), said] if rows else [said]


def scores_table(rows: list[Row]) -> str:
    """Return how well faults were found and repaired, in numbers."""
    return render("truth_scores", rows=rows, kinds=FAULT_KINDS)


def scores_chart(rows: list[Row]) -> go.Figure:
    """Return two bars for each kind of fault, found and put right exactly, with their ceilings."""
    names = [f"{FAULT_KINDS[row['fault_type']].title}, {words(row['table'])}" for row in rows]
    chart = theme.figure(
        height=2 * _BAR_HEIGHT * len(rows) + _CHART_MARGIN,
        barmode="group",
        xaxis_title="share of injected faults (%)",
        xaxis_range=[0, 104],
    )
    for name, column, colour in (
        ("exact value found", "exact_recall", theme.ROWS["kept"]),
        ("fault found", "recall", _PIPELINE),
    ):
        chart.add_bar(
            name=name,
            orientation="h",
            y=names,
            x=[None if row[column] is None else row[column] * 100 for row in rows],
            marker={"color": colour},
            offsetgroup=column,
            hovertemplate="%{y}: %{x:.2f} %<extra>" + name + "</extra>",
        )
    for name, column, symbol in (
        ("most faults that can be found", "ceiling", "line-ns-open"),
        ("most exact values that can be found", "exact_ceiling", "diamond-tall-open"),
    ):
        chart.add_scatter(
            name=name,
            mode="markers",
            y=names,
            x=[None if row[column] is None else row[column] * 100 for row in rows],
            marker={"color": _CEILING, "symbol": symbol, "size": 16, "line": {"width": 2}},
            hovertemplate="%{y}: %{x:.2f} %<extra>" + name + "</extra>",
        )
    chart.update_yaxes(autorange="reversed")
    return chart


def conservation(published: Published) -> list[Part]:
    """Return what became of all landed rows, and whether that adds up."""
    rows = queries.conservation(published)
    said = conservation_table(rows)
    return [conservation_chart(rows), said] if rows else [said]


def conservation_table(rows: list[Row]) -> str:
    """Return what became of all landed rows, in numbers."""
    return render("truth_conservation", rows=rows, looks=theme.ROWS)


def conservation_chart(rows: list[Row]) -> go.Figure:
    """Return a bar for each landed table, of the shares that became what."""
    chart = theme.figure(
        height=_BAR_HEIGHT * len(rows) + _CHART_MARGIN,
        barmode="stack",
        xaxis_title="share of landed rows (%)",
        xaxis_range=[0, 100],
    )
    for name, pattern in (("kept", ""), ("duplicate", "/"), ("quarantined", "x")):
        chart.add_bar(
            name=name,
            orientation="h",
            y=[words(row["table_name"]) for row in rows],
            x=[row[name] / row["landed"] * 100 for row in rows],
            customdata=[row[name] for row in rows],
            marker={"color": theme.ROWS[name], "pattern": {"shape": pattern}},
            hovertemplate="%{y}: %{customdata:,} rows, %{x:.2f} %<extra>" + name + "</extra>",
        )
    chart.update_yaxes(autorange="reversed")
    return chart


def arrivals(published: Published, scope: Scope) -> list[Part]:
    """Return which share of each date was known at which age, and what open dates will come to."""
    rows = queries.completeness(published, scope)
    said = render(
        "truth_arrivals",
        nowcasts=queries.nowcasts(published, scope),
        factories=production.factories(published),
        metrics={metric.value: METRICS[metric] for metric in _OF_WHOLE},
        has_triangle=bool(rows),
        provisional=sorted({row["event_date"] for row in rows if not row["is_settled"]}),
        line=scope.product_name,
    )
    return [triangle_chart(rows), said] if rows else [said]


def triangle_chart(rows: list[Row]) -> go.Figure:
    """Return the completeness triangle: dates by age, the lighter the more was known then."""
    dates = sorted({row["event_date"] for row in rows})
    ages = sorted({row["age_days"] for row in rows})
    known = {(row["event_date"], row["age_days"]): row for row in rows}
    chart = theme.figure(
        height=min(_BAR_HEIGHT * len(dates) + _CHART_MARGIN, _MOST_HEIGHT),
        xaxis_title="age (days after the date)",
        yaxis_title="date",
    )
    cells = [[known.get((day, age)) for age in ages] for day in dates]
    chart.add_heatmap(
        x=[str(age) for age in ages],
        y=[day.isoformat() for day in dates],
        z=[[None if cell is None else _percent(cell) for cell in line] for line in cells],
        customdata=[["" if cell is None else _cell(cell) for cell in line] for line in cells],
        colorscale="Cividis",
        texttemplate="%{z:.1f}" if len(dates) <= _MOST_WITH_NUMBERS else None,
        zmin=min([_DARKEST, *(row["completeness"] * 100 for row in rows if row["completeness"])]),
        zmax=100,
        xgap=2,
        ygap=1 if len(dates) <= 2 * _MOST_WITH_NUMBERS else 0,
        colorbar={"title": {"text": "known (%)"}, "outlinewidth": 0},
        hovertemplate="%{y}, %{x} days later: %{customdata}<extra></extra>",
    )
    chart.update_xaxes(type="category", nticks=20, showgrid=False)
    chart.update_yaxes(
        title_standoff=20, type="category", autorange="reversed", nticks=20, showgrid=False
    )
    return chart


def _percent(cell: Row) -> float | None:
    share = cell["completeness"]
    return None if share is None else share * 100


def _cell(cell: Row) -> str:
    state = "settled" if cell["is_settled"] else "provisional"
    return f"{cell['batches']:,} of {cell['now']:,} batches known now, {state}"


def _of(row: Row) -> str:
    """Say what a comparison is of."""
    return f"{_LEVELS[Level(row['level'])]} {row['key']}"
