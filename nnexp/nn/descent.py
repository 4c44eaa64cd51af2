"""A step of descent: what an update rule makes of the gradient, one layer after the other.

A gradient is a matrix product, delta^T a (BP3, BP4), and BLAS's gemm computes `c = alpha product + beta c`. A step in
which the gradient comes in as `beta x - eta g` is therefore one pass over x, with no g in between: all of plain
gradient descent is. What else a step does follows in numpy's calls.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from scipy.linalg.blas import dgemm, sgemm

from nnexp.nn.arrays import Array
from nnexp.nn.formula import Call, Formula, Operand, Operation, bound, run
from nnexp.nn.update import FIRST, Update
from nnexp.nn.workspace import Workspace

GEMM: dict[np.dtype[Any], Callable[..., Array]] = {np.dtype("float32"): sgemm, np.dtype("float64"): dgemm}
G = 1  # the place of the gradient among a step's arguments: w, g, and what is kept
Split = tuple[int, float, float, Formula]  # the place of x, beta, eta, and the rest


class Product:
    """`c = alpha (delta^T a) + beta c`: the part of a step that BLAS does.

    BLAS is column-major: what is C-ordered to numpy is its transpose to BLAS, without a copy. Arguments go by position
    (alpha, a, b, beta, c, trans_a, trans_b, overwrite_c), for by name they cost a microsecond more.
    """

    def __init__(self, alpha: float, delta_T: Array, beta: float, c: Array) -> None:
        self._gemm = GEMM[c.dtype]
        self._alpha = alpha
        self._others = (delta_T, beta, c.T, 0, 1, 1)

    def __call__(self, a_T: Array) -> None:
        """Compute it for inputs given as columns `(x, m)`."""
        self._gemm(self._alpha, a_T, *self._others)

    def of(self, a_T: Array) -> Call:
        """The call that computes it for these inputs."""
        return partial(self._gemm, self._alpha, a_T, *self._others)


class Descent:
    """The step of every layer of a workspace, of the size eta, for n training examples.

    kept: of each layer's weights and of its biases, in the order of the update rule's `keeps`. numbers: of a step, to
    be filled before it is made.
    """

    def __init__(
        self,
        workspace: Workspace,
        update: Update,
        kept: list[tuple[list[Array], list[Array]]],
        eta: float,
        n: int,
    ) -> None:
        of_weights, of_biases = split(update.of_weights(eta, n)), split(update.of_biases(eta))
        m, layers = workspace.m, workspace.layers
        ones = np.ones((1, m), layers[0].w.dtype)
        self.numbers = [np.zeros((1, 1), ones.dtype) for _ in update.numbers(FIRST)]
        self._calls: list[Call] = []
        for i, (layer, (kept_w, kept_b)) in enumerate(zip(layers, kept, strict=True)):
            product, calls = _step(of_weights, layer.w, kept_w, self.numbers, layer.delta_T, m)
            if i == 0:
                self._first = product
            else:
                self._calls.append(product.of(layers[i - 1].a_T))
            self._calls += calls
            product, calls = _step(of_biases, layer.b, kept_b, self.numbers, layer.delta_T, m)
            self._calls += [product.of(ones), *calls]

    def __call__(self, x: Array) -> None:
        """Move all weights and biases, after a backward pass of the input rows x `(m, n_in)`."""
        self._first(x.T)
        run(self._calls)


def scratch(update: Update) -> int:
    """How many arrays as large as the weights a step needs, beside these and what is kept."""
    x, _, _, rest = split(update.of_weights(0.1, 1000))
    w, g, *kept = np.zeros((2 + len(update.keeps), 2, 2))
    numbers = np.zeros((len(update.numbers(FIRST)), 1, 1))
    more: list[Array] = []
    bound(rest, [w, g if x == G else w, *kept, *numbers], [w, *kept], more)
    return sum(each.shape == w.shape for each in more) + (x == G)


def _step(
    parts: Split, w: Array, kept: list[Array], numbers: list[Array], delta_T: Array, m: int
) -> tuple[Product, list[Call]]:
    """The product that a step begins with, and its other calls."""
    x, beta, eta, rest = parts
    arrays = [w, np.zeros_like(w) if x == G else w, *kept]
    return Product(-eta / m, delta_T, beta, arrays[x]), bound(rest, [*arrays, *numbers], [w, *kept], [])


def split(formula: Formula) -> Split:
    """A step as `beta x - eta g`, written over x, and what is left to do then.

    That needs g and x to be read there alone: g then needs no memory. Of any other formula x is g itself, `0 g + 1 g`.
    """
    reads = Counter(formula.reads())
    for place, operation in formula.operations.items():
        if operation.ufunc is np.subtract:
            (x, beta), (g, eta) = (_multiple(formula, each) for each in operation.operands)
            once = all(reads[each] == 1 for each in (x, g, *operation.operands) if isinstance(each, int))
            if g == G and x is not None and x != G and once:
                return x, beta, eta, _without(formula, place, x)
    return G, 0.0, -1.0, formula


def _multiple(formula: Formula, operand: Operand) -> tuple[int | None, float]:
    """An argument and the number that it is multiplied by; no argument if the operand is something else."""
    if isinstance(operand, int) and operand < formula.arguments:
        return operand, 1.0
    operation = formula.operations.get(operand) if isinstance(operand, int) else None
    if operation is not None and operation.ufunc is np.multiply:
        for number, other in (operation.operands, operation.operands[::-1]):
            if isinstance(number, float) and isinstance(other, int) and other < formula.arguments:
                return other, number
    return None, 1.0


def _without(formula: Formula, place: int, x: int) -> Formula:
    """The formula without the operation at that place, and those that lead to it, for x holds its result."""

    def instead(operand: Operand) -> Operand:
        return x if operand == place and isinstance(operand, int) else operand

    gone = {place, *formula.operations[place].operands}
    left = {
        at: Operation(each.ufunc, tuple(map(instead, each.operands)), each.of_rows)
        for at, each in formula.operations.items()
        if at not in gone
    }
    return Formula(formula.arguments, left, tuple(int(instead(each)) for each in formula.results))
