"""The hyperbolic tangent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnexp.nn.activations.base import Activation
from nnexp.nn.arrays import Array, Number


@dataclass
class Tanh(Activation):
    """f(z) = tanh(z), between -1 and 1. Source: Nielsen, chapter 3, equation 109."""

    kind: str = "tanh"
    bounded: ClassVar[bool] = True

    def value(self, z: Number) -> Number:
        return np.tanh(z)

    def derivative(self, z: Number, a: Number) -> Number:
        return 1 - a * a

    def saturated(self, a: Array) -> Array:
        """Beyond 0.98 either way: tanh(z) = 2 sigmoid(2z) - 1, so this is where a sigmoid is beyond 0.99 or 0.01."""
        return np.asarray(np.abs(a) > 0.98)
