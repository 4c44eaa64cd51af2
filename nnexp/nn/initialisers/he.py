"""First weights that suit rectified linear units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnexp.nn.arrays import Array
from nnexp.nn.initialisers.base import Initialiser
from nnexp.nn.initialisers.distributions import NORMAL, distribution, drawn


@dataclass
class He(Initialiser):
    """Weights of the variance 2 / n_in, for units that are at 0 half of the time, such as relu's; biases are 0.

    Also called Kaiming's. Source: He, Zhang, Ren, Sun, Delving deep into rectifiers, 2015, equation 10.
    """

    distribution: str = distribution(NORMAL)
    kind: str = "he"
    scaled: ClassVar[bool] = True

    def weights(self, n_out: int, n_in: int, rng: np.random.Generator) -> Array:
        return drawn(self.distribution, 2 / n_in, (n_out, n_in), rng)
