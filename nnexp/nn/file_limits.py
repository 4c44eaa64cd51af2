"""How much a file may unpack to: the sizes that it declares are read before its data."""

from __future__ import annotations

import math
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib import format as npy

from nnexp.errors import DataError

GB = 10**9
HEADERS = {  # of a version of the format; 3.0 is 2.0 with other names of fields
    (1, 0): npy.read_array_header_1_0,
    (2, 0): npy.read_array_header_2_0,
    (3, 0): npy.read_array_header_2_0,
}


class TooLarge(DataError):
    """A file that would unpack to more than is allowed."""


@dataclass(frozen=True)
class Limit:
    """What a file may unpack to. most: in bytes. why: where that comes from, or how to allow more, for the error."""

    most: int
    why: str

    def check(self, size: float, name: str) -> None:
        """Raise `TooLarge`, naming the file, if so many bytes are more than is allowed."""
        if size > self.most:
            raise TooLarge(f"{name}: holds {as_gb(size)}, expected at most {as_gb(self.most)} ({self.why})")

    def check_arrays(self, archive: np.lib.npyio.NpzFile, names: Sequence[str], path: object) -> None:
        """Check all of these arrays of an `.npz` file together, before any of them is read.

        Raises `TooLarge`, or `DataError` for an array that declares more values than the file holds.
        """
        zipped = archive.zip
        assert zipped is not None  # noqa: S101  # it is open
        wanted = set(names)
        members = [info for info in zipped.infolist() if info.filename.removesuffix(".npy") in wanted]
        self.check(sum(member.file_size for member in members), str(path))
        for member in members:
            declared, held = _declared(zipped, member), member.file_size
            if declared > held:
                raise DataError(
                    f"{path}: {member.filename} declares {as_gb(declared)} of values, but holds {as_gb(held)}"
                )


def as_gb(size: float) -> str:
    """Bytes in words."""
    return f"{size / GB:.3g} GB" if size >= GB / 100 else f"{size / 10**6:.3g} MB"


def _declared(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> float:
    """The bytes that an array's header declares; 0 for what is no array of plain values: numpy says what it is."""
    try:
        with archive.open(member) as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a header that Python 2 wrote
            shape, _, dtype = HEADERS[npy.read_magic(file)](file)
    except Exception:  # whatever numpy and zipfile raise when the bytes are not what they say; it comes up again
        return 0
    return 0 if dtype.hasobject else math.prod(map(float, shape)) * dtype.itemsize
