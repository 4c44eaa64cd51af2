"""First weights that suit the number of inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnexp.nn.arrays import Array
from nnexp.nn.initialisers.base import Initialiser


@dataclass
class ScaledGaussian(Initialiser):
    """N(0, 1/n_in) for every weight, so that a unit's weighted input stays of order 1; N(0, 1) for every bias.

    Source: Nielsen, chapter 3, "Weight initialization".
    """

    kind: str = "scaled_gaussian"
    scaled: ClassVar[bool] = True
    draws_biases: ClassVar[bool] = True

    def weights(self, n_out: int, n_in: int, rng: np.random.Generator) -> Array:
        return rng.standard_normal((n_out, n_in)) * float(1 / np.sqrt(n_in))
