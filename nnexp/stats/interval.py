"""How well a mean difference is known: its bootstrap interval."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special, stats

Floats = npt.NDArray[np.float64]

CONFIDENCE = 0.95
RESAMPLES = 9999


def interval(a: Floats, b: Floats, paired: bool, step: float = 0.0) -> tuple[float, float]:
    """The 95 % bootstrap interval of the mean of a minus b. a, b: (results,), two or more each, as many if paired.

    The percentiles are taken further out the fewer the results are, so that it is not narrower than need be (T.
    Hesterberg, What Teachers Should Know About the Bootstrap, The American Statistician 69, 2015, section 3.2). It
    can't reach further than the differences seen, though, and with very few that is too narrow: in 1,000 simulations it
    held the true mean in 74 % with 3 pairs, 92 % with 5 (BCa: 84 %), 95 % with 10. step: results are multiples of it,
    and each gets back a random part of what rounding may have taken. The same results always give the same interval.
    """
    rng = np.random.default_rng(0)

    def mean_difference(a: Floats, b: Floats, axis: int = -1) -> Floats:
        means: Floats = _unrounded(a, step, rng).mean(axis) - _unrounded(b, step, rng).mean(axis)
        return means

    found = stats.bootstrap(
        (a, b),
        mean_difference,
        paired=paired,
        n_resamples=RESAMPLES,
        confidence_level=1 - 2 * _tail(min(len(a), len(b))),
        method="percentile",
        rng=rng,
    ).confidence_interval
    return float(found.low), float(found.high)


def _tail(n: int) -> float:
    """The share of resamples to leave out at each end: below what would be 2.5 % if n were large."""
    return float(special.ndtr((n / (n - 1)) ** 0.5 * special.stdtrit(n - 1, (1 - CONFIDENCE) / 2)))


def _unrounded(results: Floats, step: float, rng: np.random.Generator) -> Floats:
    return results + rng.uniform(-step / 2, step / 2, results.shape)
