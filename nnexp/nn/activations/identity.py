"""The identity: units that only add up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnexp.nn.activations.base import Activation
from nnexp.nn.arrays import Array, Number


@dataclass
class Identity(Activation):
    """f(z) = z, so that however many hidden layers there are, the network can do no more than one without any.

    Source: Saxe, McClelland, Ganguli, Exact solutions to the nonlinear dynamics of learning in deep linear neural
    networks, 2014, on what is still to be learnt from such networks.
    """

    kind: str = "identity"

    def value(self, z: Number) -> Number:
        return z

    def derivative(self, z: Number, a: Number) -> Number:
        return 1.0

    def saturated(self, a: Array) -> Array:
        """Nowhere: every unit passes on all that it gets."""
        return np.zeros(np.shape(a), bool)
