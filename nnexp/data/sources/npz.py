"""An .npz file in the layout that Keras gives MNIST: x_train, y_train, x_test and y_test."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nnexp.component import filled, setting
from nnexp.data.dataset import Dataset, Part, dataset_from
from nnexp.data.files import USUAL, limit_of, read, reason, sha256_of
from nnexp.data.sources.base import AT_LEAST_TWO, CLASSES, HELD_OUT, LIMIT, MAX_GB, VALIDATION, Source
from nnexp.errors import DataError
from nnexp.nn.arrays import Array
from nnexp.nn.file_limits import Limit

KEYS = ("x_train", "y_train", "x_test", "y_test")
EXPECTED = f"an .npz file with {', '.join(KEYS)}"


@dataclass
class Npz(Source):
    """A file of the user's own, with arrays x_train, y_train, x_test and y_test."""

    kind: str = "npz"
    path: str = setting("", help="the file", rule=filled(EXPECTED), counts=False)
    validation: int | None = setting(None, help=VALIDATION, rule=HELD_OUT)
    classes: int | None = setting(None, help=CLASSES, rule=AT_LEAST_TWO)
    max_gb: float | None = setting(None, help=MAX_GB, rule=LIMIT, counts=False)

    def load(self) -> Dataset:
        limit = limit_of(self.max_gb)
        raw = read(self.path, EXPECTED, limit)
        return dataset_from_npz(Path(self.path).name, raw, self.path, self.validation, self.classes, limit)


def dataset_from_npz(
    name: str, raw: bytes, path: str, validation: int | None, classes: int | None, limit: Limit = USUAL
) -> Dataset:
    """The checked data set that the bytes of an .npz file hold; raises `DataError`, naming `path`."""
    x_train, y_train, x_test, y_test = _arrays(raw, path, limit)
    train = Part(x_train, y_train, f"{path}: x_train", f"{path}: y_train")
    test = Part(x_test, y_test, f"{path}: x_test", f"{path}: y_test")
    return dataset_from(name, train, test, sha256=sha256_of(raw), validation=validation, classes=classes)


def _arrays(raw: bytes, path: str, limit: Limit) -> list[Array]:
    if not raw.startswith(b"PK"):
        raise DataError(f"{path}: is not a zip file, expected {EXPECTED}")
    try:
        with np.load(io.BytesIO(raw), allow_pickle=False) as archive:
            if not set(KEYS) <= set(archive.files):
                raise DataError(f"{path}: holds {', '.join(archive.files) or 'nothing'}, expected {', '.join(KEYS)}")
            limit.check_arrays(archive, KEYS, path)
            return [_array(archive, key, path) for key in KEYS]
    except DataError:
        raise
    except Exception as error:  # whatever numpy and zipfile raise when the bytes are not what they say
        raise DataError(f"{path}: is a damaged zip file ({reason(error)}), expected {EXPECTED}") from error


def _array(archive: np.lib.npyio.NpzFile, key: str, path: str) -> Array:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a header that Python 2 wrote, or an odd one; what it holds is checked
            array = archive[key]
    except Exception as error:
        found = "Python objects" if "allow_pickle" in str(error) else f"something unreadable ({reason(error)})"
        raise DataError(f"{path}: {key} holds {found}, expected an array of numbers") from error
    if not isinstance(array, np.ndarray):  # the bytes of a member that is no .npy file
        raise DataError(f"{path}: {key} holds no array, expected an array of numbers")
    return array
