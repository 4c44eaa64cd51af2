"""Gradient descent with momentum."""

from __future__ import annotations

from dataclasses import dataclass

from nnexp.component import Rule, setting
from nnexp.nn.arrays import Number
from nnexp.nn.optimisers.base import Optimiser
from nnexp.nn.optimisers.velocity import HasVelocity, ahead, gained


@dataclass
class Momentum(HasVelocity, Optimiser):
    """v' = momentum v - eta g, w' = w + v'.

    g is the gradient of the whole cost, so a penalty's part goes into v, too. Source: see `velocity`.
    """

    nesterov: bool = setting(
        False,
        help="what earlier runs called optimiser=nesterov; say that",
        rule=Rule("true or false", lambda value: isinstance(value, bool)),
    )
    kind: str = "momentum"

    def step(self, w: Number, g: Number, eta: float, shrink: float, *others: Number) -> tuple[Number, ...]:
        (velocity,) = others
        velocity = gained(velocity, w, g, eta, shrink, self.momentum)
        return (ahead(velocity, w, g, eta, shrink, self.momentum) if self.nesterov else w + velocity), velocity
