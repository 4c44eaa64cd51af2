"""Training labels that are wrong on purpose."""

from __future__ import annotations

import numpy as np

from nnexp.nn.examples import Examples


def with_label_noise(examples: Examples, share: float, classes: int, seed: int) -> Examples:
    """The examples, that share of their labels replaced by another class, each of the others by the same chance.

    A function of the seed: what is wrong at a smaller share is wrong in the same way at a larger one.
    """
    rng = np.random.default_rng([seed, 5])
    wrong = rng.permutation(len(examples))[: round(share * len(examples))]
    labels = examples.labels.copy()
    labels[wrong] = (labels[wrong] + rng.integers(1, classes, len(examples))[wrong]) % classes
    return Examples(examples.x, labels, examples.scale)
