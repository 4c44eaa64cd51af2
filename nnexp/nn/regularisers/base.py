"""Regularisers: a penalty on weights that is a part of what training makes small, or a bound that they keep to."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from nnexp.component import Component
from nnexp.nn.arrays import Array, Number


@dataclass
class Regulariser(Component):
    """A penalty on the weights of all layers, or a bound; biases have none. n is the number of training examples.

    Its derivative by a weight w is `w (1 - shrink) / eta + slope`: what grows with w costs no time, for BLAS can
    shrink the weights while it adds a step to them.
    """

    group = "regulariser"

    @abstractmethod
    def shrink(self, eta: float, n: int) -> float:
        """What a step of plain gradient descent of the size eta multiplies each weight by; 1 for nothing."""

    @abstractmethod
    def slope(self, w: Number, n: int) -> Number:
        """What is added to the cost's derivative by the weight w: a formula on numbers, or 0 for nothing."""

    def bounded(self, w: Number) -> Number:
        """What becomes of the weights after a step, a row for each unit: a formula of numbers and of rows."""
        return w

    @abstractmethod
    def penalty(self, weights: Sequence[Array], n: int) -> float:
        """What is added to the mean cost of an example; weights: an array for each layer."""

    def advice(self, eta: float, n: int) -> str:
        """What of it to change where training with steps of the size eta diverges; empty if it has no part in that."""
        return ""
