"""MNIST, as it comes with nnexp: 70,000 handwritten digits of 28 x 28 pixels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from nnexp.data.dataset import Dataset
from nnexp.data.files import read, sha256_of
from nnexp.data.sources.base import Source
from nnexp.data.sources.npz import dataset_from_npz
from nnexp.errors import DataError

FILE = Path(__file__).parent.parent / "mnist.npz"
SHA256 = "6ff3272174ad1dcb2ce270847ad63698633925ed0249e1e856d6fd92a3fbd58e"
VALIDATION = 10_000
CLASSES = 10


@dataclass
class Mnist(Source):
    """70,000 digits, 28 x 28 pixels, bundled: 50,000 to train, 10,000 each to validate and test, as in the article."""

    kind: str = "mnist"
    known: ClassVar[tuple[int, int] | None] = (784, 10)

    def load(self) -> Dataset:
        raw = read(FILE, "MNIST, which comes with nnexp: install it again")
        found = sha256_of(raw)
        if found != SHA256:
            raise DataError(f"{FILE}: has SHA-256 {found}, expected {SHA256}: install nnexp again")
        return dataset_from_npz(self.kind, raw, str(FILE), VALIDATION, CLASSES)
