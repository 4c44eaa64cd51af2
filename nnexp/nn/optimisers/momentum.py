"""Gradient descent with momentum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nnexp.component import Rule, number, setting
from nnexp.nn.arrays import Number
from nnexp.nn.optimisers.base import Optimiser


@dataclass
class Momentum(Optimiser):
    """v' = momentum v - eta g, w' = w + v'; Nesterov's looks ahead: w' = w + momentum v' - eta g.

    g is the gradient of the whole cost, so a penalty's part goes into v, too. Nesterov's gradient is that of the point
    where v alone would lead; the weights that are kept are this point, which leaves everything else as it is.
    Source: Nielsen, chapter 3, equations 107 and 108; Sutskever, Martens, Dahl, Hinton, On the importance of
    initialization and momentum in deep learning, 2013, equations 3 and 4.
    """

    momentum: float = setting(
        0.9, help="how much of its velocity a weight keeps from step to step", rule=number(least=0, below=1)
    )
    nesterov: bool = setting(
        False,
        help="take the gradient where the velocity will lead",
        rule=Rule("true or false", lambda value: isinstance(value, bool)),
    )
    kind: str = "momentum"
    keeps: ClassVar[tuple[str, ...]] = ("velocity",)

    @property
    def gain(self) -> float:
        return 1 / (1 - self.momentum)

    def step(self, w: Number, g: Number, eta: float, shrink: float, *others: Number) -> tuple[Number, ...]:
        (velocity,) = others
        velocity = self.momentum * velocity - eta * g - (1 - shrink) * w
        if self.nesterov:
            return w + self.momentum * velocity - eta * g - (1 - shrink) * w, velocity
        return w + velocity, velocity
