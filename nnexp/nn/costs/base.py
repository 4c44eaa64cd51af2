"""Costs: how wrong an output is, and which way it should move.

A cost says what its output units do, whatever the hidden units are, for the two belong together: the sigmoid leaves
each output anywhere between 0 and 1, the softmax makes all of an example a distribution. In all of this module z, a
and y are rows, one example each, `(m, n_out)`: the weighted inputs of the output units, their activations, the targets.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from nnexp.component import Component
from nnexp.nn.arrays import Array, Number


class OutputUnits(Protocol):
    """What output units do with their weighted input; every activation is one, too."""

    def value(self, z: Number) -> Number:
        """What they give: a formula on numbers, which may use the `max` and `sum` of a row."""

    def saturated(self, a: Array) -> Array:
        """Where a unit with the activation a is so far out that it can hardly learn: booleans, shaped as a."""


@dataclass
class Cost(Component):
    """What training makes small: the mean over examples of a cost per example.

    outputs: what the output units do.
    """

    group = "cost"
    outputs: ClassVar[OutputUnits]

    @abstractmethod
    def value(self, z: Number, a: Number, y: Number) -> Number:
        """What each output adds to the cost of its example: a formula on numbers; no logarithm in it meets a zero."""

    @abstractmethod
    def delta(self, z: Number, a: Number, y: Number) -> Number:
        """dC/dz, the error of the output units (Nielsen, chapter 2, BP1): a formula on numbers."""

    @abstractmethod
    def derivative(self, a: Array, y: Array) -> Array:
        """dC/da: what the article calls `cost_derivative`. An example's outputs lie along the last axis."""

    def least(self, y: Array) -> float:
        """The smallest `total` that outputs can have for these targets: 0, unless they ask for no certainty."""
        return 0.0

    def total(self, z: Array, y: Array) -> float:
        """The cost summed over the examples, as numpy's engine sums it: another order would give other last digits."""
        return float(np.sum(self.value(z, self.outputs.value(z), y)))
