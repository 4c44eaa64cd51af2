"""What a network's passes write into, and the calls that do it: made once, used for many mini-batches.

At these sizes a call of numpy costs as much as the arithmetic in it, and an allocation more. So every call is bound
to its memory before the loop starts, and nothing is left to do in it but to make the calls.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from itertools import pairwise

import numpy as np

from nnexp.nn.activations.base import Activation
from nnexp.nn.arrays import Array, Number
from nnexp.nn.costs.base import Cost
from nnexp.nn.dropout import Dropout
from nnexp.nn.formula import Call, Formula, bound, run, traced


class Layer:
    """A layer's weights w `(y, x)` and biases b `(y, 1)`, and room for m examples, one per row.

    z: (m, y), what its units are fed. value: (m, y), what they make of it; written over z if `keeps_z` is false. a:
    (m, y), what they give: the value, times the factors of dropout where there are. delta: (m, y), dC/dz. scratch: what
    else its formulas need. w and b are C-ordered, of one dtype, and written in place.
    """

    def __init__(self, w: Array, b: Array, m: int, keeps_z: bool, factors: Array | None = None) -> None:
        self.w, self.b = w, b
        self.w_T, self.b_row = w.T, b.T
        self.z, self.delta = np.empty((2, m, len(w)), w.dtype)
        self.value = np.empty_like(self.z) if keeps_z else self.z
        self.factors = factors
        self.a = self.value if factors is None else np.empty_like(self.z)
        self.a_T, self.delta_T = self.a.T, self.delta.T
        self.scratch: list[Array] = []

    def feed(self, a: Array) -> list[Call]:
        """Write z = a @ w.T + b, what the layer's units are fed by the activations a `(m, x)`."""
        return [partial(np.dot, a, self.w_T, self.z), self.add_biases]

    def leave_out(self) -> list[Call]:
        """Write a: nothing to do where no unit is left out."""
        return [] if self.factors is None else [partial(np.multiply, self.value, self.factors, self.a)]

    def leave_out_errors(self) -> list[Call]:
        """The same for dC/da, in delta."""
        return [] if self.factors is None else [partial(np.multiply, self.delta, self.factors, self.delta)]

    @property
    def add_biases(self) -> Call:
        """Write z + b into z."""
        return partial(np.add, self.z, self.b_row, self.z)


class Workspace:
    """The passes of a network through m rows.

    y: (m, n_out), to be filled with the targets before `backward`. layers: all after the input. dropout: of hidden
    units, whose factors `(m, width)` are to be filled before `forward`; what is fed to it has its own already.
    """

    def __init__(
        self,
        weights: Sequence[Array],
        biases: Sequence[Array],
        m: int,
        activation: Activation,
        cost: Cost,
        dropout: Dropout,
    ) -> None:
        *hidden, last = zip(weights, biases, strict=True)
        values, self._errors = _formulas(activation.of_layers(len(hidden)))
        self.m = m
        self.factors = np.empty((m, dropout.width), weights[0].dtype)
        left_out = [self.factors[:, each] if each.start < each.stop else None for each in dropout.columns[1:]]
        self.layers = [
            Layer(w, b, m, 0 in error.reads(), factors)
            for (w, b), error, factors in zip(hidden, self._errors, left_out, strict=True)
        ]
        self.layers.append(output := Layer(*last, m, keeps_z=True))  # a cost is computed from z
        self.y = np.empty_like(output.z)
        self._first = (self.layers[0].w_T, self.layers[0].z)
        self._forward = _forward(self.layers, [*values, traced(cost.outputs.value, 1)])
        self._cost = cost

    def forward(self, x: Array) -> None:
        """Fill every layer's z and a for the input rows x `(m, n_in)`."""
        np.dot(x, *self._first)
        run(self._forward)

    def backward(self) -> None:
        """Fill every layer's delta for the targets y (BP1, BP2)."""
        run(self._backward)

    @cached_property
    def _backward(self) -> list[Call]:
        """Bound when it is asked for: an evaluation only goes forward."""
        output = self.layers[-1]
        calls = bound(traced(self._cost.delta, 3), [output.z, output.a, self.y], [output.delta], output.scratch)
        for (layer, later), error in reversed(list(zip(pairwise(self.layers), self._errors, strict=True))):
            calls.append(partial(np.dot, later.delta, later.w, layer.delta))
            calls += layer.leave_out_errors()
            calls += bound(error, [layer.z, layer.value, layer.delta], [layer.delta], layer.scratch)
        return calls


def _formulas(activations: list[Activation]) -> tuple[list[Formula], list[Formula]]:
    """Of each: the value (z), and the error (z, a, what comes back from the later layer)."""
    made = {id(each): (traced(each.value, 1), traced(error_of(each), 3)) for each in activations}
    return [made[id(each)][0] for each in activations], [made[id(each)][1] for each in activations]


def error_of(activation: Activation) -> Callable[[Number, Number, Number], Number]:
    """The rule for dC/dz of a hidden unit, of (z, a, dC/da)."""
    return lambda z, a, later: later * activation.derivative(z, a)


def _forward(layers: list[Layer], values: list[Formula]) -> list[Call]:
    """All calls of a forward pass but the first layer's product."""
    calls = [layers[0].add_biases]
    for i, (layer, value) in enumerate(zip(layers, values, strict=True)):
        calls += layer.feed(layers[i - 1].a) if i else []
        calls += [*bound(value, [layer.z], [layer.value], layer.scratch), *layer.leave_out()]
    return calls
