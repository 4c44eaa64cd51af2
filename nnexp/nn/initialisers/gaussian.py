"""The article's first weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnexp.nn.arrays import Array
from nnexp.nn.initialisers.base import Initialiser


@dataclass
class Gaussian(Initialiser):
    """N(0, 1) for every weight and bias: the article's. Large layers start saturated and may never recover."""

    kind: str = "gaussian"
    draws_biases: ClassVar[bool] = True

    def weights(self, n_out: int, n_in: int, rng: np.random.Generator) -> Array:
        return rng.standard_normal((n_out, n_in))
