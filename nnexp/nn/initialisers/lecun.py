"""First weights that suit the number of inputs, with biases of 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnexp.nn.arrays import Array
from nnexp.nn.initialisers.base import Initialiser
from nnexp.nn.initialisers.distributions import NORMAL, distribution, drawn


@dataclass
class LeCun(Initialiser):
    """Weights of the variance 1 / n_in: those of scaled_gaussian, or uniform ones; biases are 0.

    Source: LeCun, Bottou, Orr, Mueller, Efficient BackProp, 1998, section 4.6, equation 16.
    """

    distribution: str = distribution(NORMAL)
    kind: str = "lecun"
    scaled: ClassVar[bool] = True

    def weights(self, n_out: int, n_in: int, rng: np.random.Generator) -> Array:
        return drawn(self.distribution, 1 / n_in, (n_out, n_in), rng)
