"""The article's network, vectorised: feedforward, backpropagation, mini-batch gradient descent.

Names, shapes and behaviour are the article's, and a column is an example; what was one column may be
m columns. Inside, examples are rows in memory (a column is a row's transpose, so nothing is copied),
and all arithmetic runs through the three methods `_forward`, `_backward` and `_descend`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from nnexp.nn.activations.base import Activation
from nnexp.nn.activations.sigmoid import SIGMOID, Sigmoid
from nnexp.nn.arrays import Array, float_dtype
from nnexp.nn.blas import blas_threads
from nnexp.nn.costs.base import Cost
from nnexp.nn.costs.quadratic import Quadratic
from nnexp.nn.examples import Columns, Examples, as_examples
from nnexp.nn.initialisers.base import Initialiser
from nnexp.nn.initialisers.scaled_gaussian import ScaledGaussian
from nnexp.nn.minibatches import Gather
from nnexp.nn.workspace import Layer

BLOCK_BYTES = 512 * 1024  # of input gathered at a time: with the weights of a small net it fits into L2
EVALUATED_AT_ONCE = 1000  # examples: enough for BLAS to run at full speed, little enough to stay in cache


class Network:
    """A fully connected network of sigmoid output units.

    sizes: units per layer, input first, at least two layers.
    num_layers: how many that is.
    biases: for each layer after the input, (y, 1). weights: (y, x), y units fed by x.
    rng: a generator, or a seed for one; draws the first weights and shuffles in `SGD`.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        activation: Activation | None = None,
        cost: Cost | None = None,
        init: Initialiser | None = None,
        dtype: str = "float32",
        rng: np.random.Generator | int | Sequence[int] | None = None,
    ) -> None:
        if len(sizes) < 2 or any(int(size) != size or size < 1 for size in sizes):
            raise ValueError(f"sizes: got {list(sizes)}, expected two or more whole numbers > 0")
        self.sizes = [int(size) for size in sizes]
        self.num_layers = len(self.sizes)
        self.activation = activation or Sigmoid()
        self.cost = cost or Quadratic()
        self.dtype = float_dtype(dtype)
        self.rng = np.random.default_rng(rng)
        self.init = init or ScaledGaussian()
        self.biases, self.weights = self.init.draw(self.sizes, self.rng, self.dtype)

    # The article's methods.

    def feedforward(self, a: Array) -> Array:
        """The outputs `(n_out, m)` for the inputs `(n_in, m)`, one example per column."""
        return self.activations(a)[-1]

    def activations(self, a: Array) -> list[Array]:
        """What the units of each layer after the input give, `(y, m)`, for the inputs `(n_in, m)`; outputs last."""
        rows = self._rows(a, self.sizes[0], "a")
        layers = self._layers(len(rows))
        self._forward(rows, np.empty_like(layers[-1].a), layers)
        return [layer.a_T for layer in layers]

    def SGD(
        self,
        training_data: Columns,
        epochs: int,
        mini_batch_size: int,
        eta: float,
        test_data: Columns | None = None,
    ) -> None:
        """Train by mini-batch stochastic gradient descent; print each epoch, with the test data's score.

        training_data, test_data: (x, y) pairs of columns, or whole arrays (see `as_examples`).
        eta: step size per unit of mean gradient. Runs on one BLAS thread.
        """
        examples = as_examples(training_data)
        tests = None if test_data is None else as_examples(test_data)
        with blas_threads(1):
            for epoch in range(epochs):
                self.train_epoch(examples, self.rng.permutation(len(examples)), mini_batch_size, eta)
                score = "complete" if tests is None else f"{self.evaluate(tests)} / {len(tests)}"
                print(f"Epoch {epoch}: {score}")  # noqa: T201  # as the article does

    def update_mini_batch(self, mini_batch: Columns, eta: float) -> None:
        """One step against the mean gradient of the mini-batch."""
        examples = as_examples(mini_batch)
        self.train_epoch(examples, np.arange(len(examples)), len(examples), eta)

    def backprop(self, x: Array, y: Array) -> tuple[list[Array], list[Array]]:
        """The gradient of the cost summed over the columns: `(nabla_b, nabla_w)`, shaped as biases and weights.

        x: (n_in, m), y: (n_out, m). Source: Nielsen, chapter 2, equations BP1 to BP4.
        """
        rows, targets = self._rows(x, self.sizes[0], "x"), self._rows(y, self.sizes[-1], "y")
        layers = self._layers(len(rows))
        self._forward(rows, np.empty_like(targets), layers)
        self._backward(targets, layers)
        inputs = [rows, *(layer.a for layer in layers[:-1])]
        nabla_b = [layer.delta.sum(axis=0)[:, np.newaxis] for layer in layers]
        nabla_w = [layer.delta.T @ a for layer, a in zip(layers, inputs, strict=True)]
        return nabla_b, nabla_w

    def cost_derivative(self, output_activations: Array, y: Array) -> Array:
        """dC/da of the output activations, element by element."""
        return self.cost.derivative(output_activations, y)

    def evaluate(self, test_data: Columns) -> int:
        """How many examples the network gets right: its highest output is the label's."""
        examples = as_examples(test_data)
        return int(np.count_nonzero(self.outputs(examples).argmax(axis=1) == examples.labels))

    # The same for examples in rows, at full speed.

    def outputs(self, examples: Examples) -> Array:
        """The outputs `(n, n_out)` for n examples, one per row."""
        self._check_inputs(examples)
        outputs = np.empty((len(examples), self.sizes[-1]), self.dtype)
        z, scale = np.empty_like(outputs), self.dtype.type(examples.scale)
        for whole, m in _groups(len(examples), EVALUATED_AT_ONCE):
            layers, x = self._layers(m), np.empty((m, self.sizes[0]), self.dtype)
            for start in range(whole.start, whole.stop, m):
                block = slice(start, start + m)
                np.multiply(examples.x[block], scale, out=x, casting="same_kind")
                self._forward(x, z[block], layers)
                outputs[block] = layers[-1].a
        return outputs

    def train_epoch(self, examples: Examples, order: Array, mini_batch_size: int, eta: float) -> float:
        """Train once on `examples[order]`, in mini-batches; the last one may be smaller.

        Gives the mean cost per example, each counted just before the step it was part of: a running
        mean over the epoch, free of a second pass. Raises `FloatingPointError` as soon as a number is
        not finite any more, `ValueError` if sizes and numbers don't fit.
        """
        self._check_inputs(examples)
        _check_steps(order, len(examples), mini_batch_size)
        total = 0.0
        with np.errstate(over="ignore", invalid="ignore"):  # checked below, once for many steps
            for whole, m in _groups(len(order), int(mini_batch_size)):
                layers = self._layers(m)
                for x, y in self._blocks(examples, order[whole], m):
                    z = self._train_block(x, y, eta, layers)
                    total += self.cost.total(z, y)
                    if not np.isfinite(z.sum()):
                        raise FloatingPointError("a weighted input is not finite")
        if not all(np.isfinite(array).all() for array in (*self.weights, *self.biases)):
            raise FloatingPointError("a weight is not finite")
        return total / len(order)

    def fingerprint(self) -> str:
        """SHA-256, hexadecimal, of all biases and weights: equal only for networks that are equal bit for bit."""
        digest = hashlib.sha256()
        for array in (*self.biases, *self.weights):
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

    # The arithmetic.

    def _blocks(self, examples: Examples, order: Array, m: int) -> Iterator[tuple[Array, Array]]:
        """Cut `order`, a multiple of m long, into blocks of whole mini-batches: inputs and targets, converted."""
        x_bytes = self.sizes[0] * self.dtype.itemsize
        rows = min(len(order), m * max(1, BLOCK_BYTES // (m * x_bytes)))
        inputs = Gather(examples.x, rows, self.dtype, examples.scale)
        targets = Gather(examples.targets(self.sizes[-1]), rows, self.dtype)
        for start in range(0, len(order), rows):
            index = order[start : start + rows]
            yield inputs(index), targets(index)

    def _train_block(self, x: Array, y: Array, eta: float, layers: list[Layer]) -> Array:
        """One step for each mini-batch; gives what the output units were fed before it, `(rows, n_out)`."""
        z = np.empty_like(y)
        m = len(layers[0].a)
        rate = eta / m
        batches = (rows.reshape(-1, m, rows.shape[1]) for rows in (x, y, z))
        for x_batch, y_batch, z_batch in zip(*batches, strict=True):
            self._forward(x_batch, z_batch, layers)
            self._backward(y_batch, layers)
            self._descend(x_batch.T, rate, layers)
        return z

    def _layers(self, m: int) -> list[Layer]:
        """The layers after the input, with memory for m rows. Someone may have put other arrays into the lists."""
        shapes = [(y, x) for x, y in pairwise(self.sizes)]
        for name, arrays, width in (("weights", self.weights, None), ("biases", self.biases, 1)):
            for layer, (y, x) in enumerate(shapes):
                arrays[layer] = np.require(arrays[layer], self.dtype, ["C", "W"])
                if arrays[layer].shape != (y, width or x):
                    raise ValueError(f"{name}[{layer}]: got shape {arrays[layer].shape}, expected {(y, width or x)}")
        return [Layer(w, b, m) for w, b in zip(self.weights, self.biases, strict=True)]

    def _forward(self, x: Array, z: Array, layers: list[Layer]) -> None:
        """Fill every layer's a, for the input rows x, and z with what the output units are fed."""
        a, output = x, layers[-1]
        for layer in layers[:-1]:
            layer.feed(a, layer.a)
            self.activation.apply(layer.a, layer.a)
            a = layer.a
        output.feed(a, z)
        SIGMOID.apply(z, output.a)

    def _backward(self, y: Array, layers: list[Layer]) -> None:
        """Fill every layer's delta, for the target rows y (BP1, BP2)."""
        later = layers[-1]
        self.cost.delta(later.a, y, later.delta)
        for layer in layers[-2::-1]:
            np.dot(later.delta, later.w, out=layer.delta)
            self.activation.prime(layer.a, layer.prime)
            layer.delta *= layer.prime
            later = layer

    def _descend(self, x_T: Array, rate: float, layers: list[Layer]) -> None:
        """Move every layer's weights and biases by -rate times the summed gradient."""
        a_T = x_T
        for layer in layers:
            layer.descend(rate, a_T)
            a_T = layer.a_T

    def _rows(self, columns: Array, n: int, name: str) -> Array:
        """Columns `(n, m)` as rows `(m, n)` of the network's dtype."""
        if np.ndim(columns) != 2 or len(columns) != n:
            raise ValueError(f"{name}: got shape {np.shape(columns)}, expected ({n}, m): one example per column")
        return np.ascontiguousarray(np.transpose(columns), dtype=self.dtype)

    def _check_inputs(self, examples: Examples) -> None:
        if examples.x.shape[1] != self.sizes[0]:
            raise ValueError(f"examples: {examples.x.shape[1]} values each, but {self.sizes[0]} input units")


def _groups(n: int, m: int) -> list[tuple[slice, int]]:
    """Where the whole groups of m among n lie, and the smaller one of the rest: slices, and sizes of a group."""
    whole = n - n % m
    return [
        (part, size) for part, size in ((slice(0, whole), m), (slice(whole, n), n - whole)) if part.start < part.stop
    ]


def _check_steps(order: Array, n: int, mini_batch_size: int) -> None:
    if mini_batch_size != int(mini_batch_size) or mini_batch_size < 1:
        raise ValueError(f"mini_batch_size: got {mini_batch_size}, expected a whole number > 0")
    if len(order) == 0 or order.min() < 0 or order.max() >= n:
        raise ValueError(f"order: expected positions from 0 to {n - 1}, at least one")
