"""The four IDX files that MNIST was first given out in, and that EMNIST and Fashion-MNIST copied.

Source: "The MNIST database of handwritten digits", file formats: a magic number 0, 0, type, dimensions; each
dimension's size as a big-endian 32-bit integer; the values.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nnexp.component import filled, setting
from nnexp.data.dataset import Dataset, Part, dataset_from
from nnexp.data.files import USUAL, Unzipped, limit_of, read, reason, sha256_of
from nnexp.data.sources.base import AT_LEAST_TWO, CLASSES, HELD_OUT, LIMIT, MAX_GB, VALIDATION, Source
from nnexp.errors import DataError
from nnexp.nn.arrays import Array
from nnexp.nn.file_limits import Limit
from nnexp.printable import counted

FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
PATTERNS = (
    r".*train-images[-.]idx3-ubyte(\.gz)?",
    r".*train-labels[-.]idx1-ubyte(\.gz)?",
    r".*(t10k|test)-images[-.]idx3-ubyte(\.gz)?",
    r".*(t10k|test)-labels[-.]idx1-ubyte(\.gz)?",
)
IMAGES, LABELS = 3, 1  # dimensions
UBYTE = 8  # the type's code; the format has others, but none of these data sets uses them
EXPECTED = "the folder of four IDX files such as train-images-idx3-ubyte.gz"


@dataclass
class Idx(Source):
    """A folder with one data set's four files, gzip'd or not, with or without a prefix such as `emnist-letters-`."""

    kind: str = "idx"
    folder: str = setting("", help="the folder", rule=filled(EXPECTED), counts=False)
    validation: int | None = setting(None, help=VALIDATION, rule=HELD_OUT)
    classes: int | None = setting(None, help=CLASSES, rule=AT_LEAST_TWO)
    max_gb: float | None = setting(None, help=MAX_GB, rule=LIMIT, counts=False)

    def load(self) -> Dataset:
        files = _files_in(self.folder)
        name = Path(self.folder).absolute().name or self.kind
        return dataset_from_idx(name, files, self.validation, self.classes, limit_of(self.max_gb))


def dataset_from_idx(
    name: str, files: Sequence[Path], validation: int | None, classes: int | None, limit: Limit = USUAL
) -> Dataset:
    """The checked data set of four files, in the order of `FILES`; raises `DataError`.

    Its SHA-256 is of the four one after the other, unzipped: the same for gzip'd files and plain ones.
    """
    names = [str(file) for file in files]
    dimensions = (IMAGES, LABELS, IMAGES, LABELS)
    raws = [_raw(file, size, limit) for file, size in zip(files, dimensions, strict=True)]
    x_train, y_train, x_test, y_test = map(_array, raws, names, dimensions)
    train = Part(x_train, y_train, *names[:2])
    test = Part(x_test, y_test, *names[2:])
    return dataset_from(name, train, test, sha256=sha256_of(*raws), validation=validation, classes=classes)


def _files_in(folder: str) -> list[Path]:
    try:
        there = sorted(Path(folder).expanduser().iterdir())
    except (OSError, ValueError, RuntimeError) as error:
        raise DataError(f"{folder}: can't be read ({reason(error)}), expected {EXPECTED}") from error
    return [_match(folder, there, name, pattern) for name, pattern in zip(FILES, PATTERNS, strict=True)]


def _match(folder: str, there: list[Path], name: str, pattern: str) -> Path:
    matches = [file for file in there if re.fullmatch(pattern, file.name) and not file.name.startswith(".")]
    if len(matches) != 1:
        found = " and ".join(file.name for file in matches) or f"no {name}"
        raise DataError(f"{folder}: has {found}, expected one {name} or {name}.gz, with or without a prefix")
    return matches[0]


def _raw(file: Path, dimensions: int, limit: Limit) -> bytes:
    """The header and the values of one file, and a byte more if there is one; the header is checked before the rest."""
    name, header = str(file), 4 + 4 * dimensions
    found = Unzipped(read(file, "an IDX file", limit), file, limit)
    raw = found.read(header)
    size = math.prod(_shape(raw, name, dimensions))
    return raw + found.read(size + 1)


def _shape(raw: bytes, name: str, dimensions: int) -> tuple[int, ...]:
    """The shape that a header declares."""
    magic, header = bytes([0, 0, UBYTE, dimensions]), 4 + 4 * dimensions
    if raw[:4] != magic:
        wanted = f"{magic.hex()}, unsigned bytes in {counted(dimensions, 'dimension')}"
        raise DataError(f"{name}: has the magic number {raw[:4].hex()}, expected {wanted}")
    if len(raw) < header:
        raise DataError(f"{name}: ends after {counted(len(raw), 'byte')}, expected a header of {header}")
    shape = struct.unpack(f">{dimensions}I", raw[4:header])
    if 0 in shape:
        raise DataError(f"{name}: declares the shape {shape}, expected at least one value")
    return shape


def _array(raw: bytes, name: str, dimensions: int) -> Array:
    """The unsigned bytes of one file, in the shape that its header declares."""
    shape, header = _shape(raw, name, dimensions), 4 + 4 * dimensions
    size, found = math.prod(shape), len(raw) - header
    if found != size:
        least = "at least " * (found > size)
        raise DataError(
            f"{name}: has {least}{counted(found, 'byte')} after its header, "
            f"expected {size} for the shape {shape} it declares"
        )
    return np.frombuffer(raw, np.uint8, offset=header).reshape(shape)
