"""The softplus: a rectified linear unit without its corner."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnexp.nn.activations.base import Activation
from nnexp.nn.arrays import Array, Number


@dataclass
class Softplus(Activation):
    """f(z) = ln(1 + exp(z)), whose derivative is the sigmoid; as max(z, 0) + ln(1 + exp(-|z|)) it can't overflow.

    Source: Dugas, Bengio, Belisle, Nadeau, Garcia, Incorporating second-order functional knowledge for better option
    pricing, 2000.
    """

    kind: str = "softplus"

    def value(self, z: Number) -> Number:
        return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))

    def derivative(self, z: Number, a: Number) -> Number:
        return -np.expm1(-a)  # 1 - exp(-a) = 1 - 1 / (1 + exp(z)) = sigmoid(z)

    def saturated(self, a: Array) -> Array:
        """Below 0.01: so is the derivative then."""
        return np.asarray(a < 0.01)
