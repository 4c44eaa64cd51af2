"""The loop over mini-batches, and a pass forward, as compiled code."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from nnexp.nn.compiled.examples import call_for, pick, standardise
from nnexp.nn.compiled.gemm import N, T, gemm
from nnexp.nn.compiled.machine_code import kept_on_disk
from nnexp.nn.compiled.rules import call
from nnexp.nn.compiled.tiles import add_product, dot_products
from nnexp.nn.compiled.views import matrix

FEW = 64  # rows: from here on BLAS is faster than a product in tiles
ROWS_AT_ONCE = 10  # of weights: what the optimiser keeps of them is read again while it is in a cache
Z, VALUE, DELTA, FED = range(4)  # the rows of `units`; the last one, value times factors, only with dropout
# The rules, and the rows of their constants: OUTPUTS (z, a), COST and CHANGE (z, a, y) of the last units, dC/dz written
# over y; the steps read and write the rows of `parameters`. From HIDDEN on: the values (z, a) of each hidden layer's
# units, and behind them each one's error (z, a, delta).
OUTPUTS, COST, CHANGE, WEIGHT_STEP, BIAS_STEP, HIDDEN = range(6)
# The rows of `parameters`, behind them what is kept. A gradient is used up at once: it always lies at the beginning of
# its row, which so stays in a cache.
WEIGHT, GRADIENT = 0, 1


class Layers(NamedTuple):
    """Where the numbers of each layer after the input lie.

    inputs, units: how many each has. weights, biases: where they begin among the parameters. left_out: at which column
    of an example's factors those of what a layer is fed begin; -1 if dropout leaves nothing of that out.
    """

    inputs: Any
    units: Any
    weights: Any
    biases: Any
    left_out: Any


class Product(NamedTuple):
    """The product that a step of the weights begins with: `target = beta target - eta g`, g the mean of delta.T @ a.

    target: a row of `parameters`.
    """

    target: Any
    beta: Any
    eta: Any


FAST: dict[str, Any] = {"error_model": "numpy", "nogil": True}
INNER: dict[str, Any] = FAST | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}  # called from compiled code alone


@njit(**INNER)
def feed(a: Any, w: Any, b: Any, z: Any) -> None:
    """Write a @ w.T + b into z."""
    if len(a) < FEW:
        dot_products(a, w, b, z)
    else:
        for row in z:
            for j in range(len(row)):
                row[j] = b[j]
        gemm(a, N, w, T, 1, 1, z)


@njit(**INNER)
def leave_out(a: Any, factors: Any, column: int, out: Any) -> None:
    """Write a `(m, y)` times the factors from a column on into `out`, which may be a."""
    for i in range(len(a)):
        given, row, factor = a[i], out[i], factors[i]
        for j in range(len(given)):
            row[j] = given[j] * factor[column + j]


@njit(**INNER)
def forward(rules: Any, constants: Any, layers: Any, parameters: Any, x: Any, factors: Any, units: Any) -> int:
    """Fill z and a for the inputs x `(m, n_in)`; gives where the output units' begin."""
    m, at, a = len(x), 0, x
    for layer in range(len(layers.units)):
        n, y = layers.inputs[layer], layers.units[layer]
        w = matrix(parameters[WEIGHT], layers.weights[layer], y, n)
        b = parameters[WEIGHT][layers.biases[layer] : layers.biases[layer] + y]
        feed(a, w, b, matrix(units[Z], at, m, y))
        if layer < len(layers.units) - 1:
            call(rules[HIDDEN + layer], constants[HIDDEN + layer], units, at, m * y, y)
            a = matrix(units[VALUE], at, m, y)
            if layers.left_out[layer + 1] >= 0:
                fed = matrix(units[FED], at, m, y)
                leave_out(a, factors, layers.left_out[layer + 1], fed)
                a = fed
            at += m * y
        else:
            call(rules[OUTPUTS], constants[OUTPUTS], units, at, m * y, y)
    return at


@njit(**INNER)
def backward(rules: Any, constants: Any, layers: Any, parameters: Any, factors: Any, units: Any, at: int) -> None:
    """Fill delta; the output units', which begin at `at`, hold the targets before."""
    m = len(factors)
    call(rules[CHANGE], constants[CHANGE], units, at, m * layers.units[-1], layers.units[-1])
    error = HIDDEN + len(layers.units) - 1
    for layer in range(len(layers.units) - 1, 0, -1):
        n, y = layers.inputs[layer], layers.units[layer]
        later = matrix(units[DELTA], at, m, y)
        at -= m * n
        delta = matrix(units[DELTA], at, m, n)
        w = matrix(parameters[WEIGHT], layers.weights[layer], y, n)
        if m < FEW:
            add_product(later, w, delta.dtype.type(0), delta)
        else:
            gemm(later, N, w, N, 1, 0, delta)
        if layers.left_out[layer] >= 0:
            leave_out(delta, factors, layers.left_out[layer], delta)
        call(rules[error + layer - 1], constants[error + layer - 1], units, at, m * n, n)


@njit(**INNER)
def step(rules: Any, constants: Any, layers: Any, parameters: Any, product: Any, x: Any, units: Any, left: Any) -> None:
    """Move all weights and biases, after a pass backward of the inputs x. left: room for m deltas of each unit."""
    m, at, a = len(x), 0, x
    alpha = -product.eta / parameters.dtype.type(m)
    for layer in range(len(layers.units)):
        n, y = layers.inputs[layer], layers.units[layer]
        delta = matrix(units[DELTA], at, m, y)
        weights, biases = layers.weights[layer], layers.biases[layer]
        rows = ROWS_AT_ONCE if m < FEW else y
        for i in range(m if m < FEW else 0):
            for j in range(y):
                left[j * m + i] = alpha * delta[i, j]
        for first in range(0, y, rows):
            start, size = weights + first * n, min(rows, y - first)
            at_target = 0 if product.target == GRADIENT else start
            target = matrix(parameters[product.target], at_target, size, n)
            if m < FEW:
                add_product(matrix(left, first * m, size, m), a, product.beta, target)
            else:
                gemm(delta, T, a, N, alpha, product.beta, target)
            call(rules[WEIGHT_STEP], constants[WEIGHT_STEP], parameters, start, size * n, n)
        gradient = parameters[GRADIENT][:y]
        for j in range(y):
            gradient[j] = 0
            for i in range(m):
                gradient[j] += delta[i, j]
            gradient[j] /= m
        call(rules[BIAS_STEP], constants[BIAS_STEP], parameters, biases, y, y)
        if layer < len(layers.units) - 1:
            a = matrix(units[FED if layers.left_out[layer + 1] >= 0 else VALUE], at, m, y)
        at += m * y


class Room(NamedTuple):
    """Memory for a mini-batch. inputs: (m, n_in). units: (3, m times all units); (4, ...) with dropout.

    left: m deltas of each of a layer.
    """

    inputs: Any
    units: Any
    left: Any


@kept_on_disk(**FAST)
def train(
    rules: Any,
    constants: Any,
    layers: Any,
    parameters: Any,
    room: Any,
    product: Any,
    x: Any,
    reading: Any,
    y: Any,
    order: Any,
    factors: Any,
    numbers: Any,
) -> float:
    """One step for each mini-batch of the examples x, y in the order `order`; gives the sum of their costs.

    reading: of x. factors: of dropout, as many for each example of `order`, one after the other. numbers: (steps, n),
    what the optimiser's formula reads of each step. Not finite if a weighted input was not: then the steps after it
    were not made.
    """
    units, one = room.units, parameters.dtype.type(1)
    total, outputs, m, width = 0.0, layers.units[-1], len(room.inputs), len(factors) // len(order)
    for at_step in range(len(numbers)):
        picked = order[at_step * m : (at_step + 1) * m]
        rows = room.inputs[: len(picked)]
        pick(x, reading.scale, picked, rows)
        standardise(reading, rows)
        call_for(x, order[(at_step + 1) * m : (at_step + 2) * m])
        of_step = matrix(factors, at_step * m * width, len(rows), width)
        if layers.left_out[0] >= 0:
            leave_out(rows, of_step, layers.left_out[0], rows)
        at = forward(rules, constants, layers, parameters, rows, of_step, units)
        pick(y, one, picked, matrix(units[DELTA], at, len(rows), outputs))
        total += call(rules[COST], constants[COST], units, at, len(rows) * outputs, outputs)
        if not all_finite(units[Z][at : at + len(rows) * outputs]):
            return np.nan
        backward(rules, constants, layers, parameters, of_step, units, at)
        for k in range(numbers.shape[1]):
            constants[WEIGHT_STEP, k] = constants[BIAS_STEP, k] = numbers[at_step, k]
        step(rules, constants, layers, parameters, product, rows, units, room.left)
    return total


@njit(**INNER)
def all_finite(numbers: Any) -> bool:
    """Whether none is infinite or NaN: 0 times such a number is NaN."""
    checked = numbers.dtype.type(0)
    for number in numbers:
        checked += number * 0
    return checked == 0


@kept_on_disk(**FAST)
def outputs(
    rules: Any, constants: Any, layers: Any, parameters: Any, room: Any, x: Any, reading: Any, order: Any, given: Any
) -> None:
    """Fill `given` `(n, n_out)` with the outputs for all n inputs x, whose places are `order`."""
    nothing = matrix(parameters[WEIGHT], 0, 0, 0)
    for start in range(0, len(x), len(room.inputs)):
        picked = order[start : start + len(room.inputs)]
        rows = room.inputs[: len(picked)]
        pick(x, reading.scale, picked, rows)
        standardise(reading, rows)
        at = forward(rules, constants, layers, parameters, rows, nothing, room.units)
        found = matrix(room.units[VALUE], at, len(rows), given.shape[1])
        for i in range(len(rows)):
            for j in range(given.shape[1]):
                given[start + i, j] = found[i, j]
