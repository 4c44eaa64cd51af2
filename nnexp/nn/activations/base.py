"""Activations: a unit's rule and its derivative, side by side.

A rule writes into an array that is given to it, so that training allocates nothing. Derivatives are
written in terms of the activation a = f(z), which the backward pass still has.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from nnexp.component import Component
from nnexp.nn.arrays import Array


@dataclass
class Activation(Component):
    """What the hidden units do with their weighted input. bounded: whether f(z) is, however large z is."""

    group = "activation"
    bounded: ClassVar[bool] = False

    @abstractmethod
    def apply(self, z: Array, out: Array) -> None:
        """Write f(z) into `out`, element by element; `out` may be `z` itself."""

    @abstractmethod
    def prime(self, a: Array, out: Array) -> None:
        """Write f'(z), given a = f(z), into `out`; `out` may not be `a`."""

    @abstractmethod
    def saturated(self, a: Array) -> Array:
        """Where a unit with the activation a = f(z) is so far out that it can hardly learn: booleans, shaped as a."""
