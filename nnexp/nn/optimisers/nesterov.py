"""Nesterov's momentum: the gradient is that of where the velocity leads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nnexp.component import number, setting
from nnexp.nn.arrays import Number
from nnexp.nn.optimisers.base import Optimiser
from nnexp.nn.optimisers.velocity import ahead, gained


@dataclass
class Nesterov(Optimiser):
    """v' = momentum v - eta g, w' = w + momentum v' - eta g: the gradient is taken where v alone would lead.

    The weights that are kept are that point, which leaves everything else as it is. g is the gradient of the whole
    cost, so a penalty's part goes into v, too. Source: see `velocity`.
    """

    momentum: float = setting(
        0.9, help="how much of its velocity a weight keeps from step to step", rule=number(least=0, below=1)
    )
    kind: str = "nesterov"
    keeps: ClassVar[tuple[str, ...]] = ("velocity",)

    @property
    def gain(self) -> float:
        return 1 / (1 - self.momentum)

    def step(self, w: Number, g: Number, eta: float, shrink: float, *others: Number) -> tuple[Number, ...]:
        (velocity,) = others
        velocity = gained(velocity, w, g, eta, shrink, self.momentum)
        return ahead(velocity, w, g, eta, shrink, self.momentum), velocity
