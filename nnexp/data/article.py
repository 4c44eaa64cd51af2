"""The article's own functions to load MNIST, which its `mnist_loader.py` has."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nnexp.data.sources.mnist import Mnist
from nnexp.data.sources.mnist_pickle import MnistPickle
from nnexp.nn.arrays import Array
from nnexp.nn.examples import Examples

DIGITS = 10

Arrays = tuple[Array, Array]
Pairs = list[tuple[Array, Array]]


def load_data(path: str | Path | None = None) -> tuple[Arrays, Arrays, Arrays]:
    """Training, validation and test data, each a tuple of x, (n, 784) float32 from 0 to 1, and y, (n,) int64.

    path: a .pkl.gz file of the article's; None is the MNIST that comes with nnexp. Raises `DataError`.
    """
    source = Mnist() if path is None else MnistPickle(path=str(path))
    data = source.load()
    return _arrays(data.train), _arrays(data.validation), _arrays(data.test)


def one_hot_encode(y: int) -> Array:
    """A (10, 1) column of 0 with a 1 at the digit y; `ValueError` if y is no digit."""
    if not 0 <= y < DIGITS:
        raise ValueError(f"y: got {y}, expected 0 to {DIGITS - 1}")
    column = np.zeros((DIGITS, 1))
    column[y] = 1.0
    return column


def load_data_wrapper(path: str | Path | None = None) -> tuple[Pairs, Pairs, Pairs]:
    """What `load_data` gives, as lists of pairs of columns: x (784, 1) and y (10, 1), one-hot encoded."""
    training, validation, test = load_data(path)
    return _pairs(training), _pairs(validation), _pairs(test)


def _arrays(examples: Examples) -> Arrays:
    return np.multiply(examples.x, np.float32(examples.scale), dtype=np.float32), examples.y


def _pairs(data: Arrays) -> Pairs:
    return [(x.reshape(-1, 1), one_hot_encode(y)) for x, y in zip(*data, strict=True)]
