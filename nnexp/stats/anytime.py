"""A t test that may be looked at after every seed, as often as one likes, without a false claim getting likelier.

Looked at again and again, a p of the usual t test falls below 5 % sooner or later. This one is 5 % or less at any time
in at most 5 % of cases in which there is no difference. It weighs evidence by e, how much likelier the t seen is if the
effect (mean in standard deviations) is normal around 0 with variance g than if it is 0:

    e_n = (1 + g n)^(-1/2) ((1 + s) / (1 + s / (1 + g n)))^(n / 2),  s = t^2 / (n - 1)

Without a difference e is a martingale, whatever the standard deviation (T. L. Lai, On confidence sequences, Annals of
Statistics 4, 1976; M. F. Perez-Ortiz et al., E-statistics, group invariance and anytime-valid testing, Annals of
Statistics 52, 2024; H. Wang and A. Ramdas, Anytime-valid t-tests and confidence sequences for Gaussian means with
unknown variance, Sequential Analysis 44, 2025). From the third seed on it therefore reaches c, at any time, at most
with probability (Ville's inequality, given the first three)

    p(c) = P(e_3 >= c) + E[e_3; e_3 < c] / c

in which t_3 has Student's distribution, or, weighted by e_3, one that is sqrt(1 + 3 g) times as wide. That p(e_n) is
below 1 / e_n, since it spends nothing on looks at one or two seeds.

The price is seeds. How many it takes to find an effect in 80 of 100 cases, and how many a t test would take that is
looked at once, when there is one pair of settings, or ten (five settings), of which Holm's correction leaves 0.5 %:

    effect            0.5   0.8   1.2   2   3   5
    one pair           87    35    18   9   6   4
      looked at once   34    15     8   5   4   3
    one of ten        118    49    25  13   9   6
      looked at once   58    25    14   8   6   4

A smaller g finds small effects sooner (g = 1: 71 instead of 87), and large ones not at all from three or four seeds.
"""

from __future__ import annotations

from functools import lru_cache
from math import exp, log, sqrt

import numpy as np
import numpy.typing as npt

from nnexp.stats.root import root

Floats = npt.NDArray[np.float64]

FEWEST = 3  # seeds that a claim takes
G = 50.0  # variance of the effects that it is made for, chosen by power
WIDER = 1 + FEWEST * G


def p_value(t: npt.ArrayLike, n: npt.ArrayLike) -> Floats:
    """The p of n differences whose t statistic is t, always valid; 1 for fewer than three, or where t is NaN."""
    t, n = np.abs(np.asarray(t, dtype=float)), np.asarray(n, dtype=float)
    known = (n >= FEWEST) & ~np.isnan(t)
    found: Floats = np.where(known, _crossing(_log_e(np.where(known, t, 0.0), np.maximum(n, FEWEST))), 1.0)
    return found


def critical(n: int, alpha: float) -> float:
    """The t beyond which p is below alpha, with n differences; infinite where none is, as for fewer than three."""
    wider = 1 + n * G
    q = exp(min(2 / n * (_log_c(alpha) + log(wider) / 2), log(wider)))
    return sqrt((n - 1) * (q - 1) / (1 - q / wider)) if n >= FEWEST and q < wider else float("inf")


def _log_e(t: Floats, n: Floats) -> Floats:
    """The logarithm of e; t may be infinite."""
    wider = 1 + n * G
    with np.errstate(over="ignore"):
        s = t**2 / (n - 1)
    log_e: Floats = -np.log(wider) / 2 - n / 2 * np.log(1 / wider + (1 - 1 / wider) / (1 + s))
    return log_e


def _crossing(log_c: Floats) -> Floats:
    """p(c) of above. With x = t^2 / 2 of the third seed, P(|t_3| < t) is sqrt(x / (1 + x)), and e_3 = c has one x."""
    r = np.exp(np.clip(2 / 3 * (log_c + log(WIDER) / 2), 0.0, log(WIDER)))  # (1 + x) / (1 + x / WIDER)
    y = (WIDER - r) / (r * (WIDER - 1))  # 1 / (1 + x)
    below: Floats = y / (1 + np.sqrt(1 - y)) + np.sqrt((r - 1) / (WIDER - 1)) * np.exp(-np.maximum(log_c, -log(WIDER)))
    return np.minimum(below, 1.0)


@lru_cache(maxsize=4096)
def _log_c(alpha: float) -> float:
    """The logarithm of the c whose p(c) is alpha."""
    if alpha <= 1 / WIDER:  # no e_3 is so large
        return -log(alpha)
    ends = -log(WIDER) / 2, -log(alpha)
    return root(lambda log_c: log(_crossing(np.array(log_c)) / alpha), *ends)
