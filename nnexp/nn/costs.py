"""Costs: how wrong an output is, and which way it should move.

Output units are sigmoids, whatever the hidden units are: targets are 0 or 1, so an output has to be
able to lie anywhere between. In all of this module z, a and y are rows, one example each, `(m, n_out)`:
the weighted inputs of the output units, their activations a = sigmoid(z), and the targets.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from nnexp.choice import Choice
from nnexp.nn.activations import SIGMOID
from nnexp.nn.arrays import Array


@dataclass
class Cost(Choice):
    """What training makes small: the mean over examples of a cost per example."""

    @abstractmethod
    def total(self, z: Array, y: Array) -> float:
        """The cost summed over the examples; computed from z, so that no logarithm meets a zero."""

    @abstractmethod
    def delta(self, a: Array, y: Array, out: Array) -> None:
        """Write dC/dz, the error of the output units, into `out` (Nielsen, chapter 2, BP1)."""

    @abstractmethod
    def derivative(self, a: Array, y: Array) -> Array:
        """dC/da: what the article calls `cost_derivative`. Any shape; element by element."""


@dataclass
class Quadratic(Cost):
    """C = |y - a|^2 / 2 for an example. Source: Nielsen, chapter 1, equation 6; the article's cost."""

    kind: str = "quadratic"

    def total(self, z: Array, y: Array) -> float:
        error = np.empty_like(z)
        SIGMOID.apply(z, error)
        error -= y
        return float(np.vdot(error, error)) / 2

    def delta(self, a: Array, y: Array, out: Array) -> None:
        SIGMOID.prime(a, out)
        out *= a - y

    def derivative(self, a: Array, y: Array) -> Array:
        return a - y


@dataclass
class CrossEntropy(Cost):
    """C = -sum(y ln a + (1 - y) ln(1 - a)) for an example.

    With a = sigmoid(z) that is max(z, 0) - z y + ln(1 + exp(-|z|)), in which nothing can overflow.
    Source: Nielsen, chapter 3, equation 63; its error at the output is a - y (equation 68).
    """

    kind: str = "cross_entropy"

    def total(self, z: Array, y: Array) -> float:
        return float(np.sum(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))))

    def delta(self, a: Array, y: Array, out: Array) -> None:
        np.subtract(a, y, out=out)

    def derivative(self, a: Array, y: Array) -> Array:
        """Infinite where a sure output is wrong, which is why training uses `delta`; always float64."""
        a, y = np.asarray(a, dtype=float), np.asarray(y, dtype=float)
        with np.errstate(divide="ignore"):
            rising = np.divide(1 - y, 1 - a, out=np.zeros_like(a), where=y < 1)
            falling = np.divide(y, a, out=np.zeros_like(a), where=y > 0)
        return np.asarray(rising - falling)
