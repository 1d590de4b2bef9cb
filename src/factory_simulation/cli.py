"""Kedro's commands, with failures that a user can mend told in one line."""

import copy
from pathlib import Path
from typing import Any

import click
from kedro.framework.cli.project import run as kedro_run
from kedro.framework.startup import ProjectMetadata
from tzlocal import get_localzone

from factory_simulation import data_dictionary
from factory_simulation.backfill import backfill as backfill_dates
from factory_simulation.backfill import read_range
from factory_simulation.cron import parse_cron
from factory_simulation.engine_comparison import compare_engines
from factory_simulation.loading import Loader
from factory_simulation.plain_errors import telling_plainly
from factory_simulation.reporting import write_report
from factory_simulation.schedule import run_schedule, utc_now

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


@_as_in_run
@cli.command()
@click.option("--cron", required=True, help='When a date is loaded, such as "0 9 * * *".')
@click.option(
    "--catch-up",
    type=click.IntRange(min=1),
    default=31,
    show_default=True,
    help="How many missed firings are made up for at most.",
)
@click.option(
    "--log-file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("data/logs/schedule.log"),
    show_default=True,
    help="Where what happens is told too.",
)
@click.pass_obj
@telling_plainly
def schedule(
    metadata: ProjectMetadata,
    cron: str,
    catch_up: int,
    log_file: Path,
    env: str | None,
    params: dict[str, Any],
) -> None:
    """Generate and load the factory's next day whenever a cron fires, until stopped."""
    trigger = parse_cron(cron, get_localzone(), utc_now())
    loader = Loader(metadata.project_path, env, params, is_open_ended=True)
    run_schedule(loader, trigger, catch_up, log_file)


@cli.command()
@click.option("--scenario", default="classic", show_default=True, help="What is run.")
@click.pass_obj
@telling_plainly
def engines(metadata: ProjectMetadata, scenario: str) -> None:
    """Run a scenario on every engine that is here and compare what comes of it."""
    compare_engines(metadata.project_path, scenario)


@_as_in_run
@cli.command()
@click.option(
    "--serving-dir",
    type=click.Path(path_type=Path),
    help="The folder in which a run has published.  [default: the project's]",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="The file that is written.  [default: report.html among the project's reports]",
)
@click.pass_obj
@telling_plainly
def report(
    metadata: ProjectMetadata,
    serving_dir: Path | None,
    output: Path | None,
    env: str | None,
    params: dict[str, Any],
) -> None:
    """Write what was published as one HTML file that opens without a network."""
    path = write_report(metadata.project_path, env, params, serving_dir, output)
    click.echo(f"wrote {path}")


@cli.command()
@click.pass_obj
@telling_plainly
def dictionary(metadata: ProjectMetadata) -> None:
    """Write the data dictionary anew from the contracts."""
    path = metadata.project_path / data_dictionary.PATH
    path.write_text(data_dictionary.render(), encoding="utf-8")
    click.echo(f"wrote {path}")
