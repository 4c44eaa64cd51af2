"""The article's mnist.pkl.gz: a gzip'd pickle of three pairs (x, y), for training, validation and test.

A pickle can run code, and this one comes from a stranger. So the machine that reads it knows only the operations
that arrays of plain numbers need, and every name it asks for is answered with a stand-in of this module.
"""

from __future__ import annotations

import math
import pickle
import pickletools
import re
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from nnexp.component import filled, setting, whole
from nnexp.data.dataset import Dataset, Part, dataset_from
from nnexp.data.files import Unzipped, limit_of, read, reason, sha256_of
from nnexp.data.sources.base import LIMIT, MAX_GB, Source
from nnexp.errors import DataError
from nnexp.nn.arrays import Array

PARTS = ("training", "validation", "test")
EXPECTED = "the article's .pkl.gz file"
DIMENSIONS = 4  # an image has at most height, width and colour


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


class _Refused(Exception):  # not an error of ours yet: the path is missing
    """What a pickle holds that arrays of plain numbers do not need."""


@dataclass
class _Bytes:
    """Stands in for `_codecs.encode(text, "latin1")`: how Python 3 writes bytes for Python 2."""

    text: Any
    encoding: Any


@dataclass
class _Dtype:
    """Stands in for `numpy.dtype`."""

    name: Any
    align: Any = False
    copy: Any = False
    order: Any = ""

    def __setstate__(self, state: Any) -> None:
        self.order = state[1]

    def real(self) -> np.dtype[Any]:
        name = self.order + self.name if isinstance(self.order, str) and isinstance(self.name, str) else "?"
        if not re.fullmatch("[<>|=]?([iu][1248]|f[248]|b1)", name):
            raise _Refused(f"the numpy dtype {name[:20]!a}")
        return np.dtype(name)


@dataclass
class _Array:
    """Stands in for `numpy.ndarray`; an array is made of it only at the end."""

    shape: Any = None
    dtype: Any = None
    fortran: Any = False
    data: Any = field(default=None, repr=False)

    def __setstate__(self, state: Any) -> None:
        _, self.shape, self.dtype, self.fortran, self.data = state

    def real(self) -> Array:
        shape, data = self.shape, _real_bytes(self.data)
        if not isinstance(self.dtype, _Dtype) or not isinstance(shape, tuple):
            raise _Refused("an array without a dtype or a shape")
        dtype = self.dtype.real()
        if not all(type(n) is int and 0 < n <= len(data) for n in shape) or len(shape) > DIMENSIONS:
            raise _Refused("an array that is empty, or larger than its values")
        if len(data) != math.prod(shape) * dtype.itemsize:
            raise _Refused(f"{len(data)} bytes for an array of shape {shape} and dtype {dtype}")
        return np.frombuffer(data, dtype).reshape(shape, order="F" if self.fortran else "C")


def _real_bytes(data: Any) -> bytes:
    if isinstance(data, _Bytes) and data.encoding == "latin1":
        data = data.text
    if isinstance(data, str):  # bytes of Python 2, which the machine decodes
        data = data.encode("latin1")
    if not isinstance(data, bytes):
        raise _Refused("an array without its values")
    return data


def _reconstruct(*_: Any) -> _Array:
    """Stands in for numpy's maker of an empty array, which is filled afterwards."""
    return _Array()


def _frombuffer(data: Any, dtype: Any, shape: Any, order: Any) -> _Array:
    """Stands in for numpy's maker of a whole array, in pickles of protocol 5."""
    return _Array(shape, dtype, order == "F", data)


STAND_INS = {
    "numpy.core.multiarray._reconstruct": _reconstruct,
    "numpy._core.multiarray._reconstruct": _reconstruct,
    "numpy.core.numeric._frombuffer": _frombuffer,
    "numpy._core.numeric._frombuffer": _frombuffer,
    "numpy.ndarray": _Array,
    "numpy.dtype": _Dtype,
    "_codecs.encode": _Bytes,
}

# No lists, dictionaries, instances, extensions, persistent ids or buffers from elsewhere.
OPERATIONS = """
    PROTO FRAME STOP MARK POP POP_MARK DUP NONE NEWTRUE NEWFALSE
    INT BININT BININT1 BININT2 LONG LONG1 LONG4
    STRING BINSTRING SHORT_BINSTRING UNICODE BINUNICODE SHORT_BINUNICODE BINUNICODE8
    BINBYTES SHORT_BINBYTES BINBYTES8 TUPLE EMPTY_TUPLE TUPLE1 TUPLE2 TUPLE3
    PUT BINPUT LONG_BINPUT MEMOIZE GET BINGET LONG_BINGET GLOBAL STACK_GLOBAL REDUCE BUILD
""".split()  # noqa: SIM905  # a list of 40 lines is harder to read
CODES = [getattr(pickle, name)[0] for name in OPERATIONS]
NAMES = {operation.code: operation.name for operation in pickletools.opcodes}


class _Operations(dict[int, Any]):
    """The machine's operations by code; asked for another, it says which."""

    def __missing__(self, code: int) -> Any:
        name = NAMES.get(chr(code))
        raise _Refused(f"the pickle operation {name}" if name else f"the byte {code}")


class _Unpickler(pickle._Unpickler):
    """The pickle machine in Python, whose operations can be chosen, and whose memo can't be made to fill the memory."""

    dispatch = _Operations({code: pickle._Unpickler.dispatch[code] for code in CODES})
    # Reads a bytearray as bytes: Python's own way reserves as much memory as the file says, whether it has it or not.
    dispatch[pickle.BYTEARRAY8[0]] = dispatch[pickle.BINBYTES8[0]]

    def find_class(self, module: str, name: str) -> Any:
        full_name = f"{module}.{name}"
        if full_name not in STAND_INS:
            raise _Refused(ascii(full_name)[1:-1][:100])
        return STAND_INS[full_name]


def _unpickled(file: Unzipped, path: str) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a wrong escape in a string is damage like any other
            found = _Unpickler(file, encoding="latin1").load()
        file.to_the_end()
        return found
    except DataError:
        raise
    except _Refused as found:
        raise DataError(f"{path}: holds {found}, expected numpy arrays and nothing else") from None
    except Exception as error:  # a damaged pickle can go wrong in any way
        raise DataError(f"{path}: is a damaged pickle, or none ({reason(error)}), expected {EXPECTED}") from error


def _parts(pairs: Any, path: str) -> list[Part]:
    if not isinstance(pairs, tuple) or len(pairs) != len(PARTS):
        raise DataError(f"{path}: holds {_described(pairs)}, expected a tuple of three pairs (x, y)")
    return [_part(pair, name, path) for pair, name in zip(pairs, PARTS, strict=True)]


def _part(pair: Any, name: str, path: str) -> Part:
    if not isinstance(pair, tuple) or [type(array) for array in pair] != [_Array, _Array]:
        raise DataError(f"{path}: its {name} part is {_described(pair)}, expected a tuple of two arrays, x and y")
    try:
        x, y = (array.real() for array in pair)
    except (_Refused, ValueError) as found:  # ValueError: text that is not latin1
        raise DataError(f"{path}: its {name} part holds {found}, expected numpy arrays of plain numbers") from None
    return Part(x, y, f"{path}: x of its {name} part", f"{path}: y of its {name} part")


def _described(found: Any) -> str:
    if isinstance(found, _Array):
        return "an array"
    return f"a tuple of {len(found)}" if isinstance(found, tuple) else f"one {type(found).__name__.strip('_')}"
