"""The report of what is published: where that is, and where the report is put."""

from pathlib import Path
from typing import Any

from kedro.framework.session import KedroSession

from factory_simulation.datasets.folders import check_writable

_NAME = "report.html"


def write_report(
    project: Path,
    env: str | None,
    parameters: dict[str, Any],
    serving_dir: Path | None,
    output: Path | None,
) -> Path:
    """Write the report, and return where it is.

    Args:
        project: The project's folder.
        env: The Kedro environment.
        parameters: As for ``kedro run``.
        serving_dir: What is read; None is where runs with these parameters publish.
        output: What is written; None is a file beside the reports of such runs.

    Raises:
        FactoryError: If nothing is published there, or the report cannot be written.
    """
    # what pages are made with takes a second to import, which other commands need not wait for
    from factory_simulation.dashboard import report  # noqa: PLC0415
    from factory_simulation.dashboard.published import Published  # noqa: PLC0415

    configured = _folders(project, env, parameters)
    path = output or configured["report_dir"] / _NAME
    check_writable(path.parent)
    report.write(Published(serving_dir or configured["serving_dir"]), path)
    return path


def _folders(project: Path, env: str | None, parameters: dict[str, Any]) -> dict[str, Path]:
    """Return the folders of runs with these parameters, by the name of their parameter."""
    session = KedroSession.create(project, env=env, runtime_params=parameters)
    with session:
        loader = session.load_context().config_loader
    named = {**loader["globals"]["paths"], **loader.runtime_params}
    return {name: Path(named[name]) for name in ("serving_dir", "report_dir")}
