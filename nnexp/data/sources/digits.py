"""The small digits that come with scikit-learn: 1,797 of 8 x 8 pixels, for a run of seconds."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

import numpy as np

from nnexp.data.dataset import Dataset, Part, dataset_from
from nnexp.data.files import read, sha256_of, unzipped
from nnexp.data.sources.base import Source
from nnexp.errors import DataError
from nnexp.nn.arrays import Array

HELD_OUT = 300
SCALE = 1 / 16  # a value counts the pixels set in a 4 x 4 block: 0 to 16


@dataclass
class Digits(Source):
    """1,797 digits, 8 x 8 pixels, for a run of seconds: 1,197 to train, then 300 to validate, then 300 to test."""

    kind: str = "digits"
    known: ClassVar[tuple[int, int] | None] = (64, 10)

    def load(self) -> Dataset:
        rows = _table()
        x, y = rows[:, :-1].astype(np.uint8), rows[:, -1].astype(np.int64)
        train = Part(x[:-HELD_OUT], y[:-HELD_OUT], "digits: training images", "digits: training labels")
        test = Part(x[-HELD_OUT:], y[-HELD_OUT:], "digits: test images", "digits: test labels")
        sha256 = sha256_of(x.tobytes(), y.tobytes())
        return dataset_from(self.kind, train, test, sha256=sha256, validation=HELD_OUT, classes=10, scale=SCALE)


def _table() -> Array:
    """`(1797, 65)`: the pixels and the label of each digit, from the file that `sklearn.datasets.load_digits` reads.

    Read without importing scikit-learn, which would take longer than the run.
    """
    found = find_spec("sklearn")
    if found is None or found.origin is None:
        raise DataError("digits: scikit-learn is not installed, expected the package that has them")
    path = Path(found.origin).parent / "datasets" / "data" / "digits.csv.gz"
    text = unzipped(read(path, "scikit-learn's digits"), path)
    return np.loadtxt(text.decode().splitlines(), delimiter=",")
