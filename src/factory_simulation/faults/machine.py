"""What befalls machines: decay, stops, maintenance. These are no errors of the data but true.

- decay: a machine loses efficiency each day. Found by the slope of its batches' efficiency, where
  that is more than `ALARM` standard errors below zero (gold's ``machine_health``).
- stops: a machine stands still for a while, with a reason. Found in ``machine_events``.
- maintenance: every so many days, before the first batch; the efficiency is then what it was at
  first. Found in ``machine_events``.
"""

from math import inf, sqrt
from statistics import NormalDist
from typing import Annotated

from pydantic import Field

from factory_simulation.faults.settings import BASIS_POINTS, IntegerRange, Minutes
from factory_simulation.faults.settings import Settings as _Settings

ALARM = 4
"""So many standard errors from zero is no chance: of sound machines, one in thirty thousand alarms,
given dozens of batches; of a handful the standard error itself is uncertain."""
_REASONS = ("TOOL_BREAKAGE", "POWER_LOSS", "MATERIAL_JAM", "OPERATOR_ABSENT", "OVERHEATING")


class StopSettings(_Settings):
    """``rate``: of a machine's days on which it stops once, for some ``minutes``."""

    minutes: IntegerRange = Field(default=IntegerRange(low=30, high=180))
    reasons: tuple[Annotated[str, Field(pattern=r"^[A-Z_]+$")], ...] = Field(
        default=_REASONS, min_length=1
    )


class MaintenanceSettings(_Settings):
    """``rate``: of machines that are maintained.

    Attributes:
        every_days: How many days lie between.
        minutes: How long it takes.
    """

    every_days: int = Field(default=7, ge=1, le=3660)
    minutes: Minutes = 60


def chance_to_see_decay(loss_bp: int, noise: float, days: int, batches: int) -> int:
    """Return the chance that a machine's slope alarms, in basis points: the power of that test.

    Args:
        loss_bp: By how much efficiency falls each day, in basis points.
        noise: The most by which a batch's efficiency is off, either way, evenly.
        days: Over how many days the machine wears without maintenance.
        batches: How many batches are seen.
    """
    spread = sqrt(batches * (days**2 - 1) / 12)
    error = noise / sqrt(3)
    loss = loss_bp / BASIS_POINTS
    seen_in_errors = loss * spread / error if error else (inf if spread else 0)
    return round(BASIS_POINTS * NormalDist().cdf(seen_in_errors - ALARM))
