"""What gold may assume about arrivals, and about gaps between batches."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


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
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    settle_after_days: int = Field(ge=1, le=365)
    longest_gap_days: int = Field(default=31, ge=0, le=366)
    nowcast_confidence: float = Field(ge=0.5, le=0.999)
    minor_stop_minutes: int = Field(default=5, ge=0, le=60)
    changeover_minutes: int = Field(default=20, ge=0, le=1440)

    @model_validator(mode="after")
    def _changeovers_are_longer(self) -> Self:
        if self.changeover_minutes < self.minor_stop_minutes:
            raise ValueError("changeover_minutes must not be less than minor_stop_minutes")
        return self
