"""What gold may assume about arrivals and gaps between batches, and how it judges machines."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class HealthParameters(BaseModel):
    """The block ``health``: how machines are judged.

    Attributes:
        confidence: The share of intervals of slopes, forecasts and changes that should hold what is
            true.
        healthy_above_percent: A machine of more efficiency is healthy.
        critical_below_percent: One of less is critical; between the two is a warning.
        floor_percent: What efficiency does not fall below: worn out, a machine stays there.
        baseline_batches: From so many of a machine's first batches come its control limits.
        maintenance_batches: So many batches before maintenance are held against as many after.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    confidence: float = Field(default=0.95, ge=0.5, le=0.999)
    healthy_above_percent: int = Field(default=90, ge=1, le=200)
    critical_below_percent: int = Field(default=70, ge=1, le=200)
    floor_percent: int = Field(default=50, ge=0, le=200)
    baseline_batches: int = Field(default=50, ge=20, le=500)
    maintenance_batches: int = Field(default=10, ge=2, le=1000)

    @property
    def thresholds_percent(self) -> tuple[int, int, int]:
        """The efficiencies of which it is foreseen when a machine falls to them."""
        return self.healthy_above_percent, self.critical_below_percent, self.floor_percent

    @model_validator(mode="after")
    def _thresholds_fall(self) -> Self:
        healthy, critical, floor = self.thresholds_percent
        if not healthy > critical > floor:
            raise ValueError(
                "healthy_above_percent, critical_below_percent and floor_percent must fall, "
                f"but are {healthy}, {critical}, {floor}"
            )
        return self


class GoldParameters(BaseModel):
    """The block ``gold`` of the parameters.

    Attributes:
        settle_after_days: So many days after it, a date counts as settled: all that landed late
            should have landed. What lands later still restates its date.
        longest_gap_days: Days without an event are in the calendar where they are no more than so
            many in a row. Beyond, the date on the other side is taken for a stray one.
        nowcast_confidence: The share of nowcasts whose interval should hold what comes.
        minor_stop_minutes: A gap between batches that nobody explains is a minor stop up to so
            many minutes. Five is what is usual (JIPM, ISO 22400).
        changeover_minutes: It is a change-over, the set-up of the next batch, up to so many. A
            longer one is idle time.
        health: How machines are judged.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    settle_after_days: int = Field(ge=1, le=365)
    longest_gap_days: int = Field(default=31, ge=0, le=366)
    nowcast_confidence: float = Field(ge=0.5, le=0.999)
    minor_stop_minutes: int = Field(default=5, ge=0, le=60)
    changeover_minutes: int = Field(default=20, ge=0, le=1440)
    health: HealthParameters = HealthParameters()

    @model_validator(mode="after")
    def _changeovers_are_longer(self) -> Self:
        if self.changeover_minutes < self.minor_stop_minutes:
            raise ValueError("changeover_minutes must not be less than minor_stop_minutes")
        return self
