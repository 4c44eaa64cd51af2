"""The rectified linear unit that lets a little through on its other side, too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnexp.component import number, setting
from nnexp.nn.activations.base import Activation
from nnexp.nn.arrays import Array, Number


@dataclass
class LeakyRelu(Activation):
    """f(z) = max(z, slope z), so that no unit is ever dead; its derivative at 0 is taken to be the slope.

    Source: Maas, Hannun, Ng, Rectifier nonlinearities improve neural network acoustic models, 2013.
    """

    slope: float = setting(0.01, help="of the activation where z < 0", rule=number(least=0, below=1))
    kind: str = "leaky_relu"

    def value(self, z: Number) -> Number:
        return np.maximum(z, self.slope * z)

    def derivative(self, z: Number, a: Number) -> Number:
        return np.maximum(np.sign(a), self.slope)  # the sign is 1, or no larger than a slope

    def saturated(self, a: Array) -> Array:
        """Nowhere, unless nothing comes through: at 0 of a slope of 0."""
        return np.asarray((a == 0) & (self.slope == 0))
