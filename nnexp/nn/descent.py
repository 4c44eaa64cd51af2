"""A step of descent: what an optimiser and a regulariser make of the gradient, one layer after the other.

A gradient is a matrix product, delta^T a (BP3, BP4), and BLAS's gemm computes `c = alpha product + beta c`. A step in
which the gradient comes in as `beta x - eta g` is therefore one pass over x, with no g in between: all of plain
gradient descent is. What else a step does follows in numpy's calls.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy.linalg.blas import dgemm, sgemm

from nnexp.nn.arrays import Array
from nnexp.nn.formula import Call, Formula, Operand, Operation, bound, run, traced
from nnexp.nn.optimisers.base import Optimiser
from nnexp.nn.regularisers.base import Regulariser
from nnexp.nn.workspace import Workspace

GEMM: dict[np.dtype[Any], Callable[..., Array]] = {np.dtype("float32"): sgemm, np.dtype("float64"): dgemm}
W, G = 0, 1  # the places of a step's arguments; those that the optimiser keeps follow


@dataclass(frozen=True)
class Product:
    """`c = alpha (delta^T a) + beta c`: the part of a step that BLAS does.

    BLAS is column-major: what is C-ordered to numpy is its transpose to BLAS, without a copy.
    """

    delta_T: Array  # noqa: N815  # BLAS's transposes
    alpha: float
    beta: float
    c_T: Array  # noqa: N815

    def of(self, a_T: Array) -> Call:
        """The call for inputs given as columns a_T `(x, m)`.

        By position (alpha, a, b, beta, c, trans_a, trans_b, overwrite_c), for by name they cost a microsecond more.
        """
        return partial(GEMM[self.c_T.dtype], self.alpha, a_T, self.delta_T, self.beta, self.c_T, 0, 1, 1)


class Descent:
    """The step of every layer of a workspace, of the size eta, for n training examples.

    kept: what the optimiser keeps of each layer's weights and of its biases, in the order of its `keeps`.
    """

    def __init__(
        self,
        workspace: Workspace,
        optimiser: Optimiser,
        regulariser: Regulariser,
        kept: list[tuple[list[Array], list[Array]]],
        eta: float,
        n: int,
    ) -> None:
        def weight(w: Array, g: Array, *kept: Array) -> tuple[Array, ...]:
            return optimiser.step(w, g + regulariser.slope(w, n), eta, regulariser.shrink(eta, n), *kept)

        def bias(b: Array, g: Array, *kept: Array) -> tuple[Array, ...]:
            return optimiser.step(b, g, eta, 1.0, *kept)

        arguments = 2 + len(optimiser.keeps)
        of_weights, of_biases = traced(weight, arguments), traced(bias, arguments)
        m, layers = workspace.m, workspace.layers
        ones = np.ones((1, m), layers[0].w.dtype)
        self._calls: list[Call] = []
        for i, (layer, (kept_w, kept_b)) in enumerate(zip(layers, kept, strict=True)):
            product, calls = _step(of_weights, layer.w, kept_w, layer.delta_T, m)
            if i == 0:
                self._first = product
            else:
                self._calls.append(product.of(layers[i - 1].a_T))
            self._calls += calls
            product, calls = _step(of_biases, layer.b, kept_b, layer.delta_T, m)
            self._calls += [product.of(ones), *calls]

    def __call__(self, x: Array) -> None:
        """Move all weights and biases, after a backward pass of the input rows x `(m, n_in)`."""
        self._first.of(x.T)()
        run(self._calls)


def _step(formula: Formula, w: Array, kept: list[Array], delta_T: Array, m: int) -> tuple[Product, list[Call]]:
    """The product that a step begins with, and its other calls."""
    if found := fused(formula):
        x, beta, eta, formula = found
        arrays = [w, w, *kept]  # no g
        product = Product(delta_T, -(eta / m), beta, arrays[x].T)
    else:
        arrays = [w, np.zeros_like(w), *kept]
        product = Product(delta_T, 1 / m, 0.0, arrays[G].T)
    return product, bound(formula, arrays, [w, *kept], [])


def fused(formula: Formula) -> tuple[int, float, float, Formula] | None:
    """The place x, beta and eta of `beta x - eta g`, and what is left to do when x holds it; None if there is none.

    It needs g and x to be read there alone, for then x can be written over and g needs no memory.
    """
    reads = Counter(formula.reads())
    for place, operation in formula.operations.items():
        if operation.ufunc is np.subtract:
            (x, beta), (g, eta) = (_multiple(formula, each) for each in operation.operands)
            once = all(reads[each] == 1 for each in (x, g, *operation.operands) if isinstance(each, int))
            if g == G and x is not None and x != G and once:
                return x, beta, eta, _without(formula, place, x)
    return None


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
