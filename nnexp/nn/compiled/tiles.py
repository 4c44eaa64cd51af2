"""Products in tiles: sums that stay in registers together, so that a number that is read serves several.

Written in LLVM's own language, for its optimiser keeps in registers only what has a name, and takes vectors only for
the innermost loop. Sizes are meant for a core with 16 registers of 32 bytes, a fast cache of 32 KB, and two
multiplications at once that take four cycles.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from llvmlite import binding, ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

FAST = {"error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
REGISTER = 64 if binding.get_host_cpu_features().get("avx512f") else 32  # bytes
EXAMPLES, UNITS = 5, 2  # of a tile of dot products
ROWS, REGISTERS = 5, 2  # of a tile of sums
FEW_BYTES = 16  # of a row, for what is left of it
AT_ONCE = 10  # examples, and so many bytes of each: they stay in the fastest cache while all weights pass by
BYTES = 1600


class Matrix:
    """A C-ordered matrix in code that is being built."""

    def __init__(self, context: Any, builder: Any, kind: Any, value: Any) -> None:
        self._builder = builder
        self._array = make_array(kind)(context, builder, value)
        self.rows, self.columns = cgutils.unpack_tuple(builder, self._array.shape)
        self.number = context.get_data_type(kind.dtype)
        self.size = kind.dtype.bitwidth // 8

    def pointer(self, row: Any, column: Any) -> Any:
        """Where a number is."""
        at = self._builder.add(self._builder.mul(row, self.columns), column)
        return self._builder.gep(self._array.data, [at])


class Lanes:
    """So many numbers of a type, computed with at once."""

    def __init__(self, builder: Any, number: Any, size: int, count: int) -> None:
        self._builder, self._number, self._size = builder, number, size
        self.count = count
        self.kind = ir.VectorType(number, count)

    def load(self, pointer: Any) -> Any:
        return self._builder.load(self._at(pointer), align=self._size)

    def store(self, vector: Any, pointer: Any) -> None:
        self._builder.store(vector, self._at(pointer), align=self._size)

    def spread(self, number: Any) -> Any:
        """A number, as often as there are lanes."""
        lowest = self._builder.insert_element(ir.Constant(self.kind, ir.Undefined), number, ir.IntType(32)(0))
        chosen = ir.Constant(ir.VectorType(ir.IntType(32), self.count), [0] * self.count)
        return self._builder.shuffle_vector(lowest, ir.Constant(self.kind, ir.Undefined), chosen)

    def variable(self, value: Any = None) -> Any:
        """What keeps a vector while a loop goes on, in a register; 0 at first."""
        kept = cgutils.alloca_once(self._builder, self.kind)
        self._builder.store(ir.Constant(self.kind, None) if value is None else value, kept)
        return kept

    def add(self, kept: Any, left: Any, right: Any) -> None:
        """Add left times right to what is kept."""
        product = self._builder.fmul(left, right, flags=("contract",))
        self._builder.store(self._builder.fadd(self._builder.load(kept), product, flags=("contract",)), kept)

    def total(self, kept: Any, start: Any) -> Any:
        """The start and all lanes, added up."""
        name = f"llvm.vector.reduce.fadd.v{self.count}f{8 * self._size}"
        function = ir.FunctionType(self._number, [self._number, self.kind])
        declared = cgutils.get_or_insert_function(self._builder.module, function, name)
        return self._builder.call(declared, [start, self._builder.load(kept)], fastmath=("reassoc",))

    def _at(self, pointer: Any) -> Any:
        return self._builder.bitcast(pointer, self.kind.as_pointer())


@contextmanager
def _steps(builder: Any, start: Any, stop: Any, step: int) -> Iterator[Any]:
    with cgutils.for_range_slice(builder, start, stop, start.type(step), start.type) as (index, _):
        yield index


def _sum_tile(rows: int, width: int) -> Any:
    """Make c `beta c + left @ right` for so many rows of c, and so many bytes of them (0: one number), from i and x."""

    @intrinsic
    def tile(typing: Any, left: Any, right: Any, beta: Any, c: Any, i: Any, x: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            factors, terms, sums = (Matrix(context, builder, signature.args[k], arguments[k]) for k in (0, 1, 3))
            lanes = Lanes(builder, sums.number, sums.size, width // sums.size or 1)
            beta, (i, x) = arguments[2], arguments[4:]
            at = [builder.add(i, i.type(k)) for k in range(rows)]
            kept = [lanes.variable() for _ in at]
            with _steps(builder, i.type(0), terms.rows, 1) as t:
                term = lanes.load(terms.pointer(t, x))
                for row, each in zip(at, kept, strict=True):
                    lanes.add(each, lanes.spread(builder.load(factors.pointer(row, t))), term)
            with builder.if_then(builder.fcmp_unordered("!=", beta, beta.type(0))):
                for row, each in zip(at, kept, strict=True):
                    lanes.add(each, lanes.spread(beta), lanes.load(sums.pointer(row, x)))
            for row, each in zip(at, kept, strict=True):
                lanes.store(builder.load(each), sums.pointer(row, x))
            return context.get_dummy_value()

        return types.void(left, right, c.dtype, c, types.intp, types.intp), code

    return tile


def _dot_tile(examples: int, units: int, width: int) -> Any:
    """Add a @ w.T to z for so many examples and units, from i and j on, over a row's numbers from `start` to `stop`.

    width: how many bytes at once (0: one number); stop - start is a multiple of them.
    """

    @intrinsic
    def tile(typing: Any, a: Any, w: Any, z: Any, i: Any, j: Any, start: Any, stop: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            inputs, weights, sums = (Matrix(context, builder, signature.args[k], arguments[k]) for k in range(3))
            lanes = Lanes(builder, sums.number, sums.size, width // sums.size or 1)
            i, j, start, stop = arguments[3:]
            rows = [builder.add(i, i.type(k)) for k in range(examples)]
            others = [builder.add(j, j.type(k)) for k in range(units)]
            kept = {(row, other): lanes.variable() for row in rows for other in others}
            with _steps(builder, start, stop, lanes.count) as x:
                left = {row: lanes.load(inputs.pointer(row, x)) for row in rows}
                right = {other: lanes.load(weights.pointer(other, x)) for other in others}
                for (row, other), each in kept.items():
                    lanes.add(each, left[row], right[other])
            for (row, other), each in kept.items():
                pointer = sums.pointer(row, other)
                builder.store(lanes.total(each, builder.load(pointer)), pointer)
            return context.get_dummy_value()

        return types.void(a, w, z, *[types.intp] * 4), code

    return tile


def _dots_in(tile: Any, one: Any) -> Any:
    """Add a @ w.T to z for some examples, over a row's numbers from `start` to `stop`, in tiles and the rest by one."""

    @njit(**FAST)
    def add(a: Any, w: Any, z: Any, first: int, last: int, start: int, stop: int) -> None:
        y = z.shape[1]
        examples, units = last - (last - first) % EXAMPLES, y - y % UNITS
        for j in range(0, units, UNITS):
            for i in range(first, examples, EXAMPLES):
                tile(a, w, z, i, j, start, stop)
        for j in range(y):
            for i in range(examples if j < units else first, last):
                one(a, w, z, i, j, start, stop)

    return add


def _sums_in(tile: Any, one: Any) -> Any:
    """Make c `left @ right + beta c` in its columns from `start` to `stop`, a step of them at a time."""

    @njit(**FAST)
    def add(left: Any, right: Any, beta: Any, c: Any, start: int, stop: int, step: int) -> None:
        y = len(c)
        for i in range(0, y - y % ROWS, ROWS):
            for x in range(start, stop, step):
                tile(left, right, beta, c, i, x)
        for i in range(y - y % ROWS, y):
            for x in range(start, stop, step):
                one(left, right, beta, c, i, x)

    return add


_wide_dots, _dots = (_dots_in(_dot_tile(EXAMPLES, UNITS, width), _dot_tile(1, 1, width)) for width in (REGISTER, 0))
_wide_sums, _few_sums, _sums = (
    _sums_in(_sum_tile(ROWS, width), _sum_tile(1, width)) for width in (REGISTERS * REGISTER, FEW_BYTES, 0)
)


@njit(**FAST)
def dot_products(a: Any, w: Any, b: Any, z: Any) -> None:
    """Write a @ w.T + b into z, for a `(m, x)`, w `(y, x)`, b `(y,)` and z `(m, y)`."""
    m, n, size = len(a), a.shape[1], z.itemsize
    for row in z:
        for j in range(len(row)):
            row[j] = b[j]
    whole = n - n % (REGISTER // size)
    for first in range(0, m, AT_ONCE):
        last = min(first + AT_ONCE, m)
        for start in range(0, whole, BYTES // size):
            _wide_dots(a, w, z, first, last, start, min(start + BYTES // size, whole))
        if whole < n:
            _dots(a, w, z, first, last, whole, n)


@njit(**FAST)
def add_product(left: Any, right: Any, beta: Any, c: Any) -> None:
    """Make c `left @ right + beta c`, for left `(y, m)`, right `(m, x)` and c `(y, x)`."""
    n, size = c.shape[1], c.itemsize
    wide, few = REGISTERS * REGISTER // size, FEW_BYTES // size
    whole, nearly = n - n % wide, n - n % few
    panel = max(wide, AT_ONCE * BYTES // (size * len(right)) // wide * wide)
    for start in range(0, whole, panel):
        _wide_sums(left, right, beta, c, start, min(start + panel, whole), wide)
    _few_sums(left, right, beta, c, whole, nearly, few)
    _sums(left, right, beta, c, nearly, n, 1)
