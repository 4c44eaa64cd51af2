"""A part of a row of numbers, seen as a matrix, in compiled code.

numba's own slicing and `reshape` do the same, with checks that take long to compile.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array


@intrinsic
def matrix(typing: Any, numbers: Any, at: Any, rows: Any, columns: Any) -> Any:
    """`(rows, columns)` of the numbers `(n,)`, from `at` on; valid as long as their array is."""
    shaped = types.Array(numbers.dtype, 2, "C")

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, *ints = arguments
        source = make_array(signature.args[0])(context, builder, array)
        view = make_array(shaped)(context, builder)
        at, rows, columns = ints
        width = builder.mul(columns, source.itemsize)
        populate_array(
            view,
            data=builder.gep(source.data, [at]),
            shape=cgutils.pack_array(builder, [rows, columns]),
            strides=cgutils.pack_array(builder, [width, source.itemsize]),
            itemsize=source.itemsize,
            meminfo=None,
        )
        return view._getvalue()

    return shaped(numbers, types.intp, types.intp, types.intp), code
