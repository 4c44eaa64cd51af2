"""The article's network, vectorised: feedforward, backpropagation, mini-batch gradient descent.

Names, shapes and behaviour are the article's, and a column is an example; what was one column may be
m columns. Inside, examples are rows in memory (a column is a row's transpose, so nothing is copied),
and all arithmetic runs through a `Workspace`, forward and backward, and a `Descent`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from nnexp.nn.activations.base import Activation
from nnexp.nn.activations.sigmoid import Sigmoid
from nnexp.nn.arrays import Array, float_dtype
from nnexp.nn.averages.base import Average
from nnexp.nn.averages.none import NoAverage
from nnexp.nn.blas import blas_threads
from nnexp.nn.costs.base import Cost
from nnexp.nn.costs.quadratic import Quadratic
from nnexp.nn.dropout import Dropout
from nnexp.nn.engines.base import Engine
from nnexp.nn.engines.numpy import Numpy
from nnexp.nn.examples import Columns, Examples, as_examples
from nnexp.nn.initialisers.base import Initialiser
from nnexp.nn.initialisers.scaled_gaussian import ScaledGaussian
from nnexp.nn.kept import Kept, Layers
from nnexp.nn.optimisers.base import Optimiser
from nnexp.nn.optimisers.sgd import Sgd
from nnexp.nn.regularisers.base import Regulariser
from nnexp.nn.regularisers.none import NoRegulariser
from nnexp.nn.standardisation import Standardisation
from nnexp.nn.update import Update
from nnexp.nn.workspace import Workspace


class Network:
    """A fully connected network, whose output units are those of its cost.

    sizes: units per layer, input first, at least two layers.
    num_layers: how many that is.
    biases: for each layer after the input, (y, 1). weights: (y, x), y units fed by x. With an average they are that;
    the latest ones, which training goes on with, are kept beside them.
    rng: a generator, or a seed for one; draws the first weights and shuffles in `SGD`.
    steps: `(1,)`, how many were made.
    standardise: what is done with all inputs first; nothing, unless it was given.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        activation: Activation | None = None,
        cost: Cost | None = None,
        init: Initialiser | None = None,
        optimiser: Optimiser | None = None,
        regulariser: Regulariser | None = None,
        average: Average | None = None,
        engine: Engine | None = None,
        standardisation: Standardisation | None = None,
        dtype: str = "float32",
        rng: np.random.Generator | int | Sequence[int] | None = None,
    ) -> None:
        if len(sizes) < 2 or any(int(size) != size or size < 1 for size in sizes):
            raise ValueError(f"sizes: got {list(sizes)}, expected two or more whole numbers > 0")
        self.sizes = [int(size) for size in sizes]
        self.num_layers = len(self.sizes)
        self.activation = activation or Sigmoid()
        self.activation.of_layers(self.num_layers - 2)  # raises if it is of another number
        self.cost = cost or Quadratic()
        self.optimiser = optimiser or Sgd()
        self.regulariser = regulariser or NoRegulariser()
        self.average = average or NoAverage()
        self.engine = engine or Numpy()
        self.dtype = float_dtype(dtype)
        nothing = Standardisation(np.empty(0), np.empty(0))
        self.standardise = (standardisation or nothing).cast(self.dtype)
        for array in (self.standardise.mean, self.standardise.factor):
            if array.shape not in ((0,), (self.sizes[0],)) or not np.isfinite(array).all():
                raise ValueError(f"standardisation: got {array.shape}, expected ({self.sizes[0]},) finite numbers")
        self.rng = np.random.default_rng(rng)
        self.init = init or ScaledGaussian()
        self.biases, self.weights = self.init.draw(self.sizes, self.rng, self.dtype)
        self._kept = Kept(self._layers(), self.update)
        self.steps = self._kept.steps

    def __repr__(self) -> str:
        return f"Network({self.sizes})"

    # The article's methods.

    def feedforward(self, a: Array) -> Array:
        """The outputs `(n_out, m)` for the inputs `(n_in, m)`, one example per column."""
        return self.activations(a)[-1]

    def activations(self, a: Array) -> list[Array]:
        """What the units of each layer after the input give, `(y, m)`, for the inputs `(n_in, m)`; outputs last."""
        rows = self._inputs(a, "a")
        workspace = self._workspace(len(rows))
        workspace.forward(rows)
        return [layer.a_T for layer in workspace.layers]

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

        Of the cost alone: what a regulariser adds to it is a matter of steps.
        x: (n_in, m), y: (n_out, m). Source: Nielsen, chapter 2, equations BP1 to BP4.
        """
        rows, targets = self._inputs(x, "x"), self._rows(y, self.sizes[-1], "y")
        if len(rows) != len(targets):
            raise ValueError(f"y: got {len(targets)} columns, expected {len(rows)}, one for each of x")
        workspace = self._workspace(len(rows))
        workspace.forward(rows)
        workspace.y[...] = targets
        workspace.backward()
        layers = workspace.layers
        inputs = [rows, *(layer.a for layer in layers[:-1])]
        nabla_b = [layer.delta.sum(axis=0)[:, np.newaxis] for layer in layers]
        nabla_w = [layer.delta.T @ a for layer, a in zip(layers, inputs, strict=True)]
        return nabla_b, nabla_w

    def cost_derivative(self, output_activations: Array, y: Array) -> Array:
        """dC/da of the output activations, element by element."""
        return self.cost.derivative(np.transpose(output_activations), np.transpose(y)).T

    def evaluate(self, test_data: Columns) -> int:
        """How many examples the network gets right: its highest output is the label's."""
        examples = as_examples(test_data)
        return int(np.count_nonzero(self.outputs(examples).argmax(axis=1) == examples.labels))

    # The same for examples in rows, at full speed.

    def outputs(self, examples: Examples) -> Array:
        """The outputs `(n, n_out)` for n examples, one per row."""
        self._check_inputs(examples)
        self._check_arrays()
        return self.engine.outputs(self, examples)

    def train_epoch(
        self, examples: Examples, order: Array, mini_batch_size: int, eta: float, dropout: Dropout | None = None
    ) -> float:
        """Train once on `examples[order]`, in mini-batches; the last one may be smaller.

        Gives the mean cost per example, each counted just before the step it was part of: a running
        mean over the epoch, free of a second pass. The regulariser's penalty on the weights at its end is
        added. Raises `FloatingPointError` as soon as a number is not finite any more, `ValueError` if sizes
        and numbers don't fit.
        """
        self._check_inputs(examples)
        self._check_arrays()
        _check_steps(order, len(examples), mini_batch_size)
        dropout = dropout or Dropout(self.sizes)
        with self._kept.latest(self._layers()):
            total = self.engine.train(self, examples, order, int(mini_batch_size), eta, dropout)
        if not all(np.isfinite(array).all() for array in (*self.weights, *self.biases)):
            raise FloatingPointError("a weight is not finite")
        return total / len(order) + self.regulariser.penalty(self.weights, len(examples))

    def kept(self, name: str, layer: int) -> list[Array]:
        """What is kept of a layer's "weights" or "biases", in the order of `update.keeps`; layer: from 1."""
        return [self._kept.arrays[f"{each}_{name}_{layer}"] for each in self.update.keeps]

    def optimiser_arrays(self) -> dict[str, Array]:
        """What is kept from epoch to epoch, by name: `velocity_weights_1`, `latest_biases_1`; written in place."""
        return self._kept.arrays

    def fingerprint(self) -> str:
        """SHA-256, hexadecimal, of all biases and weights: equal only for networks that are equal bit for bit."""
        digest = hashlib.sha256()
        for array in (*self.biases, *self.weights):
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

    # The arithmetic.

    @property
    def update(self) -> Update:
        """What moves its weights."""
        return Update(self.optimiser, self.regulariser, self.average)

    def _layers(self) -> Layers:
        return {"weights": self.weights, "biases": self.biases}

    def _workspace(self, m: int) -> Workspace:
        """Memory for m rows, bound to the weights."""
        self._check_arrays()
        return Workspace(self.weights, self.biases, m, self.activation, self.cost, Dropout(self.sizes))

    def _check_arrays(self) -> None:
        """Someone may have put other arrays into the lists."""
        shapes = [(y, x) for x, y in pairwise(self.sizes)]
        for name, arrays, width in (("weights", self.weights, None), ("biases", self.biases, 1)):
            for layer, (y, x) in enumerate(shapes):
                arrays[layer] = np.require(arrays[layer], self.dtype, ["C", "W"])
                if arrays[layer].shape != (y, width or x):
                    raise ValueError(f"{name}[{layer}]: got shape {arrays[layer].shape}, expected {(y, width or x)}")

    def _inputs(self, columns: Array, name: str) -> Array:
        """Inputs as rows, standardised; the caller's stay what they are."""
        rows = self._rows(columns, self.sizes[0], name)
        if len(self.standardise.mean):
            rows = rows.copy()
            self.standardise(rows)
        return rows

    def _rows(self, columns: Array, n: int, name: str) -> Array:
        """Columns `(n, m)` as rows `(m, n)` of the network's dtype."""
        if np.ndim(columns) != 2 or len(columns) != n:
            raise ValueError(f"{name}: got shape {np.shape(columns)}, expected ({n}, m): one example per column")
        return np.ascontiguousarray(np.transpose(columns), dtype=self.dtype)

    def _check_inputs(self, examples: Examples) -> None:
        if examples.x.shape[1] != self.sizes[0]:
            raise ValueError(f"examples: {examples.x.shape[1]} values each, but {self.sizes[0]} input units")


def _check_steps(order: Array, n: int, mini_batch_size: int) -> None:
    if mini_batch_size != int(mini_batch_size) or mini_batch_size < 1:
        raise ValueError(f"mini_batch_size: got {mini_batch_size}, expected a whole number > 0")
    if len(order) == 0 or order.min() < 0 or order.max() >= n:
        raise ValueError(f"order: expected positions from 0 to {n - 1}, at least one")
