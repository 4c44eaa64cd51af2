"""Nesterov's momentum: the gradient is that of where the velocity leads."""

from __future__ import annotations

from dataclasses import dataclass

from nnexp.nn.arrays import Number
from nnexp.nn.optimisers.base import Optimiser
from nnexp.nn.optimisers.velocity import HasVelocity, ahead, gained


@dataclass
class Nesterov(HasVelocity, Optimiser):
    """v' = momentum v - eta g, w' = w + momentum v' - eta g: the gradient is taken where v alone would lead.

    The weights that are kept are that point, which leaves everything else as it is. g is the gradient of the whole
    cost, so a penalty's part goes into v, too. Source: see `velocity`.
    """

    kind: str = "nesterov"

    def step(self, w: Number, g: Number, eta: float, shrink: float, *others: Number) -> tuple[Number, ...]:
        (velocity,) = others
        velocity = gained(velocity, w, g, eta, shrink, self.momentum)
        return ahead(velocity, w, g, eta, shrink, self.momentum), velocity
