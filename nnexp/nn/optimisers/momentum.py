"""Gradient descent with momentum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nnexp.component import Rule, number, setting
from nnexp.nn.arrays import Number
from nnexp.nn.optimisers.base import Optimiser
from nnexp.nn.optimisers.velocity import ahead, gained


@dataclass
class Momentum(Optimiser):
    """v' = momentum v - eta g, w' = w + v'.

    g is the gradient of the whole cost, so a penalty's part goes into v, too. Source: see `velocity`.
    """

    momentum: float = setting(
        0.9, help="how much of its velocity a weight keeps from step to step", rule=number(least=0, below=1)
    )
    nesterov: bool = setting(
        False,
        help="what earlier runs called optimiser=nesterov; say that",
        rule=Rule("true or false", lambda value: isinstance(value, bool)),
    )
    kind: str = "momentum"
    keeps: ClassVar[tuple[str, ...]] = ("velocity",)

    @property
    def gain(self) -> float:
        return 1 / (1 - self.momentum)

    def step(self, w: Number, g: Number, eta: float, shrink: float, *others: Number) -> tuple[Number, ...]:
        (velocity,) = others
        velocity = gained(velocity, w, g, eta, shrink, self.momentum)
        return (ahead(velocity, w, g, eta, shrink, self.momentum) if self.nesterov else w + velocity), velocity
