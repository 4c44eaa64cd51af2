"""What a network's passes write into, and the calls that do it: made once, used for many mini-batches.

At these sizes a call of numpy costs as much as the arithmetic in it, and an allocation more. So every call is bound
to its memory before the loop starts, and nothing is left to do in it but to make the calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from itertools import pairwise

import numpy as np

from nnexp.nn.activations.base import Activation
from nnexp.nn.arrays import Array
from nnexp.nn.costs.base import Cost
from nnexp.nn.formula import Call, Formula, bound, run, traced


class Layer:
    """A layer's weights w `(y, x)` and biases b `(y, 1)`, and room for m examples, one per row.

    z: (m, y), what its units are fed. a: (m, y), what they give; written over z if `keeps_z` is false. delta: (m, y),
    dC/dz. scratch: what else its formulas need. w and b are C-ordered, of one dtype, and written in place.
    """

    def __init__(self, w: Array, b: Array, m: int, keeps_z: bool) -> None:
        self.w, self.b = w, b
        self.w_T, self.b_row = w.T, b.T
        self.z, self.delta = np.empty((2, m, len(w)), w.dtype)
        self.a = np.empty_like(self.z) if keeps_z else self.z
        self.a_T, self.delta_T = self.a.T, self.delta.T
        self.scratch: list[Array] = []

    def feed(self, a: Array) -> list[Call]:
        """Write z = a @ w.T + b, what the layer's units are fed by the activations a `(m, x)`."""
        return [partial(np.dot, a, self.w_T, self.z), self.add_biases]

    @property
    def add_biases(self) -> Call:
        """Write z + b into z."""
        return partial(np.add, self.z, self.b_row, self.z)


class Workspace:
    """The passes of a network through m rows.

    y: (m, n_out), to be filled with the targets before `backward`. layers: all after the input.
    """

    def __init__(
        self, weights: Sequence[Array], biases: Sequence[Array], m: int, activation: Activation, cost: Cost
    ) -> None:
        value, outputs = traced(activation.value, 1), traced(cost.outputs.value, 1)
        error = traced(lambda z, a, later: later * activation.derivative(z, a), 3)
        *hidden, last = zip(weights, biases, strict=True)
        self.m = m
        self.layers = [Layer(w, b, m, keeps_z=0 in error.reads()) for w, b in hidden]
        self.layers.append(output := Layer(*last, m, keeps_z=True))  # a cost is computed from z
        self.y = np.empty_like(output.z)
        self._first = (self.layers[0].w_T, self.layers[0].z)
        self._forward = _forward(self.layers, value, outputs)
        self._cost, self._error = cost, error

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
        for layer, later in reversed(list(pairwise(self.layers))):
            calls.append(partial(np.dot, later.delta, later.w, layer.delta))
            calls += bound(self._error, [layer.z, layer.a, layer.delta], [layer.delta], layer.scratch)
        return calls


def _forward(layers: list[Layer], value: Formula, outputs: Formula) -> list[Call]:
    """All calls of a forward pass but the first layer's product."""
    calls = [layers[0].add_biases]
    for before, layer in pairwise(layers):
        calls += bound(value, [before.z], [before.a], before.scratch)
        calls += layer.feed(before.a)
    return calls + bound(outputs, [layers[-1].z], [layers[-1].a], layers[-1].scratch)
