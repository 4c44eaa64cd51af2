"""A data set: checked examples in three parts, and the one place where arrays are checked on their way in."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nnexp.errors import DataError
from nnexp.nn.arrays import Array
from nnexp.nn.examples import Examples
from nnexp.printable import counted

PIXEL = 1 / 256  # what the article's file scales a pixel by; a power of two, so exact in every dtype
FLOATS = tuple(np.dtype(name) for name in ("float16", "float32", "float64"))
SMALLEST_IMAGE = 5  # pixels a side; a few measurements are no image, were their number a square
HELD_OUT = 6  # one example in so many is for validation, as in MNIST

LABEL_LIMIT = 2**31  # labels above are no classes, and floats above do not fit an integer


@dataclass(frozen=True)
class Dataset:
    """What a run learns from (`train`), is chosen by (`validation`) and is judged by (`test`).

    train, validation, test: examples with int64 labels from 0 to classes - 1.
    shape: of one example before it became a row, such as (28, 28).
    sha256: hexadecimal, of the bytes that were read.
    """

    name: str
    train: Examples
    validation: Examples
    test: Examples
    shape: tuple[int, ...]
    classes: int
    sha256: str

    @property
    def n_values(self) -> int:
        """How many values an example has: the units of a network's first layer."""
        return int(self.train.x.shape[1])

    @property
    def image_shape(self) -> tuple[int, ...] | None:
        """(height, width), or (height, width, 3) for colours, if the examples can be looked at; else None."""
        grey = self.shape[:2] if self.shape[2:] == (1,) else self.shape
        fits = len(grey) == 2 or (len(grey) == 3 and grey[2] == 3)
        return grey if fits and min(grey[:2]) >= SMALLEST_IMAGE else None


@dataclass(frozen=True)
class Part:
    """Arrays as a file holds them, nothing checked yet.

    x: (n, values) or (n, height, width), uint8 pixels or floats. y: (n,) labels.
    x_name, y_name: what an error calls them, such as `x.npz: x_train`.
    """

    x: Array
    y: Array
    x_name: str
    y_name: str


def dataset_from(
    name: str,
    train: Part,
    test: Part,
    *,
    sha256: str,
    validation: Part | int | None = None,
    classes: int | None = None,
    scale: float = PIXEL,
) -> Dataset:
    """The checked data set; raises `DataError` for the first thing that is not as it should be.

    validation: a part of its own, or how many examples at the end of `train` to hold out; None: a sixth.
    classes: None means the highest label of `train`, plus 1.
    scale: what uint8 values are multiplied by; floats are used as they are.
    """
    learning = _examples(train, classes, scale)
    classes = classes or _classes(learning.y, train.y_name)
    judging = _examples_like(train, test, classes, scale)
    if isinstance(validation, Part):
        choosing = _examples_like(train, validation, classes, scale)
    else:
        learning, choosing = _hold_out(learning, validation, train.x_name)
    return Dataset(name, learning, choosing, judging, _shape(train.x), classes, sha256)


def _examples(part: Part, classes: int | None, scale: float) -> Examples:
    x, y = part.x, part.y
    if x.size == 0 or not x.shape[1:]:
        raise DataError(f"{part.x_name} has shape {x.shape}, expected (n, values) or (n, height, width), not empty")
    if y.ndim != 1:
        raise DataError(f"{part.y_name} has shape {y.shape}, expected ({len(x)},), a label for each example")
    if len(x) != len(y):
        raise DataError(
            f"{part.y_name} has {counted(len(y), 'label')}, expected {len(x)}, as many as {part.x_name} has examples"
        )
    return Examples(_rows(x, part.x_name), _labels(y, part.y_name, classes), scale if x.dtype == np.uint8 else 1.0)


def _examples_like(train: Part, part: Part, classes: int, scale: float) -> Examples:
    examples = _examples(part, classes, scale)
    found, expected = part.x.shape[1:], train.x.shape[1:]
    if found != expected:
        raise DataError(f"{part.x_name} has examples of shape {found}, expected {expected} as in {train.x_name}")
    if (part.x.dtype == np.uint8) != (train.x.dtype == np.uint8):
        raise DataError(f"{part.x_name} holds {part.x.dtype}, expected {train.x.dtype} as in {train.x_name}")
    return examples


def _rows(x: Array, name: str) -> Array:
    """(n, values), in C order and native byte order."""
    if x.dtype != np.uint8 and not _is_float(x):
        raise DataError(f"{name} holds {x.dtype}, expected uint8 pixels or floats")
    rows = x.reshape(len(x), -1)
    if _is_float(x):
        with np.errstate(over="ignore"):
            finite = np.isfinite(rows.astype(np.float32)).all(axis=1)  # in either dtype of a network
        if not finite.all():
            at = int(finite.argmin())
            raise DataError(f"{name} has an infinity or a NaN in the example at position {at}, expected finite numbers")
    return np.ascontiguousarray(rows, rows.dtype.newbyteorder("="))


def _labels(y: Array, name: str, classes: int | None) -> Array:
    """(n,) int64."""
    expected = f"0 to {classes - 1}" if classes else "whole numbers from 0"
    if y.dtype.kind not in "biu" and not _is_float(y):
        raise DataError(f"{name} holds {y.dtype}, expected labels {expected}")
    values = y.astype(np.float64) if _is_float(y) else y
    fits = (values >= 0) & (values < (classes or LABEL_LIMIT))
    if _is_float(y):
        fits &= values == np.floor(values)
    if not fits.all():
        at = int(fits.argmin())
        raise DataError(f"{name} has a label {y[at].item()} at position {at}, expected {expected}")
    return values.astype(np.int64)


def _is_float(array: Array) -> bool:
    return array.dtype.newbyteorder("=") in FLOATS


def _classes(labels: Array, name: str) -> int:
    highest = int(labels.max())
    if highest == 0:
        raise DataError(f"{name} has no label but 0, expected at least two classes")
    return highest + 1


def _hold_out(examples: Examples, last: int | None, name: str) -> tuple[Examples, Examples]:
    """The examples without the last ones, and the last ones."""
    n = len(examples)
    if last is None and n < HELD_OUT:
        raise DataError(
            f"{name} has {counted(n, 'example')}, expected at least {HELD_OUT}, a sixth of them for validation"
        )
    kept = n - (n // HELD_OUT if last is None else last)
    if not 0 < kept < n:
        raise DataError(f"{name} has {counted(n, 'example')}, expected more than the {last} held out for validation")
    x, y, scale = examples.x, examples.y, examples.scale
    return Examples(x[:kept], y[:kept], scale), Examples(x[kept:], y[kept:], scale)


def _shape(x: Array) -> tuple[int, ...]:
    """The shape of one example; a flat one whose length is a square number is taken for a picture."""
    if x.shape[2:]:
        return x.shape[1:]
    side = math.isqrt(x.shape[1])
    return (side, side) if side * side == x.shape[1] else x.shape[1:]
