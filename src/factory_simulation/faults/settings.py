"""What the settings of kinds are made of."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

MINUTES_PER_DAY = 1440
BASIS_POINTS = 10_000

Share = Annotated[float, Field(ge=0, le=1)]
Minutes = Annotated[int, Field(ge=0, le=MINUTES_PER_DAY)]


def basis_points(share: float) -> int:
    """Return a share in hundredths of a percent."""
    return round(share * BASIS_POINTS)


class Model(BaseModel):
    """A part of a scenario: no key that is not known, no change after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Range(Model):
    """A range of numbers."""

    low: float
    high: float

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low ({self.low}) must not exceed high ({self.high})")
        return self


class IntegerRange(Range):
    """Whole numbers from ``low`` to ``high``, both included."""

    low: int = Field(ge=0, le=MINUTES_PER_DAY)
    high: int = Field(ge=0, le=MINUTES_PER_DAY)


class Settings(Model):
    """What every kind has: its rate, a share of the rows (or machines, or days) that it may hit."""

    rate: Share = 0
