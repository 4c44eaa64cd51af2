"""Many comparisons at once: p values that stay honest however many are made.

S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6 (1979).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def holm(ps: Sequence[float]) -> list[float]:
    """Adjusted p values, in the order given.

    Claim all that are below 5 %, and the chance of one false claim or more among all of them is at most 5 %, however
    the comparisons depend on each other and whichever of them are looked at afterwards. Of p values that are valid at
    any time, so are the adjusted ones: a false claim takes one of the true hypotheses, m of them, to be below 5 % / m.
    """
    order = np.argsort(ps, kind="stable")
    adjusted = np.empty(len(order))
    adjusted[order] = np.maximum.accumulate(np.asarray(ps)[order] * np.arange(len(order), 0, -1))
    return [float(p) for p in np.minimum(adjusted, 1.0)]


def weights(ps: Sequence[float], alpha: float) -> list[int]:
    """What Holm's method divides alpha by for each p: m for the smallest of m, m - 1 for the next.

    It stops at the first that it does not claim, so all further ones are held against the level of that one. An
    adjusted p is below alpha just where p is below alpha divided by the weight.
    """
    order = np.argsort(ps, kind="stable")
    by_rank = np.arange(len(order), 0, -1)
    failed = np.flatnonzero(np.asarray(ps)[order] * by_rank >= alpha)
    if len(failed):
        by_rank[failed[0] :] = by_rank[failed[0]]
    found = np.empty(len(order), dtype=int)
    found[order] = by_rank
    return found.tolist()
