"""Kedro's commands, with failures that a user can mend told in one line."""

import copy
import functools
import sys
from collections.abc import Callable, Iterator
from typing import Any

import click
from kedro.framework.cli.project import run as kedro_run
from kedro.framework.startup import ProjectMetadata
from kedro.validation.exceptions import DataValidationError, ParameterValidationError

from factory_simulation.datasets.engines import explain
from factory_simulation.domain import FactoryError
from factory_simulation.engine_comparison import compare_engines

_TOLD = (FactoryError, DataValidationError, ParameterValidationError, OSError)
"""What a user can mend: a parameter, a file, a folder, data that is not as agreed."""


@click.group(name="factory_simulation")
def cli() -> None:
    """Commands of this project."""


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _telling_plainly(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn a failure that the user can mend into its message and exit code 1."""

    @functools.wraps(command)
    def told(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except Exception as error:
            for cause in _causes(error):
                told = _one_line(cause) if isinstance(cause, _TOLD) else explain(cause)
                if told:
                    sys.stdout.flush()
                    raise click.ClickException(told) from error
            if _is_unknown_pipeline(error):
                raise click.ClickException(_one_line(error)) from error
            raise

    return told


def _one_line(error: BaseException) -> str:
    """Return an error's message as one line; a broken contract says it all without its frame."""
    text = error.message if isinstance(error, DataValidationError) else str(error)
    return " ".join(text.split())


def _is_unknown_pipeline(error: Exception) -> bool:
    is_told = str(error).startswith("Failed to find the pipeline named")
    return isinstance(error, ValueError) and is_told


run = copy.copy(kedro_run)
run.callback = _telling_plainly(kedro_run.callback)  # type: ignore[arg-type]
cli.add_command(run)


@cli.command()
@click.option("--scenario", default="classic", show_default=True, help="What is run.")
@click.pass_obj
@_telling_plainly
def engines(metadata: ProjectMetadata, scenario: str) -> None:
    """Run a scenario on every engine that is here and compare what comes of it."""
    compare_engines(metadata.project_path, scenario)
