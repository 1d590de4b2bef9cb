"""The parameters that a run takes on the command line, checked before anything else happens."""

import datetime
import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)

from factory_simulation.domain import FactoryError
from factory_simulation.expressions.dates import DateRange
from factory_simulation.pipelines.generation.scenario import Days, MachineCount, Seed
from factory_simulation.pipelines.generation.scenario_loading import describe_invalid


def _written_as_date(value: Any) -> Any:
    if not isinstance(value, datetime.date) and not _DATE.fullmatch(str(value)):
        raise ValueError("must be a date, YYYY-MM-DD")
    return value


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _written_as_dates(value: str) -> str:
    return str(DateRange.parse(value))


_Path = Annotated[str, Field(pattern=r"^[^{}]+$")]  # braces are patterns to the catalog
_Day = Annotated[datetime.date, BeforeValidator(_written_as_date)]
_Dates = Annotated[str, BeforeValidator(str), AfterValidator(_written_as_dates)]


class RunParameters(BaseModel):
    """What ``kedro run --params key=value,…`` may set.

    Attributes:
        landing_dir: Folder of the landing files.
        truth_dir: Folder of the truth files.
        report_dir: Folder of the reports.
        serving_dir: Folder in which tables and reports are published.
        warehouse: Where the tables are: a file, a folder or a database, as the engine has it.
        scenario: Name of the scenario that is generated.
        seed: The scenario's seed.
        start_date: The scenario's first event date.
        days: The scenario's number of event dates.
        machines: The number of machines, of the scenario's kinds in their proportions.
        date: The arrival date to generate and ingest, or a range of them, ``D1..D2``.
        landing_format: Format of the landing files that are generated.
        full_refresh: Whether all landing files are read again.
        margin: The largest relative error that validation lets pass.
    """

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)

    landing_dir: _Path | None = None
    truth_dir: _Path | None = None
    report_dir: _Path | None = None
    serving_dir: _Path | None = None
    warehouse: _Path | None = None
    scenario: str | None = Field(default=None, min_length=1)
    seed: Seed | None = None
    start_date: _Day | None = None
    days: Days | None = None
    machines: MachineCount | None = None
    date: _Dates | None = None
    landing_format: Literal["text", "parquet"] | None = None
    full_refresh: bool | None = None
    margin: float | None = Field(default=None, ge=0, le=1)


def checked_parameters(given: dict[str, Any], configured: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a run, in the types that the catalog wants.

    Args:
        given: What was named for this run.
        configured: The project's parameters, of which some are those of a run.

    Raises:
        FactoryError: If one that was given is unknown, or a value is not allowed.
    """
    unknown = sorted(set(given) - set(RunParameters.model_fields))
    if unknown:
        known = ", ".join(RunParameters.model_fields)
        raise FactoryError(f"unknown parameter {', '.join(unknown)}; known are {known}")
    defaults = {key: configured[key] for key in RunParameters.model_fields if key in configured}
    try:
        checked = RunParameters.model_validate({**defaults, **given})
    except ValidationError as error:
        raise FactoryError(describe_invalid("parameters", error)) from error
    return checked.model_dump(mode="json", exclude_none=True)
