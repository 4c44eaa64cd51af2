"""The sigmoid, and the article's two helpers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnexp.nn.activations.base import Activation
from nnexp.nn.arrays import Array

# In the inner loop a Python float costs as much as the arithmetic; an array without dimensions does not.
HALF, ONE = np.array(0.5, np.float32), np.array(1, np.float32)


@dataclass
class Sigmoid(Activation):
    """f(z) = 1 / (1 + exp(-z)), written as (tanh(z/2) + 1) / 2: the same curve, and it cannot overflow.

    Source: Nielsen, Neural Networks and Deep Learning, chapter 1, equation 3.
    """

    kind: str = "sigmoid"
    bounded: ClassVar[bool] = True

    def apply(self, z: Array, out: Array) -> None:
        np.multiply(z, HALF, out)
        np.tanh(out, out)
        np.multiply(out, HALF, out)
        np.add(out, HALF, out)

    def prime(self, a: Array, out: Array) -> None:
        np.subtract(ONE, a, out)
        np.multiply(out, a, out)

    def saturated(self, a: Array) -> Array:
        """Below 0.01 or above 0.99, where the derivative is under 4 % of its largest value."""
        return np.asarray((a < 0.01) | (a > 0.99))


SIGMOID = Sigmoid()


def sigmoid(z: Array) -> Array:
    """The article's helper: 1 / (1 + exp(-z)), element by element, for a number or any array of floats."""
    z = np.asarray(z)
    z = z.astype(np.result_type(z.dtype, np.float16), copy=False)  # whole numbers become floats
    out = np.empty_like(z)
    SIGMOID.apply(z, out)
    return out


def sigmoid_prime(z: Array) -> Array:
    """The article's helper: the derivative of `sigmoid` at z."""
    a = sigmoid(z)
    out = np.empty_like(a)
    SIGMOID.prime(a, out)
    return out
