"""The exponential linear unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnexp.component import number, setting
from nnexp.nn.activations.base import Activation
from nnexp.nn.arrays import Array, Number


@dataclass
class Elu(Activation):
    """f(z) = z where z > 0, else alpha (exp(z) - 1): smooth where alpha is 1; its derivative at 0 is taken to be alpha.

    Source: Clevert, Unterthiner, Hochreiter, Fast and accurate deep network learning by exponential linear units, 2016,
    equation 15.
    """

    alpha: float = setting(1.0, help="how far below 0 the activation falls", rule=number(above=0))
    kind: str = "elu"

    def value(self, z: Number) -> Number:
        return np.maximum(z, 0) + self.alpha * np.expm1(np.minimum(z, 0))

    def derivative(self, z: Number, a: Number) -> Number:
        return np.minimum(a, 0) + self.alpha + (1 - self.alpha) * (a > 0)  # 1, or a + alpha = alpha exp(z)

    def saturated(self, a: Array) -> Array:
        """Below -0.99 alpha, where the derivative alpha exp(z) is under 1 % of alpha."""
        return np.asarray(a < -0.99 * self.alpha)
