"""A network as the compiled loop takes it: its numbers in one array, its parts' formulas as rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numba import typeof

from nnexp.nn.arrays import Array
from nnexp.nn.compiled.loop import Layers, Product, Room, outputs, train
from nnexp.nn.compiled.machine_code import ready
from nnexp.nn.compiled.rules import Rule, rule, summed
from nnexp.nn.descent import split, step_of_biases, step_of_weights
from nnexp.nn.engines.base import Trained
from nnexp.nn.examples import Examples
from nnexp.nn.formula import traced

EVALUATED_AT_ONCE = 20  # examples: they stay in the fastest cache
WORK_AT_ONCE = 2**29  # multiplications between two looks at signals: some 20 milliseconds


class Program:
    """A network's rules, and a copy of its parameters."""

    def __init__(self, network: Trained, eta: float, n: int) -> None:
        self._network = network
        inputs, units = np.array(network.sizes[:-1]), np.array(network.sizes[1:])
        ends = np.cumsum(inputs * units + units)
        starts = ends - (inputs * units + units)
        self._layers = Layers(inputs, units, starts, starts + inputs * units)
        self._parameters = np.zeros((2 + len(network.optimiser.keeps), ends[-1]), network.dtype)
        self._product, rules = _rules(network, eta, n)
        self._rules = np.array([each.address(network.dtype) for each in rules])
        self._constants = np.zeros((len(rules), max(len(each.constants) for each in rules)), network.dtype)
        for row, each in zip(self._constants, rules, strict=True):
            row[: len(each.constants)] = each.constants
        for part, array in self._arrays():
            part[:] = array.ravel()

    def train(self, examples: Examples, order: Array, m: int) -> float:
        """One step for each mini-batch, written back into the network; see `Engine.train`."""
        network = self._network
        y = examples.targets(network.sizes[-1])
        work = 3 * sum(array.size for array in network.weights)
        at_once = m * max(1, WORK_AT_ONCE // (m * work))
        numbers = self._numbers(-(-len(order) // m))
        room = self._room(m)
        total = 0.0
        for start in range(0, len(order), at_once):
            part = order[start : start + at_once]
            of_steps = numbers[start // m : (start + at_once) // m]
            arguments = (_read_only(examples.x), self._scale(examples), _read_only(y), part, of_steps)
            total += self._run(train, room, self._product, *arguments)
            if not np.isfinite(total):
                raise FloatingPointError("a weighted input is not finite")
        for part, array in self._arrays():
            array[:] = part.reshape(array.shape)
        network.steps += len(numbers)
        return total

    def outputs(self, examples: Examples) -> Array:
        """The outputs `(n, n_out)` for n examples, one per row."""
        given = np.empty((len(examples), self._network.sizes[-1]), self._network.dtype)
        room = self._room(EVALUATED_AT_ONCE)
        self._run(outputs, room, _read_only(examples.x), self._scale(examples), np.arange(len(examples)), given)
        return given

    def _run(self, function: Any, *arguments: Any) -> Any:
        everything = (self._rules, self._constants, self._layers, self._parameters, *arguments)
        return ready(function, tuple(map(typeof, everything)))(*everything)

    def _room(self, m: int) -> Room:
        units, dtype = self._layers.units, self._network.dtype
        inputs = np.empty((m, self._network.sizes[0]), dtype)
        return Room(inputs, np.empty((3, m * units.sum()), dtype), np.empty(m * units.max(), dtype))

    def _scale(self, examples: Examples) -> Any:
        return self._network.dtype.type(examples.scale)

    def _numbers(self, steps: int) -> Array:
        """What the optimiser's formula reads of each of the next steps, `(steps, n)`."""
        first = int(self._network.steps[0]) + 1
        numbers = self._network.optimiser.numbers(np.arange(first, first + steps))
        return np.array(numbers, self._network.dtype).reshape(len(numbers), steps).T.copy()

    def _arrays(self) -> Iterator[tuple[Array, Array]]:
        """Parts of the parameters, and the network's array that each one is a copy of."""
        layers, network = self._layers, self._network
        for layer, (weights, biases) in enumerate(zip(network.weights, network.biases, strict=True)):
            for name, array, start in (
                ("weights", weights, layers.weights[layer]),
                ("biases", biases, layers.biases[layer]),
            ):
                for row, each in enumerate([array, *network.kept(name, layer + 1)]):
                    yield self._parameters[row + (row > 0), start : start + array.size], each


def _rules(network: Trained, eta: float, n: int) -> tuple[Product, list[Rule]]:
    """What a step of the weights begins with, and the rules of a network, in the order of the loop's constants."""
    activation, cost, optimiser = network.activation, network.cost, network.optimiser
    numbers = len(optimiser.numbers(np.ones(1)))
    target, beta, factor, rest = split(step_of_weights(optimiser, network.regulariser, eta, n))
    outs = [0, *range(2, 2 + len(optimiser.keeps))]
    number = network.dtype.type
    return Product(target, number(beta), number(factor)), [
        rule(traced(activation.value, 1), [1]),
        rule(traced(lambda z, a, later: later * activation.derivative(z, a), 3), [2]),
        rule(traced(cost.outputs.value, 1), [1]),
        summed(traced(cost.value, 3)),
        rule(traced(cost.delta, 3), [2]),
        rule(rest, outs, numbers),
        rule(step_of_biases(optimiser, eta), outs, numbers),
    ]


def _read_only(array: Array) -> Array:
    """The same numbers as numba takes them from every source: what may not be written is of another type to it."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view
