"""The cross-entropy cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnexp.nn.activations.sigmoid import SIGMOID
from nnexp.nn.arrays import Array, Number
from nnexp.nn.costs.base import Cost, OutputUnits
from nnexp.nn.costs.smoothing import smoothed, smoothing


@dataclass
class CrossEntropy(Cost):
    """C = -sum(y ln a + (1 - y) ln(1 - a)) for an example.

    With a = sigmoid(z) that is max(z, 0) - z y + ln(1 + exp(-|z|)), in which nothing can overflow.
    Source: Nielsen, chapter 3, equation 63; its error at the output is a - y (equation 68). Each output answers yes or
    no, so label smoothing moves its target towards 1/2, as Keras's BinaryCrossentropy does.
    """

    smoothing: float = smoothing()
    kind: str = "cross_entropy"
    outputs: ClassVar[OutputUnits] = SIGMOID

    def value(self, z: Number, a: Number, y: Number) -> Number:
        return np.maximum(z, 0) - z * self._target(y) + np.log1p(np.exp(-np.abs(z)))

    def delta(self, z: Number, a: Number, y: Number) -> Number:
        return a - self._target(y)

    def derivative(self, a: Array, y: Array) -> Array:
        """Infinite where a sure output is wrong, which is why training uses `delta`; always float64."""
        a, y = np.asarray(a, dtype=float), self._target(np.asarray(y, dtype=float))
        with np.errstate(divide="ignore"):
            rising = np.divide(1 - y, 1 - a, out=np.zeros_like(a), where=y < 1)
            falling = np.divide(y, a, out=np.zeros_like(a), where=y > 0)
        return np.asarray(rising - falling)

    def least(self, y: Array) -> float:
        target = self._target(y)
        return self.total(np.log(target / (1 - target)), y) if self.smoothing else 0.0

    def _target(self, y: Number) -> Number:
        return smoothed(y, self.smoothing, 2)
