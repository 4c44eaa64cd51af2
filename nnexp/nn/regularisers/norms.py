"""Sums over all weights, in float64, for there are many."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnexp.nn.arrays import Array


def sum_of_squares(weights: Sequence[Array]) -> float:
    """The sum of w^2, with no copy of the weights; weights: an array for each layer."""
    return sum(float(np.einsum("yx,yx->", w, w, dtype=np.float64)) for w in weights)


def sum_of_sizes(weights: Sequence[Array]) -> float:
    """The sum of |w|."""
    return sum(float(np.abs(w).sum(dtype=np.float64)) for w in weights)
