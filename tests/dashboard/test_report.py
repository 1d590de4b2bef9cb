"""The report says what gold says, in one file that asks nobody for anything."""

import re
import subprocess
import sys
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from plotly.offline import get_plotlyjs

from factory_simulation.dashboard import report as module
from factory_simulation.dashboard.published import Published
from factory_simulation.domain import FactoryError
from tests.conftest import PROJECT, Workspace
from tests.dashboard.publishing import publish

HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(2)</script>&amp;$x$"
LONG = "x" * 10_000


@pytest.fixture(scope="module", params=["classic_week", "seed_week"])
def workspace(request) -> Workspace:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def published(workspace: Workspace) -> Published:
    return Published(Path(workspace.parameters["serving_dir"]))


@pytest.fixture(scope="module")
def shown(published: Published) -> str:
    return without_library(module.report(published))


def without_library(report: str) -> str:
    """Return a report without plotly.js, which is in it once."""
    assert report.count(get_plotlyjs()) == 1
    return report.replace(get_plotlyjs(), "")


def section(shown: str, label: str) -> str:
    found = re.search(rf'<section[^>]* aria-label="{label}".*?</section>', shown, re.DOTALL)
    assert found, label
    return found[0]


def rows_of(part: str, key: str) -> dict[str, dict[str, float]]:
    """Return the exact numbers of a table's rows, by an attribute of theirs and by measure."""
    rows = re.findall(rf'<tr [^>]*{key}="([^"]*)"[^>]*>(.*?)</tr>', part, re.DOTALL)
    return {unescape(name): numbers(row) for name, row in rows}


def numbers(part: str) -> dict[str, float]:
    cell = r'data-measure="(\w+)"[^>]*>(?:<dt[^>]*>[^<]*</dt><dd[^>]*>)?<data value="([^"]+)"'
    return {measure: float(value) for measure, value in re.findall(cell, part)}


def one(workspace: Workspace, sql: str) -> dict[str, float]:
    (row,) = workspace.query(sql)
    return {name: pytest.approx(float(value)) for name, value in row.items()}


SHARES = (
    "sum(run_seconds) / sum(planned_seconds) AS availability, "
    "sum(ideal_seconds) / sum(run_seconds) AS effectiveness, "
    "sum(units_good) / sum(units_produced) AS quality_ratio, "
    "sum(ideal_seconds) * sum(units_good) / sum(planned_seconds) / sum(units_produced) AS oee"
)
MADE = (
    "sum(batches) AS batches, sum(units_produced) AS units_produced, "
    "sum(units_defective) AS units_defective, sum(energy_kwh) AS energy_kwh, "
    "sum(units_defective) / sum(units_produced) AS defect_rate"
)


def test_the_totals_are_golds(workspace, shown):
    made = one(workspace, f"SELECT {MADE} FROM gold.daily_production")
    oee = one(workspace, f"SELECT {SHARES} FROM gold.oee_daily WHERE level = 'line'")
    assert numbers(section(shown, "totals")) == made | oee


def test_machines_are_golds(workspace, shown):
    found = rows_of(section(shown, "machines"), "data-machine")
    machines = workspace.query("SELECT DISTINCT machine_id FROM gold.dim_machine")
    assert found.keys() == {row["machine_id"] for row in machines}
    for machine, row in found.items():
        of = f"WHERE machine_id = '{machine}'"
        made = one(workspace, f"SELECT {MADE} FROM gold.daily_production {of}")
        shares = one(workspace, f"SELECT {SHARES} FROM gold.oee_daily {of} AND level = 'machine'")
        assert row == made | shares, machine


def test_books_are_golds_from_the_first_opening_to_the_last_closing(workspace, shown):
    found = rows_of(section(shown, "books of material"), "data-product")
    expected = workspace.query(
        "SELECT product_name, arg_min(units_opening, production_date) AS units_opening, "
        "sum(units_made) AS units_made, sum(units_used) AS units_used, "
        "arg_max(units_closing, production_date) AS units_closing, "
        "sum(units_scrapped) AS units_scrapped FROM gold.material_daily GROUP BY 1"
    )
    assert len(found) == len(expected)
    for row in expected:
        shown_row = found[row.pop("product_name")]
        assert {name: shown_row[name] for name in row} == row
        assert (
            shown_row["units_opening"] + shown_row["units_made"] - shown_row["units_used"]
            == (shown_row["units_closing"])
        )


def test_faults_are_those_that_silver_claims_and_set_aside(workspace, shown):
    found = rows_of(section(shown, "faults by kind"), "data-kind")
    first, last = workspace.query(
        "SELECT min(production_date) AS a, max(production_date) AS b FROM gold.daily_production"
    )[0].values()
    expected = workspace.query(
        "SELECT fault_type AS kind, count(*) AS found, count(DISTINCT _row_id) AS rows_affected "
        f"FROM silver.repairs WHERE _event_date BETWEEN '{first}' AND '{last}' GROUP BY 1"
    )
    outcomes = ("repaired", "estimated", "flagged", "removed", "reported", "quarantined")
    assert found.keys() == {row["kind"] for row in expected}
    for row in expected:
        kind = found[row["kind"]]
        assert (kind["found"], kind["rows_affected"]) == (row["found"], row["rows_affected"])
        assert sum(kind.get(outcome, 0) for outcome in outcomes) == row["found"]


def test_what_dirt_would_have_cost_is_of_all_dates_together(workspace, shown):
    part = section(shown, "what dirt costs")
    cells = re.findall(
        r'<tr data-kind="(\w+)" data-kpi="(\w+)">.*?data-measure="unrepaired"><data value="([^"]+)"'
        r'.*?data-measure="published"><data value="([^"]+)"',
        part,
        re.DOTALL,
    )
    units = {
        kind: (float(unrepaired), float(published))
        for kind, kpi, unrepaired, published in cells
        if kpi == "units_produced"
    }
    assert units
    for kind, (unrepaired, made) in units.items():
        difference = workspace.query(
            "SELECT coalesce(sum(difference), 0) AS difference FROM gold.dirt_costs "
            f"WHERE fault_type = '{kind}' AND kpi = 'units_produced'"
        )[0]["difference"]
        assert unrepaired - made == pytest.approx(difference), kind
        total = workspace.query("SELECT sum(units_produced) AS units FROM gold.daily_production")
        assert made == total[0]["units"]


def test_it_holds_every_settled_number_against_the_truth(workspace, shown):
    said = workspace.report("validation")
    verdict = section(shown, "verdict")
    assert f'data-status="{said["status"]}"' in verdict
    assert numbers(verdict)["exact"] == said["exact_comparisons"]
    assert 'data-chart="truth_by_day"' in shown


def test_faults_are_scored_where_there_is_a_ledger_and_else_it_says_so(workspace, shown):
    scores = workspace.table("gold.fault_scores")
    part = section(shown, "fault scores")
    assert part.count("data-kind=") == len(scores)
    assert ('data-chart="scores"' in shown) == bool(scores)
    assert ("Nobody kept a ledger" in part) == (not scores)
    for row in scores:
        cells = re.search(
            rf'data-kind="{row["fault_type"]}" data-of-table="{row["table"]}">(.*?)</tr>',
            part,
            re.DOTALL,
        )
        shown_row = numbers(cells[1])
        for name in ("injected", "detected", "recall", "ceiling"):
            if row[name] is not None:
                assert shown_row[name] == pytest.approx(row[name]), (row, name)


def test_where_there_is_no_truth_it_says_so(classic_week, tmp_path):
    published = Published(Path(classic_week.parameters["serving_dir"]))
    unproven = without_library(
        module.report(
            publish(
                published,
                tmp_path,
                ops_comparisons=no_rows,
                gold_fault_scores=no_rows,
            )
        )
    )
    assert 'data-status="none"' in unproven
    assert "There is no truth to draw beside it" in unproven
    for absent in ("truth_by_day", "scores"):
        assert f'data-chart="{absent}"' not in unproven
    assert 'data-chart="units_by_day"' in unproven
    assert numbers(section(unproven, "totals"))["batches"] > 0


def test_where_nothing_was_made_it_says_so(classic_week, tmp_path):
    published = Published(Path(classic_week.parameters["serving_dir"]))
    idle = ("daily_production", "daily_production_as_of", "oee_daily")
    nothing = publish(published, tmp_path, **{f"gold_{name}": no_rows for name in idle})
    report = without_library(module.report(nothing))
    assert "published no production" in report
    assert 'data-chart="units_by_day"' not in report
    assert 'aria-label="totals"' not in report


def test_nothing_is_asked_of_another_host(shown):
    assert re.findall(r"""(?:src|href|action|srcset)\s*=\s*["']?(?!data:)\S+""", shown) == []
    assert "@import" not in shown
    assert re.findall(r"url\((?!data:)", shown) == []
    assert "http" not in re.sub(r"http-equiv", "", shown)
    assert "default-src 'none'" in shown


def test_the_same_publication_makes_the_same_bytes(workspace, published, tmp_path):
    module.write(published, tmp_path / "first.html")
    again = Published(Path(workspace.parameters["serving_dir"]))
    module.write(again, tmp_path / "second.html")
    first, second = (tmp_path / f"{name}.html" for name in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"first.html", "second.html"}


def test_texts_of_landed_files_are_shown_as_they_are(classic_week, tmp_path):
    published = Published(Path(classic_week.parameters["serving_dir"]))
    plain = publish(published, tmp_path / "plain")
    altered = publish(published, tmp_path / "hostile", **hostile(published))
    before, report = (without_library(module.report(each)) for each in (plain, altered))
    assert "&lt;img src=x onerror=alert(1)&gt;" in report
    for mark in ("<img", "<script", "</script", "onerror=alert(1)>"):
        assert report.count(mark) == before.count(mark), mark


def test_a_report_that_cannot_be_written_is_told_and_leaves_nothing(published, tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "file" / "report.html", tmp_path / "folder"):
        with pytest.raises(FactoryError, match=f"{path} cannot be written"):
            module.write(published, path)
    assert {path.name for path in tmp_path.rglob("*")} == {"file", "folder"}
    assert (tmp_path / "file").read_text() == "mine"


# --- the command ---------------------------------------------------------------------------


def kedro_report(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kedro", "report", *options],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_writes_beside_the_reports_of_runs_with_its_parameters(foreign_day):
    params = ",".join(f"{key}={value}" for key, value in foreign_day.parameters.items())
    path = Path(foreign_day.parameters["report_dir"]) / "report.html"
    done = kedro_report("--params", params)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"wrote {path}\n", "")
    published = Published(Path(foreign_day.parameters["serving_dir"]))
    assert path.read_text(encoding="utf-8") == module.report(published)


@pytest.mark.parametrize(
    ("serving", "output", "told"),
    [
        (
            "{tmp}/none",
            "{tmp}/out/report.html",
            "nothing is published in {tmp}/none yet: kedro run",
        ),
        ("{serving}", "{tmp}/file/report.html", "cannot write in {tmp}/file: {tmp}/file is no"),
        ("{serving}", "{tmp}/folder", "{tmp}/folder cannot be written: Is a directory"),
    ],
)
def test_a_command_that_cannot_work_says_so_in_one_line_and_writes_nothing(
    foreign_day, tmp_path, serving, output, told
):
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    names = {"tmp": tmp_path, "serving": foreign_day.parameters["serving_dir"]}
    done = kedro_report(
        *("--serving-dir", serving.format(**names), "--output", output.format(**names))
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {told.format(**names)}")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert {path.name for path in tmp_path.rglob("*")} == {"file", "folder"}


# --- altered publications ------------------------------------------------------------------


def no_rows(table: pa.Table) -> pa.Table:
    return table.slice(0, 0)


def hostile(published: Published) -> dict[str, Callable[[pa.Table], pa.Table]]:
    """Return changes that give machines, products and factories long names with markup in them."""
    named = ("machine_id", "product_name", "factory_name", "made_from")

    def change(table: pa.Table) -> pa.Table:
        for place, column in enumerate(table.column_names):
            if column.endswith(named):
                names = pc.binary_join_element_wise(HOSTILE, table[column], LONG, " ")
                table = table.set_column(place, column, names)
        return table

    return {name.replace(".", "_"): change for name in published.tables}
