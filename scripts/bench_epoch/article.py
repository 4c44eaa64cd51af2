"""The article's network and its loop over examples; it runs a part of an epoch, whose time is multiplied."""

from __future__ import annotations

import itertools
import time

import numpy as np

from bench_epoch.task import Epoch, Epochs, Task
from nnexp.nn.arrays import Array
from nnexp.nn.examples import Examples
from nnexp.nn.network import Network

PART = 25  # of so many is run

Pairs = list[tuple[Array, Array]]


def article(task: Task) -> Epochs:
    """Train and evaluate as the article does, on a part of the examples; the first epoch computes its cost as well."""
    net, eta = ArticleNetwork(task.network()), task.config.eta
    train, n = task.dataset.train, len(task.dataset.train) // PART
    tests = [
        _pairs(part, np.arange(len(part) // PART), net.outputs) for part in (task.dataset.validation, task.dataset.test)
    ]
    for number in itertools.count(1):
        pairs, total = _pairs(train, task.order(number)[:n], net.outputs), 0.0
        start = time.perf_counter()
        for first in range(0, n, task.m):
            mini_batch = pairs[first : first + task.m]
            if number == 1:
                total += sum(net.cost(x, y) for x, y in mini_batch)
            net.update_mini_batch(mini_batch, eta)
        for part in tests:
            net.evaluate(part)
        yield Epoch(PART * (time.perf_counter() - start), total / n if number == 1 else None)


def _pairs(examples: Examples, index: Array, n_out: int) -> Pairs:
    """Examples as the article passes them: pairs of float64 columns."""
    targets = np.eye(n_out)[examples.labels[index]]
    rows = examples.x[index] * examples.scale
    return [(x[:, np.newaxis], y[:, np.newaxis]) for x, y in zip(rows, targets, strict=True)]


def sigmoid(z: Array) -> Array:
    """As the article has it."""
    return np.asarray(1.0 / (1.0 + np.exp(-z)))


def sigmoid_prime(z: Array) -> Array:
    """As the article has it."""
    return np.asarray(sigmoid(z) * (1 - sigmoid(z)))


class ArticleNetwork:
    """The article's network, begun with another's weights: float64, quadratic cost, one example at a time."""

    def __init__(self, start: Network) -> None:
        self.outputs = start.sizes[-1]
        self.biases = [b.astype(np.float64) for b in start.biases]
        self.weights = [w.astype(np.float64) for w in start.weights]

    def update_mini_batch(self, mini_batch: Pairs, eta: float) -> None:
        """Sum the gradient example by example, then step."""
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        for x, y in mini_batch:
            delta_nabla_b, delta_nabla_w = self.backprop(x, y)
            nabla_b = [nb + dnb for nb, dnb in zip(nabla_b, delta_nabla_b, strict=True)]
            nabla_w = [nw + dnw for nw, dnw in zip(nabla_w, delta_nabla_w, strict=True)]
        rate = eta / len(mini_batch)
        self.weights = [w - rate * nw for w, nw in zip(self.weights, nabla_w, strict=True)]
        self.biases = [b - rate * nb for b, nb in zip(self.biases, nabla_b, strict=True)]

    def backprop(self, x: Array, y: Array) -> tuple[list[Array], list[Array]]:
        """The gradient for one example."""
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        activations, zs = [x], []
        for b, w in zip(self.biases, self.weights, strict=True):
            zs.append(np.dot(w, activations[-1]) + b)
            activations.append(sigmoid(zs[-1]))
        delta = (activations[-1] - y) * sigmoid_prime(zs[-1])
        for layer in range(1, len(self.weights) + 1):
            if layer > 1:
                delta = np.dot(self.weights[1 - layer].T, delta) * sigmoid_prime(zs[-layer])
            nabla_b[-layer] = delta
            nabla_w[-layer] = np.dot(delta, activations[-layer - 1].T)
        return nabla_b, nabla_w

    def evaluate(self, pairs: Pairs) -> int:
        """How many outputs are highest where the target is."""
        return sum(int(np.argmax(self.feedforward(x)) == np.argmax(y)) for x, y in pairs)

    def feedforward(self, a: Array) -> Array:
        """The output column for one input column."""
        for b, w in zip(self.biases, self.weights, strict=True):
            a = sigmoid(np.dot(w, a) + b)
        return a

    def cost(self, x: Array, y: Array) -> float:
        """Of one example."""
        return float(np.sum((self.feedforward(x) - y) ** 2)) / 2
