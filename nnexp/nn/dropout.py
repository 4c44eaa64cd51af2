"""Dropout: for each example of an epoch some units, drawn anew, give nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnexp.nn.arrays import Array

OUT_OF = 2**16  # a rate is taken to the nearest of so many parts, for that is how finely is drawn
FACTORS_AT_ONCE = 2**18  # drawn for many steps together, as many as stay in a cache
PER_DRAW = 4  # numbers of 16 bits in one of the generator's


def rates_of(dropout: float | Sequence[float], layers: int) -> list[float]:
    """The rate of each layer that feeds another, input first. dropout: these, or one for all hidden layers."""
    return list(dropout) if isinstance(dropout, Sequence) else [0.0, *[dropout] * (layers - 2)]


class Dropout:
    """The factors of an epoch: 0 for a unit that is left out, 1 / (1 - rate) for one that is not ("inverted").

    So what a unit gives has the same mean in training as without dropout, and nothing is left to do in evaluation.
    rates: of each layer that feeds another, from 0 to below 1, input first; none: nothing is left out. seed: of the
    generator; the factors of an example follow from it, the rates, the sizes, and how many were drawn before.
    columns: where each layer's factors lie in an example's row; nowhere if its rate is 0. width: of a row.
    Source: Srivastava et al., Dropout: a simple way to prevent neural networks from overfitting, 2014.
    """

    def __init__(self, sizes: Sequence[int], rates: Sequence[float] = (), seed: int | Sequence[int] = 0) -> None:
        rates = rates or [0.0] * (len(sizes) - 1)
        self._rates = [min(round(rate * OUT_OF), OUT_OF - 1) for rate in rates]
        ends = np.cumsum([size if rate else 0 for size, rate in zip(sizes, self._rates, strict=False)]).tolist()
        self.columns = [slice(start, end) for start, end in zip([0, *ends], ends, strict=False)]
        self.width: int = ends[-1]
        self._random = np.random.default_rng(seed).bit_generator

    def factors(self, n: int, dtype: np.dtype[Any]) -> Array:
        """The factors `(n, width)` of the next n examples."""
        factors = np.empty((n, self.width), dtype)
        if self.width:
            draws = -(-self.width // PER_DRAW)  # of an example: so it does not matter how many are asked for at a time
            drawn = self._random.random_raw(n * draws).view(np.uint16).reshape(n, draws * PER_DRAW)
            for columns, rate in zip(self.columns, self._rates, strict=True):
                kept = dtype.type(OUT_OF / (OUT_OF - rate))
                np.multiply(drawn[:, columns] >= rate, kept, out=factors[:, columns])
        return factors
