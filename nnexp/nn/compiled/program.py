"""A network as the compiled loop takes it: its numbers in one array, its parts' formulas as rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numba import typeof

from nnexp.nn.arrays import Array
from nnexp.nn.compiled.chosen import rules
from nnexp.nn.compiled.examples import Reading
from nnexp.nn.compiled.loop import Layers, Room, outputs, train
from nnexp.nn.compiled.machine_code import ready
from nnexp.nn.dropout import FACTORS_AT_ONCE, Dropout
from nnexp.nn.engines.base import Trained
from nnexp.nn.examples import Examples

EVALUATED_AT_ONCE = 20  # examples: they stay in the fastest cache
EVALUATED_BY_BLAS = 250  # if the weights don't stay in a cache, so that they serve many while they are there
CACHE = 2**20  # bytes
READY: set[tuple[Any, ...]] = set()
WORK_AT_ONCE = 2**29  # multiplications between two looks at signals: some 20 milliseconds


class Program:
    """A network's rules, and a copy of its parameters."""

    def __init__(self, network: Trained, dropout: Dropout, eta: float, n: int) -> None:
        self._network, self._dropout = network, dropout
        inputs, units = np.array(network.sizes[:-1]), np.array(network.sizes[1:])
        ends = np.cumsum(inputs * units + units)
        starts = ends - (inputs * units + units)
        left_out = np.array([each.start if each.start < each.stop else -1 for each in dropout.columns])
        self._layers = Layers(inputs, units, starts, starts + inputs * units, left_out)
        self._parameters = np.zeros((2 + len(network.update.keeps), ends[-1]), network.dtype)
        self._product, self._rules, self._constants = rules(network, eta, n)
        for part, array in self._arrays():
            part[:] = array.ravel()

    def train(self, examples: Examples, order: Array, m: int) -> float:
        """One step for each mini-batch, written back into the network; see `Engine.train`."""
        network = self._network
        y = examples.targets(network.sizes[-1])
        work = 3 * sum(array.size for array in network.weights)
        at_once = m * max(1, min(WORK_AT_ONCE // work, FACTORS_AT_ONCE // (self._dropout.width or 1)) // m)
        numbers = self._numbers(-(-len(order) // m))
        room = self._room(m)
        total = 0.0
        for start in range(0, len(order), at_once):
            part = order[start : start + at_once]
            of_steps = numbers[start // m : (start + at_once) // m]
            factors = self._dropout.factors(len(part), network.dtype).ravel()
            arguments = (_read_only(examples.x), self._reading(examples), _read_only(y), part, factors, of_steps)
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
        room = self._room(EVALUATED_AT_ONCE if self._parameters[0].nbytes < CACHE else EVALUATED_BY_BLAS)
        self._run(outputs, room, _read_only(examples.x), self._reading(examples), np.arange(len(examples)), given)
        return given

    def _run(self, function: Any, *arguments: Any) -> Any:
        everything = (self._rules, self._constants, self._layers, self._parameters, *arguments)
        kinds = (self._network.dtype, *(each.dtype for each in arguments if isinstance(each, np.ndarray)))
        return _ready(function, kinds, everything)(*everything)

    def _room(self, m: int) -> Room:
        units, dtype = self._layers.units, self._network.dtype
        inputs = np.empty((m, self._network.sizes[0]), dtype)
        rows = 4 if self._dropout.width else 3
        return Room(inputs, np.empty((rows, m * units.sum()), dtype), np.empty(m * units.max(), dtype))

    def _reading(self, examples: Examples) -> Reading:
        done = self._network.standardise
        return Reading(self._network.dtype.type(examples.scale), done.mean, done.factor)

    def _numbers(self, steps: int) -> Array:
        """What the formula of a step reads of each of the next steps, `(steps, n)`."""
        first = int(self._network.steps[0]) + 1
        numbers = self._network.update.numbers(np.arange(first, first + steps))
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


def _ready(function: Any, kinds: tuple[np.dtype[Any], ...], arguments: tuple[Any, ...]) -> Any:
    """The function, compiled for such arguments, whose types follow from the kinds of their numbers."""
    if (function, kinds) not in READY:  # for to find out all types takes longer than a small network's epoch
        ready(function, tuple(map(typeof, arguments)))
        READY.add((function, kinds))
    return function


def _read_only(array: Array) -> Array:
    """The same numbers as numba takes them from every source: what may not be written is of another type to it."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view
