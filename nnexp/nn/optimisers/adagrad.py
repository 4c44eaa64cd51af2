"""AdaGrad: steps that become smaller for the weights that have moved most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnexp.component import number, setting
from nnexp.nn.arrays import Number
from nnexp.nn.optimisers.base import Optimiser


@dataclass
class AdaGrad(Optimiser):
    """w' = w - eta g / (sqrt(s) + epsilon), s the sum of g^2 over all steps.

    g is the gradient of the whole cost, a penalty's part included. A weight's first step is as large as eta, and each
    later one smaller: begin with eta=0.01. Source: Duchi, Hazan, Singer, Adaptive subgradient methods for online
    learning and stochastic optimization, 2011, figure 1, with diagonal matrices.
    """

    epsilon: float = setting(1e-8, help="what keeps a step small where the gradient is almost 0", rule=number(above=0))
    kind: str = "adagrad"
    keeps: ClassVar[tuple[str, ...]] = ("squares",)

    def step(self, w: Number, g: Number, eta: float, shrink: float, *others: Number) -> tuple[Number, ...]:
        (squares,) = others
        g = g + (1 - shrink) / eta * w
        squares = squares + g * g
        return w - eta * g / (np.sqrt(squares) + self.epsilon), squares
