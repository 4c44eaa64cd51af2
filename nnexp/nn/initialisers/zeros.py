"""First weights that show why others are drawn at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnexp.nn.arrays import Array
from nnexp.nn.initialisers.base import Initialiser


@dataclass
class Zeros(Initialiser):
    """0 for every weight and bias: all units of a hidden layer get the same gradients and stay alike for ever.

    Source: Goodfellow, Bengio, Courville, Deep Learning, 2016, section 8.4, on breaking the symmetry between units.
    """

    kind: str = "zeros"

    def weights(self, n_out: int, n_in: int, rng: np.random.Generator) -> Array:
        return np.zeros((n_out, n_in))
