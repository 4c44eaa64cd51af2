"""The quadratic cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnexp.nn.activations.sigmoid import SIGMOID
from nnexp.nn.arrays import Array
from nnexp.nn.costs.base import Cost


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
