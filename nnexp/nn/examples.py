"""Examples as a network reads them: rows of values as they are stored, with what they should give."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnexp.nn.arrays import Array


@dataclass(frozen=True)
class Examples:
    """n examples, one per row.

    x: (n, n_in), of any dtype: pixels stay `uint8`, a quarter of the memory of floats.
    y: (n,) integer labels, or (n, n_out) targets.
    scale: what a value of x is multiplied by before the network sees it.
    """

    x: Array
    y: Array
    scale: float = 1.0

    def __post_init__(self) -> None:
        if self.x.ndim != 2 or len(self.x) == 0:
            raise ValueError(f"examples: x has shape {self.x.shape}, expected (n, n_in) with n > 0")
        if self.y.ndim > 2 or (self.y.ndim == 1 and self.y.dtype.kind not in "iu"):
            raise ValueError(
                f"examples: y holds {self.y.dtype} of shape {self.y.shape}, expected (n,) whole numbers or (n, n_out)"
            )
        if len(self.x) != len(self.y):
            raise ValueError(f"examples: got {len(self.x)} inputs, but {len(self.y)} labels or targets")

    def __len__(self) -> int:
        return len(self.x)

    @property
    def labels(self) -> Array:
        """(n,) integers: y itself, or where each target is highest."""
        return self.y if self.y.ndim == 1 else np.asarray(self.y.argmax(axis=1))

    def targets(self, n_out: int) -> Array:
        """(n, n_out): y itself, or rows of 0 with a 1 at the label; `ValueError` if they don't fit."""
        if self.y.ndim == 1:
            if self.y.min() < 0 or self.y.max() >= n_out:
                raise ValueError(f"examples: labels from {self.y.min()} to {self.y.max()}, but {n_out} output units")
            return np.eye(n_out, dtype=np.uint8)[self.y]
        if self.y.shape[1] != n_out:
            raise ValueError(f"examples: targets have {self.y.shape[1]} values, but {n_out} output units")
        return self.y


Columns = Examples | tuple[Array, Array] | Iterable[tuple[Array, Any]]


def as_examples(data: Columns) -> Examples:
    """`Examples` from what the article's functions pass around, where an example is a column.

    data: an iterable of pairs (x, y), x of shape (n_in, 1) and y an (n_out, 1) target or an integer
    label; or two whole arrays, x (n_in, m) and y (n_out, m) or (m,) labels; or `Examples` already.
    """
    if isinstance(data, Examples):
        return data
    if isinstance(data, tuple) and len(data) == 2 and isinstance(data[0], np.ndarray):
        x, y = data
        return Examples(np.ascontiguousarray(x.T), np.ascontiguousarray(np.transpose(y)))
    pairs: list[Any] = list(data)
    if not pairs:
        raise ValueError("examples: got none, expected at least one (x, y) pair")
    rows = np.stack([np.ravel(x) for x, _ in pairs])
    targets = np.stack([np.ravel(y) for _, y in pairs])
    return Examples(rows, targets[:, 0] if np.ndim(pairs[0][1]) == 0 else targets)
