"""Costs: how wrong an output is, and which way it should move.

Output units are sigmoids, whatever the hidden units are: targets are 0 or 1, so an output has to be
able to lie anywhere between. In all of this module z, a and y are rows, one example each, `(m, n_out)`:
the weighted inputs of the output units, their activations a = sigmoid(z), and the targets.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

from nnexp.component import Component
from nnexp.nn.arrays import Array


@dataclass
class Cost(Component):
    """What training makes small: the mean over examples of a cost per example."""

    group = "cost"

    @abstractmethod
    def total(self, z: Array, y: Array) -> float:
        """The cost summed over the examples; computed from z, so that no logarithm meets a zero."""

    @abstractmethod
    def delta(self, a: Array, y: Array, out: Array) -> None:
        """Write dC/dz, the error of the output units, into `out` (Nielsen, chapter 2, BP1)."""

    @abstractmethod
    def derivative(self, a: Array, y: Array) -> Array:
        """dC/da: what the article calls `cost_derivative`. Any shape; element by element."""
