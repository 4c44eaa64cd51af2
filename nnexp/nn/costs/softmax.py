"""Softmax output units."""

from __future__ import annotations

import numpy as np

from nnexp.nn.arrays import Array, Number


class Softmax:
    """a_j = exp(z_j) / sum(exp(z)) over the units of an example: all are above 0, and together they are 1.

    The largest z of each example is subtracted first, which changes nothing but that exp cannot overflow.
    Source: Nielsen, chapter 3, equation 78.
    """

    def value(self, z: Number) -> Number:
        """A distribution in each row."""
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def saturated(self, a: Array) -> Array:
        """Below 0.01 or above 0.99: da_j/dz_j = a_j (1 - a_j), as it is of a sigmoid."""
        return np.asarray((a < 0.01) | (a > 0.99))
