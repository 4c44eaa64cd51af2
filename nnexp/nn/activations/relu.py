"""The rectified linear unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnexp.nn.activations.base import Activation
from nnexp.nn.arrays import Array


@dataclass
class Relu(Activation):
    """f(z) = max(0, z); its derivative at 0 is taken to be 0. Source: Nielsen, chapter 3, equation 112."""

    kind: str = "relu"

    def apply(self, z: Array, out: Array) -> None:
        np.maximum(z, 0, out=out)

    def prime(self, a: Array, out: Array) -> None:
        np.greater(a, 0, out=out)

    def saturated(self, a: Array) -> Array:
        """At 0: nothing comes through, forward or back."""
        return np.asarray(a == 0)
