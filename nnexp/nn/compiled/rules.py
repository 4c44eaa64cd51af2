"""Formulas as machine code of their own, which the loop calls by its address.

So the loop is compiled once, whatever the parts, and each formula once, whatever it is combined with. A formula is a
type to numba: functions that are passed to compiled code can't be kept on disk, but machine code for a type can.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba import carray, types
from numba.core import cgutils
from numba.extending import intrinsic, models, overload, register_model
from numba.np.arrayobj import make_array

from nnexp.nn.compiled import elementary
from nnexp.nn.compiled.expressions import OURS, Text, constants, indented
from nnexp.nn.compiled.machine_code import kept_on_disk, ready
from nnexp.nn.formula import Formula

SCOPE = {"np": np, "carray": carray} | {ufunc.__name__: getattr(elementary, ufunc.__name__) for ufunc in OURS}
ARGUMENTS = "rule, constants, arrays, columns, at, size, width"


class Rule:
    """What computes a formula: the text of a function, and the constants that it reads."""

    def __init__(self, text: str, constants: list[float]) -> None:
        self.text = text
        self.constants = constants

    def address(self, dtype: np.dtype[Any]) -> int:
        """Where its machine code for numbers of this dtype is."""
        numbers = types.CPointer(types.float32 if dtype == np.float32 else types.float64)
        signature = (RuleType(self.text), numbers, numbers, *[types.intp] * 4)
        made = ready(_compute, signature).overloads[signature]
        address: int = made.library.get_pointer_to_function(made.fndesc.llvm_cfunc_wrapper_name)
        return address


def rule(formula: Formula, outs: Sequence[int], numbers: int = 0, room: int = -1) -> Rule:
    """A rule that writes each result of the formula into the argument at its place in `outs`.

    Its last arguments, `numbers` of them, are no arrays: they are what the constants begin with. room: the place of an
    argument whose array has room for one call alone, so that it begins there each time; -1: there is none.
    """
    arguments = formula.arguments - numbers
    done = [place == out < arguments for place, out in zip(formula.results, outs, strict=True)]
    statements = ["" if each else f"x{out}[i] = {{}}" for each, out in zip(done, outs, strict=True)]
    return _rule(formula, max([arguments - 1, *outs]) + 1, statements, numbers, room)


def summed(formula: Formula) -> Rule:
    """A rule that gives the sum of the formula's one result."""
    return _rule(formula, formula.arguments, ["total += {}"], 0)


def _rule(formula: Formula, arrays: int, statements: Sequence[str], numbers: int, room: int = -1) -> Rule:
    arguments = formula.arguments - numbers
    text = Text(formula, [*(f"x{place}[i]" for place in range(arguments)), *(f"n{each}" for each in range(numbers))])
    all_constants = [0.0] * numbers + constants(formula)
    lines = [f"read = carray(constants, ({len(all_constants)},))", f"rows = carray(arrays, ({arrays}, columns))"]
    lines += ["number = rows.dtype.type", *(f"n{each} = read[{each}]" for each in range(numbers))]
    lines += [*text.constants(numbers), "total = 0.0", *([] if text.has_rows else ["width = size"])]
    begins = ["start - at" if place == room else "start" for place in range(arrays)]
    row = [f"x{place} = rows[{place}][{begin} : {begin} + width]" for place, begin in enumerate(begins)]
    row += text.row(statements)
    lines += ["for start in range(at, at + size, width):", *indented(row), "return total"]
    return Rule("\n".join([f"def code({ARGUMENTS}):", *indented(lines)]), all_constants)


class RuleType(types.Type):  # type: ignore[misc]  # numba has no types
    """The type of a rule: its text."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(name=f"Rule({text})")


register_model(RuleType)(models.OpaqueModel)


def _computed(rule: Rule, constants: Any, arrays: Any, columns: int, at: int, size: int, width: int) -> float:  # type: ignore[empty-body]
    """See `call`."""


@overload(_computed, jit_options=elementary.OPTIONS, strict=False)
def _code(rule: Any, constants: Any, arrays: Any, columns: Any, at: Any, size: Any, width: Any) -> Any:
    scope = dict(SCOPE)
    exec(rule.text, scope)  # noqa: S102  # written above, out of a formula of numbers
    return scope["code"]


@kept_on_disk(error_model="numpy", no_cpython_wrapper=True)
def _compute(rule: Any, constants: Any, arrays: Any, columns: Any, at: Any, size: Any, width: Any) -> Any:
    return _computed(rule, constants, arrays, columns, at, size, width)


@intrinsic
def call(typing: Any, address: Any, constants: Any, arrays: Any, at: Any, size: Any, width: Any) -> Any:
    """Compute the rule at an address for `size` numbers of each row of `arrays`, from `at` on, in rows of `width`."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address, constants, arrays, *ints = arguments
        read = make_array(signature.args[1])(context, builder, constants)
        rows = make_array(signature.args[2])(context, builder, arrays)
        columns = cgutils.unpack_tuple(builder, rows.shape)[1]
        given = [cgutils.get_null_value(cgutils.voidptr_t), read.data, rows.data, columns, *ints]
        function = ir.FunctionType(ir.DoubleType(), [each.type for each in given])
        return builder.call(builder.inttoptr(address, function.as_pointer()), given)

    return types.float64(types.intp, constants, arrays, types.intp, types.intp, types.intp), code
