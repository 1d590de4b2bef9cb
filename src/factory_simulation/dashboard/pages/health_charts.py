"""The charts of what is unusual about a machine, and of what its sensors read."""

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from factory_simulation.dashboard import theme
from factory_simulation.dashboard.html import words
from factory_simulation.dashboard.queries.answers import Row
from factory_simulation.dashboard.queries.health import QUANTITIES, RULES, Status
from factory_simulation.domain import HealthState
from factory_simulation.fault_kinds import FaultOutcome

READINGS = {
    Status.MEASURED: theme.Look("measured", "#7cc4f2", "circle"),
    Status.REPAIRED: theme.Look("repaired", theme.OUTCOMES[FaultOutcome.REPAIRED], "square"),
    Status.IMPUTED: theme.Look("imputed", theme.OUTCOMES[FaultOutcome.ESTIMATED], "diamond-open"),
    Status.DOUBTFUL: theme.Look("doubtful", theme.OUTCOMES[FaultOutcome.FLAGGED], "x"),
}
"""How values are drawn, by where they come from; what nobody knows is not."""

_BATCH, _RANGE = "#7cc4f2", "#b3bcc6"
_ALARM = theme.STATES[HealthState.CRITICAL].colour


def control(charted: list[Row], has_wear_taken_off: bool) -> go.Figure:
    """Return a chart of individuals, alarms marked, above one of moving ranges."""
    chart = make_subplots(
        rows=2, shared_xaxes=True, row_heights=[0.66, 0.34], vertical_spacing=0.06
    )
    chart.update_layout(theme.figure(height=420).layout)
    x = [row["start_at"] for row in charted]
    series = (
        (1, "value_percent", "batch", _BATCH, "solid"),
        (1, "centre_percent", "centre", theme.TEXT, "solid"),
        (1, "upper_limit_percent", "limits (three sigmas)", theme.ACCENT, "dash"),
        (1, "lower_limit_percent", None, theme.ACCENT, "dash"),
        (2, "moving_range_percent", "moving range", _RANGE, "solid"),
        (2, "moving_range_limit_percent", "limit of the range", theme.ACCENT, "dot"),
    )
    for row, column, name, colour, dash in series:
        is_measured = column in {"value_percent", "moving_range_percent"}
        chart.add_scatter(
            row=row,
            col=1,
            name=name,
            showlegend=name is not None,
            x=x,
            y=[each[column] for each in charted],
            mode="lines+markers" if is_measured else "lines",
            marker={"size": 4},
            line={"color": colour, "width": 1, "dash": dash},
            hovertemplate="%{y:.2f} %<br>%{x|%Y-%m-%d %H:%M}<extra></extra>"
            if is_measured
            else "%{y:.2f} %<extra></extra>",
        )
    _add_alarms(chart, charted)
    chart.update_xaxes(theme.AXIS)
    chart.update_yaxes(theme.AXIS)
    charted_as = "efficiency less wear (%)" if has_wear_taken_off else "efficiency (%)"
    chart.update_yaxes(title_text=charted_as, row=1)
    chart.update_yaxes(title_text="range (%)", rangemode="tozero", row=2)
    chart.update_xaxes(title_text="time (UTC)", row=2)
    return chart


def _add_alarms(chart: go.Figure, charted: list[Row]) -> None:
    for row, column, is_wanted in (
        (1, "value_percent", _breaks_a_rule),
        (2, "moving_range_percent", lambda each: each["is_moving_range_beyond"]),
    ):
        alarming = [each for each in charted if is_wanted(each)]
        if alarming:
            chart.add_scatter(
                row=row,
                col=1,
                name="alarm",
                showlegend=row == 1,
                mode="markers",
                x=[each["start_at"] for each in alarming],
                y=[each[column] for each in alarming],
                text=["<br>".join(broken_rules(each)) for each in alarming],
                marker={"color": _ALARM, "symbol": "x", "size": 9},
                hovertemplate="%{y:.2f} %<br>%{text}<br>%{x|%Y-%m-%d %H:%M}<extra>alarm</extra>",
            )


def readings(known: list[Row]) -> go.Figure:
    """Return a panel for each quantity, with what was measured, repaired and imputed told apart."""
    chart = make_subplots(
        rows=2,
        cols=2,
        horizontal_spacing=0.09,
        vertical_spacing=0.14,
        subplot_titles=[quantity.title for quantity in QUANTITIES],
    )
    chart.update_layout(theme.figure(height=480, margin={"l": 8, "r": 8, "t": 64, "b": 8}).layout)
    chart.update_layout(legend_y=1.08)
    chart.update_annotations(font={"color": theme.MUTED, "size": 12})
    named = set()
    for place, quantity in enumerate(QUANTITIES):
        row, col = place // 2 + 1, place % 2 + 1
        for status, look in READINGS.items():
            drawn = [
                each
                for each in known
                if each["quantity"] == quantity.landed and each["status"] == status
            ]
            if not drawn:
                continue
            chart.add_scatter(
                row=row,
                col=col,
                name=look.title,
                legendgroup=status,
                showlegend=status not in named,
                mode="markers",
                x=[each["read_at"] for each in drawn],
                y=[each["value"] for each in drawn],
                text=[_faults(each) for each in drawn],
                marker={"color": look.colour, "symbol": look.symbol, "size": 8},
                hovertemplate=f"%{{y:.4g}} {quantity.unit}, %{{text}}<br>%{{x|%H:%M:%S}}"
                "<extra></extra>",
            )
            named.add(status)
        if all(each["quantity"] != quantity.landed for each in known):
            _say_nothing_known(chart, row, col)
        chart.update_yaxes(title_text=f"{quantity.title} ({quantity.unit})", row=row, col=col)
    chart.update_xaxes(theme.AXIS, tickformat="%H:%M", matches="x")
    chart.update_yaxes(theme.AXIS)
    chart.update_xaxes(title_text="time (UTC)", row=2)
    return chart


def _say_nothing_known(chart: go.Figure, row: int, col: int) -> None:
    """Say in a panel that it has no value, rather than leave it empty with a made-up scale."""
    chart.update_yaxes(showticklabels=False, row=row, col=col)
    place = chart.get_subplot(row, col)
    chart.add_annotation(
        text="no value is known",
        xref="paper",
        yref="paper",
        x=sum(place.xaxis.domain) / 2,
        y=sum(place.yaxis.domain) / 2,
        showarrow=False,
        font={"color": theme.MUTED},
    )


def _faults(reading: Row) -> str:
    """Say what was wrong with a value."""
    status = str(reading["status"])
    if not reading["faults"]:
        return status
    return f"{status}: {', '.join(words(fault) for fault in sorted(reading['faults']))}"


def broken_rules(batch: Row) -> list[str]:
    """Return which rules of the control chart a batch breaks, in words."""
    return [said for column, said in RULES.items() if batch[column]]


def _breaks_a_rule(batch: Row) -> bool:
    """Tell whether a value alarms by itself, and not by its distance to the last one alone."""
    return any(batch[column] for column in RULES if column != "is_moving_range_beyond")
