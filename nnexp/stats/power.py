"""How many seeds it takes to see a difference.

J. Cohen, Statistical Power Analysis for the Behavioral Sciences, 2nd edition (1988), chapter 2.
"""

from __future__ import annotations

from bisect import bisect_left

from scipy import stats

MOST_SEEDS = 1000
MOST_EFFECT = 1000.0  # two seeds see it; scipy's noncentral t gives up somewhere above


def seeds_needed(effect: float, alpha: float = 0.05, power: float = 0.8, paired: bool = True) -> int | None:
    """The fewest seeds with which a two-sided t test finds the effect that often; None if 1000 are not enough.

    effect: mean difference in standard deviations: of the differences if paired, else of the results.
    alpha: how often the test may claim what is not there. Not paired: that many seeds for each setting.
    """
    tried = range(2, MOST_SEEDS + 1)
    found = bisect_left(tried, power, key=lambda n: power_of(effect, n, alpha, paired))
    return tried[found] if found < len(tried) else None


def power_of(effect: float, n: int, alpha: float = 0.05, paired: bool = True) -> float:
    """How often a two-sided t test with n seeds (not paired: n for each setting) finds the effect (0 to 1)."""
    freedom = n - 1 if paired else 2 * (n - 1)
    centre = min(abs(effect), MOST_EFFECT) * (n if paired else n / 2) ** 0.5
    critical = stats.t.isf(alpha / 2, freedom)
    return float(sum(stats.nct.sf(critical, freedom, side) for side in (centre, -centre)))
