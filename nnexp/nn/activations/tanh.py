"""The hyperbolic tangent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnexp.nn.activations.base import Activation
from nnexp.nn.arrays import Array


@dataclass
class Tanh(Activation):
    """f(z) = tanh(z), between -1 and 1. Source: Nielsen, chapter 3, equation 109."""

    kind: str = "tanh"
    bounded: ClassVar[bool] = True

    def apply(self, z: Array, out: Array) -> None:
        np.tanh(z, out=out)

    def prime(self, a: Array, out: Array) -> None:
        np.multiply(a, a, out=out)
        np.subtract(1, out, out=out)

    def saturated(self, a: Array) -> Array:
        """Beyond 0.98 either way: tanh(z) = 2 sigmoid(2z) - 1, so this is where a sigmoid is beyond 0.99 or 0.01."""
        return np.asarray(np.abs(a) > 0.98)
