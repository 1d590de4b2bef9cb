"""What silver may assume about clocks and sensors."""

from pydantic import BaseModel, ConfigDict, Field

from factory_simulation.expressions.time import SECONDS_PER_MINUTE

_LONGEST = 720
"""Half a day: an anchor that is farther away explains nothing."""


class SilverParameters(BaseModel):
    """The block ``silver`` of the parameters; durations in minutes, shares of one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    qc_minutes_after_end: int = Field(ge=0, le=_LONGEST)
    operator_minutes_around_start: int = Field(ge=0, le=_LONGEST)
    sensor_drift_minutes: int = Field(ge=0, le=_LONGEST)
    imputation_spread: float = Field(ge=0, le=1)
    meter_tolerance: float = Field(ge=0, le=1)
    meter_most: float = Field(ge=0, le=10)

    @property
    def qc_window(self) -> int:
        """The longest delay of a check after its batch's end, in seconds."""
        return self.qc_minutes_after_end * SECONDS_PER_MINUTE

    @property
    def operator_window(self) -> int:
        """The longest distance of an entry from a batch's start, in seconds."""
        return self.operator_minutes_around_start * SECONDS_PER_MINUTE

    @property
    def sensor_drift(self) -> int:
        """The most by which a sensor's clock is off, in seconds."""
        return self.sensor_drift_minutes * SECONDS_PER_MINUTE
