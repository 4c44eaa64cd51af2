"""The log-likelihood cost, of softmax output units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnexp.nn.arrays import Array, Number
from nnexp.nn.costs.base import Cost, OutputUnits
from nnexp.nn.costs.smoothing import smoothed, smoothing
from nnexp.nn.costs.softmax import Softmax


@dataclass
class LogLikelihood(Cost):
    """C = -ln a of the unit that should be 1: how surprised a network is that takes its outputs for probabilities.

    An example's targets are a distribution, so they add up to 1: then C = -sum(y ln a) = ln sum(exp z) - sum(y z).
    Source: Nielsen, chapter 3, equation 80; its error at the output is a - y (equations 81 and 82). Label smoothing
    moves the targets towards 1/n for n classes.
    """

    smoothing: float = smoothing()
    kind: str = "log_likelihood"
    outputs: ClassVar[OutputUnits] = Softmax()

    def value(self, z: Number, a: Number, y: Number) -> Number:
        z = z - z.max(axis=1, keepdims=True)  # then no exp overflows
        return self._target(y) * (np.log(np.exp(z).sum(axis=1, keepdims=True)) - z)

    def delta(self, z: Number, a: Number, y: Number) -> Number:
        return a - self._target(y)

    def total(self, z: Array, y: Array) -> float:
        z = z - z.max(axis=1, keepdims=True)
        return float(np.sum(np.log(np.exp(z).sum(axis=1))) - np.sum(z * self._target(y)))

    def derivative(self, a: Array, y: Array) -> Array:
        """Infinite where an output that should not be 0 is; always float64."""
        a, y = np.asarray(a, dtype=float), np.asarray(y, dtype=float)
        y = smoothed(y, self.smoothing, y.shape[-1])
        with np.errstate(divide="ignore"):
            return -np.divide(y, a, out=np.zeros_like(a), where=y > 0)

    def least(self, y: Array) -> float:
        return self.total(np.log(self._target(y)), y) if self.smoothing else 0.0

    def _target(self, y: Number) -> Number:
        classes = (y == y).sum(axis=1, keepdims=True) if self.smoothing else 1  # noqa: PLR0124  # a formula has no shape
        return smoothed(y, self.smoothing, classes)
