"""Inputs moved and scaled so that over the training examples their mean is 0 and their standard deviation 1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnexp.nn.arrays import Array
from nnexp.nn.examples import Examples

ROWS_AT_ONCE = 1000


@dataclass(frozen=True)
class Standardisation:
    """What a network does with its inputs first: `(x - mean) * factor`, both `(n_in,)`, or `(0,)` for nothing."""

    mean: Array
    factor: Array

    def __call__(self, rows: Array) -> None:
        """Write it over the inputs `(m, n_in)`."""
        if len(self.mean):
            np.subtract(rows, self.mean, out=rows)
            np.multiply(rows, self.factor, out=rows)

    def cast(self, dtype: np.dtype[Any]) -> Standardisation:
        """The same in a network's dtype."""
        return Standardisation(self.mean.astype(dtype), self.factor.astype(dtype))


def fitted(examples: Examples, each: bool) -> Standardisation:
    """What standardises these examples, computed in float64. What never varies is moved to 0, and not scaled.

    each: whether every value has a mean and a standard deviation of its own; else all have one, as pixels need it:
    those at the edge hardly ever vary.
    """
    n = len(examples)
    mean: Array = np.sum([part.sum(axis=0) for part in _parts(examples)], axis=0) / n
    mean = mean if each else np.full_like(mean, mean.mean())
    variance: Array = np.sum([((part - mean) ** 2).sum(axis=0) for part in _parts(examples)], axis=0) / n
    deviation = np.sqrt(variance if each else np.full_like(variance, variance.mean()))
    still = deviation <= 1e-12 * np.abs(mean)  # but for rounding
    return Standardisation(mean, 1 / np.where(still, 1, deviation))


def _parts(examples: Examples) -> Iterator[Array]:
    """The inputs in float64, some at a time."""
    starts = range(0, len(examples), ROWS_AT_ONCE)
    return (examples.x[start : start + ROWS_AT_ONCE] * np.float64(examples.scale) for start in starts)
