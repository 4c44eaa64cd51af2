"""The article's mnist.pkl.gz: a gzip'd pickle of three pairs (x, y), for training, validation and test."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnexp.component import filled, setting, whole
from nnexp.data.array_pickle import Refused, StoredArray, Unpickler
from nnexp.data.dataset import Dataset, Part, dataset_from
from nnexp.data.files import Unzipped, limit_of, read, reason, sha256_of
from nnexp.data.sources.base import LIMIT, MAX_GB, Source
from nnexp.errors import DataError

PARTS = ("training", "validation", "test")
EXPECTED = "the article's .pkl.gz file"


@dataclass
class MnistPickle(Source):
    """A file in the article's format, mnist.pkl.gz, gzip'd or not, written by Python 2 or 3."""

    kind: str = "mnist_pickle"
    path: str = setting("", help="the file", rule=filled(EXPECTED), counts=False)
    classes: int = setting(10, help="how many classes there are, to be checked", rule=whole(2))
    max_gb: float | None = setting(None, help=MAX_GB, rule=LIMIT, counts=False)

    def load(self) -> Dataset:
        limit = limit_of(self.max_gb)
        raw = read(self.path, EXPECTED, limit)
        file = Unzipped(raw, self.path, limit)
        train, validation, test = _parts(_unpickled(file, self.path), self.path)
        return dataset_from(
            Path(self.path).name, train, test, sha256=sha256_of(raw), validation=validation, classes=self.classes
        )


def _unpickled(file: Unzipped, path: str) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a wrong escape in a string is damage like any other
            found = Unpickler(file, encoding="latin1").load()
        file.to_the_end()
        return found
    except DataError:
        raise
    except Refused as found:
        raise DataError(f"{path}: holds {found}, expected numpy arrays and nothing else") from None
    except Exception as error:  # a damaged pickle can go wrong in any way
        raise DataError(f"{path}: is a damaged pickle, or none ({reason(error)}), expected {EXPECTED}") from error


def _parts(pairs: Any, path: str) -> list[Part]:
    if not isinstance(pairs, tuple) or len(pairs) != len(PARTS):
        raise DataError(f"{path}: holds {_described(pairs)}, expected a tuple of three pairs (x, y)")
    return [_part(pair, name, path) for pair, name in zip(pairs, PARTS, strict=True)]


def _part(pair: Any, name: str, path: str) -> Part:
    if not isinstance(pair, tuple) or [type(array) for array in pair] != [StoredArray, StoredArray]:
        raise DataError(f"{path}: its {name} part is {_described(pair)}, expected a tuple of two arrays, x and y")
    try:
        x, y = (array.real() for array in pair)
    except (Refused, ValueError) as found:  # ValueError: text that is not latin1
        raise DataError(f"{path}: its {name} part holds {found}, expected numpy arrays of plain numbers") from None
    return Part(x, y, f"{path}: x of its {name} part", f"{path}: y of its {name} part")


def _described(found: Any) -> str:
    if isinstance(found, StoredArray):
        return "an array"
    return f"a tuple of {len(found)}" if isinstance(found, tuple) else f"one {type(found).__name__.strip('_')}"
