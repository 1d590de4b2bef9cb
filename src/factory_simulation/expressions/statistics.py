"""What counts say of the chance behind them."""

from statistics import NormalDist

import ibis
import ibis.expr.types as ir
from ibis import Deferred

from factory_simulation.expressions.numbers import from_micro, micro, ratio

CONFIDENCE = 0.95
"""The share of intervals that should hold the chance behind them."""


def wilson(
    hits: ir.IntegerValue | Deferred,
    trials: ir.IntegerValue | Deferred,
    confidence: float = CONFIDENCE,
) -> tuple[ir.FloatingValue | Deferred, ir.FloatingValue | Deferred]:
    """Return both ends of the Wilson score interval of a share, rounded to millionths.

    Unlike the share give or take its standard error, it stays between 0 and 1, and says something
    where all trials hit or none. Without a trial both ends are null.
    """
    z = NormalDist().inv_cdf((1 + confidence) * 0.5)
    n = trials.nullif(0).cast("float64")
    share = ratio(hits, n)
    whole = n + z * z
    middle = ratio(n * share + z * z * 0.5, whole)
    spread = (n * share * (1 - share) + z * z * 0.25).sqrt()
    reach = ratio(z * spread, whole)
    low = ibis.ifelse(hits == 0, share, middle - reach)
    high = ibis.ifelse(hits == trials, share, middle + reach)
    return from_micro(micro(low)), from_micro(micro(high))
