"""The sigmoid, and the article's two helpers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnexp.nn.activations.base import Activation
from nnexp.nn.arrays import Array, Number


@dataclass
class Sigmoid(Activation):
    """f(z) = 1 / (1 + exp(-z)), written as (tanh(z/2) + 1) / 2: the same curve, and it cannot overflow.

    Source: Nielsen, Neural Networks and Deep Learning, chapter 1, equation 3.
    """

    kind: str = "sigmoid"
    bounded: ClassVar[bool] = True

    def value(self, z: Number) -> Number:
        return 0.5 * np.tanh(0.5 * z) + 0.5

    def derivative(self, z: Number, a: Number) -> Number:
        return (1 - a) * a

    def saturated(self, a: Array) -> Array:
        """Below 0.01 or above 0.99, where the derivative is under 4 % of its largest value."""
        return np.asarray((a < 0.01) | (a > 0.99))


SIGMOID = Sigmoid()


def sigmoid(z: Array) -> Array:
    """The article's helper: 1 / (1 + exp(-z)), element by element, for a number or any array of floats."""
    z = np.asarray(z)
    z = z.astype(np.result_type(z.dtype, np.float16), copy=False)  # whole numbers become floats
    return np.asarray(SIGMOID.value(z))


def sigmoid_prime(z: Array) -> Array:
    """The article's helper: the derivative of `sigmoid` at z."""
    return np.asarray(SIGMOID.derivative(z, sigmoid(z)))
