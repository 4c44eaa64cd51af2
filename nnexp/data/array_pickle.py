"""Reading a pickle that holds arrays of plain numbers, from a stranger: nothing in it can run, or fill the memory.

To refuse all names but numpy's in `find_class` is not enough. numpy's own dtype takes any state: one of objects that
says it has none makes pointers of a file's bytes. A tuple of tuples as a key of a dictionary takes for ever to hash,
and one number in a memo fills the memory. So each name is answered with a stand-in of this module, which arrays are
made of at the end, and no other operations are known than arrays need.
"""

from __future__ import annotations

import math
import pickle
import pickletools
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nnexp.nn.arrays import Array

DIMENSIONS = 4  # an image has at most height, width and colour


class Refused(Exception):  # not an error of ours yet: the path is missing
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
            raise Refused(f"the numpy dtype {name[:20]!a}")
        return np.dtype(name)


@dataclass
class StoredArray:
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
            raise Refused("an array without a dtype or a shape")
        dtype = self.dtype.real()
        if not all(type(n) is int and 0 < n <= len(data) for n in shape) or len(shape) > DIMENSIONS:
            raise Refused("an array that is empty, or larger than its values")
        if len(data) != math.prod(shape) * dtype.itemsize:
            raise Refused(f"{len(data)} bytes for an array of shape {shape} and dtype {dtype}")
        return np.frombuffer(data, dtype).reshape(shape, order="F" if self.fortran else "C")


def _real_bytes(data: Any) -> bytes:
    if isinstance(data, _Bytes) and data.encoding == "latin1":
        data = data.text
    if isinstance(data, str):  # bytes of Python 2, which the machine decodes
        data = data.encode("latin1")
    if not isinstance(data, bytes):
        raise Refused("an array without its values")
    return data


def _reconstruct(*_: Any) -> StoredArray:
    """Stands in for numpy's maker of an empty array, which is filled afterwards."""
    return StoredArray()


def _frombuffer(data: Any, dtype: Any, shape: Any, order: Any) -> StoredArray:
    """Stands in for numpy's maker of a whole array, in pickles of protocol 5."""
    return StoredArray(shape, dtype, order == "F", data)


STAND_INS = {
    "numpy.core.multiarray._reconstruct": _reconstruct,
    "numpy._core.multiarray._reconstruct": _reconstruct,
    "numpy.core.numeric._frombuffer": _frombuffer,
    "numpy._core.numeric._frombuffer": _frombuffer,
    "numpy.ndarray": StoredArray,
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
        raise Refused(f"the pickle operation {name}" if name else f"the byte {code}")


class Unpickler(pickle._Unpickler):
    """Python's own machine, in Python: of the one in C neither the operations nor the memory can be bounded."""

    dispatch = _Operations({code: pickle._Unpickler.dispatch[code] for code in CODES})
    # Reads a bytearray as bytes: Python's own way reserves as much memory as the file says, whether it has it or not.
    dispatch[pickle.BYTEARRAY8[0]] = dispatch[pickle.BINBYTES8[0]]

    def find_class(self, module: str, name: str) -> Any:
        full_name = f"{module}.{name}"
        if full_name not in STAND_INS:
            raise Refused(ascii(full_name)[1:-1][:100])
        return STAND_INS[full_name]
