"""A bound on the weights into each unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnexp.component import number, setting
from nnexp.nn.arrays import Array, Number
from nnexp.nn.regularisers.base import Regulariser


@dataclass
class MaxNorm(Regulariser):
    """After each step the weights into a unit are scaled down to the norm c where theirs is larger; no penalty.

    Source: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, Dropout: a simple way to prevent neural networks
    from overfitting, 2014, section 5.1.
    """

    c: float = setting(3.0, help="the largest Euclidean norm of the weights into a unit", rule=number(above=0))
    kind: str = "max_norm"

    def shrink(self, eta: float, n: int) -> float:
        return 1.0

    def slope(self, w: Number, n: int) -> Number:
        return 0.0

    def bounded(self, w: Number) -> Number:
        """Those within the norm times c / c, that is 1, to the last bit."""
        norm = np.sqrt((w * w).sum(axis=1, keepdims=True))
        return w * (self.c / np.maximum(norm, self.c))

    def penalty(self, weights: Sequence[Array], n: int) -> float:
        return 0.0
