"""The quadratic cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnexp.nn.activations.sigmoid import SIGMOID
from nnexp.nn.arrays import Array, Number
from nnexp.nn.costs.base import Cost, OutputUnits


@dataclass
class Quadratic(Cost):
    """C = |y - a|^2 / 2 for an example. Source: Nielsen, chapter 1, equation 6; the article's cost."""

    kind: str = "quadratic"
    outputs: ClassVar[OutputUnits] = SIGMOID

    def value(self, z: Number, a: Number, y: Number) -> Number:
        return 0.5 * (a - y) * (a - y)

    def delta(self, z: Number, a: Number, y: Number) -> Number:
        return SIGMOID.derivative(z, a) * (a - y)

    def total(self, z: Array, y: Array) -> float:
        error = SIGMOID.value(z) - y
        return float(np.vdot(error, error)) / 2

    def derivative(self, a: Array, y: Array) -> Array:
        return a - y
