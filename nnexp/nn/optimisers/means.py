"""The running means of a gradient and of its square, and the step that Adam and AdamW make of them.

Source: Kingma, Ba, Adam: a method for stochastic optimization, 2015, algorithm 1.
"""

from __future__ import annotations

import numpy as np

from nnexp.nn.arrays import Array, Number

Means = tuple[Number, Number]


def corrections(beta1: float, beta2: float, t: Array) -> tuple[Array, Array]:
    """What makes the mean, and the root of that of the square, free of their start at 0, in the steps t."""
    return 1 / (1 - beta1**t), 1 / np.sqrt(1 - beta2**t)


def updated(beta1: float, beta2: float, means: Means, g: Number) -> Means:
    """Both means after a gradient g."""
    mean, square = means
    return beta1 * mean + (1 - beta1) * g, beta2 * square + (1 - beta2) * g * g


def moved(w: Number, eta: float, epsilon: float, means: Means, corrections: Means) -> Number:
    """W - eta m / (sqrt(v) + epsilon), m and v the means, corrected."""
    (mean, square), (of_mean, of_root) = means, corrections
    return w - eta * of_mean * mean / (np.sqrt(square) * of_root + epsilon)
