"""No regularisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nnexp.nn.arrays import Array, Number
from nnexp.nn.regularisers.base import Regulariser


@dataclass
class NoRegulariser(Regulariser):
    """Weights may be as large as they like."""

    kind: str = "none"

    def shrink(self, eta: float, n: int) -> float:
        return 1.0

    def slope(self, w: Number, n: int) -> Number:
        return 0.0

    def penalty(self, weights: Sequence[Array], n: int) -> float:
        return 0.0
