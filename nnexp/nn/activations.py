"""Activations: a unit's rule and its derivative, side by side.

A rule writes into an array that is given to it, so that training allocates nothing. Derivatives are
written in terms of the activation a = f(z), which the backward pass still has.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from nnexp.choice import Choice
from nnexp.nn.arrays import Array

# In the inner loop a Python float costs as much as the arithmetic; an array without dimensions does not.
HALF, ONE = np.array(0.5, np.float32), np.array(1, np.float32)


@dataclass
class Activation(Choice):
    """What the hidden units do with their weighted input."""

    @abstractmethod
    def apply(self, z: Array, out: Array) -> None:
        """Write f(z) into `out`, element by element; `out` may be `z` itself."""

    @abstractmethod
    def prime(self, a: Array, out: Array) -> None:
        """Write f'(z), given a = f(z), into `out`; `out` may not be `a`."""

    @abstractmethod
    def saturated(self, a: Array) -> Array:
        """Where a unit with the activation a = f(z) is so far out that it can hardly learn: booleans, shaped as a."""


@dataclass
class Sigmoid(Activation):
    """f(z) = 1 / (1 + exp(-z)), written as (tanh(z/2) + 1) / 2: the same curve, and it cannot overflow.

    Source: Nielsen, Neural Networks and Deep Learning, chapter 1, equation 3.
    """

    kind: str = "sigmoid"

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


@dataclass
class Tanh(Activation):
    """f(z) = tanh(z), between -1 and 1. Source: Nielsen, chapter 3, equation 109."""

    kind: str = "tanh"

    def apply(self, z: Array, out: Array) -> None:
        np.tanh(z, out=out)

    def prime(self, a: Array, out: Array) -> None:
        np.multiply(a, a, out=out)
        np.subtract(1, out, out=out)

    def saturated(self, a: Array) -> Array:
        """Beyond 0.98 either way: tanh(z) = 2 sigmoid(2z) - 1, so this is where a sigmoid is beyond 0.99 or 0.01."""
        return np.asarray(np.abs(a) > 0.98)


@dataclass
class Relu(Activation):
    """f(z) = max(0, z); its derivative at 0 is taken to be 0. Source: Nielsen, chapter 3, equation 112."""

    kind: str = "relu"

    def apply(self, z: Array, out: Array) -> None:
        np.maximum(z, 0, out=out)

    def prime(self, a: Array, out: Array) -> None:
        np.greater(a, 0, out=out)

    def saturated(self, a: Array) -> Array:
        """At 0: nothing comes through, forward or back."""
        return np.asarray(a == 0)


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
