"""Plain gradient descent."""

from __future__ import annotations

from dataclasses import dataclass

from nnexp.nn.arrays import Number
from nnexp.nn.optimisers.base import Optimiser


@dataclass
class Sgd(Optimiser):
    """w' = w - eta g, the article's; with a penalty w' = shrink w - eta g.

    Source: Nielsen, chapter 1, equations 20 and 21; chapter 3, equation 93.
    """

    kind: str = "sgd"

    def step(self, w: Number, g: Number, eta: float, shrink: float, *others: Number) -> tuple[Number, ...]:
        return (shrink * w - eta * g,)
