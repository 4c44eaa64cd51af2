"""First weights that suit the number of inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnexp.nn.initialisers.base import Initialiser


@dataclass
class ScaledGaussian(Initialiser):
    """N(0, 1/n_in) for every weight, so that a unit's weighted input stays of order 1.

    Source: Nielsen, chapter 3, "Weight initialization".
    """

    kind: str = "scaled_gaussian"
    scaled: ClassVar[bool] = True

    def spread(self, n_in: int) -> float:
        return float(1 / np.sqrt(n_in))
