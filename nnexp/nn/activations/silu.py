"""The sigmoid-weighted linear unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnexp.nn.activations.base import Activation
from nnexp.nn.activations.sigmoid import SIGMOID
from nnexp.nn.arrays import Array, Number


@dataclass
class Silu(Activation):
    """f(z) = z sigmoid(z), also called swish: close to 0 far below 0, and to z far above.

    Source: Elfwing, Uchibe, Doya, Sigmoid-weighted linear units for neural network function approximation in
    reinforcement learning, 2018; the name is of Hendrycks, Gimpel, Gaussian Error Linear Units, 2016.
    """

    kind: str = "silu"

    def value(self, z: Number) -> Number:
        return z * SIGMOID.value(z)

    def derivative(self, z: Number, a: Number) -> Number:
        s = SIGMOID.value(z)
        return s + a * (1 - s)

    def saturated(self, a: Array) -> Array:
        """Between -0.01 and 0: below z = -6.5 the derivative is under 1 %; the rare z just below 0 is counted, too."""
        return np.asarray((a <= 0) & (a > -0.01))
