"""Many comparisons at once: p values that stay honest however many are made.

S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6 (1979).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def holm(ps: Sequence[float]) -> list[float]:
    """Adjusted p values, in the order given.

    Claim all that are below 5 %, and the chance of one false claim or more among all of them is at most 5 %, however
    the comparisons depend on each other and whichever of them are looked at afterwards.
    """
    order = np.argsort(ps, kind="stable")
    adjusted = np.empty(len(order))
    adjusted[order] = np.maximum.accumulate((np.asarray(ps) * weights(ps))[order])
    return [float(p) for p in np.minimum(adjusted, 1.0)]


def weights(ps: Sequence[float]) -> list[int]:
    """By how much Holm multiplies each p: m for the smallest of m, m - 1 for the next, 1 for the largest."""
    ranks = np.empty(len(ps), dtype=int)
    ranks[np.argsort(ps, kind="stable")] = np.arange(len(ps))
    return [len(ps) - int(rank) for rank in ranks]
