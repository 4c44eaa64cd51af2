"""The small digits that come with scikit-learn: 1,797 of 8 x 8 pixels, for a run of seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnexp.data.dataset import Dataset, Part, dataset_from
from nnexp.data.files import sha256_of
from nnexp.data.source import Source

HELD_OUT = 300
SCALE = 1 / 16  # a value counts the pixels set in a 4 x 4 block: 0 to 16


@dataclass
class Digits(Source):
    """In scikit-learn's order: 1,197 examples to train, then 300 to validate, then 300 to test."""

    kind: str = "digits"
    known: ClassVar[tuple[int, int] | None] = (64, 10)

    def load(self) -> Dataset:
        from sklearn.datasets import load_digits

        values, labels = load_digits(return_X_y=True)
        x, y = values.astype(np.uint8), labels.astype(np.int64)
        train = Part(x[:-HELD_OUT], y[:-HELD_OUT], "digits: training images", "digits: training labels")
        test = Part(x[-HELD_OUT:], y[-HELD_OUT:], "digits: test images", "digits: test labels")
        sha256 = sha256_of(x.tobytes(), y.tobytes())
        return dataset_from(self.kind, train, test, sha256=sha256, validation=HELD_OUT, classes=10, scale=SCALE)
