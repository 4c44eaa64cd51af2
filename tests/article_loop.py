"""The article's loop over examples, one at a time: what the vectorised network has to agree with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from nnexp.nn.arrays import Array
from nnexp.nn.initialisers.gaussian import Gaussian
from nnexp.nn.network import Network

Pairs = list[tuple[Array, Array]]

COSTS: dict[str, Callable[[Array, Array], Any]] = {
    "quadratic": lambda a, y: np.sum((a - y) ** 2) / 2,
    "cross_entropy": lambda a, y: -np.sum(y * np.log(a) + (1 - y) * np.log(1 - a)),
    "log_likelihood": lambda a, y: -np.sum(y * np.log(a)),
}


def sigma(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def article_gradient(net: Network, x: Array, y: Array) -> tuple[list[Array], list[Array], float]:
    """Nabla_b and nabla_w of one example, and its cost."""
    activations = [x]
    for b, w in zip(net.biases, net.weights, strict=True):
        activations.append(sigma(w @ activations[-1] + b))
    a = activations.pop()
    cost = COSTS[net.cost.kind](a, y)
    delta = a - y if net.cost.kind == "cross_entropy" else (a - y) * a * (1 - a)
    nabla_b, nabla_w = [delta], [delta @ activations[-1].T]
    for w in net.weights[:0:-1]:
        a = activations.pop()
        delta = (w.T @ delta) * a * (1 - a)
        nabla_b.insert(0, delta)
        nabla_w.insert(0, delta @ activations[-1].T)
    return nabla_b, nabla_w, cost


def article_sum(net: Network, pairs: Pairs) -> tuple[list[Any], list[Any], float]:
    """The gradients and the costs of pairs, added up."""
    gradients = [article_gradient(net, x, y) for x, y in pairs]
    nabla_b = [sum(layer) for layer in zip(*(nb for nb, _, _ in gradients), strict=True)]
    nabla_w = [sum(layer) for layer in zip(*(nw for _, nw, _ in gradients), strict=True)]
    return nabla_b, nabla_w, sum(cost for _, _, cost in gradients)


def article_epoch(net: Network, pairs: Pairs, mini_batch_size: int, eta: float) -> float:
    """Train on the pairs in their order; the mean over examples of the cost before the step."""
    total = 0.0
    for start in range(0, len(pairs), mini_batch_size):
        mini_batch = pairs[start : start + mini_batch_size]
        nabla_b, nabla_w, cost = article_sum(net, mini_batch)
        rate = eta / len(mini_batch)
        net.biases = [b - rate * nb for b, nb in zip(net.biases, nabla_b, strict=True)]
        net.weights = [w - rate * nw for w, nw in zip(net.weights, nabla_w, strict=True)]
        total += cost
    return total / len(pairs)


def network(sizes: Sequence[int], seed: int = 0, **choices: Any) -> Network:
    return Network(sizes, **{"dtype": "float64", "init": Gaussian(), "rng": seed} | choices)


def drawn_pairs(sizes: Sequence[int], n: int, seed: int = 1) -> Pairs:
    """N random (x, y) pairs of columns for a network of these sizes; y is one-hot."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(sizes[-1], size=n)
    return [(rng.random((sizes[0], 1)), np.eye(sizes[-1])[:, [label]]) for label in labels]


def trained(seed: int, dtype: str = "float32") -> Network:
    net = Network([3, 4, 2], rng=seed, dtype=dtype)
    net.SGD(drawn_pairs([3, 2], 10), 3, 4, 3.0)
    return net


def parameters(net: Network) -> list[Array]:
    return [*net.biases, *net.weights]


def assert_close(got: Iterable[Array], expected: Iterable[Array], tolerance: float = 1e-12) -> None:
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=tolerance)


def assert_same_network(net: Network, other: Network, tolerance: float = 1e-12) -> None:
    assert_close(parameters(net), parameters(other), tolerance)
