"""The marimo app runs from its first to its last cell."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from factory_simulation.dashboard import overview
from tests.conftest import PROJECT, Workspace


def shown(reports_folder: Path) -> tuple[str, dict[str, Any]]:
    """Run the app over a folder of reports; return the HTML of its cells and what they define."""
    spec = importlib.util.spec_from_file_location("marimo_app", PROJECT / "marimo_app.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    outputs, definitions = module.app.run(defs={"reports_folder": reports_folder})
    return "".join(getattr(output, "text", "") for output in outputs), definitions


def test_before_the_first_run_the_app_says_what_to_do(tmp_path: Path):
    html, definitions = shown(tmp_path / "none")
    assert "make run" in html
    assert "metric" in definitions
    assert "totals" not in definitions


def test_each_metric_that_can_be_chosen_can_be_drawn(tmp_path: Path):
    _html, definitions = shown(tmp_path / "none")
    assert set(definitions["metric"].options.values()) <= set(overview.UNITS)


@pytest.mark.parametrize("week", ["classic_week", "seed_week"])
def test_the_totals_of_the_run_are_on_the_screen(week: str, request):
    workspace: Workspace = request.getfixturevalue(week)
    html, _definitions = shown(workspace.folder / "reports")
    totals = workspace.report("validation")["totals"]
    assert f"{totals['units_produced']:,}" in html
    assert f"{totals['energy_kwh']:,.2f}" in html
    assert "passed" in html
