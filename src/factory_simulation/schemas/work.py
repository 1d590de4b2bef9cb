"""Contracts of what a run notes down for itself: which dates it works."""

from factory_simulation.schemas.partitions import AffectedDates, LandedDates, RestatedDates

CONTRACTS = {
    "landed_dates": LandedDates,
    "affected_dates": AffectedDates,
    "restated_dates": RestatedDates,
}
