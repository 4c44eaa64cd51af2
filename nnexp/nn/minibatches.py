"""Picking rows out of a data set, a block of mini-batches at a time."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnexp.nn.arrays import Array


class Gather:
    """Picks rows of `source` and converts them, scaled, to the network's dtype; at most `rows` at a time.

    Its memory is made once; what a call returns is valid until the next one.
    """

    def __init__(self, source: Array, rows: int, dtype: np.dtype[Any], scale: float = 1.0) -> None:
        self._source = source
        self._scale = dtype.type(scale)  # a Python float would make numpy compute in float64
        self._picked = np.empty((rows, source.shape[1]), source.dtype)
        self._converted = np.empty((rows, source.shape[1]), dtype)

    def __call__(self, index: Array) -> Array:
        n = len(index)
        picked, converted = self._picked[:n], self._converted[:n]
        self._source.take(index, axis=0, out=picked, mode="clip")  # in the other modes numpy buffers `out`
        np.multiply(picked, self._scale, out=converted, casting="same_kind")
        return converted
