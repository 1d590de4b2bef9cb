"""The truth page says what validation found, and nothing where nobody knows the truth."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest

from factory_simulation.dashboard.pages import truth
from factory_simulation.dashboard.published import Published
from factory_simulation.dashboard.queries import truth as queries
from factory_simulation.dashboard.scope import Scope
from factory_simulation.domain import FaultType
from tests.conftest import Workspace

DAY, BEFORE = date(2025, 12, 3), date(2025, 11, 30)
FIRST, LAST = date(2025, 12, 1), date(2025, 12, 7)
TOTALS = ("batches", "units_produced", "units_defective", "energy_kwh")


@pytest.fixture(scope="module", params=["classic_week", "seed_week"])
def workspace(request) -> Workspace:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def published(workspace: Workspace) -> Published:
    return Published(Path(workspace.parameters["serving_dir"]))


@pytest.fixture
def unvalidated(published: Published, monkeypatch: pytest.MonkeyPatch) -> Published:
    """What is published where validation never ran: its tables are empty, its reports not there."""

    class Unvalidated(Published):
        def table(self, name: str) -> Any:
            table = super().table(name)
            return table.limit(0) if name.startswith("ops.") or "scores" in name else table

        def report(self, name: str) -> None:
            assert name

    return Unvalidated(published._folder)


def values(html: str, measure: str) -> list[float]:
    found = re.search(rf'<(\w+)[^>]* data-measure="{measure}".*?</\1>', html, re.DOTALL)
    assert found, measure
    return [float(value) for value in re.findall(r'<data value="([^"]+)"', found[0])]


def rows_of(html: str, table: str) -> list[str]:
    found = re.search(rf'<table[^>]*data-table="{table}".*?</table>', html, re.DOTALL)
    assert found, table
    return re.findall(r"<tr data-.*?</tr>", found[0], re.DOTALL)


def test_the_verdict_is_validations(workspace, published):
    said = truth.verdict(published)
    report = workspace.report("validation")
    assert report["settled_comparisons"] > 0
    assert f'data-status="{report["status"]}"' in said
    assert "✓ passed" in said
    assert values(said, "exact") == [report["exact_comparisons"]]
    assert values(said, "settled") == [report["settled_comparisons"]]
    assert values(said, "margin") == [report["margin"]]
    metered = report["metered_energy"]
    assert values(said, "metered_energy") == [
        metered["within_margin"],
        metered["machine_days_whole"],
        metered["machine_days"],
        metered["worst_relative_error"],
    ]
    for name in TOTALS:
        assert values(said, name) == [report["totals"][name]]
    assert "earlier run" not in said
    assert "No truth is known" not in said


@pytest.mark.parametrize(
    ("altered", "expected"),
    [
        ({"status": "failed"}, "■ failed"),
        ({"settled_comparisons": 0, "exact_comparisons": 0}, "nothing to judge"),
        (
            {"provisional_dates": [{"date": "2025-12-07", "relative_error": 0.1}]},
            "Provisional, and not judged: 2025-12-07",
        ),
        (
            {"rejected_files": [{"source_file": "<b>x.csv", "reason": "not_readable"}]},
            "&lt;b&gt;x.csv (not readable)",
        ),
    ],
)
def test_what_is_not_well_is_said(published, monkeypatch, altered, expected):
    said = queries.verdict(published)
    monkeypatch.setattr(queries, "verdict", lambda _asked: {**said, **altered})
    assert expected in truth.verdict(published)


class Altered(Published):
    """What is published, but for some rows of a table."""

    def __init__(self, published: Published, name: str, rows: Callable[[Any], Any]) -> None:
        super().__init__(published._folder)
        self._name, self._rows = name, rows

    def table(self, name: str) -> Any:
        table = super().table(name)
        return self._rows(table) if name == self._name else table


def test_totals_that_changed_since_the_check_are_named(published):
    later = Altered(
        published,
        "gold.daily_production",
        lambda made: made.mutate(
            energy_kwh=made.energy_kwh + (made.production_date == DAY).cast("int64")
        ),
    )
    assert queries.changed_since(published) == []
    assert queries.changed_since(later) == [DAY]
    assert f"published totals of {DAY} have changed" in truth.verdict(later)


def test_dates_of_which_no_truth_is_known_are_named(published):
    less = Altered(published, "ops.comparisons", lambda found: found.filter(found.event_date > DAY))
    assert queries.without_truth(less) == [FIRST, date(2025, 12, 2), DAY]
    assert f"No truth is known of {FIRST}, 2025-12-02, {DAY}" in truth.verdict(less)


def test_where_validation_found_no_truth_nothing_is_judged(published, monkeypatch):
    report = published.report("validation")
    monkeypatch.setattr(Published, "report", lambda *_asked: {**report, "comparisons": []})
    assert "Not validated" in truth.verdict(Published(published._folder))


def test_a_kind_that_is_found_less_often_than_possible_is_marked(published):
    worse = Altered(
        published,
        "gold.fault_scores",
        lambda scored: scored.mutate(recall=scored.recall * 0),
    )
    assert "below what is possible" not in str(truth.scores(published))
    if queries.scores(published):
        assert all(row["is_below"] for row in queries.scores(worse))
        assert "■ below what is possible" in truth.scores(worse)[-1]


@pytest.mark.parametrize(
    "scope",
    [
        Scope(factory_id="alpha"),
        Scope(product_name="Iron Plate"),
        Scope("alpha", "Iron Plate"),
    ],
    ids=str,
)
def test_a_factory_and_a_line_have_their_own_stock(classic_week, scope):
    published = Published(Path(classic_week.parameters["serving_dir"]))
    stock = {
        row["key"]
        for row in queries.comparisons_by_day(published, scope)[DAY]
        if row["level"] == "stock"
    }
    expected = {"alpha/Iron Plate"}
    assert stock == (expected | {"alpha/Gear Wheel"} if scope.product_name is None else expected)


def test_a_day_counts_as_exact_what_validation_does(published, monkeypatch):
    found = queries.comparisons_by_day(published, Scope())[DAY]
    lossy = found[0] | {"relative_error": 0.1, "unexplained_error": 0.0}
    monkeypatch.setattr(queries, "comparisons_by_day", lambda *_asked: {DAY: [lossy, *found[1:]]})
    _chart, html = truth.of_day(published, Scope(), DAY, FIRST, LAST)
    assert values(html, "exact") == [len(found) - 1]
    assert values(html, "but_for_losses") == [1]


def test_what_is_exact_in_millionths_is_exact(published):
    """Sums of floats differ in their last digits from the number they stand for."""
    third = Altered(
        published,
        "ops.comparisons",
        lambda found: found.mutate(pipeline=found.truth - 0.1, lost=found.truth * 0 + 0.1),
    )
    _chart, html = truth.of_day(third, Scope(), DAY, FIRST, LAST)
    for row in rows_of(html, "totals of the day"):
        assert "■ off" not in row
        assert "exact, but for what was lost" in row


@pytest.mark.parametrize("scope", [Scope(), Scope(product_name="Iron Plate")], ids=["all", "line"])
def test_each_day_stands_beside_the_truth(workspace, published, scope):
    _chart, html = truth.of_day(published, scope, DAY, FIRST, LAST)
    machines = (
        "SELECT machine_id FROM gold.dim_machine"
        if scope.is_everything
        else f"SELECT machine_id FROM gold.dim_machine WHERE product_name = '{scope.product_name}'"
    )
    shown = rows_of(html, "totals of the day")
    assert len(shown) == len(TOTALS)
    for name in TOTALS:
        (row,) = [row for row in shown if f'data-metric="{name}"' in row]
        (made,) = workspace.query(
            f"SELECT sum({name})::DOUBLE AS n FROM gold.daily_production "
            f"WHERE production_date = DATE '{DAY}' AND machine_id IN ({machines})"
        )
        (true,) = workspace.query(
            "SELECT sum(truth) AS n FROM ops.comparisons WHERE level = 'machine' AND "
            f"event_date = DATE '{DAY}' AND metric = '{name}' AND key IN ({machines})"
        )
        assert values(row, "pipeline") == pytest.approx([made["n"]])
        assert values(row, "truth") == pytest.approx([true["n"]])
        assert "✓ exact" in row


def test_each_number_of_the_day_is_listed(workspace, published):
    _chart, html = truth.of_day(published, Scope(), DAY, FIRST, LAST)
    compared = workspace.query(
        f"SELECT * FROM ops.comparisons WHERE event_date = DATE '{DAY}' AND level != 'factory'"
    )
    shown = rows_of(html, "numbers of the day")
    assert len(shown) == len(compared) > 10
    assert values(html, "compared") == [len(compared)]
    assert values(html, "exact") == [sum(row["relative_error"] == 0 for row in compared)]


def test_a_line_has_no_numbers_of_another(published):
    gears = Scope(product_name="Gear Wheel")
    _chart, html = truth.of_day(published, gears, DAY, FIRST, LAST)
    shown = rows_of(html, "numbers of the day")
    assert shown
    for row in shown:
        assert "ASSEMBLER" in row or "Gear Wheel" in row
        assert "SMELTER" not in row


def test_what_is_off_is_marked_and_comes_first(published, monkeypatch):
    found = queries.comparisons_by_day(published, Scope())
    off = found[DAY][-1] | {"pipeline": 1.0, "truth": 2.0, "lost": 0.0, "unexplained_error": 0.5}
    altered = {**found, DAY: [*found[DAY][:-1], off]}
    monkeypatch.setattr(queries, "comparisons_by_day", lambda *_asked: altered)
    _chart, html = truth.of_day(published, Scope(), DAY, FIRST, LAST)
    first, *others = rows_of(html, "numbers of the day")
    assert "■ off" in first
    assert values(first, "off") == [-1]
    assert not any("■ off" in row for row in others)


def test_a_day_without_truth_says_so(published):
    _chart, html = truth.of_day(published, Scope(), BEFORE, FIRST, LAST)
    assert "no truth of this day" in html


def test_all_days_are_drawn(workspace, published):
    chart = truth.by_day(published, Scope(), FIRST, LAST, DAY)
    for column in ("truth", "pipeline"):
        drawn = sorted(y for each in chart.data if each.name.startswith(column) for y in each.y)
        compared = workspace.query(
            f"SELECT {column} AS n FROM ops.comparisons WHERE level = 'factory' ORDER BY 1"
        )
        assert drawn == [row["n"] for row in compared]


def test_faults_stand_beside_their_ceilings(workspace, published):
    parts = truth.scores(published)
    scored = workspace.query('SELECT * FROM gold.fault_scores ORDER BY fault_type, "table"')
    if not scored:
        assert "Nobody kept a ledger" in parts[0]
        assert len(parts) == 1
        return
    _chart, html = parts
    shown = rows_of(html, "scores")
    assert len(shown) == len(scored)
    for row, score in zip(shown, scored, strict=True):
        assert f'data-kind="{score["fault_type"]}"' in row
        for name in ("injected", "detected", "false_positives", "recall", "ceiling"):
            assert values(row, name) == [score[name]]
        assert values(row, "exact_recall") == pytest.approx([score["exact"] / score["injected"]])
    chart = truth.scores_chart(queries.scores(published))
    bars = {each.name: list(each.x) for each in chart.data}
    assert bars["fault found"] == pytest.approx([100 * score["recall"] for score in scored])
    assert bars["most faults that can be found"] == pytest.approx(
        [100 * score["ceiling"] for score in scored]
    )


def test_all_landed_rows_are_accounted_for(workspace, published):
    _chart, html = truth.conservation(published)
    report = {
        name: said for name, said in workspace.report("conservation").items() if said["landed"]
    }
    shown = rows_of(html, "conservation")
    assert len(shown) == len(report) > 0
    for row in shown:
        table = re.search(r'data-of-table="(\w+)"', row)[1]
        for name, count in report[table].items():
            assert values(row, name) == [count]
        assert "✓ closes" in row


def test_books_that_do_not_close_are_marked(published, monkeypatch):
    row = {"table_name": "x", "landed": 3, "kept": 1, "duplicate": 1, "quarantined": 0}
    monkeypatch.setattr(queries, "conservation", lambda _asked: [row])
    _chart, html = truth.conservation(published)
    assert "■ does not close" in html


def test_the_triangle_has_what_was_known_at_each_age(workspace, published):
    chart = truth.triangle_chart(queries.completeness(published, Scope()))
    (heatmap,) = chart.data
    known = workspace.query(
        "SELECT event_date, age_days, batches FROM gold.completeness_triangle ORDER BY ALL"
    )
    shown = {
        (day, int(age)): cell
        for day, line in zip(heatmap.y, heatmap.customdata, strict=True)
        for age, cell in zip(heatmap.x, line, strict=True)
        if cell
    }
    assert known
    for row in known:
        cell = shown[row["event_date"].isoformat(), row["age_days"]]
        assert cell.startswith(f"{row['batches']} of ")
    assert len(shown) >= len(known)


def test_an_age_at_which_nothing_arrived_says_what_was_known_before(table, monkeypatch):
    days = [date(2025, 12, 1), date(2025, 12, 2)]
    triangle = [
        {"event_date": days[0], "factory_id": "a", "age_days": 0, "batches": 6},
        {"event_date": days[0], "factory_id": "a", "age_days": 2, "batches": 10},
        {"event_date": days[0], "factory_id": "b", "age_days": 1, "batches": 10},
        {"event_date": days[1], "factory_id": "a", "age_days": 0, "batches": 4},
    ]
    types = {"event_date": "date", "factory_id": "string", "age_days": "int64", "batches": "int64"}
    given = table(
        {**types, "known_date": "date", "is_settled": "boolean"},
        [row | {"known_date": date(2025, 12, 3), "is_settled": False} for row in triangle],
    )

    class Given:
        def table(self, _name: str) -> Any:
            return given

    found = {
        (row["event_date"].day, row["age_days"]): (row["batches"], row["now"])
        for row in queries.completeness(Given(), Scope())
    }
    assert found == {
        (1, 0): (6, 20),
        (1, 1): (16, 20),
        (1, 2): (20, 20),
        (2, 0): (4, 4),
        (2, 1): (4, 4),
    }


def test_open_dates_have_their_latest_estimate(workspace, published):
    html = truth.arrivals(published, Scope())[-1]
    newest = workspace.query(
        "SELECT event_date, metric, arg_max(estimate, age_days) AS estimate, "
        "arg_max(low, age_days) AS low, arg_max(high, age_days) AS high FROM gold.nowcasts "
        "WHERE NOT is_settled GROUP BY ALL ORDER BY ALL"
    )
    shown = rows_of(html, "nowcasts")
    assert len(shown) == len(newest) > 0
    for row, expected in zip(shown, newest, strict=True):
        assert f'data-day="{expected["event_date"]}"' in row
        assert values(row, "estimate") == pytest.approx([expected["estimate"]])
        assert values(row, "interval") == pytest.approx([expected["low"], expected["high"]])


def test_without_validation_only_what_needs_no_truth_is_shown(unvalidated):
    assert "Not validated" in truth.verdict(unvalidated)
    assert truth.of_day(unvalidated, Scope(), DAY, FIRST, LAST) == []
    shown = "".join(
        part for part in truth.whole(unvalidated, Scope()) if not isinstance(part, go.Figure)
    )
    assert 'data-table="conservation"' in shown
    assert 'aria-label="completeness"' in shown
    assert "scores" not in shown


def test_each_kind_of_fault_can_be_drawn():
    scored = [
        {
            "fault_type": kind,
            "table": "sensor_logs",
            **dict.fromkeys(("recall", "exact_recall", "ceiling", "exact_ceiling")),
        }
        for kind in FaultType
    ]
    chart = truth.scores_chart(scored)
    assert chart.layout.height > 20 * len(scored)
