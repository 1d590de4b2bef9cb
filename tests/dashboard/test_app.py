"""The marimo app runs from its first to its last cell, over a run and before there is one."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT, Workspace


def shown(serving: Path) -> tuple[str, dict[str, Any]]:
    """Run the app over a serving folder; return the HTML of its cells and what they define."""
    spec = importlib.util.spec_from_file_location("marimo_app", PROJECT / "marimo_app.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    outputs, definitions = module.app.run(defs={"serving_dir": serving})
    return "".join(getattr(output, "text", "") for output in outputs), definitions


def test_before_the_first_run_the_app_says_what_to_do(tmp_path: Path):
    html, _definitions = shown(tmp_path / "none")
    assert "make run" in html
    assert "fs-card" not in html
    assert "data-day-shown" not in html


@pytest.mark.parametrize("week", ["classic_week", "foreign_day"])
def test_over_a_run_all_cells_have_something_to_show(week: str, request):
    workspace: Workspace = request.getfixturevalue(week)
    html, definitions = shown(Path(workspace.parameters["serving_dir"]))
    (last,) = workspace.query("SELECT max(production_date) AS day FROM gold.daily_production")
    assert definitions["day"] == last["day"]
    assert f'data-day-shown="{last["day"]}"' in html
    machines = workspace.query("SELECT DISTINCT machine_id FROM gold.dim_machine")
    assert html.count('<article class="fs-card"') == len(machines)
