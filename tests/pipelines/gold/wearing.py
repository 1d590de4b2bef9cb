"""Machines that wear, as literal rows: readings of their batches, and what came of the readings."""

from datetime import datetime, timedelta
from fractions import Fraction
from math import sqrt

from factory_simulation.expressions.student_t import exact_t_quantile
from factory_simulation.pipelines.gold.parameters import GoldParameters, HealthParameters
from tests.conftest import Rows
from tests.pipelines.silver.landed import DAY, Row

MACHINE = "SMELTER-01"
EFFICIENCY = {
    "batch_key": "string",
    "factory_id": "string",
    "machine_id": "string",
    "sequence_number": "int64",
    "batch_date": "date",
    "start_at": "timestamp",
    "efficiency_bp": "int64",
    "worn_since": "date",
    "wear_days": "int64",
    "is_worn_out": "boolean",
    "is_repeat": "boolean",
}


def parameters(**health) -> GoldParameters:
    return GoldParameters(
        settle_after_days=2, nowcast_confidence=0.95, health=HealthParameters(**health)
    )


def life(points: list[tuple[int, int]], machine_id: str = MACHINE, **different) -> Rows:
    """Return the batches of a machine's life, from days of wear and efficiencies in basis points.

    It is not maintained; of a day, one batch begins an hour after the other.
    """
    return [
        {
            "batch_key": f"{machine_id}|{number}",
            "factory_id": "alpha",
            "machine_id": machine_id,
            "sequence_number": number,
            "batch_date": DAY + timedelta(days=day),
            "start_at": datetime(2025, 12, 1) + timedelta(days=day, hours=number % 24),
            "efficiency_bp": bp,
            "worn_since": DAY,
            "wear_days": day,
            "is_worn_out": False,
            "is_repeat": False,
            **different,
        }
        for number, (day, bp) in enumerate(points, start=1)
    ]


class Line:
    """A regression of basis points over days, as a textbook has it."""

    def __init__(self, points: list[tuple[int, int]], confidence: float = 0.95) -> None:
        self.n = len(points)
        self.mean_x, self.mean_y = (
            Fraction(sum(part), self.n) for part in zip(*points, strict=True)
        )
        self.sxx = sum((x - self.mean_x) ** 2 for x, _ in points)
        self.slope = sum((x - self.mean_x) * (y - self.mean_y) for x, y in points) / self.sxx
        residuals = [y - float(self.at(x)) for x, y in points]
        self.sigma = sqrt(sum(r**2 for r in residuals) / (self.n - 2))
        self.error = self.sigma / sqrt(self.sxx)
        self.quantile = exact_t_quantile(self.n - 2, confidence)

    def at(self, x: float) -> float | Fraction:
        return self.mean_y + self.slope * (x - self.mean_x)

    def band(self, x: float) -> tuple[float, float]:
        """Return the interval of the line's mean."""
        off = float(x - self.mean_x)
        reach = self.quantile * self.sigma * sqrt(1 / self.n + off**2 / float(self.sxx))
        return float(self.at(x)) - reach, float(self.at(x)) + reach


def reading(day: int, percent: float | None, number: int = 1, **different) -> Row:
    """A reading of a batch, so many days after the first."""
    return {
        "machine_id": MACHINE,
        "factory_id": "alpha",
        "batch_date": DAY + timedelta(days=day),
        "batch_id": f"B{number}",
        "efficiency_percent": percent,
        **different,
    }


def maintained(day: int, machine_id: str = MACHINE, event_type: str = "MAINTENANCE") -> Row:
    """Maintenance at midnight."""
    return {
        "_row_id": f"{machine_id}/{day}",
        "factory_id": "alpha",
        "machine_id": machine_id,
        "event_type": event_type,
        "event_date": DAY + timedelta(days=day),
        "start_at": datetime(2025, 12, 1) + timedelta(days=day),
    }
