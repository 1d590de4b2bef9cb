"""Data quality is what silver claims and gold says, and an event leads to its line of its file."""

import csv
import html
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from factory_simulation import metrics
from factory_simulation.dashboard.html import with_blanks
from factory_simulation.dashboard.pages import quality
from factory_simulation.dashboard.published import Published
from factory_simulation.dashboard.queries import quality as queries
from factory_simulation.dashboard.scope import Scope
from factory_simulation.domain import LANDED_TABLES, MANIFEST, Method
from factory_simulation.fault_kinds import FAULT_KINDS, OUTCOMES, Severity
from tests.conftest import Workspace

DAY, FIRST, LAST = date(2025, 12, 3), date(2025, 12, 1), date(2025, 12, 7)
NOTHING = date(2025, 11, 30)
HOSTILE = '<img src=x onerror="alert(1)"> $x$ ' + "x" * 10_000


@pytest.fixture(scope="module", params=["classic_week", "seed_week"])
def workspace(request) -> Workspace:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def published(workspace: Workspace) -> Published:
    return Published(Path(workspace.parameters["serving_dir"]))


@pytest.fixture
def changed(published: Published, tmp_path: Path) -> Any:
    """Publish tables anew, some of them with other rows: given by name, as functions of a table."""

    def publish(**changes: Any) -> Published:
        names = {name.replace(".", "_"): name for name in published.tables}
        manifest: dict[str, Any] = {"run_id": "x", "published_at": "x", "reports": {}, "tables": {}}
        for short_name, name in names.items():
            rows = published.table(name).to_pyarrow()
            pq.write_table(changes.get(short_name, lambda t: t)(rows), tmp_path / f"{name}.parquet")
            manifest["tables"][name] = {"file": f"{name}.parquet"}
        (tmp_path / MANIFEST).write_text(json.dumps(manifest))
        return Published(tmp_path)

    return publish


def page(published: Published, scope: Scope | None = None, day: date = DAY) -> str:
    return "".join(map(str, quality.quality(published, scope or Scope(), day, FIRST, LAST)))


def rows_of(shown: str, table: str, key: str) -> dict[str, str]:
    """Return the rows of a table by an attribute of theirs."""
    found = re.search(rf'data-table="{table}".*?</table>', shown, re.DOTALL)
    assert found, table
    cells = re.findall(rf'<tr [^>]*{key}="([^"]*)"[^>]*>(.*?)</tr>', found[0], re.DOTALL)
    return dict(cells)


def values(row: str, **attributes: str) -> dict[str, float]:
    """Return the exact numbers of a row by measure, of cells with these attributes."""
    wanted = "".join(f'(?=[^>]*data-{name}="{value}")' for name, value in attributes.items())
    cell = rf'<(?:td|span){wanted}[^>]*data-measure="(\w+)"[^>]*><data value="([^"]+)"'
    return {measure: float(value) for measure, value in re.findall(cell, row)}


def claimed(workspace: Workspace, first: date, last: date) -> dict[str, Counter[str]]:
    """Return what silver claims and set aside, by kind: faults, rows, and what became of them."""
    claims = workspace.query(
        "SELECT fault_type AS kind, method, _row_id AS row FROM silver.repairs "
        f"WHERE _event_date BETWEEN DATE '{first}' AND DATE '{last}' UNION ALL "
        "SELECT 'quarantined_row', 'quarantined', _row_id FROM silver.quarantine "
        f"WHERE _event_date BETWEEN DATE '{first}' AND DATE '{last}'"
    )
    found: dict[str, Counter[str]] = {}
    for claim in claims:
        counts = found.setdefault(claim["kind"], Counter())
        counts["found"] += 1
        counts[OUTCOMES[Method(claim["method"])].value] += 1
    for kind, counts in found.items():
        counts["rows_affected"] = len({c["row"] for c in claims if c["kind"] == kind})
    return found


def landed(workspace: Workspace, kind: str, first: date, last: date) -> int:
    """Return how many rows landed of some dates, in the tables in which a kind was ever found."""
    tables = workspace.query(
        f"SELECT DISTINCT table_name AS name FROM silver.repairs WHERE fault_type = '{kind}'"
    )
    return sum(
        workspace.query(
            f"SELECT count(*) AS n FROM bronze.{table['name']} "
            f"WHERE _event_date BETWEEN DATE '{first}' AND DATE '{last}'"
        )[0]["n"]
        for table in tables
    )


@pytest.mark.parametrize(("of", "first", "last"), [("day", DAY, DAY), ("total", FIRST, LAST)])
def test_each_kind_has_what_silver_claims_and_what_became_of_it(
    workspace, published, of, first, last
):
    shown = rows_of(page(published), "kinds", "data-kind")
    expected = claimed(workspace, first, last)
    assert shown.keys() == claimed(workspace, FIRST, LAST).keys()
    for kind, row in shown.items():
        counts = expected.get(kind, Counter())
        numbers = values(row, of=of)
        share = numbers.pop("fault_share")
        of_landed = counts["rows_affected"] / landed(workspace, kind, first, last)
        assert share == pytest.approx(of_landed), kind
        assert {name: n for name, n in numbers.items() if n} == dict(counts), kind


def test_the_trend_is_golds(workspace, published):
    shown = rows_of(page(published), "kinds", "data-kind")
    rows = workspace.query(
        "SELECT fault_type_key AS kind, any_value(trend) AS trend, count(*) AS tables "
        f"FROM gold.data_quality_daily WHERE event_date = DATE '{DAY}' GROUP BY 1"
    )
    of_one_table = [row for row in rows if row["tables"] == 1]
    assert of_one_table
    for row in of_one_table:
        cell = re.search(r'data-measure="trend"><data value="([^"]+)"', shown[row["kind"]])
        assert float(cell[1]) == pytest.approx(row["trend"])


def test_a_bar_is_drawn_of_each_day_that_had_the_kind(workspace, published):
    shown = rows_of(page(published, day=LAST), "kinds", "data-kind")
    for kind, row in shown.items():
        days = workspace.query(
            "SELECT count(DISTINCT _event_date) AS n FROM silver.repairs WHERE "
            f"fault_type = '{kind}' AND _event_date BETWEEN DATE '{FIRST}' AND DATE '{LAST}'"
        )
        assert "".join(re.findall(r'<path d="([^"]*)"', row)).count("M") == days[0]["n"], kind


def test_kinds_come_most_severe_first_and_say_so_in_words(published):
    shown = rows_of(page(published), "kinds", "data-kind")
    severities = [FAULT_KINDS[kind].severity for kind in shown]
    order = list(reversed(Severity))
    assert severities == sorted(severities, key=order.index)
    for kind, row in shown.items():
        assert f"</span> {FAULT_KINDS[kind].severity.value}<" in row


def test_what_was_not_found_is_named(published):
    assert "not found" in page(published)
    assert FAULT_KINDS["spike"].title in page(published)
    assert 'data-kind="spike"' not in page(published)


def test_faults_of_other_dates_are_counted_apart(workspace, published):
    shown = "".join(map(str, quality.quality(published, Scope(), DAY, DAY, DAY)))
    others = workspace.query(
        f"SELECT count(*) AS n FROM silver.repairs WHERE _event_date <> DATE '{DAY}'"
    )
    assert values(shown)["outside"] == others[0]["n"]


def test_lines_share_the_faults_among_them_and_have_no_shares_of_rows(workspace, published):
    whole, parts = in_all(published, Scope()), Counter()
    for product in workspace.query("SELECT DISTINCT product_name AS name FROM gold.dim_machine"):
        scope = Scope(product_name=product["name"])
        for kind, row in in_all(published, scope).items():
            parts.update({(kind, name): row[name] for name in queries.COUNTS})
        shown = page(published, scope)
        assert "not known by factory or line" in shown
        for row in rows_of(shown, "kinds", "data-kind").values():
            assert not {"fault_share", "trend"} & values(row, of="day").keys()
    nowhere = workspace.query(
        "SELECT count(*) AS n FROM gold.fact_data_fault WHERE machine_id = 'unknown'"
    )
    assert nowhere[0]["n"] == 0  # so the lines add up to all there is
    assert +parts == +Counter(
        {(kind, name): row[name] for kind, row in whole.items() for name in queries.COUNTS}
    )


def test_a_line_that_is_known_to_have_none_of_a_kind_has_0_and_where_nothing_landed_nothing(
    workspace, published
):
    scope = Scope(product_name="Gear Wheel")
    seen = 0
    days = [date(2025, 12, n) for n in range(1, 8)]
    for day in days:
        for kind, row in rows_of(page(published, scope, day), "kinds", "data-kind").items():
            found = workspace.query(
                "SELECT count(*) AS n FROM gold.fact_data_fault WHERE machine_id LIKE 'ASSEMBLER%' "
                f"AND fault_type_key = '{kind}' AND event_date = DATE '{day}'"
            )[0]["n"]
            assert values(row, of="day")["found"] == found, (kind, day)
            seen += not found
    assert seen
    for row in rows_of(page(published, scope, NOTHING), "kinds", "data-kind").values():
        assert not values(row, of="day")


def in_all(published: Published, scope: Scope) -> dict[str, Any]:
    return queries.kinds_in_all(published, scope, FIRST, LAST)


def test_rows_without_a_machine_are_of_no_line_and_counted(changed):
    def without_machine(faults: pa.Table) -> pa.Table:
        place = faults.schema.get_field_index("machine_id")
        return faults.set_column(place, "machine_id", pa.array(["unknown"] * len(faults)))

    published = changed(gold_fact_data_fault=without_machine)
    shown = page(published, Scope(product_name="Gear Wheel"))
    assert values(shown)["nowhere"] == queries.count_events(published, Scope(), DAY, None) > 0
    assert "Nothing was found wrong" in shown


def test_what_landed_is_bronzes(workspace, published):
    shown = rows_of(page(published), "landed", "data-landed")
    for table in LANDED_TABLES:
        count = workspace.query(
            f"SELECT count(*) AS n, max(_arrival_date - _event_date) AS delay "
            f"FROM bronze.{table} WHERE _event_date = DATE '{DAY}'"
        )[0]
        if not count["n"]:
            assert table not in shown
            continue
        numbers = values(shown[table])
        assert numbers["rows_landed"] == count["n"]
        kept = ("rows_kept", "rows_duplicate", "rows_quarantined")
        assert sum(numbers[name] for name in kept) == count["n"]
        assert numbers["completeness"] == 1.0
        assert numbers["largest_delay_days"] <= count["delay"]


def test_costs_are_golds_the_largest_first(workspace, published):
    expected = workspace.query(
        "SELECT fault_type, kpi, value, value_unrepaired AS unrepaired, "
        "relative_difference AS relative FROM gold.dirt_costs "
        f"WHERE event_date = DATE '{DAY}' AND abs(difference) > 1e-9"
    )
    assert expected
    costs = {cost.key: cost for cost in quality.costs_of(published, Scope(), DAY)}
    assert costs.keys() == {row["fault_type"] for row in expected}
    for kind, cost in costs.items():
        mine = {row["kpi"]: row for row in expected if row["fault_type"] == kind}
        assert len(cost.figures) + cost.more == len(mine)
        for figure in cost.figures:
            row = mine[figure.kpi.name]
            assert figure.published == pytest.approx(row["value"])
            assert figure.unrepaired == pytest.approx(row["unrepaired"])
            assert figure.relative == pytest.approx(row["relative"])
        farthest = max(abs(row["relative"]) for row in mine.values() if row["relative"])
        assert cost.figures[0].distance == pytest.approx(farthest)
    distances = [cost.figures[0].distance for cost in costs.values()]
    assert distances == sorted(distances, reverse=True)


def test_costs_are_shown_with_what_is_published(published):
    shown = rows_of(page(published), "costs", "data-kpi")
    row = shown["batches"]
    assert "instead of" in page(published)
    numbers = values(row)
    relative = numbers["unrepaired"] / numbers["published"] - 1
    assert numbers["off"] == pytest.approx(relative)
    assert ("too low" if relative < 0 else "too high") in row


def test_factories_are_added_up_before_anything_is_divided(changed):
    measures = sorted({name for kpi in metrics.DIRT_KPIS for name in kpi.measures})

    def of_two_factories(table: pa.Table) -> pa.Table:
        stated = [
            ("here", "not_applicable", 100, 10),
            ("there", "not_applicable", 300, 10),
            ("here", "duplicate", 200, 20),
        ]
        rows = [
            {
                **dict.fromkeys(measures, 1),
                "event_date": DAY,
                "factory_id": factory,
                "fault_type": kind,
                "rows_affected": 7,
                "units_produced": made,
                "units_defective": defective,
            }
            for factory, kind, made, defective in stated
        ]
        return pa.Table.from_pylist(rows, schema=table.schema)

    published = changed(gold_dirt_measures=of_two_factories)
    row = queries.dirt_by_day(published, Scope())[DAY][0]
    assert (row["published_units_produced"], row["units_produced"]) == (400, 500)
    assert (row["published_defect_rate"], row["defect_rate"]) == (20 / 400, 30 / 500)
    assert row["rows_affected"] == 7
    alone = queries.dirt_by_day(published, Scope("here"))[DAY][0]
    assert (alone["published_units_produced"], alone["units_produced"]) == (100, 200)
    assert DAY not in queries.dirt_by_day(published, Scope("there"))


@pytest.mark.parametrize(
    ("was", "is_now", "off"),
    [
        (2.0, 3.0, "▲ 50.0 %</data> too high"),
        (0.0, 3.0, "too high"),
        (4.0, None, "cannot be told"),
    ],
)
def test_how_far_a_figure_is_off_reads_well(was, is_now, off):
    figure = quality.Figure(metrics.TOTALS[0], was, is_now)
    assert figure.is_off
    assert off in str(figure.off())


def test_a_deviation_is_off_by_points_and_sums_of_fractions_are_no_difference():
    variance = quality.Figure(metrics.ENERGY_VARIANCE, -0.01, 0.02)
    assert variance.relative is None
    assert "3.00 pp" in str(variance.off())
    assert not quality.Figure(metrics.TOTALS[0], 0.3, 0.1 + 0.2).is_off


@pytest.mark.parametrize("kind", [None, "local_time", "missing_value"])
def test_the_events_of_a_day_are_silvers_the_most_severe_first(workspace, published, kind):
    log = quality.event_log(published, Scope(), DAY, kind)
    claims = workspace.query(
        f"SELECT _row_id, column_name, fault_type FROM silver.repairs WHERE "
        f"_event_date = DATE '{DAY}'" + (f" AND fault_type = '{kind}'" if kind else "")
    )
    assert sorted(event["fault_key"] for event in log.rows) == sorted(
        "|".join([*claim.values(), ""]) for claim in claims
    )
    assert values(log.summary)["events"] == len(claims) > 0
    marks = [event["severity"][0] for event in log.rows]
    assert marks == sorted(marks, key="■▲●".index)


def test_more_events_than_can_be_listed_are_counted(published, monkeypatch):
    monkeypatch.setattr(quality, "MOST_EVENTS", 5)
    log = quality.event_log(published, Scope(), DAY, None)
    assert len(log.rows) == 5
    numbers = values(log.summary)
    assert numbers["events"] == 5 + numbers["more_events"]


def test_the_same_event_is_of_its_line_alone(published):
    for event in quality.event_log(published, Scope(product_name="Gear Wheel"), DAY, None).rows:
        assert event["machine"].startswith("ASSEMBLER")


def landing_rows(workspace: Workspace, file: str) -> list[dict[str, Any]]:
    """Return the rows of a landing file, read by other means than the project's."""
    path = Path(workspace.parameters["landing_dir"]) / file
    with path.open(encoding="utf-8", newline="") as opened:
        if path.suffix == ".csv":
            return list(csv.DictReader(opened))
        text = opened.read()
    array = text if text.startswith("[") else f"[{','.join(text.splitlines())}]"
    return json.loads(array, parse_float=str, parse_int=str)


def came(shown: str) -> Iterator[tuple[str, str | None]]:
    """Return the cells of a landed row as they came."""
    found = re.findall(
        r'data-column="([^"]+)".*?data-measure="came">(.*?)</td>', shown, flags=re.DOTALL
    )
    for column, value in found:
        empty = '<span class="fs-none">empty</span>'
        yield html.unescape(column), None if value == empty else html.unescape(value)


def test_an_event_leads_to_its_row_of_its_file_as_it_landed(workspace, published):
    of_kinds = {
        (event["fault"], event["row_id"].split("/")[-1].split(".")[0]): event
        for event in quality.event_log(published, Scope(), DAY, None).rows
    }
    assert len(of_kinds) > 4
    for event in of_kinds.values():
        shown = quality.landed_row(published, [event])
        file = re.search(r'data-source-file="([^"]+)"', shown)[1]
        number = int(re.search(r'data-source-row="(\d+)"', shown)[1])
        assert f"{file}:{number}" == event["row_id"]
        row = landing_rows(workspace, file)[number - 1]
        cells = dict(came(shown))
        for column, value in row.items():
            expected = with_blanks(value) if value else None
            assert cells[column] == expected, (event, column)


def test_what_was_made_of_a_row_is_what_silver_claims_for_each_of_its_faults(workspace, published):
    faults = workspace.query(
        "SELECT _row_id, column_name, repaired_value, method, "
        "count(*) OVER (PARTITION BY _row_id) AS of_row FROM silver.repairs "
        f"WHERE _event_date = DATE '{DAY}' ORDER BY of_row DESC, _row_id"
    )
    busiest = [row for row in faults if row["_row_id"] == faults[0]["_row_id"]]
    assert len(busiest) > 1
    assert any(row["repaired_value"] for row in busiest)
    events = quality.event_log(published, Scope(), DAY, None).rows
    event = next(each for each in events if each["row_id"] == faults[0]["_row_id"])
    shown = quality.landed_row(published, [event])
    made = re.findall(r'data-measure="made">(.*?)</td>', shown, re.DOTALL)
    for row in busiest:
        wanted = row["repaired_value"] or "marked as wrong; no value is claimed"
        assert (f"{wanted} (estimate)" if row["method"] == "estimated" else wanted) in made
    chosen = re.findall(r'aria-current="true"', shown)
    assert len(chosen) == 1
    assert f"{faults[0]['of_row'] - 1} other fault" in shown


def test_without_a_choice_it_says_what_choosing_shows(published):
    assert "Choose an event" in quality.landed_row(published, [])


def a_fault(faults: pa.Table, **told: Any) -> pa.Table:
    """Return the first fault of the day, with something else told of it."""
    first = next(row for row in faults.to_pylist() if row["event_date"] == DAY)
    return pa.Table.from_pylist([{**first, **told}], schema=faults.schema)


def test_a_row_in_quarantine_says_its_reasons_in_words(changed):
    published = changed(
        gold_fact_data_fault=lambda faults: a_fault(
            faults,
            fault_type_key="quarantined_row",
            column_name="*",
            outcome="quarantined",
            method="quarantined",
            raw_value=None,
            repaired_value=None,
            reasons="empty:batch_id, more_defects_than_units",
        )
    )
    shown = quality.landed_row(published, quality.event_log(published, Scope(), DAY, None).rows)
    assert "batch_id is empty; the row has more defective units than units." in shown
    assert "set aside" in shown


def test_a_lost_row_is_told_of_at_the_row_after_it(changed):
    published = changed(
        gold_fact_data_fault=lambda faults: a_fault(
            faults,
            fault_type_key="lost_row",
            column_name="*",
            outcome="flagged",
            method="flagged",
            repaired_value=None,
            lost_event_id="SMELTER-01_20251203_004",
        )
    )
    shown = quality.landed_row(published, quality.event_log(published, Scope(), DAY, None).rows)
    assert "batch SMELTER-01_20251203_004 was lost" in shown


def test_texts_of_landed_files_are_shown_as_they_are(changed):
    published = changed(
        gold_fact_data_fault=lambda faults: a_fault(
            faults,
            column_name="notes",
            raw_value=HOSTILE,
            repaired_value=HOSTILE,
            machine_id=HOSTILE,
            lost_event_id=None,
            raw_row=json.dumps({"notes": HOSTILE, HOSTILE: HOSTILE, "_surplus_fields": None}),
        )
    )
    log = quality.event_log(published, Scope(), DAY, None)
    assert all(len(text) < 500 for key, text in log.rows[0].items() if key != "fault_key")
    shown = quality.landed_row(published, log.rows)
    assert "<img" not in shown
    assert "&lt;img" in shown
    assert "_surplus_fields" not in re.sub("<pre.*</pre>", "", shown, flags=re.DOTALL)
    assert len(shown) < 20_000


def test_a_day_of_which_nothing_landed_says_so(published):
    shown = page(published, day=NOTHING)
    assert "No row of this day has landed" in shown
    assert "No figure of this day would have been off" in shown
    for row in rows_of(shown, "kinds", "data-kind").values():
        assert not values(row, of="day")
        assert values(row, of="total")["found"] > 0
    log = quality.event_log(published, Scope(), NOTHING, "spike")
    assert log.rows == []
    assert "No spike was found" in log.summary


def test_where_nothing_is_wrong_it_says_so(changed):
    def none(table: pa.Table) -> pa.Table:
        return table.slice(0, 0)

    published = changed(
        gold_fact_data_fault=none,
        gold_data_quality_daily=none,
        gold_dirt_measures=none,
        gold_dirt_costs=none,
    )
    shown = page(published)
    assert "Nothing was found wrong" in shown
    assert 'data-table="kinds"' not in shown
    assert queries.kinds(published) == {}
