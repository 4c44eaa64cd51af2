"""Examples of a mini-batch, picked from all of them."""

from __future__ import annotations

from typing import Any, NamedTuple

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

FAST = {"error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
LINE = 64  # bytes that come from memory at once


@njit(**FAST)
def pick(source: Any, factor: Any, order: Any, x: Any) -> None:
    """Fill x with the rows of source at the places `order`, times a factor."""
    number = x.dtype.type  # a byte times a float32 would be a float64
    for i in range(len(order)):
        row, out = source[order[i]], x[i]
        for k in range(len(row)):
            out[k] = number(row[k]) * factor


class Reading(NamedTuple):
    """What is done with inputs first. scale: of what is stored. mean, factor: of a `Standardisation`."""

    scale: Any
    mean: Any
    factor: Any


@njit(**FAST)
def standardise(reading: Any, x: Any) -> None:
    """Write `(x - mean) * factor` over the inputs."""
    if len(reading.mean):
        for row in x:
            for k in range(len(row)):
                row[k] = (row[k] - reading.mean[k]) * reading.factor[k]


@njit(**FAST)
def call_for(source: Any, order: Any) -> None:
    """Have the rows of source at the places `order` brought from memory, while something else is computed."""
    for i in range(len(order)):
        _call_for(source, order[i])


@intrinsic
def _call_for(typing: Any, source: Any, row: Any) -> Any:
    """Have a row brought into the fastest cache; changes nothing."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = make_array(signature.args[0])(context, builder, arguments[0])
        width = cgutils.unpack_tuple(builder, array.strides)[0]
        start = builder.bitcast(array.data, cgutils.voidptr_t)
        start = builder.gep(start, [builder.mul(arguments[1], width)])
        integer = ir.IntType(32)
        function = ir.FunctionType(ir.VoidType(), [start.type, integer, integer, integer])
        prefetch = cgutils.get_or_insert_function(builder.module, function, "llvm.prefetch.p0")
        with cgutils.for_range_slice(builder, width.type(0), width, width.type(LINE)) as (at, _):
            builder.call(prefetch, [builder.gep(start, [at]), integer(0), integer(3), integer(1)])
        return context.get_dummy_value()

    return types.void(source, types.intp), code
