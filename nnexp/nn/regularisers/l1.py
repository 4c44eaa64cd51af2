"""L1 regularisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnexp.component import number, setting
from nnexp.nn.arrays import Array, Number
from nnexp.nn.regularisers.base import Regulariser
from nnexp.nn.regularisers.norms import sum_of_sizes


@dataclass
class L1(Regulariser):
    """The penalty lmbda / n sum(|w|), which pulls every weight by the same amount towards 0.

    Its derivative at 0 is taken to be 0. Source: Nielsen, chapter 3, equations 95 to 97.
    """

    lmbda: float = setting(0.1, help="the book's lambda: how much weights cost", rule=number(least=0))
    kind: str = "l1"

    def shrink(self, eta: float, n: int) -> float:
        return 1.0

    def slope(self, w: Number, n: int) -> Number:
        return self.lmbda / n * np.sign(w)

    def penalty(self, weights: Sequence[Array], n: int) -> float:
        return self.lmbda / n * sum_of_sizes(weights)
