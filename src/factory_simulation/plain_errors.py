"""Failures that a user can mend, told in one line."""

import functools
import sys
from collections.abc import Callable, Iterator
from typing import Any

import click
from kedro.validation.exceptions import DataValidationError, ParameterValidationError

from factory_simulation.datasets.engines import explain
from factory_simulation.domain import FactoryError

_TOLD = (FactoryError, DataValidationError, ParameterValidationError, OSError)
"""What a user can mend: a parameter, a file, a folder, data that is not as agreed."""


def told_plainly(error: Exception) -> str | None:
    """Return what to tell of a failure that the user can mend; None for any other."""
    for cause in _causes(error):
        told = _one_line(cause) if isinstance(cause, _TOLD) else explain(cause)
        if told:
            return told
    return _one_line(error) if _is_unknown_pipeline(error) else None


def telling_plainly(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn a failure that the user can mend into its message and exit code 1."""

    @functools.wraps(command)
    def told(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except Exception as error:
            message = told_plainly(error)
            if message is None:
                raise
            sys.stdout.flush()
            raise click.ClickException(message) from error

    return told


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _one_line(error: BaseException) -> str:
    """Return an error's message as one line; a broken contract says it all without its frame."""
    text = error.message if isinstance(error, DataValidationError) else str(error)
    return " ".join(text.split())


def _is_unknown_pipeline(error: Exception) -> bool:
    is_told = str(error).startswith("Failed to find the pipeline named")
    return isinstance(error, ValueError) and is_told
