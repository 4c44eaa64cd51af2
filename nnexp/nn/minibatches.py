"""Mini-batches: an epoch's examples in their order, picked out and converted a block at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nnexp.nn.arrays import Array
from nnexp.nn.examples import Examples

BLOCK_BYTES = 512 * 1024  # of input picked out at a time: with the weights of a small net it fits into L2


def groups(n: int, m: int) -> list[tuple[slice, int]]:
    """Where the whole groups of m among n lie, and the smaller one of the rest: slices, and sizes of a group."""
    whole = n - n % m
    return [
        (part, size) for part, size in ((slice(0, whole), m), (slice(whole, n), n - whole)) if part.start < part.stop
    ]


def blocks(
    examples: Examples, order: Array, m: int, n_out: int, dtype: np.dtype[Any], beside: int = 0
) -> Iterator[tuple[Array, Array]]:
    """Cut `order`, a multiple of m long, into blocks of whole mini-batches: inputs and targets, one per row.

    beside: how many more numbers of each example the caller has in memory. Their memory is made once; what is given is
    valid until the next one is.
    """
    rows = min(len(order), m * max(1, BLOCK_BYTES // (m * (examples.x.shape[1] + beside) * dtype.itemsize)))
    inputs = Picker(examples.x, rows, dtype, examples.scale)
    targets = Picker(examples.targets(n_out), rows, dtype)
    for start in range(0, len(order), rows):
        index = order[start : start + rows]
        yield inputs(index), targets(index)


class Picker:
    """Picks rows of `source` and converts them, scaled, to `dtype`; at most `rows` at a time.

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
