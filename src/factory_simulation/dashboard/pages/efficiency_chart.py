"""The chart of a machine's efficiency: what was measured, its line, and where that leads."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self

import plotly.graph_objects as go

from factory_simulation.dashboard import theme
from factory_simulation.dashboard.published import Published
from factory_simulation.dashboard.queries import health as queries
from factory_simulation.dashboard.queries.answers import Row, remembered
from factory_simulation.domain import ForecastOutcome, HealthState

MOST_BATCHES = 500
"""Up to so many batches are drawn one by one; of more, the days."""

_MEASURED = "#7cc4f2"
_HOUR_OF_MEAN = time(12)
_FARTHEST_FORECAST = timedelta(days=60)
_NEAREST_FORECAST = timedelta(days=3)


@dataclass(frozen=True)
class _Line:
    """Efficiency in percent by days of wear: a point of it, and its slope by day."""

    wear_days: float
    percent: float
    slope: float

    @classmethod
    def of(cls, summary: Row, forecasts: list[Row]) -> Self:
        """Return the line of a machine, which at the end may be worn out and off its line."""
        slope = summary["change_percent_per_day"]
        for row in forecasts:
            if row["crossing_wear_days"] is not None:
                return cls(row["crossing_wear_days"], row["threshold_percent"], slope)
        return cls(summary["wear_days"], summary["efficiency_percent"], slope)

    def level(self, wear_days: float) -> float:
        """Return the efficiency after some days of wear."""
        return self.percent + (wear_days - self.wear_days) * self.slope


def efficiency(published: Published, machine_id: str, day: date) -> go.Figure:
    """Return efficiency over time, its thresholds, its line, where it leads, and a day marked."""
    chart = go.Figure(_lines(published, machine_id))
    chart.add_vrect(
        x0=day.isoformat(),
        x1=(day + timedelta(days=1)).isoformat(),
        fillcolor=theme.faded(theme.ACCENT, 0.22),
        line_width=0,
        layer="below",
    )
    return chart


@remembered
def _lines(published: Published, machine_id: str) -> go.Figure:
    """Return the chart of a machine's efficiency, but for what depends on the day."""
    chart = theme.figure(height=380, yaxis_title="efficiency (%)", xaxis_title="time (UTC)")
    batches = queries.batches(published, machine_id)
    if len(batches) > MOST_BATCHES:
        _add_days(chart, queries.efficiency_by_day(published, machine_id))
    else:
        _add_batches(chart, batches)
    summary = queries.summary(published, machine_id)
    end = _midnight_after(batches[-1]["batch_date"])
    forecasts = queries.forecasts(published, machine_id)
    if summary is not None and summary["change_percent_per_day"] is not None:
        _add_fit(chart, batches, _Line.of(summary, forecasts))
        if not batches[-1]["is_worn_out"]:
            end = max(end, _add_forecast(chart, batches, summary, forecasts))
    _add_maintenance(chart, queries.maintenance(published, machine_id))
    _add_thresholds(chart, queries.thresholds(published), forecasts)
    chart.update_xaxes(range=[_noon(batches[0]["batch_date"]) - timedelta(hours=12), end])
    return chart


def _add_batches(chart: go.Figure, batches: list[Row]) -> None:
    """Draw each batch; those that the line is not fitted to are hollow."""
    for name, symbol, wanted in (
        ("batch", "circle", False),
        ("batch, not in the line: worn out, or a repeat", "circle-open", True),
    ):
        drawn = [row for row in batches if (row["is_worn_out"] or row["is_repeat"]) == wanted]
        if drawn:
            chart.add_scatter(
                name=name,
                mode="markers",
                x=[row["start_at"] for row in drawn],
                y=[row["efficiency_percent"] for row in drawn],
                marker={"color": _MEASURED, "symbol": symbol, "size": 6},
                hovertemplate="%{y:.2f} %<br>%{x|%Y-%m-%d %H:%M}<extra></extra>",
            )


def _add_days(chart: go.Figure, days: list[Row]) -> None:
    """Draw the mean of each day, and between which values its batches are."""
    x = [_noon(row["day"]) for row in days]
    chart.add_scatter(
        name="least to greatest of the day",
        x=[*x, *reversed(x)],
        y=[*(row["high_percent"] for row in days), *(row["low_percent"] for row in reversed(days))],
        fill="toself",
        fillcolor=theme.faded(_MEASURED, 0.25),
        line={"width": 0},
        hoverinfo="skip",
    )
    chart.add_scatter(
        name="mean of the day",
        x=x,
        y=[row["mean_percent"] for row in days],
        customdata=[row["batches"] for row in days],
        line={"color": _MEASURED},
        hovertemplate="%{y:.2f} %, mean of %{customdata} batches<br>%{x|%Y-%m-%d}<extra></extra>",
    )


def _add_fit(chart: go.Figure, batches: list[Row], line: _Line) -> None:
    """Draw the line over each stretch between maintenances: it is one line of days of wear."""
    stretches: dict[date, list[int]] = {}
    for row in batches:
        if not row["is_worn_out"]:
            stretches.setdefault(row["worn_since"], []).append(row["wear_days"])
    x: list[datetime | None] = []
    y: list[float | None] = []
    for since, wear in stretches.items():
        for days in (min(wear), max(wear)):
            x.append(_noon(since + timedelta(days=days)))
            y.append(line.level(days))
        x.append(None)
        y.append(None)
    chart.add_scatter(
        name="fitted line",
        x=x,
        y=y,
        mode="lines",
        line={"color": theme.TEXT, "width": 2},
        hovertemplate="line: %{y:.2f} %<extra></extra>",
    )


def _add_forecast(
    chart: go.Figure, batches: list[Row], summary: Row, forecasts: list[Row]
) -> datetime:
    """Draw between which lines efficiency is expected to go on; return until when."""
    last = summary["last_batch_date"]
    begin, end = _noon(last), _noon(last + _reach(batches, summary, forecasts))
    days = (end - begin).days
    level, low, high = (
        summary["efficiency_percent"],
        summary["change_low_percent_per_day"],
        summary["change_high_percent_per_day"],
    )
    if low is not None:
        chart.add_scatter(
            name="expected, if it is not maintained",
            x=[begin, end, end],
            y=[level, max(level + days * high, 0), max(level + days * low, 0)],
            fill="toself",
            mode="lines",
            fillcolor=theme.faded(theme.ACCENT, 0.25),
            line={"color": theme.ACCENT, "width": 1, "dash": "dot"},
            hoverinfo="skip",
        )
    met = [
        row
        for row in forecasts
        if row["outcome"] == ForecastOutcome.EXPECTED and _noon(row["expected_date"]) <= end
    ]
    if met:
        chart.add_scatter(
            name="threshold expected",
            mode="markers",
            x=[_noon(row["expected_date"]) for row in met],
            y=[row["threshold_percent"] for row in met],
            text=[expectation(row) for row in met],
            marker={"color": theme.ACCENT, "symbol": "diamond", "size": 10},
            hovertemplate="%{y} %: %{text}<extra></extra>",
        )
    return end


def _reach(batches: list[Row], summary: Row, forecasts: list[Row]) -> timedelta:
    """Return how far a forecast is drawn: to the last threshold expected, and not out of sight."""
    measured = summary["last_batch_date"] - batches[0]["batch_date"]
    ends = [row["latest_date"] for row in forecasts if row["outcome"] == ForecastOutcome.EXPECTED]
    wanted = [end - summary["last_batch_date"] for end in ends if end is not None]
    farthest = max([measured / 2, *wanted])
    return max(min(farthest, 3 * measured, _FARTHEST_FORECAST), _NEAREST_FORECAST)


def _add_maintenance(chart: go.Figure, maintained: list[Row]) -> None:
    """Mark when a machine was maintained, and what it brought."""
    for row in maintained:
        chart.add_vline(
            x=row["maintained_at"].isoformat(), line={"color": theme.MUTED, "dash": "dash"}
        )
    levels = [
        (row, row["before_percent" if row["after_percent"] is None else "after_percent"])
        for row in maintained
    ]
    shown = [(row, level) for row, level in levels if level is not None]
    if shown:
        chart.add_scatter(
            name="maintenance",
            mode="markers",
            x=[row["maintained_at"] for row, _level in shown],
            y=[level for _row, level in shown],
            text=[_effect(row) for row, _level in shown],
            marker={"color": theme.TEXT, "symbol": "star", "size": 11},
            hovertemplate="%{text}<br>%{x|%Y-%m-%d %H:%M}<extra></extra>",
        )


def _effect(row: Row) -> str:
    if row["change_percent"] is None:
        return "maintenance, without batches on both sides"
    return (
        f"maintenance: mean of {row['before_percent']:.2f} % before, "
        f"{row['after_percent']:.2f} % after"
    )


def _add_thresholds(
    chart: go.Figure, thresholds: queries.Thresholds | None, forecasts: list[Row]
) -> None:
    if thresholds is None:
        return
    for value, state in (
        (thresholds.healthy_above, HealthState.HEALTHY),
        (thresholds.critical_below, HealthState.CRITICAL),
    ):
        look = theme.STATES[state]
        side = "above" if state is HealthState.HEALTHY else "below"
        chart.add_hline(
            y=value,
            line={"color": look.colour, "width": 1, "dash": "dash"},
            annotation={
                "text": f"{look.symbol} {look.title} {side} {value:g} %",
                "font": {"color": look.colour, "size": 11},
                "xanchor": "left",
            },
            annotation_position="top left" if side == "above" else "bottom left",
        )
    if any(
        _is_of_interest(row) for row in forecasts if row["threshold_percent"] == thresholds.floor
    ):
        chart.add_hline(
            y=thresholds.floor,
            line={"color": theme.MUTED, "width": 1, "dash": "dot"},
            annotation={
                "text": f"floor {thresholds.floor:g} %: worn out",
                "font": {"color": theme.MUTED, "size": 11},
                "xanchor": "left",
            },
            annotation_position="top left",
        )


def _is_of_interest(forecast: Row) -> bool:
    """Tell whether a machine falls to a threshold: one that does not keeps its finer scale."""
    return forecast["outcome"] in {ForecastOutcome.REACHED, ForecastOutcome.EXPECTED}


def expectation(forecast: Row) -> str:
    """Say when a machine falls to a threshold."""
    expected, earliest, latest = (
        forecast[f"{name}_date"] for name in ("expected", "earliest", "latest")
    )
    match ForecastOutcome(forecast["outcome"]):
        case ForecastOutcome.REACHED:
            return "reached"
        case ForecastOutcome.EXPECTED:
            return f"expected on {expected} ({earliest} to {latest})"
        case ForecastOutcome.UNCERTAIN:
            return "uncertain: the efficiency may as well stay" + _not_before(earliest)
        case ForecastOutcome.NOT_FALLING:
            return "not falling" + _not_before(earliest)
        case _:
            return "unknown: too few batches for a line"


def _not_before(earliest: date | None) -> str:
    return "" if earliest is None else f"; not before {earliest}"


def _midnight_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time())


def _noon(day: date) -> datetime:
    return datetime.combine(day, _HOUR_OF_MEAN)
