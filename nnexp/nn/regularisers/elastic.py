"""The elastic net: L1 and L2 regularisation together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnexp.component import Rule, number, setting
from nnexp.nn.arrays import Array, Number
from nnexp.nn.regularisers.base import Regulariser
from nnexp.nn.regularisers.norms import sum_of_sizes, sum_of_squares

SHARE = Rule("a number from 0 to 1", lambda value: 0 <= value <= 1)


@dataclass
class Elastic(Regulariser):
    """The penalty lmbda / n (l1_ratio sum(|w|) + (1 - l1_ratio) / 2 sum(w^2)).

    Source: Zou, Hastie, Regularization and variable selection via the elastic net, 2005; l1_ratio is scikit-learn's.
    """

    lmbda: float = setting(0.1, help="the book's lambda: how much weights cost", rule=number(least=0))
    l1_ratio: float = setting(
        0.5,
        help="how much of it is l1; the rest is l2",
        rule=SHARE,
    )
    kind: str = "elastic"

    def shrink(self, eta: float, n: int) -> float:
        return 1 - eta * self.lmbda * (1 - self.l1_ratio) / n

    def slope(self, w: Number, n: int) -> Number:
        return self.lmbda * self.l1_ratio / n * np.sign(w)

    def penalty(self, weights: Sequence[Array], n: int) -> float:
        of_sizes, of_squares = self.l1_ratio * sum_of_sizes(weights), (1 - self.l1_ratio) / 2 * sum_of_squares(weights)
        return self.lmbda / n * (of_sizes + of_squares)

    def advice(self, eta: float, n: int) -> str:
        shrink = self.shrink(eta, n)
        if shrink >= 0:
            return ""
        return f"a smaller regulariser.lmbda (1 - eta lmbda (1 - l1_ratio) / n is {shrink:.3g}, below 0)"
