"""BLAS's matrix product, called from compiled code.

It is the one that scipy brings along: numba can reach its address, and machine code that calls it by name can be kept
on disk.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import binding
from numba import types
from numba.extending import get_cython_function_address, overload


def _blas(name: str) -> Any:
    """A function of BLAS that takes 13 addresses."""
    symbol = f"nnexp_{name}"
    binding.add_symbol(symbol, get_cython_function_address("scipy.linalg.cython_blas", name))
    return types.ExternalFunction(symbol, types.void(*[types.intp] * 13))


GEMM = {32: _blas("sgemm"), 64: _blas("dgemm")}
N, T = 78, 84  # the letters by which BLAS is told whether to transpose


def gemm(a: Any, trans_a: Any, b: Any, trans_b: Any, alpha: Any, beta: Any, c: Any) -> None:
    """Make c `alpha (a @ b) + beta c`, for C-ordered matrices, a or b transposed first if its letter is T."""


@overload(gemm)
def _gemm(a: Any, trans_a: Any, b: Any, trans_b: Any, alpha: Any, beta: Any, c: Any) -> Any:
    blas = GEMM[c.dtype.bitwidth]

    def code(a: Any, trans_a: Any, b: Any, trans_b: Any, alpha: Any, beta: Any, c: Any) -> None:
        # to BLAS, which is column-major, a C-ordered matrix is its transpose: so c.T = b.T @ a.T is computed
        letters, sizes, numbers = np.empty(2, np.uint8), np.empty(6, np.int32), np.empty(2, c.dtype)
        letters[0], letters[1] = trans_b, trans_a
        sizes[0], sizes[1], sizes[2] = c.shape[1], c.shape[0], a.shape[0] if trans_a == T else a.shape[1]
        sizes[3], sizes[4], sizes[5] = b.shape[1], a.shape[1], c.shape[1]
        numbers[0], numbers[1] = alpha, beta
        letter, size, number = letters.ctypes.data, sizes.ctypes.data, numbers.ctypes.data
        left, right, out = b.ctypes.data, a.ctypes.data, c.ctypes.data
        blas(
            letter,
            letter + 1,
            size,
            size + 4,
            size + 8,
            number,
            left,
            size + 12,
            right,
            size + 16,
            number + numbers.itemsize,
            out,
            size + 20,
        )

    return code
