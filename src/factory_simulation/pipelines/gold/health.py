"""How machines are, and when they will be worse if nobody maintains them."""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import ForecastOutcome, HealthState
from factory_simulation.expressions import time
from factory_simulation.expressions.numbers import from_micro, int64, micro, ratio
from factory_simulation.pipelines.gold.parameters import GoldParameters, HealthParameters
from factory_simulation.pipelines.gold.wear import BASIS_POINTS_PER_PERCENT, fit_lines

_HORIZON_DAYS = 3650
"""What is ten years away is not foreseen."""


def summarise_machine_health(efficiency: ir.Table, parameters: GoldParameters) -> ir.Table:
    """One row per machine: its efficiency, how fast it changes, and whether that is decay.

    The state is that of the efficiency which the line has on the machine's last day.
    """
    lines = fit_lines(efficiency, parameters.health)
    return lines.mutate(efficiency_percent=_percent(_.level)).select(
        "factory_id",
        "machine_id",
        "last_batch_date",
        "batches",
        "efficiency_percent",
        "is_decaying",
        batches_fitted=_.n,
        wear_days=_.last_wear_days,
        last_efficiency_percent=_percent(_.last_bp),
        change_percent_per_day=_percent(_.slope),
        standard_error_percent_per_day=_percent(_.error),
        change_low_percent_per_day=_percent(_.slope - _.reach),
        change_high_percent_per_day=_percent(_.slope + _.reach),
        state=_state(parameters.health),
    )


def _state(parameters: HealthParameters) -> Deferred:
    return ibis.cases(
        (_.efficiency_percent > parameters.healthy_above_percent, HealthState.HEALTHY.value),
        (_.efficiency_percent < parameters.critical_below_percent, HealthState.CRITICAL.value),
        else_=HealthState.WARNING.value,
    )


def summarise_machine_forecasts(efficiency: ir.Table, parameters: GoldParameters) -> ir.Table:
    """One row per machine and threshold: when its line falls to it, if it is not maintained.

    The interval is Fieller's, of where a line reaches a value: it holds the days at which the value
    is within the interval of the line. Where the slope may be none, it is open to above. Days count
    from the machine's last batch, and are 0 where the line is at the threshold by then.
    """
    lines = fit_lines(efficiency, parameters.health)
    forecasts = ibis.union(
        *[
            lines.mutate(threshold_percent=int64(ibis.literal(percent)))
            for percent in parameters.health.thresholds_percent
        ]
    )
    return (
        forecasts.pipe(_with_crossing)
        .pipe(_with_days)
        .select(
            "factory_id",
            "machine_id",
            "threshold_percent",
            "last_batch_date",
            "outcome",
            *[f"{name}_wear_days{end}" for name in ("crossing",) for end in ("", "_low", "_high")],
            "days",
            "days_low",
            "days_high",
            expected_date=_date_after(_.days),
            earliest_date=_date_after(_.days_low),
            latest_date=_date_after(_.days_high),
        )
    )


def _with_crossing(forecasts: ir.Table) -> ir.Table:
    """Add where the line, and either end of its interval, is at the threshold, in days of wear.

    With ``d`` from the mean efficiency to the threshold, slope ``b`` of reach ``r`` and the
    variance ``v`` of wear, the ends are at the roots ``u`` (from the mean wear) of
    ``(d - b u)^2 = r^2 (v + u^2)``. The first of them is written so that it stands also where the
    other is lost in infinity.
    """
    fall = _.threshold_percent * float(BASIS_POINTS_PER_PERCENT) - _.mean_bp
    is_falling = (_.slope + _.reach < 0).fill_null(False)
    return (
        forecasts.mutate(
            fall=fall,
            leading=_.slope * _.slope - _.reach * _.reach,
            is_falling=is_falling,
        )
        .mutate(under_root=_.fall * _.fall + _.leading * _.spread)
        .mutate(
            root=_.reach * ibis.ifelse(_.under_root < 0, None, _.under_root).sqrt(),
            lead=_.fall * _.slope,
            constant=_.fall * _.fall - _.reach * _.reach * _.spread,
        )
        .mutate(
            crossing=_.mean_wear + ratio(_.fall, ibis.ifelse(_.slope < 0, _.slope, None)),
            early=_.mean_wear + ratio(_.constant, (_.lead + _.root).nullif(0)),
            late=_.mean_wear + ratio(_.lead + _.root, ibis.ifelse(_.is_falling, _.leading, None)),
        )
        .mutate(
            crossing_wear_days=_in_sight(ibis.ifelse(_.is_falling, _.crossing, None)),
            crossing_wear_days_low=_in_sight(ibis.ifelse(_.is_falling, _.early, None)),
            crossing_wear_days_high=_in_sight(ibis.ifelse(_.is_falling, _.late, None)),
        )
    )


def _with_days(crossings: ir.Table) -> ir.Table:
    """Add the days from the last batch on, with their interval, and what may be said of them."""
    threshold = _.threshold_percent * float(BASIS_POINTS_PER_PERCENT)
    band = _.reach * (_.spread + _.since_mean * _.since_mean).sqrt()
    wear = _.last_wear_days.cast("float64")
    none = ibis.null("float64")
    days = crossings.mutate(
        is_reached=_.level <= threshold,
        may_be_reached=(_.level - band <= threshold).fill_null(False),
        is_surely_reached=(_.level + band <= threshold).fill_null(False) | _.is_worn_out,
    ).mutate(
        days=ibis.ifelse(_.is_reached, 0.0, _ahead(_.crossing - wear)),
        days_low=ibis.cases(
            (_.is_reached | _.may_be_reached, 0.0),
            (_.slope - _.reach < 0, _ahead(_.early - wear)),
            else_=none,
        ),
        days_high=ibis.cases(
            (_.is_surely_reached, 0.0), (_.is_falling, _ahead(_.late - wear)), else_=none
        ),
    )
    outcome = ibis.cases(
        (_.is_reached, ForecastOutcome.REACHED.value),
        (_.error.isnull(), ForecastOutcome.UNKNOWN.value),
        (_.days_high.notnull(), ForecastOutcome.EXPECTED.value),
        (_.days.notnull(), ForecastOutcome.UNCERTAIN.value),
        else_=ForecastOutcome.NOT_FALLING.value,
    )
    return days.mutate(outcome=outcome).mutate(
        **{
            name: ibis.ifelse(_.outcome == ForecastOutcome.UNKNOWN.value, None, _[name])
            for name in ("days", "days_low", "days_high")
        }
    )


def _ahead(days: Deferred) -> Deferred:
    """Return days from now on, which are not before now; null where they are out of sight."""
    return _in_sight(ibis.ifelse(days < 0, 0.0, days))


def _in_sight(days: Deferred) -> Deferred:
    seen = ibis.ifelse(days.abs() <= _HORIZON_DAYS, days, None)
    return from_micro(micro(seen))


def _date_after(days: Deferred) -> Deferred:
    """Return the date that is so many days after the last batch; a begun day counts as one."""
    day = time.epoch_day_of(_.last_batch_date) + days.ceil().cast("int64")
    return time.date_of(day * time.SECONDS_PER_DAY)


def _percent(basis_points: Deferred) -> Deferred:
    return from_micro(micro(ratio(basis_points, BASIS_POINTS_PER_PERCENT)))
