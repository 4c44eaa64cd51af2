"""First weights that suit the numbers of inputs and of units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnexp.nn.arrays import Array
from nnexp.nn.initialisers.base import Initialiser
from nnexp.nn.initialisers.distributions import UNIFORM, distribution, drawn


@dataclass
class Glorot(Initialiser):
    """Weights of the variance 2 / (n_in + n_out): what goes forward and what comes back keep their size; biases are 0.

    Also called Xavier's. Source: Glorot, Bengio, Understanding the difficulty of training deep feedforward neural
    networks, 2010, equations 12 and 16.
    """

    distribution: str = distribution(UNIFORM)
    kind: str = "glorot"
    scaled: ClassVar[bool] = True

    def weights(self, n_out: int, n_in: int, rng: np.random.Generator) -> Array:
        return drawn(self.distribution, 2 / (n_in + n_out), (n_out, n_in), rng)
