"""Adam: steps of a size of their own for each weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nnexp.component import number, setting
from nnexp.nn.arrays import Array, Number
from nnexp.nn.optimisers.base import Optimiser
from nnexp.nn.optimisers.means import corrections, moved, updated

SHARE = number(least=0, below=1)


@dataclass
class Adam(Optimiser):
    """w' = w - eta m / (sqrt(v) + epsilon), m and v the running means of g and g^2, made free of their start at 0.

    g is the gradient of the whole cost, so a penalty's part goes into both means. A step is about as large as eta,
    whatever the gradient: rates that suit plain gradient descent are far too large for it; begin with 0.001.
    Source: Kingma, Ba, Adam: a method for stochastic optimization, 2015, algorithm 1.
    """

    beta1: float = setting(0.9, help="how much of the mean of g is kept from step to step", rule=SHARE)
    beta2: float = setting(0.999, help="how much of the mean of g^2 is kept from step to step", rule=SHARE)
    epsilon: float = setting(1e-8, help="what keeps a step small where the gradient is almost 0", rule=number(above=0))
    kind: str = "adam"
    keeps: ClassVar[tuple[str, ...]] = ("mean", "square")

    def numbers(self, t: Array) -> tuple[Array, ...]:
        return corrections(self.beta1, self.beta2, t)

    def step(self, w: Number, g: Number, eta: float, shrink: float, *others: Number) -> tuple[Number, ...]:
        means = updated(self.beta1, self.beta2, others[:2], g + (1 - shrink) / eta * w)
        return moved(w, eta, self.epsilon, means, others[2:]), *means
