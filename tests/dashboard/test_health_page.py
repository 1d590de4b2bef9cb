"""Machine health is gold's, and each value of a sensor is drawn as what it is."""

import json
import re
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import plotly.graph_objects as go
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from factory_simulation.dashboard.pages import efficiency_chart, health, health_charts
from factory_simulation.dashboard.published import Published
from factory_simulation.dashboard.queries import health as queries
from factory_simulation.dashboard.queries.health import QUANTITIES, RULES, Status
from factory_simulation.domain import MANIFEST, ForecastOutcome
from tests.conftest import Workspace

DAY, IDLE = date(2025, 12, 3), date(2025, 11, 30)
STEADY, DECAYING = "SMELTER-01", "SMELTER-02"


@pytest.fixture(scope="module", params=["classic_week", "seed_week"])
def workspace(request) -> Workspace:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def published(workspace: Workspace) -> Published:
    return Published(Path(workspace.parameters["serving_dir"]))


def values(html: str, measure: str) -> list[float]:
    found = re.search(rf'<(\w+) data-measure="{measure}".*?</\1>', html, re.DOTALL)
    assert found, measure
    return [float(value) for value in re.findall(r'<data value="([^"]+)"', found[0])]


def trace(chart: go.Figure, name: str) -> go.Scatter:
    (found,) = [each for each in chart.data if each.name == name]
    return found


@pytest.mark.parametrize("machine", [STEADY, DECAYING])
def test_the_heading_says_what_gold_says_of_the_machine(workspace, published, machine):
    said = health.heading(published, machine)
    (row,) = workspace.query(f"SELECT * FROM gold.machine_health WHERE machine_id = '{machine}'")
    assert f'data-state="{row["state"]}"' in said
    assert ("losing efficiency" in said) == row["is_decaying"] == (machine == DECAYING)
    for name in ("efficiency_percent", "last_efficiency_percent", "wear_days"):
        assert values(said, name) == pytest.approx([row[name]])
    assert values(said, "batches_fitted") == [row["batches_fitted"], row["batches"]]
    assert values(said, "change_percent_per_day") == pytest.approx(
        [row[f"change_{name}percent_per_day"] for name in ("", "low_", "high_")]
    )


def test_when_it_falls_to_each_threshold_is_said(workspace, published):
    said = health.heading(published, DECAYING)
    rows = workspace.query(f"SELECT * FROM gold.machine_forecasts WHERE machine_id = '{DECAYING}'")
    assert {row["threshold_percent"] for row in rows} == {90, 70, 50}
    outcomes = {row["outcome"] for row in rows}
    assert outcomes == {ForecastOutcome.REACHED, ForecastOutcome.EXPECTED}
    for row in rows:
        cell = re.search(rf'<tr data-threshold="{row["threshold_percent"]}".*?</tr>', said)
        if row["outcome"] == ForecastOutcome.EXPECTED:
            assert (
                f"expected on {row['expected_date']} "
                f"({row['earliest_date']} to {row['latest_date']})" in cell[0]
            )
        else:
            assert "reached" in cell[0]


@pytest.mark.parametrize("outcome", list(ForecastOutcome))
def test_each_outcome_has_words_of_its_own(outcome):
    dates = dict.fromkeys(("expected_date", "earliest_date", "latest_date"))
    said = {
        each: efficiency_chart.expectation({"outcome": each, **dates}) for each in ForecastOutcome
    }
    assert list(said.values()).count(said[outcome]) == 1


@pytest.mark.parametrize("machine", [STEADY, DECAYING])
def test_each_batch_is_drawn_and_the_day_is_marked(workspace, published, machine):
    chart = efficiency_chart.efficiency(published, machine, DAY)
    drawn = sorted(
        (x, y)
        for each in chart.data
        if each.name.startswith("batch")
        for x, y in zip(each.x, each.y, strict=True)
    )
    batches = workspace.query(
        "SELECT start_at, efficiency_bp / 100 AS percent FROM gold.batch_efficiency "
        f"WHERE machine_id = '{machine}' ORDER BY ALL"
    )
    assert drawn == [(row["start_at"], row["percent"]) for row in batches]
    (mark,) = [shape for shape in chart.layout.shapes if shape.type == "rect"]
    assert (mark.x0, mark.x1) == ("2025-12-03", "2025-12-04")
    lines = {shape.y0 for shape in chart.layout.shapes if shape.type == "line"}
    assert lines == ({90, 70, 50} if machine == DECAYING else {90, 70})
    assert mark.x1 <= chart.layout.xaxis.range[1].isoformat()


def test_marking_another_day_leaves_no_mark_behind(published):
    for day in (DAY, date(2025, 12, 4)):
        chart = efficiency_chart.efficiency(published, STEADY, day)
        assert [s.x0 for s in chart.layout.shapes if s.type == "rect"] == [day.isoformat()]


def test_the_line_is_the_one_that_was_fitted(workspace, published):
    (row,) = workspace.query(f"SELECT * FROM gold.machine_health WHERE machine_id = '{DECAYING}'")
    line = trace(efficiency_chart.efficiency(published, DECAYING, DAY), "fitted line")
    (begin, end), (high, low) = line.x[:2], line.y[:2]
    slope = (low - high) / (end - begin).days
    assert slope == pytest.approx(row["change_percent_per_day"], abs=1e-4)
    assert low == pytest.approx(row["efficiency_percent"], abs=0.01)


def test_the_band_is_as_wide_as_the_slope_is_uncertain(workspace, published):
    (row,) = workspace.query(f"SELECT * FROM gold.machine_health WHERE machine_id = '{DECAYING}'")
    chart = efficiency_chart.efficiency(published, DECAYING, DAY)
    band = trace(chart, "expected, if it is not maintained")
    days = (band.x[1] - band.x[0]).days
    assert days > 7
    low, high = (row[f"change_{end}_percent_per_day"] for end in ("low", "high"))
    expected = [row["efficiency_percent"] + days * slope for slope in (high, low)]
    assert list(band.y[1:]) == pytest.approx(expected)


def test_of_very_many_batches_the_days_are_drawn(workspace, published, monkeypatch):
    monkeypatch.setattr(efficiency_chart, "MOST_BATCHES", 5)
    efficiency_chart._lines.cache_clear()
    try:
        chart = efficiency_chart.efficiency(published, STEADY, DAY)
    finally:
        efficiency_chart._lines.cache_clear()
    means = workspace.query(
        "SELECT avg(efficiency_bp) / 100 AS mean FROM gold.batch_efficiency "
        f"WHERE machine_id = '{STEADY}' GROUP BY batch_date ORDER BY batch_date"
    )
    assert list(trace(chart, "mean of the day").y) == pytest.approx([row["mean"] for row in means])


def test_the_control_chart_is_golds(workspace, published):
    said, *drawn = health.control(published, STEADY)
    rows = workspace.query(
        f"SELECT * FROM gold.control_charts WHERE machine_id = '{STEADY}' "
        "AND value_percent IS NOT NULL ORDER BY sequence_number"
    )
    if rows[0]["upper_limit_percent"] is None:  # a week of seven measurements
        assert "takes twenty batches" in said
        assert not drawn
        return
    (chart,) = drawn
    assert values(said, "charted") == [len(rows)]
    assert values(said, "alarms") == [sum(row["is_alarm"] for row in rows)]
    assert list(trace(chart, "batch").y) == [row["value_percent"] for row in rows]
    assert list(trace(chart, "limits (three sigmas)").y) == [
        row["upper_limit_percent"] for row in rows
    ]


def test_alarms_are_marked_with_the_rules_that_are_broken():
    quiet = dict.fromkeys(RULES, False) | {
        "start_at": None,
        "value_percent": 95.0,
        "centre_percent": 95.0,
        "upper_limit_percent": 97.0,
        "lower_limit_percent": 93.0,
        "moving_range_percent": 0.1,
        "moving_range_limit_percent": 2.0,
    }
    leap = quiet | {"is_moving_range_beyond": True, "moving_range_percent": 2.5}
    beyond = quiet | {"is_beyond_limits": True, "is_run_of_eight": True, "value_percent": 98.0}
    chart = health_charts.control([quiet, leap, beyond], has_wear_taken_off=False)
    assert chart.layout.yaxis.title.text == "efficiency (%)"
    of_values, of_ranges = (each for each in chart.data if each.name == "alarm")
    assert list(of_values.y) == [98.0]
    assert of_values.text[0].split("<br>") == [RULES["is_beyond_limits"], RULES["is_run_of_eight"]]
    assert list(of_ranges.y) == [2.5]


@pytest.mark.parametrize("machine", [STEADY, DECAYING])
def test_values_are_told_apart_by_where_they_come_from(workspace, published, machine):
    parts = health.readings(published, DAY, machine)
    counted: Counter[str] = Counter()
    for landed, column in (
        ("temperature", "temperature_c"),
        ("pressure", "pressure_bar"),
        ("energy_kwh", "coalesce(energy_kwh_imputed, energy_kwh)"),
        ("efficiency_percent", "coalesce(efficiency_percent_imputed, efficiency_percent)"),
    ):
        for row in workspace.query(
            f"SELECT {column} IS NOT NULL AS is_known, r.fault_type AS fault "
            "FROM silver.sensor_readings s LEFT JOIN silver.repairs r "
            f"ON r._row_id = s._row_id AND r.column_name = '{landed}' "
            f"WHERE machine_id = '{machine}' AND reading_date = DATE '{DAY}'"
        ):
            if not row["is_known"]:
                counted[Status.UNKNOWN] += 1
            elif row["fault"] is None:
                counted[Status.MEASURED] += 1
            else:
                assert row["fault"] == "missing_value"
                counted[Status.IMPUTED] += 1
    assert counted[Status.MEASURED] > 0
    assert counted[Status.IMPUTED] + counted[Status.UNKNOWN] > 0
    for status, count in counted.items():
        assert values(parts[0], status) == [count]
    assert len(parts) == 2


def test_each_kind_of_value_has_a_colour_and_a_marker_of_its_own():
    looks = list(health_charts.READINGS.values())
    for part in ("title", "colour", "symbol"):
        assert len({getattr(look, part) for look in looks}) == len(looks)
    reading = {
        "quantity": "temperature",
        "read_at": None,
        "value": 20.0,
        "faults": ["unit_mixup", "decimal_comma"],
    }
    chart = health_charts.readings(
        [reading | {"status": status} for status in health_charts.READINGS]
    )
    assert [each.name for each in chart.data] == [look.title for look in looks]
    assert trace(chart, "repaired").text[0] == "repaired: decimal comma, unit mixup"


def test_a_day_without_readings_says_so(published):
    (said,) = health.readings(published, IDLE, STEADY)
    assert "No sensor readings on this day" in said
    _chart, alarms = health.of_day(published, IDLE, STEADY)
    assert "No batch of this day" in alarms


def test_a_machine_that_no_sensor_tells_of_says_so(published):
    said = health.heading(published, "<img src=x>")
    assert "its health is not known" in said
    assert "<img" not in said
    assert health.of_day(published, DAY, "<img src=x>") == []


def test_without_a_machine_there_is_a_hint(published):
    assert "choose another" in health.heading(published, None)
    assert health.of_day(published, DAY, None) == []
    assert health.readings(published, DAY, None) == []
    assert health.control(published, None) == []


def test_thresholds_are_those_that_the_run_was_told(workspace, published):
    told = workspace.query("SELECT DISTINCT threshold_percent AS t FROM gold.machine_forecasts")
    found = queries.thresholds(published)
    assert {found.healthy_above, found.critical_below, found.floor} == {row["t"] for row in told}
    assert found.healthy_above > found.critical_below > found.floor


READING = {
    "machine_id": STEADY,
    "read_at": datetime(2025, 12, 3, 8),
    "reading_date": DAY,
    "is_clock_repaired": False,
    "temperature_c": 1300.0,
    "pressure_bar": 2.0,
    "energy_kwh": 3.0,
    "energy_kwh_imputed": None,
    "efficiency_percent": 95.0,
    "efficiency_percent_imputed": None,
}
FLOATS = [name for name in READING if name.endswith(("_c", "_bar", "_kwh", "_percent", "_imputed"))]


def publish(folder: Path, readings: list[dict], repairs: list[tuple]) -> Published:
    """Publish readings of one machine, and as repairs the row, column, fault and method of each."""
    numbered = [{**READING, **given, "_row_id": str(n)} for n, given in enumerate(readings)]
    schema = pa.schema(
        [("_row_id", pa.string()), ("machine_id", pa.string()), ("read_at", pa.timestamp("us"))]
        + [("reading_date", pa.date32()), ("is_clock_repaired", pa.bool_())]
        + [(name, pa.float64()) for name in FLOATS]
    )
    names = ["_row_id", "column_name", "fault_type", "method"]
    tables = {
        "silver.sensor_readings": pa.Table.from_pylist(numbered, schema),
        "silver.repairs": pa.Table.from_pylist(
            [dict(zip(names, repair, strict=True)) for repair in repairs],
            pa.schema([(name, pa.string()) for name in names]),
        ),
    }
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    manifest = {
        "run_id": str(folder),
        "published_at": "2025-12-04T00:00:00Z",
        "tables": {name: {"file": f"{name}.parquet"} for name in tables},
        "reports": {},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest))
    return Published(folder)


def statuses(published: Published, quantity: str) -> list[tuple]:
    rows = queries.readings_by_day(published, STEADY)[DAY]
    return [(row["value"], row["status"]) for row in rows if row["quantity"] == quantity]


@pytest.mark.parametrize(
    ("given", "fault", "method", "expected"),
    [
        ({}, None, None, (3.0, Status.MEASURED)),
        ({}, "decimal_comma", "plate", (3.0, Status.REPAIRED)),
        ({}, "spike", "flagged", (3.0, Status.DOUBTFUL)),
        ({"energy_kwh_imputed": 2.5}, "meter_drift", "estimated", (2.5, Status.IMPUTED)),
        (
            {"energy_kwh": None, "energy_kwh_imputed": 2.5},
            "missing_value",
            "estimated",
            (2.5, Status.IMPUTED),
        ),
        ({"energy_kwh": None}, "missing_value", "flagged", (None, Status.UNKNOWN)),
    ],
)
def test_what_is_known_of_a_value_is_told_by_where_it_comes_from(
    tmp_path, given, fault, method, expected
):
    repairs = [("0", "energy_kwh", fault, method)] if fault else []
    published = publish(tmp_path, [given], repairs)
    assert statuses(published, "energy_kwh") == [expected]
    assert statuses(published, "temperature") == [(1300.0, Status.MEASURED)]


def test_a_repair_of_another_column_or_row_leaves_a_value_measured(tmp_path):
    repairs = [("0", "timestamp", "clock_drift", "even_intervals"), ("1", "*", "duplicate", "copy")]
    published = publish(tmp_path, [{}], repairs)
    assert {status for q in QUANTITIES for _value, status in statuses(published, q.landed)} == {
        Status.MEASURED
    }


def test_a_sensor_that_tells_nothing_has_words_in_its_panel(tmp_path):
    blind = [{"temperature_c": None}] * 2
    repairs = [(str(n), "temperature", "missing_value", "flagged") for n in range(2)]
    published = publish(tmp_path, blind, repairs)
    said, _chart = health.readings(published, DAY, STEADY)
    assert re.search(r'value="2">2</data> of temperature \(missing value\)', said)
    known = [
        row for row in queries.readings_by_day(published, STEADY)[DAY] if row["value"] is not None
    ]
    chart = health_charts.readings(known)
    notes = [note for note in chart.layout.annotations if note.text == "no value is known"]
    (note,) = notes
    low, high = chart.layout.yaxis.domain
    assert low < note.y < high
    assert chart.layout.yaxis.showticklabels is False
    assert chart.layout.yaxis2.showticklabels is not False


@pytest.mark.parametrize(
    ("before", "after", "level"), [(60.0, 0.0, 0.0), (60.0, None, 60.0), (60.0, 98.0, 98.0)]
)
def test_maintenance_is_marked_where_the_machine_is_after_it(before, after, level):
    done = {
        "maintained_at": datetime(2025, 12, 3, 8),
        "before_percent": before,
        "after_percent": after,
        "change_percent": None if after is None else after - before,
    }
    chart = go.Figure()
    efficiency_chart._add_maintenance(chart, [done])
    marked = trace(chart, "maintenance")
    assert list(marked.y) == [level]
    assert ("98.00 % after" in marked.text[0]) == (after == 98.0)


def test_the_last_day_is_in_sight_where_there_is_no_forecast(published, monkeypatch):
    known = queries.summary(published, STEADY)
    monkeypatch.setattr(queries, "summary", lambda *_: known | {"change_percent_per_day": None})
    last = known["last_batch_date"]
    efficiency_chart._lines.cache_clear()
    try:
        chart = efficiency_chart.efficiency(published, STEADY, last)
    finally:
        efficiency_chart._lines.cache_clear()
    assert "fitted line" not in [each.name for each in chart.data]
    (mark,) = [shape for shape in chart.layout.shapes if shape.type == "rect"]
    assert chart.layout.xaxis.range[1].isoformat() >= mark.x1


def test_the_numbers_beside_the_slope_are_called_an_interval(published):
    said = health.heading(published, DECAYING)
    assert re.search(r"health\.confidence[^>]*>interval <data", said)
