"""The app shows the reports of a run, and says what to do before the first."""

import pytest

from factory_simulation.dashboard import overview
from factory_simulation.domain import PRODUCTION_METRICS, Metric
from tests.conftest import Workspace


@pytest.fixture
def reports(classic_week: Workspace) -> overview.Reports:
    found = overview.read_reports(classic_week.folder / "reports")
    assert found is not None
    return found


def test_before_the_first_run_there_is_nothing_to_show(tmp_path):
    assert overview.read_reports(tmp_path) is None


@pytest.mark.parametrize("metric", PRODUCTION_METRICS)
def test_bars_of_machines_add_up_to_the_truth_of_the_factory(reports, metric):
    figure = overview.production_by_day(reports, metric)
    *machines, truth = figure.data
    assert [bar.name for bar in machines] == ["ASSEMBLER-01", "SMELTER-01", "SMELTER-02"]
    for day, value in zip(truth.x, truth.y, strict=True):
        total = sum(bar.y[bar.x.index(day)] for bar in machines)
        assert total == pytest.approx(value)
    assert figure.layout.yaxis.title.text == overview.UNITS[metric]


def test_stock_is_nothing_that_is_made_by_day():
    """It has no machine; what is offered to be drawn has a unit."""
    assert set(overview.UNITS) == set(PRODUCTION_METRICS) == set(Metric) - {Metric.UNITS_IN_STOCK}


def test_bars_of_outcomes_are_the_counts_of_the_conservation_report(reports):
    figure = overview.rows_by_outcome(reports)
    for bar in figure.data:
        shown = dict(zip(bar.x, bar.y, strict=True))
        assert shown == {name: row[bar.name] for name, row in reports.conservation.items()}
