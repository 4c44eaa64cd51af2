"""Activations: a unit's rule and its derivative, side by side.

Both are formulas on numbers (see `nnexp.nn.formula`): operators and numpy's ufuncs, element by element. So they
hold for numbers and for arrays, and the network makes of them what it needs to run fast.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from nnexp.component import Component
from nnexp.nn.arrays import Array, Number


@dataclass
class Activation(Component):
    """What the hidden units do with their weighted input.

    bounded: whether f stays between two numbers, however large z is.
    """

    group = "activation"
    bounded: ClassVar[bool] = False

    @abstractmethod
    def value(self, z: Number) -> Number:
        """f(z)."""

    @abstractmethod
    def derivative(self, z: Number, a: Number) -> Number:
        """f'(z), where a = f(z). Only if the formula reads z does the network keep it: use a where that is enough."""

    @abstractmethod
    def saturated(self, a: Array) -> Array:
        """Where a unit with the activation a = f(z) is so far out that it can hardly learn: booleans, shaped as a."""
