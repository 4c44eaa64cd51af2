"""One setting over its seeds: the mean, how far the seeds vary, and how well the mean is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """The mean of n results.

    sd: of the results, with n - 1 below the line. low, high: 95 % t interval of the mean, which holds for results that
    are about normal, and one look: of many looks, more seeds at each, it misses the mean in one sooner or later. sd,
    low and high are None for a single result.
    """

    n: int
    mean: float
    sd: float | None
    low: float | None
    high: float | None


def estimate(values: Sequence[float]) -> Estimate:
    """The estimate from one result for each seed; raises `ValueError` for none at all, or one that is not finite."""
    results = np.asarray(values, dtype=float)
    if not results.size or not np.isfinite(results).all():
        raise ValueError(f"values: got {list(values)}, expected at least one, all of them finite")
    n, mean = len(results), float(results.mean())
    if n == 1:
        return Estimate(n, mean, None, None, None)
    sd = float(results.std(ddof=1))
    half = float(special.stdtrit(n - 1, (1 + CONFIDENCE) / 2)) * sd / n**0.5
    return Estimate(n, mean, sd, mean - half, mean + half)
