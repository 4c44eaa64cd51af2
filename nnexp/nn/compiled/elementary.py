"""Functions of a number that LLVM can compute for many numbers at once, where the C library's would come one by one.

They are right to a few units in the last place, give NaN for NaN, and differ from numpy's at the ends alone: `exp` is
never below the smallest normal number, and infinite a little early (from 88.4 on in float32, from 709.4 in float64).
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit
from numba.extending import intrinsic, overload

# Said of each function: otherwise it would be compiled as whoever calls it first is. No fast math: where the compiler
# may choose what to round, machine code made at another time has other last digits.
OPTIONS: dict[str, Any] = {"fastmath": False, "error_model": "numpy"}
FLOAT: dict[int, Any] = {32: np.float32, 64: np.float64}
MANTISSA = {32: 23, 64: 52}  # bits
ORDER = {32: 7, 64: 13}  # of the Taylor series: the rest is below half a last place for |r| <= ln(2) / 2
LOWEST = {32: -87.3, 64: -708.3}  # from here on 2^n is a normal number
HIGHEST = {32: 89.0, 64: 710.0}  # from here on 2^n is infinite
LN2 = math.log(2)
LN2_BEYOND = 2.3190468138462996e-17  # ln 2 less what a double holds of it


@intrinsic
def power_of_two(typing: Any, rounder: Any) -> Any:
    """2^n for `n + 1.5 * 2^mantissa`, whose last bits are n: they become the exponent."""
    mantissa = MANTISSA[rounder.bitwidth]

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        integer = ir.IntType(rounder.bitwidth)
        exponent = builder.shl(builder.bitcast(arguments[0], integer), ir.Constant(integer, mantissa))
        one = ir.Constant(integer, ((1 << (rounder.bitwidth - mantissa - 2)) - 1) << mantissa)
        return builder.bitcast(builder.add(exponent, one), context.get_value_type(signature.return_type))

    return rounder(rounder), code


@intrinsic
def multiply_add(typing: Any, x: Any, y: Any, z: Any) -> Any:
    """X y + z, rounded once where the processor has an instruction for it."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        number = context.get_value_type(signature.return_type)
        of_three = ir.FunctionType(number, [number] * 3)
        return builder.call(builder.module.declare_intrinsic("llvm.fmuladd", [number], of_three), arguments)

    return x(x, x, x), code


@cache
def reduced(bits: int) -> Any:
    """The function that splits exp(x) into 2^n and p, so that it is `2^n + 2^n p`, with |p| below 0.42."""
    number = FLOAT[bits]
    lowest, highest, log2_e = number(LOWEST[bits]), number(HIGHEST[bits]), number(1 / LN2)
    rounder = number(1.5 * 2.0 ** MANTISSA[bits])
    high = math.ldexp(math.floor(math.ldexp(LN2, bits // 2)), -bits // 2)  # so short that its multiples are exact
    low = LN2 - high + LN2_BEYOND
    high, low = number(high), number(low)
    last, *others = (number(1 / math.factorial(k)) for k in range(ORDER[bits], 0, -1))
    series = tuple(others)

    @njit(**OPTIONS)
    def split(x: Any) -> Any:
        x = lowest if x < lowest else highest if x > highest else x
        rounded = multiply_add(x, log2_e, rounder)
        n = rounded - rounder
        r = multiply_add(-n, low, multiply_add(-n, high, x))
        p = last
        for coefficient in series:
            p = multiply_add(p, r, coefficient)
        return power_of_two(rounded), p * r

    return split


def exp(x: Any) -> Any:
    """The exponential function."""


def expm1(x: Any) -> Any:
    """exp(x) - 1, exact near 0, too."""


def tanh(x: Any) -> Any:
    """Hyperbolic tangent: for t = exp(-2|x|) - 1 it is -t / (2 + t), with the sign of x."""


@overload(exp, jit_options=OPTIONS)
def _exp(x: Any) -> Any:
    split = reduced(x.bitwidth)

    def code(x: Any) -> Any:
        power, p = split(x)
        return multiply_add(power, p, power)

    return code


@overload(expm1, jit_options=OPTIONS)
def _expm1(x: Any) -> Any:
    split, one = reduced(x.bitwidth), FLOAT[x.bitwidth](1)

    def code(x: Any) -> Any:
        power, p = split(x)
        return multiply_add(power, p, power - one)

    return code


@overload(tanh, jit_options=OPTIONS)
def _tanh(x: Any) -> Any:
    two = FLOAT[x.bitwidth](2)

    def code(x: Any) -> Any:
        t = expm1(-two * abs(x))
        y = t / (two + t)
        return y if x < 0 else -y

    return code


@njit(**OPTIONS)
def maximum(x: Any, y: Any) -> Any:
    """The larger one; NaN if one is."""
    return x if x > y or x != x else y  # noqa: PLR0124  # so is NaN


@njit(**OPTIONS)
def minimum(x: Any, y: Any) -> Any:
    """The smaller one; NaN if one is."""
    return x if x < y or x != x else y  # noqa: PLR0124  # so is NaN


def sign(x: Any) -> Any:
    """1, -1 or 0, of what x is more, less or equal; NaN for NaN."""


@overload(sign, jit_options=OPTIONS)
def _sign(x: Any) -> Any:
    one = FLOAT[x.bitwidth](1)

    def code(x: Any) -> Any:
        return one if x > 0 else -one if x < 0 else x

    return code
