"""How many seeds it takes to see a difference, and how many more it may take after some were seen.

J. Cohen, Statistical Power Analysis for the Behavioral Sciences, 2nd edition (1988), chapter 2, for the test of
`anytime` with one look at the end; who looks in between sees it no later.

What a few seeds show of an effect is mostly chance, so a plan that takes it as it looks falls short: of plans made from
five seeds, an effect of 0.5 standard deviations then showed in 36 of 100. Hence the range of `more_seeds`. 20,000
simulated plans each: how many in 100 were made at all (the others said that it takes more than 100 seeds), and in how
many of these the effect had shown at the upper end, for one pair of settings and for one of ten:

    effect                      0.3      0.5       0.8       1.2
    3 seeds, one pair        55: 88   62:  98   76: 100   90: 100
    5 seeds                  44: 88   57:  99   78: 100   94: 100
    10 seeds                 35: 90   57: 100   85: 100   98: 100
    3 seeds, one of ten      50: 83   57:  94   72:  96   88:  97
    5 seeds                  38: 84   52:  95   73:  98   92:  99
    10 seeds                 28: 86   49:  97   80: 100   98: 100
"""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from math import ceil, log10, sqrt

import numpy as np
import numpy.typing as npt
from scipy import special

from nnexp.stats.anytime import critical
from nnexp.stats.root import root

Floats = npt.NDArray[np.float64]

MOST_SEEDS = 1000
MOST_MORE = 100  # seeds: what would take more of them if it is as large as it looks is not estimated
OFTEN, MORE_OFTEN = 0.8, 0.9  # how many tries are to succeed, at the lower and at the upper end
CONFIDENCE = 0.95  # that the effect is no smaller than what the upper end is for
SMALLEST = 0.3  # standard deviations: no plan is made for smaller effects
LARGEST = 1e6  # standard deviations
PARTS = (np.arange(200) + 0.5) / 200  # the middles of 200 parts of a distribution


def power_of(effect: float, n: int, alpha: float = 0.05) -> float:
    """How often n seeds find the effect (0 to 1), which is a mean difference in standard deviations of differences."""
    centre, limit = min(abs(effect), LARGEST) * n**0.5, critical(n, alpha)
    return _beyond(limit, n, centre) + _beyond(limit, n, -centre)


def seeds_needed(effect: float, alpha: float = 0.05, power: float = OFTEN) -> int | None:
    """The fewest seeds that find the effect that often; None if 1000 are not enough.

    alpha: how often the test may claim what is not there.
    """
    tried = range(2, MOST_SEEDS + 1)
    found = bisect_left(tried, power, key=lambda n: power_of(effect, n, alpha))
    return tried[found] if found < len(tried) else None


def more_seeds(effect: float, n: int, alpha: float = 0.05) -> tuple[int, int] | None:
    """How many more seeds may tell, at least and at most, after n seeds have shown the effect.

    The lower end finds it in four of five tries if it is as large as it looks; the upper end, rounded up to two digits,
    in nine of ten if it is as small as it well may be: the lower end of its 95 % confidence interval, which is
    one-sided, but no less than 0.3 standard deviations. None if the lower end were more than a hundred.
    """
    fewest = seeds_needed(effect, alpha)
    if fewest is None or fewest - n > MOST_MORE:
        return None
    most = seeds_needed(max(least_effect(effect, n), SMALLEST), alpha, MORE_OFTEN) or MOST_SEEDS
    more = max(fewest - n, 1)
    return more, max(more, _rounded_up(most - n))


def least_effect(effect: float, n: int) -> float:
    """The lower end of the one-sided 95 % confidence interval of the size of an effect that n seeds have shown.

    It may be negative. By what t would have been beyond the one seen in 5 % of cases.
    """
    t = min(abs(effect), LARGEST) * n**0.5
    return root(lambda centre: _beyond(t, n, centre) - (1 - CONFIDENCE), -10.0, t + 10.0) / sqrt(n)


def _beyond(t: float, n: int, centre: float) -> float:
    """How often Student's t, not central, is larger than t: the mean over what the n results' spread may be."""
    return float(special.ndtr(centre - t * _spreads(n)).mean())


@lru_cache(maxsize=MOST_SEEDS)
def _spreads(n: int) -> Floats:
    """How large the standard deviation of n results is, in true ones: 200 values, equally likely."""
    spreads: Floats = np.sqrt(special.chdtri(n - 1, 1 - PARTS) / (n - 1))
    return spreads


def _rounded_up(count: int) -> int:
    """To two digits."""
    unit: int = 10 ** max(0, int(log10(max(count, 1))) - 1)
    return ceil(count / unit) * unit
