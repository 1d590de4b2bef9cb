"""Kedro's commands, with failures that a user can mend told in one line."""

import copy
from typing import Any

import click
from kedro.framework.cli.project import run as kedro_run
from kedro.framework.startup import ProjectMetadata

from factory_simulation.backfill import backfill as backfill_dates
from factory_simulation.backfill import read_range
from factory_simulation.engine_comparison import compare_engines
from factory_simulation.loading import Loader
from factory_simulation.plain_errors import telling_plainly

_OF_RUN = {option.name: option for option in kedro_run.params}


def _as_in_run(command: click.Command) -> click.Command:
    """Give a command the options of ``kedro run`` that say where and with what it works."""
    command.params += [_OF_RUN["env"], _OF_RUN["params"]]
    return command


@click.group(name="factory_simulation")
def cli() -> None:
    """Commands of this project."""


run = copy.copy(kedro_run)
run.callback = telling_plainly(kedro_run.callback)  # type: ignore[arg-type]
cli.add_command(run)


@_as_in_run
@cli.command()
@click.option("--from", "first", required=True, metavar="DATE", help="The first arrival date.")
@click.option("--to", "last", required=True, metavar="DATE", help="The last arrival date.")
@click.pass_obj
@telling_plainly
def backfill(
    metadata: ProjectMetadata, first: str, last: str, env: str | None, params: dict[str, Any]
) -> None:
    """Load many arrival dates in one process; those that are loaded are passed over."""
    dates = read_range(first, last)
    backfill_dates(Loader(metadata.project_path, env, params), dates)


@cli.command()
@click.option("--scenario", default="classic", show_default=True, help="What is run.")
@click.pass_obj
@telling_plainly
def engines(metadata: ProjectMetadata, scenario: str) -> None:
    """Run a scenario on every engine that is here and compare what comes of it."""
    compare_engines(metadata.project_path, scenario)
