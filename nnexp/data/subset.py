"""Which of the training examples are used, where not all are."""

from __future__ import annotations

import numpy as np

from nnexp.nn.arrays import Array
from nnexp.nn.examples import Examples


def subset(examples: Examples, n: int, seed: int, balanced: bool) -> Examples:
    """N of the examples, in the order that they were read in: a function of the seed, fewer of them a part of more.

    balanced: whether as many of each class, give or take one.
    """
    order = np.random.default_rng([seed, 4]).permutation(len(examples))
    if balanced:
        order = order[np.argsort(_turns(examples.labels[order]), kind="stable")]
    places = np.sort(order[:n])
    return Examples(examples.x[places], examples.y[places], examples.scale)


def scarce(examples: Examples, classes: int, n: int) -> dict[int, int]:
    """The classes that have too few examples for a balanced subset of n, and how many each has."""
    counts = np.bincount(examples.labels, minlength=classes).tolist()
    return {label: count for label, count in enumerate(counts) if n > count * classes}


def _turns(labels: Array) -> Array:
    """For each label how often it has come before."""
    turns = np.empty(len(labels), int)
    for label in np.unique(labels):
        places = np.flatnonzero(labels == label)
        turns[places] = np.arange(len(places))
    return turns
