"""The rectified linear unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnexp.nn.activations.base import Activation
from nnexp.nn.arrays import Array, Number


@dataclass
class Relu(Activation):
    """f(z) = max(0, z); its derivative at 0 is taken to be 0. Source: Nielsen, chapter 3, equation 112."""

    kind: str = "relu"

    def value(self, z: Number) -> Number:
        return np.maximum(z, 0)

    def derivative(self, z: Number, a: Number) -> Number:
        return a > 0

    def saturated(self, a: Array) -> Array:
        """At 0: nothing comes through, forward or back."""
        return np.asarray(a == 0)
