"""One layer as the inner loop sees it: its weights, and memory that is made once and written many times.

Everything a step needs is bound here before the loop starts, views included: at these sizes a call of
numpy costs as much as the arithmetic in it, and an allocation more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.linalg.blas import dgemm, sgemm

from nnexp.nn.arrays import Array

GEMM: dict[np.dtype[Any], Callable[..., Array]] = {np.dtype("float32"): sgemm, np.dtype("float64"): dgemm}


class Layer:
    """A layer's weights w `(y, x)` and biases b `(y, 1)`, and room for m examples, one per row.

    a: (m, y) activations. delta: (m, y), dC/dz. prime: (m, y), f'(z). w and b are C-ordered, of one
    dtype, and written in place.
    """

    def __init__(self, w: Array, b: Array, m: int) -> None:
        self.a, self.delta, self.prime = np.empty((3, m, len(w)), w.dtype)
        self.w = w
        self.b_row = b.T
        self._ones = np.ones((1, m), w.dtype)
        self.w_T, self.a_T, self._delta_T = w.T, self.a.T, self.delta.T
        self._gemm = GEMM[w.dtype]

    def feed(self, a: Array, z: Array) -> None:
        """Write z = a @ w.T + b, what the layer's units are fed by the activations a `(m, x)`, into z."""
        np.dot(a, self.w_T, out=z)
        z += self.b_row

    def descend(self, rate: float, a_T: Array) -> None:
        """Move w and b by -rate times their gradient, for inputs given as columns a_T `(x, m)` (BP3, BP4).

        BLAS adds the product straight into w, in one pass over it. BLAS is column-major: what is C-ordered
        to numpy is its transpose to BLAS, without a copy. Arguments by position (alpha, a, b, beta, c,
        trans_a, trans_b, overwrite_c), for by name they cost a microsecond more.
        """
        self._gemm(-rate, a_T, self._delta_T, 1.0, self.w_T, 0, 1, 1)
        self._gemm(-rate, self._ones, self._delta_T, 1.0, self.b_row, 0, 1, 1)
