"""What gold may assume about arrivals."""

from pydantic import BaseModel, ConfigDict, Field


class GoldParameters(BaseModel):
    """The block ``gold`` of the parameters.

    Attributes:
        settle_after_days: So many days after it, a date counts as settled: all that landed late
            should have landed. What lands later still restates its date.
        longest_gap_days: Days without an event are in the calendar where they are no more than so
            many in a row. Beyond, the date on the other side is taken for a stray one.
        nowcast_confidence: The share of nowcasts whose interval should hold what comes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    settle_after_days: int = Field(ge=1, le=365)
    longest_gap_days: int = Field(default=31, ge=0, le=366)
    nowcast_confidence: float = Field(ge=0.5, le=0.999)
