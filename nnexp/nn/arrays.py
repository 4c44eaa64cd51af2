"""What an array is called in type annotations, and which floats a network may be made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Number = Any  # what formulas are written on: a number, an array of them, or a symbol (see `nnexp.nn.formula`)

DTYPES = ("float32", "float64")


def float_dtype(name: str) -> np.dtype[Any]:
    """The numpy dtype called `name`; raises `ValueError` for one that networks are not made of."""
    if name not in DTYPES:
        raise ValueError(f"dtype: got {name!r}, expected one of {', '.join(DTYPES)}")
    return np.dtype(name)
