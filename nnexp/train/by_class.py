"""How good a trained network is class by class, and how often the true class is one of its first two."""

from __future__ import annotations

import numpy as np

from nnexp.nn.arrays import Array

TOP2 = "top2_accuracy"


def final_metrics(labels: Array, outputs: Array) -> dict[str, float]:
    """What is measured once, of the network that a run ends with: `top2_accuracy` on test examples (0 to 1)."""
    return {TOP2: float(in_first(labels, outputs, 2).mean())}


def in_first(labels: Array, outputs: Array, most: int) -> Array:
    """Whether the label is one of the so many highest outputs: booleans `(n,)`. outputs: (n, classes)."""
    first = np.argsort(-outputs, axis=1, kind="stable")[:, :most]  # of equal ones the first, as where it is evaluated
    return np.asarray((first == labels[:, np.newaxis]).any(axis=1))


def class_table(labels: Array, outputs: Array) -> str:
    """As CSV, for each class: how many examples it has, and which shares are right and among the first two (0 to 1)."""
    right, second = in_first(labels, outputs, 1), in_first(labels, outputs, 2)
    rows = ["class,examples,accuracy,top2_accuracy"]
    for number in np.unique(labels).tolist():
        own = labels == number
        rows.append(f"{number},{np.count_nonzero(own)},{right[own].mean():.6g},{second[own].mean():.6g}")
    return "\n".join([*rows, ""])
