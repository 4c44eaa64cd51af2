"""RMSprop: steps measured by how large the gradient has been of late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnexp.component import number, setting
from nnexp.nn.arrays import Number
from nnexp.nn.optimisers.base import Optimiser


@dataclass
class RMSprop(Optimiser):
    """w' = w - eta g / (sqrt(v) + epsilon), v the running mean of g^2.

    g is the gradient of the whole cost, a penalty's part included. A step is about as large as eta, whatever the
    gradient; the first ones are larger, for v begins at 0: begin with eta=0.001.
    Source: Tieleman, Hinton, Neural networks for machine learning, lecture 6.5, 2012.
    """

    rho: float = setting(
        0.9, help="how much of the mean of g^2 is kept from step to step", rule=number(least=0, below=1)
    )
    epsilon: float = setting(1e-8, help="what keeps a step small where the gradient is almost 0", rule=number(above=0))
    kind: str = "rmsprop"
    keeps: ClassVar[tuple[str, ...]] = ("square",)

    def step(self, w: Number, g: Number, eta: float, shrink: float, *others: Number) -> tuple[Number, ...]:
        (square,) = others
        g = g + (1 - shrink) / eta * w
        square = self.rho * square + (1 - self.rho) * g * g
        return w - eta * g / (np.sqrt(square) + self.epsilon), square
