"""An .npz file in the layout that Keras gives MNIST: x_train, y_train, x_test and y_test, and its own validation."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
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
OWN_VALIDATION = ("x_validation", "y_validation")
EXPECTED = f"an .npz file with {', '.join(KEYS)}"


@dataclass
class Npz(Source):
    """A file of the user's own, with arrays x_train, y_train, x_test, y_test; also x_validation and y_validation."""

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
    arrays = _arrays(raw, path, limit)
    train, test = _part("train", arrays, path), _part("test", arrays, path)
    if not set(OWN_VALIDATION) <= set(arrays):
        return dataset_from(name, train, test, sha256=sha256_of(raw), validation=validation, classes=classes)
    if validation is not None:
        raise DataError(f"data.validation: got {validation}, expected null: {path} has its own {OWN_VALIDATION[0]}")
    sha256 = sha256_of(raw, *(key.encode() for key in OWN_VALIDATION))  # a run that left them unread is another one
    return dataset_from(name, train, test, sha256=sha256, validation=_part("validation", arrays, path), classes=classes)


def _part(of: str, arrays: dict[str, Array], path: str) -> Part:
    return Part(arrays[f"x_{of}"], arrays[f"y_{of}"], f"{path}: x_{of}", f"{path}: y_{of}")


def _arrays(raw: bytes, path: str, limit: Limit) -> dict[str, Array]:
    if not raw.startswith(b"PK"):
        raise DataError(f"{path}: is not a zip file, expected {EXPECTED}")
    try:
        with np.load(io.BytesIO(raw), allow_pickle=False) as archive:
            keys = _keys(archive.files, path)
            limit.check_arrays(archive, keys, path)
            return {key: _array(archive, key, path) for key in keys}
    except DataError:
        raise
    except Exception as error:  # whatever numpy and zipfile raise when the bytes are not what they say
        raise DataError(f"{path}: is a damaged zip file ({reason(error)}), expected {EXPECTED}") from error


def _keys(found: Sequence[str], path: str) -> list[str]:
    """The arrays to read; an array that is named like examples or labels, and would not be read, is refused."""
    if not set(KEYS) <= set(found):
        raise DataError(f"{path}: holds {', '.join(found) or 'nothing'}, expected {', '.join(KEYS)}")
    keys = [key for key in found if key.startswith(("x_", "y_"))]
    if set(keys) not in (set(KEYS), {*KEYS, *OWN_VALIDATION}):
        both = " and ".join(OWN_VALIDATION)
        raise DataError(f"{path}: holds {', '.join(keys)}, expected {', '.join(KEYS)}, and if wanted both {both}")
    return keys


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
