"""L2 regularisation, or weight decay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nnexp.component import number, setting
from nnexp.nn.arrays import Array, Number
from nnexp.nn.regularisers.base import Regulariser
from nnexp.nn.regularisers.norms import sum_of_squares


@dataclass
class L2(Regulariser):
    """The penalty lmbda / (2n) sum(w^2). Source: Nielsen, chapter 3, equations 85 and 93."""

    lmbda: float = setting(0.1, help="the book's lambda: how much large weights cost", rule=number(least=0))
    kind: str = "l2"

    def shrink(self, eta: float, n: int) -> float:
        return 1 - eta * self.lmbda / n

    def slope(self, w: Number, n: int) -> Number:
        return 0.0

    def penalty(self, weights: Sequence[Array], n: int) -> float:
        return self.lmbda / (2 * n) * sum_of_squares(weights)

    def advice(self, eta: float, n: int) -> str:
        shrink = self.shrink(eta, n)
        return f"a smaller regulariser.lmbda (1 - eta lmbda / n is {shrink:.3g}, below 0)" if shrink < 0 else ""
