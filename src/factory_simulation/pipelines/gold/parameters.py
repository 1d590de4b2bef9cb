"""What gold may assume about arrivals."""

from pydantic import BaseModel, ConfigDict, Field


class GoldParameters(BaseModel):
    """The block ``gold`` of the parameters.

    Attributes:
        settle_after_days: So many days after it, a date counts as settled: all that landed late
            should have landed. What lands later still restates its date.
        nowcast_confidence: The share of nowcasts whose interval should hold what comes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    settle_after_days: int = Field(ge=1, le=365)
    nowcast_confidence: float = Field(ge=0.5, le=0.999)
